// eyot/web and eyot/hono: the two stations for Request and Response.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";

import { serve as honoServe } from "@hono/node-server";
import { KeyRing } from "eyot";
import { html as honoHtml, islands as honoIslands } from "eyot/hono";
import { html, islands } from "eyot/web";
import { Hono } from "hono";
import { compress } from "hono/compress";
import { z } from "zod";
import { ask, KEYS, log, PREFIX, sourceOf, TOKEN_TYPE, until } from "./support.mjs";

const PAGE = `<!doctype html><html><head></head><body><Avatar server:defer><i slot="fallback">Guest</i></Avatar></body></html>`;
const HTML = { "Content-Type": "text/html; charset=utf-8" };
const page = (body = PAGE, headers = {}) => new Response(body, { headers: { ...HTML, ...headers } });
const seal = (name, props = "{}", options) => `${PREFIX}/${name}/${KeyRing.parse(KEYS).seal(name, props, options)}`;

/** The same app in both flavours. */
const flavours = {
  web: (app, define = {}, { policies = { "/": { cdn: 600 } }, ...options } = {}) => {
    const isl = islands({ keys: KEYS, debug: false, logger: log(), ...options });
    isl.island("Avatar", (request) => html`<b>${request.headers.get("cookie") ?? "nobody"}</b>`);
    for (const [name, [handler, more]] of Object.entries(define))
      isl.island(name, more ?? {}, (request, island) => handler(island, request));
    return isl.fetch(app, policies);
  },
  hono: (app, define = {}, { policies = { "/": { cdn: 600 } }, ...options } = {}) => {
    const isl = honoIslands({ keys: KEYS, debug: false, logger: log(), ...options });
    isl.island("Avatar", (c) => honoHtml`<b>${c.req.header("cookie") ?? "nobody"}</b>`);
    for (const [name, [handler, more]] of Object.entries(define))
      isl.island(name, more ?? {}, (c) => handler(c.get("island"), c.req.raw));
    const hono = new Hono();
    hono.onError((error, c) => c.text("internal server error\n", error.status ?? 500));
    hono.use(isl.outer(policies));
    hono.use(isl.inner());
    hono.all("*", (c) => app(c.req.raw));
    return async (request) => hono.fetch(request);
  },
};

for (const [flavour, make] of Object.entries(flavours)) {
  const get = async (fetch, path, init) => {
    const response = await fetch(new Request(`http://shop.test${path}`, init));
    const text = await response.text();
    return { status: response.status, headers: response.headers, text };
  };

  describe(`eyot/${flavour}`, () => {
    it("splits, seals and makes a shell public", async () => {
      const { text, headers } = await get(
        make(() => page()),
        "/",
      );
      assert.match(text, /<server-island island="Avatar" island-src="[^"]+"><i>Guest/);
      assert.equal(headers.get("cache-control"), "public, max-age=0, s-maxage=600");
      assert.match(headers.get("etag"), /^W/);
      assert.equal(headers.get("content-length"), String(Buffer.byteLength(text)));
    });

    it("hides from a shell who asks, and answers conditions itself", async () => {
      const seen = [];
      const fetch = make((request) => {
        seen.push([...request.headers].flat().join());
        return page();
      });
      const { headers } = await get(fetch, "/", { headers: { Cookie: "a=b", "If-None-Match": '"x"' } });
      assert.doesNotMatch(seen[0], /a=b|if-none-match/);
      const again = await get(fetch, "/", { headers: { "If-None-Match": headers.get("etag") } });
      assert.deepEqual(
        [again.status, again.text, again.headers.get("cache-control")],
        [304, "", headers.get("cache-control")],
      );
    });

    it("answers HEAD with the headers of GET", async () => {
      const fetch = make(() => page());
      const [one, two] = [await get(fetch, "/"), await get(fetch, "/", { method: "HEAD" })];
      for (const name of ["etag", "content-length", "cache-control"])
        assert.equal(two.headers.get(name), one.headers.get(name), name);
      assert.equal(two.text, "");
    });

    it("keeps out of caches what sets a cookie or has a fault", async () => {
      assert.equal(
        (
          await get(
            make(() => page(PAGE, { "Set-Cookie": "a=b" })),
            "/",
          )
        ).headers.get("cache-control"),
        "private, no-store",
      );
      const faulty = await get(
        make(() => page(`${PAGE}<Nobody server:defer/>`)),
        "/",
      );
      assert.equal(faulty.headers.get("cache-control"), "private, no-store");
      assert.doesNotMatch(faulty.text, /server:/);
    });

    it("shows faults and leaks while debugging", async () => {
      const fault = await get(
        make(() => page("<Nobody server:defer/>"), {}, { debug: true, policies: {} }),
        "/",
      );
      assert.equal(fault.status, 500);
      assert.match(fault.text, /this page cannot be split/);
      const leak = await get(
        make(() => page(PAGE, { "Set-Cookie": "a=b" }), {}, { debug: true }),
        "/",
      );
      assert.match(leak.text, /this shell is not the same for everybody/);
    });

    it("splits a stream as it comes, and lets its source end when the reader leaves", async () => {
      let cancelled = false;
      const encode = (text) => new TextEncoder().encode(text);
      const parts = ["<p>first</p>", "<Avatar server:defer size='4", "0'/>"];
      const source = () =>
        new ReadableStream({
          async pull(controller) {
            await new Promise((go) => setTimeout(go, 15));
            const part = parts.shift();
            if (part) controller.enqueue(encode(part));
            else controller.enqueue(encode("<p>more</p>"));
          },
          cancel() {
            cancelled = true;
          },
        });
      const fetch = make(() => page(source()), {}, { policies: {} });
      const response = await fetch(new Request("http://shop.test/"));
      const reader = response.body.getReader();
      let text = "";
      while (!text.includes("island-src")) text += Buffer.from((await reader.read()).value);
      assert.match(text, /^<p>first<\/p>.*<server-island/s);
      await reader.cancel();
      await until(() => cancelled);
    });

    it("splits what was compressed too early", async () => {
      const { text, headers } = await get(
        make(() => page(gzipSync(PAGE), { "Content-Encoding": "gzip" })),
        "/",
      );
      assert.match(text, /island-src/);
      assert.equal(headers.get("content-encoding"), null);
    });

    it("sends no page in part", async () => {
      const part = () =>
        new Response(PAGE.slice(40), { status: 206, headers: { ...HTML, "Content-Range": "bytes 40-99/200" } });
      const { status, text } = await get(make(part, {}, { policies: {} }), "/");
      assert.deepEqual([status, text], [416, "range not satisfiable\n"]);
    });

    it("passes what is no HTML", async () => {
      const { text } = await get(
        make(() => Response.json({ PAGE })),
        "/",
      );
      assert.deepEqual(JSON.parse(text), { PAGE });
    });

    for (const [kind, handler] of [
      ["a Response", () => new Response("<b>x</b>", { headers: HTML })],
      ["HTML", () => html`<b>x</b>`],
      [
        "a generator",
        function* () {
          yield "<b>x";
          yield "</b>";
        },
      ],
      [
        "an async generator",
        async function* () {
          yield "<b>x";
          yield "</b>";
        },
      ],
    ]) {
      it(`answers an island by ${kind}`, async () => {
        const { status, text, headers } = await get(
          make(() => page(), { A: [handler] }),
          seal("A"),
        );
        assert.deepEqual([status, text, headers.get("island")], [200, "<b>x</b>", "A"]);
        assert.equal(headers.get("cache-control"), "private, no-store");
      });
    }

    it("reads props, takes posts, and refuses what does not fit", async () => {
      const schema = { props: z.strictObject({ sku: z.string() }) };
      const fetch = make(() => page(), { A: [(island) => html`${island.props.sku}`, schema] });
      assert.equal((await get(fetch, seal("A", '{"sku":"x"}'))).text, "x");
      assert.equal((await get(fetch, seal("A", '{"sku":1}'))).status, 410);
      const post = (body) => ({ method: "POST", headers: { "Content-Type": TOKEN_TYPE }, body });
      assert.equal((await get(fetch, `${PREFIX}/A`, post(seal("A", '{"sku":"y"}').split("/").at(-1)))).text, "y");
      assert.equal((await get(fetch, `${PREFIX}/A`, post("A".repeat(70_000)))).status, 413);
      assert.equal((await get(fetch, `${PREFIX}/__proto__/x`)).status, 404);
    });

    it("keeps a handler's failures, deadlines, redirects and cookies where they belong", async () => {
      let signal;
      const fetch = make(() => page(), {
        Bad: [
          () => {
            throw new Error("x");
          },
        ],
        Never: [
          (island) => {
            signal = island.signal;
            return new Promise(() => {});
          },
          { deadline: 1 },
        ],
        Login: [() => new Response(null, { status: 303, headers: { Location: "/login" } })],
        Shared: [() => new Response("x", { headers: { ...HTML, "Set-Cookie": "a=b" } }), { shared: 9 }],
        Two: [
          () => {
            const headers = new Headers(HTML);
            headers.append("Set-Cookie", "a=1");
            headers.append("Set-Cookie", "b=2");
            return new Response("x", { headers });
          },
        ],
      });
      const bad = await get(fetch, seal("Bad"));
      assert.deepEqual(
        [bad.status, bad.headers.get("island"), bad.headers.get("cache-control")],
        [500, null, "no-store"],
      );
      assert.equal((await get(fetch, seal("Never"))).status, 503);
      assert.equal(signal.aborted, true);
      const login = await get(fetch, seal("Login"));
      assert.deepEqual([login.status, login.headers.get("island-location")], [204, "/login"]);
      const shared = await get(fetch, seal("Shared"));
      assert.deepEqual(
        [shared.status, shared.headers.get("set-cookie"), shared.headers.get("cache-control")],
        [200, null, "private, no-store"],
      );
      assert.deepEqual((await get(fetch, seal("Two"))).headers.getSetCookie(), ["a=1", "b=2"]);
    });

    it("stops an island's work when the client goes away", async () => {
      let signal;
      const fetch = make(() => page(), {
        A: [
          (island) => {
            signal = island.signal;
            return new Promise(() => {});
          },
        ],
      });
      const controller = new AbortController();
      fetch(new Request(`http://shop.test${seal("A")}`, { signal: controller.signal })).catch(() => {});
      await until(() => signal);
      controller.abort();
      assert.equal(signal.aborted, true);
    });

    it("answers HEAD of a page without a length or tag that would be wrong, and of data as the app does", async () => {
      const fetch = make((request) =>
        request.url.endsWith("/data")
          ? new Response("data", { headers: { "Content-Length": "4", ETag: '"d"', "Content-Type": "text/plain" } })
          : page(PAGE, { ETag: '"p"', "Content-Length": String(PAGE.length) }),
      );
      const head = async (path) => (await get(fetch, path, { method: "HEAD" })).headers;
      const [ofPage, ofData] = [await head("/page"), await head("/data")];
      assert.deepEqual([ofPage.get("content-length"), ofPage.get("etag")], [null, null]);
      assert.deepEqual([ofData.get("content-length"), ofData.get("etag")], ["4", '"d"']);
    });
  });
}

describe("eyot/web alone", () => {
  it("finds its stations through a session layer that makes other requests", async () => {
    const isl = islands({ keys: KEYS, logger: log(), debug: false });
    isl.island("Avatar", (request) => html`<b>${request.headers.get("x-user")}</b>`);
    const sessions = (app) => async (request) => {
      const headers = new Headers(request.headers);
      headers.set("x-user", "Ada");
      const response = await app(new Request(request, { headers }));
      return new Response(response.body, {
        status: response.status,
        headers: [...response.headers, ["Set-Cookie", "s=1"]],
      });
    };
    const fetch = isl.outer(sessions(isl.inner(() => page())), { "/shell": { cdn: 5 } });
    const island = await fetch(new Request(`http://shop.test${seal("Avatar")}`));
    assert.deepEqual([await island.text(), island.headers.get("island")], ["<b>Ada</b>", "Avatar"]);
    assert.equal(island.headers.get("set-cookie"), "s=1");
    const shell = await fetch(new Request("http://shop.test/shell"));
    assert.match(await shell.text(), /island-src/);
    assert.equal(shell.headers.get("cache-control"), "private, no-store");
  });

  it("hands on what a runtime passes beside the request, to the app and to handlers", async () => {
    const isl = islands({ keys: KEYS, logger: log(), debug: false });
    isl.island("Avatar", (_request, _island, env, ctx) => html`<b>${env.NAME} ${ctx.id}</b>`);
    const fetch = isl.fetch((_request, env, ctx) => page(`${PAGE}${env.NAME} ${ctx.id}`), { "/": { cdn: 5 } });
    const given = [{ NAME: "shop" }, { id: 7 }];
    assert.match(await (await fetch(new Request("http://shop.test/"), ...given)).text(), /shop 7$/);
    assert.match(await (await fetch(new Request("http://shop.test/page"), ...given)).text(), /shop 7$/);
    const island = await fetch(new Request(`http://shop.test${seal("Avatar")}`), ...given);
    assert.equal(await island.text(), "<b>shop 7</b>");
  });

  it("asks the app again, without the range, where it answers a part of a page", async () => {
    const isl = islands({ keys: KEYS, logger: log(), debug: false });
    isl.island("Avatar", () => "x");
    const asked = [];
    const requests = new Set();
    const app = (request) => {
      const range = request.headers.get("range");
      asked.push(range);
      requests.add(request);
      return range ? new Response(PAGE.slice(0, 9), { status: 206, headers: HTML }) : page();
    };
    const fetch = isl.fetch(app);
    for (const accept of ["*/*", "text/html"]) {
      const answered = await fetch(
        new Request("http://shop.test/page", { headers: { Range: "bytes=0-8", Accept: accept } }),
      );
      assert.equal(answered.status, 200);
      assert.match(await answered.text(), /island-src/);
    }
    assert.deepEqual(asked, ["bytes=0-8", null, null]);
    // A session that is kept by the request is found the second time, too.
    assert.equal(requests.size, 2);
  });

  it("writes placeholders for the request that it is in", async () => {
    const isl = islands({ keys: KEYS, mount: "/shop" });
    isl.island("Avatar", () => "x");
    const fetch = isl.fetch((request) => page(`<i ${isl.helpers(request).islandAttrs("Avatar")}></i>`));
    assert.match(
      await (await fetch(new Request("http://shop.test/"))).text(),
      /island-src="\/shop\/_server-islands\/Avatar\//,
    );
    assert.match(isl.helpers(new Request("http://shop.test/x")).islandUrl("Avatar"), /^\/shop\/_server-islands/);
  });

  it("gives a page of helpers the loader where it is split", async () => {
    for (const htmlPass of [true, false]) {
      const isl = islands({ keys: KEYS, htmlPass });
      isl.island("Avatar", () => "x");
      const fetch = isl.fetch((request) => page(`<head></head>${isl.helpers(request).island("Avatar")}`));
      const text = await (await fetch(new Request("http://shop.test/"))).text();
      assert.equal(text.includes(`loader.v1.js"></script></head><server-island island=`), htmlPass, text);
      assert.doesNotMatch(text, /server:/);
    }
  });

  it("writes placeholders without a request, for pages that are made ahead of time", async () => {
    const isl = islands({ keys: KEYS, mount: "/shop" });
    isl.island("Avatar", (_, island) => html`${island.page?.path ?? "no page"}`);
    const url = isl.helpers().islandUrl("Avatar", undefined, { page: true });
    assert.equal(url, isl.helpers(new Request("http://shop.test/x")).islandUrl("Avatar"));
    // A proxy takes the mount point off.
    const answer = await isl.fetch(() => page())(new Request(`http://shop.test${url.replace("/shop", "")}`));
    assert.equal(await answer.text(), "no page");
  });

  it("needs the request where the audience comes from it", () => {
    const isl = islands({ keys: KEYS, audience: (request) => new URL(request.url).host });
    assert.throws(() => isl.helpers(), { code: "option", message: /pass it to them/ });
  });
});

describe("Hono's own", () => {
  it("pages of helpers have the loader where they are split", async () => {
    for (const htmlPass of [true, false]) {
      const isl = honoIslands({ keys: KEYS, htmlPass });
      isl.island("Avatar", (c) => c.html("x"));
      const app = new Hono();
      app.use(isl.outer());
      app.use(isl.inner());
      app.get("/", (c) => c.html(`<head></head>${c.get("islands").island("Avatar")}`));
      const text = await (await app.request("http://shop.test/")).text();
      assert.equal(text.includes(`loader.v1.js"></script></head><server-island island=`), htmlPass, text);
      assert.doesNotMatch(text, /server:/);
    }
  });

  it("guards, layers and compression work around islands, on a real server", async () => {
    const isl = honoIslands({ keys: KEYS, logger: log() });
    const app = new Hono();
    app.use(compress({ threshold: 0 }));
    app.use(isl.outer({ "/": { cdn: 5 } }));
    app.use(async (c, next) => {
      await next();
      c.header("Set-Cookie", "late=1", { append: true });
    });
    app.use(isl.inner());
    const guard = async (c, next) => (c.req.header("cookie") ? next() : c.redirect("/login"));
    isl.island(
      "Avatar",
      guard,
      async (c, next) => {
        await next();
        c.header("X-After", "1");
      },
      (c) => c.html(`<b>${c.get("island").name}</b>`),
    );
    app.get("/page", (c) => c.html(PAGE + c.get("islands").islandUrl("Avatar")));
    const server = honoServe({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" });
    try {
      await new Promise((go) => server.once("listening", go));
      const base = `http://127.0.0.1:${server.address().port}`;
      const { url } = sourceOf((await ask(base, "/page")).text, "Avatar");
      assert.equal((await ask(base, url)).headers["island-location"], "/login");
      const { text, headers } = await ask(base, url, { headers: { Cookie: "a=b" } });
      assert.equal(text, "<b>Avatar</b>");
      assert.equal(headers["x-after"], "1");
      assert.match(String(headers["set-cookie"]), /late=1/);
      assert.equal(
        (await ask(base, "/page", { headers: { "Accept-Encoding": "gzip" } })).headers["content-encoding"],
        "gzip",
      );
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it("station that is missing is named", async () => {
    const app = new Hono().use(honoIslands({ keys: KEYS }).inner());
    app.onError((error, c) => c.text(error.message, 500));
    assert.match(await (await app.request("/")).text(), /isl\.outer\(\)/);
  });
});
