// Pages that are split once and rendered for each request, in every host.

import assert from "node:assert/strict";
import { after, describe, it } from "node:test";

import express from "express";
import { islands as expressIslands } from "eyot/express";
import { eyot } from "eyot/fastify";
import { islands as honoIslands } from "eyot/hono";
import { islands as nodeIslands } from "eyot/node";
import { islands as webIslands } from "eyot/web";
import Fastify from "fastify";
import { Hono } from "hono";
import { ask, KEYS, log, serve } from "./support.mjs";

const PAGE = "<!doctype html><html><head></head><body><Avatar server:defer server:page></Avatar></body></html>";
const HTML = "text/html; charset=utf-8";
const OPTIONS = { keys: KEYS, debug: false };

/** Answers a prepared page at every path, and gives what asks. */
const HOSTS = {
  express: async (isl = expressIslands({ ...OPTIONS, logger: log() })) => {
    const page = isl.island("Avatar", () => "x").prepare(PAGE);
    const app = express().use(isl.outer({ "/shell": { cdn: 600 } }), isl.inner());
    app.use((req, res) => res.type("html").send(Buffer.from(page.render(req))));
    const base = await serve(app);
    return { isl, page, get: (path) => ask(base, path) };
  },
  node: async (isl = nodeIslands({ ...OPTIONS, logger: log() })) => {
    const page = isl.island("Avatar", () => "x").prepare(PAGE);
    const app = (req, res) => res.writeHead(200, { "Content-Type": HTML }).end(page.render(req));
    const base = await serve(isl.listener(app, { "/shell": { cdn: 600 } }));
    return { isl, page, get: (path) => ask(base, path) };
  },
  fastify: async () => {
    const app = Fastify({ forceCloseConnections: true });
    after(() => app.close());
    await app.register(eyot, { ...OPTIONS, logger: log(), policies: { "/shell": { cdn: 600 } } });
    app.island("Avatar", () => "x");
    const page = app.islands.prepare(PAGE);
    app.get("/*", (request, reply) => reply.type(HTML).send(page.render(request)));
    const get = async (path) => {
      const { payload, headers } = await app.inject(path);
      return { text: payload, headers };
    };
    return { page, get };
  },
  hono: async (isl = honoIslands({ ...OPTIONS, logger: log() })) => {
    const page = isl.island("Avatar", () => "x").prepare(PAGE);
    const app = new Hono().use(isl.outer({ "/shell": { cdn: 600 } }), isl.inner());
    app.get("/*", (c) => c.body(page.render(c), 200, { "Content-Type": HTML }));
    return { isl, page, get: webGet((path) => app.request(path)) };
  },
  web: async (isl = webIslands({ ...OPTIONS, logger: log() })) => {
    const page = isl.island("Avatar", () => "x").prepare(PAGE);
    const app = (request) => new Response(page.render(request), { headers: { "Content-Type": HTML } });
    const fetch = isl.fetch(app, { "/shell": { cdn: 600 } });
    return { isl, page, get: webGet((path) => fetch(new Request(`http://shop.test${path}`))) };
  },
};

const webGet = (asked) => async (path) => {
  const response = await asked(path);
  return { text: await response.text(), headers: Object.fromEntries(response.headers) };
};

for (const [host, make] of Object.entries(HOSTS)) {
  describe(`a prepared page in ${host}`, () => {
    it("is the shell of the request that asks, with the loader and its own path in the token", async () => {
      const { page, get } = await make();
      assert.deepEqual(page.islands, ["Avatar"]);
      const [one, again, other] = [await get("/a"), await get("/a"), await get("/b")];
      assert.match(one.text, /loader\.v1\.js.*<server-island island="Avatar" island-src="[^"]+"><\/server-island>/);
      assert.equal(again.text, one.text);
      assert.notEqual(other.text, one.text);
    });

    it("is public under a policy", async () => {
      const { headers } = await (await make()).get("/shell");
      assert.equal(headers["cache-control"], "public, max-age=0, s-maxage=600");
    });
  });
}

describe("a prepared page", () => {
  it("finds islands that were registered since, and is a MarkupError where something is wrong with it", async () => {
    const { isl, get } = await HOSTS.web();
    isl.island("Late", () => "x");
    assert.match((await get("/a")).text, /island="Avatar"/);
    assert.throws(() => isl.prepare("<Nobody server:defer/>"), { name: "MarkupError", code: "name-unknown" });
  });
});
