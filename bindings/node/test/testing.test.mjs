// eyot/test: what asks an app, in each host, and what its functions say of answers that are not as they should be.

import assert from "node:assert/strict";
import { after, describe, it } from "node:test";

import express from "express";
import { islands as expressIslands, html } from "eyot/express";
import { eyot } from "eyot/fastify";
import { islands as honoIslands } from "eyot/hono";
import { islands as nodeIslands } from "eyot/node";
import { ask, assemble, assertShell } from "eyot/test";
import { islands as webIslands } from "eyot/web";
import Fastify from "fastify";
import { Hono } from "hono";
import supertest from "supertest";
import { KEYS, log, serve } from "./support.mjs";

const HTML = "text/html; charset=utf-8";
const PAGE = `<!doctype html><html><head></head><body><Greeting server:defer><i slot="fallback">Hello</i></Greeting>
  <Row server:defer sku="lantern"></Row></body></html>`;
const POLICIES = { "/": { cdn: 600 } };
const greeting = (cookie) => html`<b>Hello ${/who=(\w+)/.exec(cookie ?? "")?.[1] ?? "stranger"}</b>`;
const options = (more) => ({ keys: KEYS, debug: false, logger: log(), ...more });

/** An app that greets, and what asks it in each host. */
const CLIENTS = {
  "an Express app": () => expressApp(),
  "supertest's agent": () => supertest.agent(expressApp()),
  "an address": () => {
    const isl = nodeIslands(options());
    isl.island("Greeting", (req) => greeting(req.headers.cookie)).island("Row", (req) => html`${req.island.props.sku}`);
    return serve(isl.listener((_req, res) => res.writeHead(200, { "Content-Type": HTML }).end(PAGE), POLICIES));
  },
  "a Fastify app": async () => {
    const app = Fastify({ forceCloseConnections: true });
    after(() => app.close());
    await app.register(eyot, options());
    app.island("Greeting", (request) => greeting(request.headers.cookie));
    app.island("Row", (request) => html`${request.island.props.sku}`);
    app.get("/", { config: { shell: { cdn: 600 } } }, (_, reply) => reply.type(HTML).send(PAGE));
    return app;
  },
  "a Hono app": () => {
    const isl = honoIslands(options());
    isl
      .island("Greeting", (c) => greeting(c.req.header("cookie")))
      .island("Row", (c) => html`${c.get("island").props.sku}`);
    return new Hono().use(isl.outer(POLICIES), isl.inner()).get("/", (c) => c.html(PAGE));
  },
  "a function of a Request": () => webApp(),
};

function expressApp(more) {
  const isl = expressIslands(options(more));
  isl.island("Greeting", (req) => greeting(req.headers.cookie)).island("Row", (req) => html`${req.island.props.sku}`);
  const app = express().use(isl.outer(POLICIES), isl.inner());
  return app.get("/", (_, res) => res.send(PAGE));
}

function webApp({
  page = PAGE,
  row = (_, island) => html`${island.props.sku}`,
  policies = POLICIES,
  headers,
  ...more
} = {}) {
  const isl = webIslands(options(more));
  isl.island("Greeting", (request) => greeting(request.headers.get("cookie"))).island("Row", row);
  return isl.fetch(() => new Response(page, { headers: { "Content-Type": HTML, ...headers } }), policies);
}

/** The page as a client of any kind gets it. */
async function paged(client) {
  if (typeof client === "string") return fetch(client);
  if ("inject" in client) return client.inject("/");
  if ("fetch" in client) return client.fetch(new Request("http://localhost/"));
  if ("listen" in client) return supertest(client).get("/");
  return typeof client === "function" ? client(new Request("http://localhost/")) : client.get("/");
}

const headers = { cookie: "who=Ada" };

for (const [kind, make] of Object.entries(CLIENTS)) {
  describe(`with ${kind}`, () => {
    it("ask gives an island's answer, through the app's own stations", async () => {
      const answer = await ask(await make(), "Greeting", {}, { headers });
      assert.deepEqual([answer.status, answer.text], [200, "<b>Hello Ada</b>"]);
      assert.equal(answer.headers.island, "Greeting");
      assert.equal(answer.headers["cache-control"], "private, no-store");
      assert.equal((await ask(await make(), "Row", { sku: "rope" })).text, "rope");
    });

    it("ask posts props that no address holds", async () => {
      assert.equal((await ask(await make(), "Row", { sku: "x".repeat(3000) })).text, "x".repeat(3000));
    });

    it("assertShell takes the page, and assemble puts its islands into their places", async () => {
      const client = await make();
      const page = await paged(client);
      await assertShell(page);
      const text = await assemble(client, page, { headers });
      assert.match(text, /<body><b>Hello Ada<\/b>\s*lantern<\/body>/);
    });
  });
}

const failing = async (run, ...texts) => {
  const error = await run.then(
    () => assert.fail("it did not fail"),
    (error) => error,
  );
  for (const text of texts) assert.ok(error.message.includes(text), `${text}\nis not in\n${error.message}`);
};
const get = (app) => app(new Request("http://localhost/"));

describe("assertShell", () => {
  for (const [what, more, ...texts] of [
    ["a page without a policy", { policies: {} }, "Cache-Control"],
    ["a cookie", { headers: { "Set-Cookie": "a=b" } }, "Cache-Control"],
    ["a directive that is left", { htmlPass: false }, "a directive is left in it"],
    [
      "an island that does not exist",
      { page: '<p island="Nobody" island-src="/_server-islands/Nobody/x"></p>' },
      "Nobody",
    ],
  ]) {
    it(`fails at ${what}, and says so`, async () => {
      await failing(assertShell(await get(webApp(more))), "caches may not keep this response", ...texts);
    });
  }
});

describe("assemble", () => {
  it("fails loudly at an island that cannot be had, with its name, status and reason", async () => {
    const broken = webApp({
      row: () => {
        throw new Error("broken");
      },
    });
    await failing(assemble(broken, await get(broken)), "Row", "500");
    const json = webApp({ row: () => Response.json({}) });
    await failing(assemble(json, await get(json)), "Row");
    const other = webApp();
    const page = await get(webApp({ keys: Buffer.alloc(32, "another").toString("base64") }));
    await failing(assemble(other, page), "Greeting", "410");
  });

  it("tells `failed` instead, and leaves the placeholder", async () => {
    const told = [];
    const app = webApp({ row: () => new Response("no", { status: 500 }) });
    const text = await assemble(app, await get(app), { failed: (error) => told.push(error.message) });
    assert.match(text, /<b>Hello stranger<\/b>\s*<server-island island="Row"/);
    assert.equal(told.length, 1);
    assert.match(told[0], /Row.*500/);
  });

  it("takes off a mount point that a proxy takes off", async () => {
    const app = webApp({ mount: "/shop" });
    assert.match(await assemble(app, await get(app)), /Hello stranger/);
    assert.equal((await ask(app, "Row", { sku: "rope" })).text, "rope");
  });
});

describe("ask", () => {
  it("says that no app of the process has such an island", async () => {
    await failing(ask(webApp(), "Nobody"), 'the island "Nobody"');
  });

  it("asks the islands that it is given", async () => {
    const isl = webIslands(options({ prefix: "/own" })).island("Row", () => "own");
    const app = isl.fetch(() => new Response("", { status: 404 }));
    webApp();
    assert.equal((await ask(app, "Row", {}, { islands: isl })).text, "own");
  });

  it("seals for the audience that it is told", async () => {
    const audience = (request) => request.headers.get("tenant") ?? "";
    const app = webApp({ audience });
    const found = await ask(app, "Row", { sku: "rope" }, { audience: "red", headers: { tenant: "red" } });
    assert.equal(found.text, "rope");
    assert.equal((await ask(app, "Row", { sku: "rope" }, { headers: { tenant: "red" } })).status, 400);
  });
});
