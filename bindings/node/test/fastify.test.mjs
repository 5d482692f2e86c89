// eyot/fastify: islands as routes, policies in routes' config, and the plugins that stand around them.

import assert from "node:assert/strict";
import http from "node:http";
import { Readable } from "node:stream";
import { after, describe, it } from "node:test";
import { gunzipSync } from "node:zlib";

import compress from "@fastify/compress";
import cookie from "@fastify/cookie";
import csrfProtection from "@fastify/csrf-protection";
import session from "@fastify/session";
import ejs from "ejs";
import { KeyRing } from "eyot";
import byDefault, { csrfIsland, eyot, html } from "eyot/fastify";
import Fastify from "fastify";
import view10 from "view10";
import view11 from "view11";
import view12 from "view12";
import { z } from "zod";
import { ask, KEYS, log, PREFIX, sourceOf, TOKEN_TYPE, until } from "./support.mjs";

const PAGE = `<!doctype html><html><head></head><body><Avatar server:defer><i slot="fallback">Guest</i></Avatar></body></html>`;
const seal = (name, props = "{}") => `${PREFIX}/${name}/${KeyRing.parse(KEYS).seal(name, props)}`;

async function make(more, { before, between, ...options } = {}) {
  const app = Fastify({ forceCloseConnections: true });
  const lines = log();
  await before?.(app);
  await app.register(eyot, { keys: KEYS, logger: lines, debug: false, ...options });
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

describe("the plugin", () => {
  it("tells Fastify by done(error) that there is no key", async () => {
    const { EYOT_KEYS, EYOT_KEYS_FILE } = process.env;
    delete process.env.EYOT_KEYS;
    delete process.env.EYOT_KEYS_FILE;
    const told = [];
    const app = Fastify();
    eyot(app, { debug: false }, (error) => told.push(error?.code));
    assert.deepEqual(told, ["key-missing"]);
    await assert.rejects(async () => await Fastify().register(eyot, { debug: false }), { code: "key-missing" });
    if (EYOT_KEYS !== undefined) process.env.EYOT_KEYS = EYOT_KEYS;
    if (EYOT_KEYS_FILE !== undefined) process.env.EYOT_KEYS_FILE = EYOT_KEYS_FILE;
  });

  it("has its helpers in reply.locals beside what a hook sets there", async () => {
    const app = await make((app) => {
      app.addHook("preHandler", async (_, reply) => {
        reply.locals.name = "Ada";
      });
      app.get("/t", (_, reply) => reply.send(`${reply.locals.name} ${reply.locals.islandUrl("Avatar")}`));
    });
    assert.match((await app.inject("/t")).payload, /^Ada \/_server-islands\/Avatar\//);
  });
});

describe("the plugin, as Fastify has plugins,", () => {
  it("is the module's default export, belongs to the app, and says its name and its Fastify", async () => {
    assert.equal(byDefault, eyot);
    assert.equal(eyot[Symbol.for("skip-override")], true);
    assert.deepEqual(eyot[Symbol.for("plugin-meta")], { name: "eyot", fastify: "5.x" });
    const app = Fastify({ logger: false });
    await app.register(import("eyot/fastify"), { keys: KEYS });
    assert.equal(app.hasPlugin("eyot"), true);
    await app.close();
  });

  it("says that it is registered twice", async () => {
    const app = await make();
    await assert.rejects(async () => await app.register(eyot, { keys: KEYS }), { code: "FST_ERR_DEC_ALREADY_PRESENT" });
  });

  for (const [version, view] of [
    ["10", view10],
    ["11", view11],
    ["12", view12],
  ]) {
    for (const place of ["before", "between"]) {
      it(`has its helpers in the templates of @fastify/view ${version}, registered ${place === "before" ? "before" : "after"} it`, async () => {
        const views = (app) => app.register(view, { engine: { ejs } });
        const raw = `<p><%= name %><tr <%- islandAttrs("Avatar") %>></tr>`;
        const more = (app) => app.get("/t", (_, reply) => reply.view({ raw }, { name: "Ada" }));
        const { payload } = await (await make(more, { [place]: views })).inject("/t");
        assert.match(payload, /<p>Ada.*<tr island="Avatar" island-src="[^"]+"><\/tr>/);
      });
    }
  }

  it("logs with the log of the request, and its events beside the text, as pino has it", async () => {
    const lines = [];
    const stream = { write: (line) => lines.push(JSON.parse(line)) };
    const app = Fastify({ logger: { level: "info", stream } });
    await app.register(eyot, { keys: KEYS, debug: false });
    app.island("Avatar", () => "x");
    await app.inject(`${PREFIX}/Avatar/AAAA`);
    const line = lines.find(({ eyot }) => eyot);
    assert.equal(line.eyot.code, "token-length");
    assert.deepEqual([line.eyot.path, line.eyot.island, line.eyot.status], [`${PREFIX}/Avatar`, "Avatar", 400]);
    assert.match(line.msg, /refused: /);
    assert.ok(line.reqId);
    await app.close();
  });

  it("logs to the console where Fastify's log is off", async (t) => {
    const told = t.mock.method(console, "info", () => {});
    const app = Fastify();
    await app.register(eyot, { keys: KEYS, debug: false });
    app.island("Avatar", () => "x");
    await app.inject(`${PREFIX}/Avatar/AAAA`);
    assert.match(told.mock.calls[0].arguments[0], /^eyot: \/_server-islands\/Avatar: refused: /);
    await app.close();
  });
});

describe("the CSRF island", () => {
  it("gives a form on a cached page the token of the visitor's session", async () => {
    const between = async (app) => {
      await sessions(app);
      await app.register(csrfProtection, { sessionPlugin: "@fastify/session" });
      await app.register(csrfIsland);
    };
    const more = (app) => {
      app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_, body, done) =>
        done(null, Object.fromEntries(new URLSearchParams(body))),
      );
      app.post("/buy", { preHandler: app.csrfProtection }, async () => "bought");
    };
    const app = await make(more, { between });
    const { payload, headers } = await app.inject(seal("CsrfField"));
    const [, token] = /^<input type="hidden" name="_csrf" value="([^"]+)">$/.exec(payload);
    const post = (body) =>
      app.inject({
        method: "POST",
        url: "/buy",
        body,
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          cookie: String(headers["set-cookie"]).split(";")[0],
        },
      });
    assert.equal((await post(`_csrf=${encodeURIComponent(token)}`)).payload, "bought");
    assert.equal((await post("_csrf=wrong")).statusCode, 403);
  });

  it("says what is to be registered before it", async () => {
    const app = Fastify();
    await app.register(eyot, { keys: KEYS });
    await assert.rejects(async () => await app.register(csrfIsland), /@fastify\/csrf-protection/);
    await app.close();
  });
});

describe("what is written to reply.raw", () => {
  it("is split, with the headers that came after a reason that is null", async () => {
    const app = await make((app) =>
      app.get("/raw", (_, reply) => {
        reply.hijack();
        reply.raw.writeHead(200, null, { "Content-Type": "text/html", "X-Written": "yes" });
        reply.raw.write(PAGE.slice(0, 60));
        reply.raw.end(PAGE.slice(60));
      }),
    );
    const { headers, payload } = await app.inject("/raw");
    assert.equal(headers["x-written"], "yes");
    assert.match(payload, /<server-island island="Avatar" island-src="[^"]+"><i>Guest/);
  });

  it("by an island's handler is an island", async () => {
    const more = (app) =>
      app.island("A", (_, reply) => {
        reply.hijack();
        reply.raw.writeHead(200, { "Content-Type": "text/html" }).end(`<b>raw</b>${PAGE}`);
      });
    const { headers, payload } = await (await make(more)).inject(seal("A"));
    assert.equal(headers.island, "A");
    assert.match(payload, /^<b>raw<\/b>.*island-src/);
  });

  it("is no page where Fastify has sent it: that was split before", async () => {
    const between = (app) => app.addHook("onSend", async (_request, _reply, payload) => `${payload}<B server:defer/>`);
    const app = await make(undefined, { between });
    const { payload } = await app.inject("/page");
    assert.match(payload, /island-src="[^"]+"><i>Guest.*<B server:defer\/>$/);
  });
});

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

  it("is not told of what the session's own hooks read when the page has been made", async () => {
    const app = await make(undefined, { debug: true, between: sessions });
    await app.inject({ url: "/", headers: { cookie: "sessionId=x" } });
    assert.doesNotMatch(app.lines.join("\n"), /policy-session/);
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
      app.island("Never", { deadline: 1 }, () => new Promise(() => {}));
      app.island("Later", { deadline: 1 }, (_request, _reply) => {});
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
    assert.equal((await app.inject(seal("Later"))).statusCode, 503);
    const shared = await app.inject(seal("Shared"));
    assert.deepEqual(
      [shared.statusCode, shared.headers["set-cookie"], shared.headers["cache-control"], shared.payload],
      [200, undefined, "private, no-store", "x"],
    );
    assert.equal((await app.inject(seal("Proto", '{"__proto__":1}'))).statusCode, 410);
  });

  for (const [kind, handler] of [
    ["nothing, and has no reply", () => {}],
    ["nothing in the end", async (_request, _reply) => {}],
    ["null", () => null],
    ["a number", async () => 5],
    ["an object", () => ({ a: 1 })],
  ]) {
    it(`that returns ${kind} is an error at once, which says what it may return`, async () => {
      const app = await make((app) => app.island("A", { deadline: "5s" }, handler));
      const { statusCode, headers, payload } = await app.inject(seal("A"));
      assert.deepEqual([statusCode, headers.island], [500, undefined]);
      assert.match(JSON.parse(payload).message, /the handler of the island A returned .*: return HTML \(a string/);
    });
  }

  it("or a page that is sent by a handler that returns nothing is sent once", async () => {
    let sent = 0;
    const app = await make((app) => {
      app.addHook("onResponse", async () => sent++);
      app.island("A", async (_, reply) => {
        reply.type("text/html").send("<b>x</b>");
      });
      app.get("/x", async (_, reply) => {
        reply.type("text/html").send(PAGE);
      });
    });
    assert.equal((await app.inject(seal("A"))).payload, "<b>x</b>");
    assert.match((await app.inject("/x")).payload, /island-src/);
    assert.equal(sent, 2);
  });

  it("may send its reply later", async () => {
    const app = await make((app) => {
      app.island("Sync", (_request, reply) => void setTimeout(() => reply.type("text/html").send("<b>late</b>"), 5));
      app.island("Async", async (_request, reply) => {
        setTimeout(() => reply.type("text/html").send("<b>late</b>"), 5);
        return reply;
      });
    });
    for (const name of ["Sync", "Async"]) assert.equal((await app.inject(seal(name))).payload, "<b>late</b>", name);
  });

  it("in a plugin with a prefix is asked for where all islands are, by the plugin's own hooks", async () => {
    const more = (app) =>
      app.register(
        async (inside) => {
          inside.decorateRequest("shop", "");
          inside.island("A", (request) => `<b>${request.shop}</b>`);
          inside.addHook("preHandler", async (request) => {
            request.shop = "under";
          });
          inside.get("/page", (_, reply) => reply.type("text/html").send("<A server:defer/>"));
        },
        { prefix: "/under" },
      );
    const app = await make(more);
    const { url } = sourceOf((await app.inject("/under/page")).payload, "A");
    assert.ok(url.startsWith(`${PREFIX}/A/`));
    assert.equal((await app.inject(url)).payload, "<b>under</b>");
    const post = { method: "POST", url: `${PREFIX}/A`, headers: { "content-type": TOKEN_TYPE } };
    assert.equal((await app.inject({ ...post, payload: url.split("/").at(-1) })).payload, "<b>under</b>");
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
});
