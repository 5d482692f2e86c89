// eyot/fastify: islands as routes, policies in routes' config, and the plugins that stand around them.

import assert from "node:assert/strict";
import http from "node:http";
import { Readable } from "node:stream";
import { after, describe, it } from "node:test";
import { gunzipSync } from "node:zlib";

import compress from "@fastify/compress";
import cookie from "@fastify/cookie";
import session from "@fastify/session";
import { KeyRing } from "eyot";
import { assemble, eyot, html } from "eyot/fastify";
import Fastify from "fastify";
import { z } from "zod";
import { ask, KEYS, log, PREFIX, sourceOf, TOKEN_TYPE, until } from "./support.mjs";

const PAGE = `<!doctype html><html><head></head><body><Avatar server:defer><i slot="fallback">Guest</i></Avatar></body></html>`;
const seal = (name, props = "{}") => `${PREFIX}/${name}/${KeyRing.parse(KEYS).seal(name, props)}`;

async function make(more, { before, between, ...options } = {}) {
  const app = Fastify({ forceCloseConnections: true });
  const lines = log();
  await before?.(app);
  await app.register(eyot, { keys: KEYS, log: lines, debug: false, ...options });
  await between?.(app);
  app.island("Avatar", (request) => html`<b>${request.headers.cookie ?? "nobody"}</b>`);
  app.get("/", { config: { shell: { cdn: 600 } } }, (_, reply) => reply.type("text/html").send(PAGE));
  app.get("/page", (_, reply) => reply.type("text/html").send(PAGE));
  await more?.(app);
  after(() => app.close());
  return Object.assign(app, { lines: lines.lines });
}

const listen = async (app) => app.listen({ port: 0, host: "127.0.0.1" });
const sessions = async (app) => {
  await app.register(cookie);
  await app.register(session, { secret: "x".repeat(40), cookie: { secure: false } });
};

describe("a shell", () => {
  it("is split, sealed, tagged and public by its route's config", async () => {
    const app = await make();
    const { headers, payload } = await app.inject("/");
    assert.match(payload, /<server-island island="Avatar" island-src="[^"]+"><i>Guest/);
    assert.equal(headers["cache-control"], "public, max-age=0, s-maxage=600");
    assert.equal(headers["content-length"], String(Buffer.byteLength(payload)));
    const again = await app.inject({ url: "/", headers: { "if-none-match": headers.etag } });
    assert.deepEqual([again.statusCode, again.payload], [304, ""]);
  });

  it("sees no cookie; one that a session sets keeps it out of caches", async () => {
    const more = (app) =>
      app.get("/see", { config: { shell: { cdn: 1 } } }, (request, reply) => {
        request.session.n = 1;
        return reply.type("text/html").send(`<p>${request.headers.cookie}`);
      });
    const app = await make(more, { between: sessions });
    const { headers, payload } = await app.inject({ url: "/see", headers: { cookie: "a=b" } });
    assert.equal(payload, "<p>undefined");
    assert.equal(headers["cache-control"], "private, no-store");
    assert.match(app.lines.join(), /kept out of caches/);
  });

  it("answers HEAD with the headers of GET", async () => {
    const app = await make();
    const [get, head] = [await app.inject("/"), await app.inject({ method: "HEAD", url: "/" })];
    for (const name of ["etag", "content-length", "cache-control"])
      assert.equal(head.headers[name], get.headers[name], name);
    assert.equal(head.payload, "");
  });

  it("has policies by path too, and refuses bad ones when the route is made", async () => {
    const app = await make(undefined, { policies: { "/page": { cdn: 7 } } });
    assert.match((await app.inject("/page")).headers["cache-control"], /s-maxage=7/);
    await assert.rejects(
      make((app) => app.get("/x", { config: { shell: { cdn: -1 } } }, () => "")),
      { code: "option" },
    );
  });

  for (const place of ["before", "between"]) {
    it(`is compressed by a plugin registered ${place === "before" ? "before" : "after"} eyot, with the tag of the page`, async () => {
      const app = await make(undefined, { [place]: (app) => app.register(compress, { threshold: 0 }) });
      const plain = await app.inject("/");
      for (const url of ["/", "/page"]) {
        const { headers, rawPayload } = await app.inject({ url, headers: { "accept-encoding": "gzip" } });
        const text = headers["content-encoding"] ? gunzipSync(rawPayload).toString() : rawPayload.toString();
        assert.match(text, /island-src/, url);
        if (url === "/") assert.equal(headers.etag, plain.headers.etag);
        if (place === "between") assert.equal(headers["content-encoding"], "gzip", url);
      }
    });
  }

  it("with a fault is kept nowhere, or shown while debugging", async () => {
    const more = (app) =>
      app.get("/bad", { config: { shell: { cdn: 9 } } }, (_, reply) =>
        reply.type("text/html").send("<Nobody server:defer/>"),
      );
    const { headers, payload } = await (await make(more)).inject("/bad");
    assert.equal(headers["cache-control"], "private, no-store");
    assert.doesNotMatch(payload, /server:/);
    const shown = await (await make(more, { debug: true })).inject("/bad");
    assert.equal(shown.statusCode, 500);
    assert.match(shown.payload, /cannot be split/);
  });
});

describe("a page", () => {
  for (const [kind, payload] of [
    ["a Readable", () => Readable.from(["<p>a</p><Ava", "tar server:defer/>"])],
    ["a ReadableStream", () => new Blob([PAGE]).stream()],
    ["a Response", () => new Response(PAGE, { headers: { "Content-Type": "text/html" } })],
    ["a Buffer", () => Buffer.from(PAGE)],
  ]) {
    it(`is split when it is ${kind}`, async () => {
      const app = await make((app) => app.get("/x", (_, reply) => reply.type("text/html").send(payload())));
      assert.match((await app.inject("/x")).payload, /island="Avatar"/);
    });
  }

  it("goes out as it comes", async () => {
    const more = (app) =>
      app.get("/x", (_, reply) =>
        reply.type("text/html").send(
          Readable.from(
            (async function* () {
              yield "<p>first</p>";
              await new Promise((go) => setTimeout(go, 30));
              yield "<Avatar server:defer/>";
            })(),
          ),
        ),
      );
    const { chunks } = await ask(await listen(await make(more)), "/x");
    assert.equal(chunks[0], "<p>first</p>");
    assert.match(chunks.join(""), /island-src/);
  });

  it("has helpers in reply.locals", async () => {
    const app = await make((app) =>
      app.get("/x", (request, reply) =>
        reply
          .type("text/html")
          .send(`<tr ${reply.locals.islandAttrs("Avatar")}></tr>${app.islands.helpers(request).islandUrl("Avatar")}`),
      ),
    );
    const { payload } = await app.inject("/x");
    assert.match(
      payload,
      /<script async src="[^"]+"><\/script><tr island="Avatar" island-src="[^"]+"><\/tr>\/_server-islands/,
    );
  });

  it("of helpers has no loader and no mark where it is not split", async () => {
    const app = await make(
      (app) => app.get("/x", (_, reply) => reply.type("text/html").send(reply.locals.island("Avatar").toString())),
      {
        htmlPass: false,
      },
    );
    assert.match(
      (await app.inject("/x")).payload,
      /^<server-island island="Avatar" island-src="[^"]+"><\/server-island>$/,
    );
  });

  it("is not sent in part", async () => {
    const app = await make((app) =>
      app.get("/x", (_, reply) =>
        reply
          .code(206)
          .type("text/html")
          .send(Readable.from([PAGE])),
      ),
    );
    const { statusCode, payload } = await app.inject("/x");
    assert.deepEqual([statusCode, payload], [416, "range not satisfiable\n"]);
  });

  it("that is no HTML passes untouched", async () => {
    const app = await make((app) => app.get("/x", () => ({ PAGE })));
    assert.deepEqual((await app.inject("/x")).json(), { PAGE });
  });
});

describe("an island", () => {
  for (const [kind, handler] of [
    ["reply.send", (_, reply) => reply.type("text/html").send("<b>x</b>")],
    ["reply.send, later", (_, reply) => void setTimeout(() => reply.type("text/html").send("<b>x</b>"), 5)],
    ["a string", async () => "<b>x</b>"],
    ["HTML", () => html`<b>x</b>`],
    [
      "a generator",
      async function* () {
        yield "<b>x";
        yield "</b>";
      },
    ],
    ["a Readable", async () => Readable.from(["<b>x", "</b>"])],
    ["a Response", async () => new Response("<b>x</b>", { headers: { "Content-Type": "text/html" } })],
  ]) {
    it(`may answer by ${kind}`, async () => {
      const app = await make((app) => app.island("A", handler));
      const { statusCode, payload, headers } = await app.inject(seal("A"));
      assert.deepEqual([statusCode, payload, headers.island], [200, "<b>x</b>", "A"]);
      assert.match(headers["content-type"], /^text\/html/);
      assert.equal(headers["cache-control"], "private, no-store");
    });
  }

  it("has the hooks of a route, a session that it may begin, and tokens of any length", async () => {
    const guard = async (request, reply) => (request.headers.cookie ? undefined : reply.redirect("/login"));
    const more = (app) =>
      app.island("A", { preHandler: guard, props: z.looseObject({}) }, (request) => {
        request.session.seen = 1;
        return html`${Object.keys(request.island.props).length}`;
      });
    const app = await make(more, { between: sessions });
    const long = seal("A", JSON.stringify({ text: "x".repeat(1200) }));
    assert.equal((await app.inject(long)).headers["island-location"], "/login");
    const { payload, headers } = await app.inject({ url: long, headers: { cookie: "a=b" } });
    assert.equal(payload, "1");
    assert.match(String(headers["set-cookie"]), /sessionId/);
  });

  it("takes posts up to the limit", async () => {
    const app = await make();
    const post = (payload) =>
      app.inject({ method: "POST", url: `${PREFIX}/Avatar`, headers: { "content-type": TOKEN_TYPE }, payload });
    assert.equal((await post(KeyRing.parse(KEYS).seal("Avatar", "{}"))).payload, "<b>nobody</b>");
    assert.equal((await post("A".repeat(70_000))).statusCode, 413);
  });

  it("that fails goes the app's error path, kept nowhere; a redirect, a deadline and a shared cookie are what they are", async () => {
    const app = await make((app) => {
      app.setErrorHandler((error, _, reply) => reply.code(error.statusCode ?? 500).send({ failed: error.message }));
      app.island("Throws", () => {
        throw new Error("x");
      });
      app.island("Rejects", async () => {
        throw new Error("x");
      });
      app.island("Never", { deadline: 30 }, () => new Promise(() => {}));
      app.island("Silent", { deadline: 30 }, () => {});
      app.island("Shared", { shared: 5 }, (_, reply) => reply.header("Set-Cookie", "a=b").type("text/html").send("x"));
      app.island("Proto", (request) => JSON.stringify(request.island.props));
    });
    for (const name of ["Throws", "Rejects"]) {
      const { statusCode, headers, payload } = await app.inject(seal(name));
      assert.deepEqual(
        [statusCode, headers.island, headers["cache-control"], JSON.parse(payload)],
        [500, undefined, "no-store", { failed: "x" }],
      );
    }
    assert.equal((await app.inject(seal("Never"))).statusCode, 503);
    assert.equal((await app.inject(seal("Silent"))).statusCode, 503);
    const shared = await app.inject(seal("Shared"));
    assert.deepEqual(
      [shared.statusCode, shared.headers["set-cookie"], shared.headers["cache-control"], shared.payload],
      [200, undefined, "private, no-store", "x"],
    );
    assert.equal((await app.inject(seal("Proto", '{"__proto__":1}'))).statusCode, 400);
  });

  it("stops its work when the client goes away", async () => {
    let signal;
    const app = await make((app) =>
      app.island("A", (request) => {
        signal = request.island.signal;
        return new Promise(() => {});
      }),
    );
    const { hostname, port } = new URL(await listen(app));
    const asked = http.get({ hostname, port, path: seal("A"), agent: false });
    asked.on("error", () => {});
    await until(() => signal);
    asked.destroy();
    await until(() => signal.aborted);
  });

  it("is refused by names, tokens and sites, whatever routes there are", async () => {
    const app = await make();
    const url = seal("Avatar");
    for (const name of ["__proto__", "constructor", "Nobody"])
      assert.equal((await app.inject(url.replace("Avatar", name))).statusCode, 404);
    assert.equal((await app.inject(`${url.slice(0, -4)}AAAA`)).statusCode, 400);
    assert.equal((await app.inject({ url, headers: { "sec-fetch-site": "cross-site" } })).statusCode, 403);
    assert.equal((await app.inject(`${PREFIX}/loader.v1.js`)).statusCode, 200);
  });

  it("is on the page that assemble makes", async () => {
    const app = await make();
    assert.match(await assemble(app, await app.inject("/"), { cookie: "Ada" }), /<body><b>Ada<\/b><\/body>/);
    assert.ok(sourceOf((await app.inject("/")).payload, "Avatar").url);
  });
});
