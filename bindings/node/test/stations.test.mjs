// Both stations with layers around them and between them, as no vector can have them: what layers had set before stays,
// what was begun and not ended is cut, and what says who the visitor is takes a policy away.

import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { gunzipSync } from "node:zlib";

import compression from "compression";
import express from "express";
import { KeyRing } from "eyot";
import { islands as expressIslands } from "eyot/express";
import { eyot } from "eyot/fastify";
import { islands as honoIslands } from "eyot/hono";
import { islands as webIslands } from "eyot/web";
import Fastify from "fastify";
import { Hono } from "hono";
import { compress } from "hono/compress";
import { ask, KEYS, log, PREFIX, serve, TOKEN_TYPE } from "./support.mjs";

const PAGE = `<!doctype html><p><Avatar server:defer secret="s3cret"><i slot="fallback">Guest</i></Avatar>`;
const HTML = { "Content-Type": "text/html; charset=utf-8" };
const TOKEN = KeyRing.parse(KEYS).seal("Avatar", "{}");

/** An Express app: layers around, between, and after both stations. */
async function expressApp({ around = [], between = [], after = [], policies, ...options } = {}) {
  const app = express();
  const lines = log();
  const isl = expressIslands({ keys: KEYS, logger: lines, debug: false, ...options });
  isl.island("Avatar", (req) => `<b>${req.method} ${req.originalUrl}</b>`);
  for (const layer of [...around, isl.outer(policies), ...between, isl.inner(), ...after]) app.use(layer);
  app.get("/", (req, res) => res.send(`${PAGE}${req.headers["accept-encoding"]}`));
  return { base: await serve(app), lines: lines.lines };
}

describe("what layers around have set before", () => {
  const sets = (name, value) => (_req, res, next) => {
    res.setHeader(name, value);
    next();
  };

  it("stays on a refusal in Express, and what layers between have set goes", async () => {
    const around = [sets("X-Request-Id", "7"), sets("Set-Cookie", "outer=1")];
    const between = [sets("X-Between", "yes"), sets("Set-Cookie", "inner=1")];
    const { base } = await expressApp({ around, between });
    for (const path of [`${PREFIX}/Avatar/AAAA`, `${PREFIX}/Avatar/${"A".repeat(60)}`]) {
      const { status, headers } = await ask(base, path);
      assert.ok([400, 410].includes(status), path);
      assert.equal(headers["x-request-id"], "7");
      assert.deepEqual([headers["x-between"], headers["set-cookie"]], [undefined, ["outer=1"]]);
    }
  });

  it("stays in Fastify, whose replies keep their headers to themselves", async () => {
    const app = Fastify();
    after(() => app.close());
    app.addHook("onRequest", async (_request, reply) => void reply.header("X-Request-Id", "7"));
    await app.register(eyot, { keys: KEYS, logger: log(), debug: false });
    app.addHook("onRequest", async (_request, reply) => void reply.header("Set-Cookie", "inner=1"));
    app.island("Avatar", { props: (props) => assert.ok(props.sku) }, () => "x");
    for (const path of ["/Avatar/AAAA", "/Nobody/AAAA", `/Avatar/${TOKEN}`]) {
      const { headers } = await app.inject(PREFIX + path);
      assert.deepEqual([headers["x-request-id"], headers["set-cookie"]], ["7", undefined], path);
    }
  });

  it("stays in Hono", async () => {
    const app = new Hono();
    const isl = honoIslands({ keys: KEYS, logger: log(), debug: false });
    isl.island("Avatar", { props: (props) => assert.ok(props.sku) }, () => "x");
    app.use(async (c, next) => {
      c.header("X-Request-Id", "7");
      await next();
    });
    app.use(isl.outer(), isl.inner());
    for (const path of ["/Avatar/AAAA", "/Nobody/AAAA", `/Avatar/${TOKEN}`]) {
      const { headers } = await app.request(PREFIX + path);
      assert.equal(headers.get("x-request-id"), "7", path);
    }
  });
});

describe("a visitor who is known outside of the outer station", () => {
  const knows = (name) => (req, _res, next) => {
    req[name] = { user: "ada" };
    next();
  };

  for (const name of ["session", "user", "cookies", "signedCookies"]) {
    it(`by req.${name} takes the policy away, and is an error page while debugging`, async () => {
      const options = { around: [knows(name)], policies: { "/": { cdn: 60 } } };
      const { base, lines } = await expressApp(options);
      const { headers } = await ask(base, "/");
      assert.doesNotMatch(headers["cache-control"] ?? "", /public/);
      assert.match(lines.join(), new RegExp(`request\\.${name} is there already.*order-visitor`));
      const shown = await ask((await expressApp({ ...options, debug: true })).base, "/");
      assert.equal(shown.status, 500);
      assert.match(shown.text, /put eyot.*outer station around sessions/);
    });
  }

  it("is nobody where the policy shows cookies to the app", async () => {
    const options = { around: [knows("session")], policies: { "/": { cdn: 60, cookies: true } } };
    const { base, lines } = await expressApp(options);
    assert.match((await ask(base, "/")).headers["cache-control"], /public/);
    assert.deepEqual(lines, []);
  });
});

describe("a page that is asked for as one", () => {
  it("hides Accept-Encoding from the app, and shows it to what compresses around", async () => {
    const { base } = await expressApp({ around: [compression({ threshold: 0 })] });
    const { headers, bytes } = await ask(base, "/", { headers: { Accept: "text/html", "Accept-Encoding": "gzip" } });
    assert.equal(headers["content-encoding"], "gzip");
    assert.match(gunzipSync(bytes).toString(), /island-src.*undefined$/s);
  });
});

describe("compression between the stations", () => {
  const headers = { Accept: "text/html", "Accept-Encoding": "gzip" };

  it("compresses pages after their split, and leaves alone what has a policy", async () => {
    for (const [policies, coding] of [
      [{}, "gzip"],
      [{ "/": { cdn: 60 } }, undefined],
    ]) {
      const { base } = await expressApp({ between: [compression({ threshold: 0 })], policies });
      const answer = await ask(base, "/", { headers });
      assert.equal(answer.headers["content-encoding"], coding);
      assert.match(coding ? gunzipSync(answer.bytes).toString() : answer.text, /island-src.*undefined$/s);
    }
  });

  it("does so in Hono too", async () => {
    const app = new Hono();
    const isl = honoIslands({ keys: KEYS, logger: log(), debug: false });
    isl.island("Avatar", () => "x");
    app.use(isl.outer(), compress({ threshold: 0 }), isl.inner());
    app.get("/", (c) => c.html(`${PAGE}${c.req.header("accept-encoding")}`));
    const answer = await app.request("/", { headers });
    assert.equal(answer.headers.get("content-encoding"), "gzip");
    assert.match(gunzipSync(Buffer.from(await answer.arrayBuffer())).toString(), /island-src.*undefined$/s);
  });
});

describe("a posted token", () => {
  it("is the GET of its path to layers between, which find no body", async () => {
    const seen = [];
    const between = [
      express.raw({ type: () => true }),
      (req, _res, next) => {
        seen.push([req.method, req.path, req.headers["content-type"], req.headers["content-length"]]);
        seen.push(req.body?.length ?? 0);
        next();
      },
    ];
    const { base } = await expressApp({ between });
    const headers = { "Content-Type": TOKEN_TYPE };
    const { text } = await ask(base, `${PREFIX}/Avatar`, { method: "POST", headers, body: TOKEN });
    const path = `${PREFIX}/Avatar/${TOKEN}`;
    assert.deepEqual(seen, [["GET", path, undefined, undefined], 0]);
    assert.equal(text, `<b>GET ${path}</b>`);
  });

  it("is that below a mount point of a proxy too", async () => {
    const isl = webIslands({ keys: KEYS, logger: log(), debug: false, mount: "/shop" });
    isl.island("Avatar", (request) => `${request.method} ${new URL(request.url).pathname}`);
    const fetch = isl.fetch(() => new Response("nothing here", { status: 404 }));
    const init = { method: "POST", headers: { "Content-Type": TOKEN_TYPE }, body: TOKEN };
    const answer = await fetch(new Request(`http://localhost${PREFIX}/Avatar`, init));
    assert.equal(await answer.text(), `GET ${PREFIX}/Avatar/${TOKEN}`);
  });
});

describe("a stream that the inner station began and did not end", () => {
  it("is cut in Express where a layer between ends the response below it", async () => {
    let below;
    const between = [
      (_req, res, next) => {
        below = res.end.bind(res);
        next();
      },
    ];
    const begins = (_req, res) => {
      res.set(HTML).write("<p>begun");
      setTimeout(() => below(), 20);
    };
    const { base, lines } = await expressApp({ between, after: [begins] });
    const { complete } = await ask(base, "/begins");
    assert.equal(complete, false);
    assert.match(lines.join(), /stream-cut/);
  });

  /** A layer that swallows what goes wrong with a body. */
  const swallowing = (app) => async (request) => {
    const answered = await app(request);
    const reader = answered.body.getReader();
    const pull = async (controller) => {
      const { done, value } = await reader.read().catch(() => ({ done: true }));
      if (done) controller.close();
      else controller.enqueue(value);
    };
    return new Response(new ReadableStream({ pull }), answered);
  };
  const failing = () => {
    let at = 0;
    const pull = async (controller) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (at++ === 3) throw new Error("in the middle");
      controller.enqueue(Buffer.from("<p>x"));
    };
    return new Response(new ReadableStream({ pull }), { headers: HTML });
  };

  it("is cut in eyot/web, whoever swallowed the reason, and told of", async () => {
    const lines = log();
    const isl = webIslands({ keys: KEYS, logger: lines, debug: false });
    const fetch = isl.outer(swallowing(isl.inner(failing)), { "/streams": { cdn: 60, stream: true } });
    for (const path of ["/", "/streams"]) {
      const answer = await fetch(new Request(`http://localhost${path}`));
      await assert.rejects(answer.text(), /ended before its end/, path);
    }
    assert.equal(lines.lines.filter((line) => /stream-cut/.test(line)).length, 2);
  });

  it("goes out as far as it came, where it fails right after its first bytes", async () => {
    const pieces = [Buffer.from("<p>first")];
    const pull = async (controller) => {
      if (!pieces.length) throw new Error("in the middle");
      controller.enqueue(pieces.pop());
    };
    const isl = webIslands({ keys: KEYS, logger: log(), debug: false });
    const app = () => new Response(new ReadableStream({ pull }, { highWaterMark: 0 }), { headers: HTML });
    const { status, body } = await isl.fetch(app)(new Request("http://localhost/"));
    const reader = body.getReader();
    assert.deepEqual([status, Buffer.from((await reader.read()).value).toString()], [200, "<p>first"]);
    await assert.rejects(reader.read(), /in the middle/);
  });

  it("is no island that everybody gets, where all of it was collected", async () => {
    const lines = log();
    const isl = webIslands({ keys: KEYS, logger: lines, debug: false });
    isl.island("Avatar", { shared: 60 }, failing);
    const fetch = isl.outer(swallowing(isl.inner(failing)));
    await assert.rejects(
      async () => await fetch(new Request(`http://localhost${PREFIX}/Avatar/${TOKEN}`)),
      /stream-cut|before its end/,
    );
  });
});

describe("what a layer between answers", () => {
  it("is split outside without what the session would say, and kept out of caches", async () => {
    const limits = (_req, res) => res.status(429).set("Cache-Control", "public").send(PAGE);
    const { base, lines } = await expressApp({ between: [limits], audience: (req) => req.tenant.id });
    const { status, text, headers } = await ask(base, "/");
    assert.equal(status, 429);
    assert.match(text, /<i>Guest<\/i>$/);
    assert.doesNotMatch(text, /island-src|server:|s3cret/);
    assert.match(headers["cache-control"], /no-store/);
    assert.match(lines.join(), /not-seen-inside/);
  });

  it("that is no page costs core nothing, and passes as it is", async () => {
    const answers = (_req, res) => res.status(429).json({ error: "slow down" });
    const { base, lines } = await expressApp({ between: [answers] });
    const { status, headers, text } = await ask(base, "/");
    assert.deepEqual([status, text, headers["eyot-split"]], [429, '{"error":"slow down"}', undefined]);
    assert.deepEqual(lines, []);
  });
});
