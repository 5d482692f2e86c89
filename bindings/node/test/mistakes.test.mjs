// What a developer can get wrong, in each host, and what is said of it: bindings/conformance/mistakes has the texts. Each
// mistake is made, and its text looked for where the developer looks: the error at the start, the page, the log.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { gzipSync } from "node:zlib";

import compression from "compression";
import express from "express";
import { KeyRing } from "eyot";
import { islands as expressIslands } from "eyot/express";
import { eyot } from "eyot/fastify";
import { islands as honoIslands } from "eyot/hono";
import { islands as nodeIslands } from "eyot/node";
import { islands as webIslands } from "eyot/web";
import Fastify from "fastify";
import { Hono } from "hono";
import { ask, KEYS, log, PREFIX, serve } from "./support.mjs";

const read = (name) => JSON.parse(readFileSync(new URL(`../../conformance/mistakes/${name}.json`, import.meta.url)));
const HTML = { "Content-Type": "text/html; charset=utf-8" };
const PAGE = "<!doctype html><html><head></head><body><CartCount server:defer></CartCount></body></html>";
const seal = (name, props = "{}") => `${PREFIX}/${name}/${KeyRing.parse(KEYS).seal(name, props)}`;

/** What a mistake is made with: an app whose parts differ from a right one in one thing. */
const RIGHT = {
  options: {},
  policies: {},
  // What is registered, as it is given to `island`.
  islands: [["CartCount", () => "<b>3</b>"]],
  // What the view answers: HTML, or status, headers and body.
  view: () => PAGE,
  stations: ["outer", "inner"],
  // Where a session is: between the stations, or outside.
  session: "between",
  compresses: false,
};

const answerOf = (made) => ({ status: 200, headers: {}, ...(typeof made === "string" ? { body: made } : made) });
const optionsOf = ({ options }, lines) => ({ keys: KEYS, debug: true, logger: lines, ...options });

/** Middleware for Express and for Node's own servers. */
const connect = {
  session: (req, _res, next) => {
    req.session = { cookie: {} };
    next();
  },
  compress: compression({ threshold: 0 }),
};

function connectLayers(isl, { stations, session, compresses, policies }) {
  const layers = stations.map((station) => (station === "outer" ? isl.outer(policies) : isl.inner()));
  if (compresses) layers.splice(1, 0, connect.compress);
  layers.splice(session === "outside" ? 0 : 1, 0, connect.session);
  return layers;
}

function connectView(isl, { view }) {
  return (req, res) => {
    const { status, headers, body } = answerOf(view({ helpers: isl.helpers(req), session: () => req.session, isl }));
    res.writeHead(status, { ...HTML, ...headers }).end(body);
  };
}

const asking = async (listener) => {
  const base = await serve(listener);
  return async (path, headers) => (await ask(base, path, { headers })).text;
};

/** An app in each host; each gives what asks it, and the error of its start is thrown. */
const HOSTS = {
  express: async (app, lines) => {
    const isl = expressIslands(optionsOf(app, lines));
    for (const given of app.islands) isl.island(...given);
    const made = express();
    made.use(...connectLayers(isl, app).concat([(_req, _res, next) => next()]));
    made.get("/", connectView(isl, app));
    // What Express prints beside its page is the same.
    made.set("env", "development").use((error, _req, res, _next) => res.status(500).send(String(error.stack)));
    return asking(made);
  },
  node: async (app, lines) => {
    const isl = nodeIslands(optionsOf(app, lines));
    for (const given of app.islands) isl.island(...given);
    const chain = [...connectLayers(isl, app), connectView(isl, app)];
    return asking((req, res) => {
      const failed = (error) => res.writeHead(500).end(String(error.stack));
      const run = (place) => (error) => {
        if (error) return failed(error);
        try {
          chain[place](req, res, run(place + 1));
        } catch (thrown) {
          failed(thrown);
        }
      };
      run(0)();
    });
  },
  fastify: async (app, lines) => {
    const made = Fastify({ forceCloseConnections: true });
    after(() => made.close());
    const sessions = () => {
      if (!made.hasRequestDecorator("session")) made.decorateRequest("session", null);
      made.addHook("onRequest", async (request) => {
        request.session = { cookie: {} };
      });
    };
    if (app.session === "outside") sessions();
    if (app.compresses)
      made.addHook("onSend", async (_request, reply, payload) => {
        if (!String(reply.getHeader("content-type")).startsWith("text/html")) return payload;
        reply.header("Content-Encoding", "gzip").removeHeader("Content-Length");
        return gzipSync(payload);
      });
    await made.register(eyot, { policies: app.policies, ...optionsOf(app, lines) });
    if (app.session !== "outside") sessions();
    for (const given of app.islands) made.island(...given);
    made.get("/", (request, reply) => {
      const helpers = made.islands.helpers(request);
      const { status, headers, body } = answerOf(
        app.view({ helpers, session: () => request.session, isl: made.islands }),
      );
      return reply
        .code(status)
        .headers({ ...HTML, ...headers })
        .send(body);
    });
    await made.ready();
    return async (url, headers) => (await made.inject({ url, headers })).payload;
  },
  hono: async (app, lines) => {
    const isl = honoIslands(optionsOf(app, lines));
    for (const given of app.islands) isl.island(...given);
    const made = new Hono();
    const layers = app.stations.map((station) => (station === "outer" ? isl.outer(app.policies) : isl.inner()));
    const session = async (c, next) => {
      c.set("session", { cookie: {} });
      await next();
    };
    const compress = async (c, next) => {
      await next();
      c.res = new Response(gzipSync(await c.res.text()), { headers: { ...HTML, "Content-Encoding": "gzip" } });
    };
    if (app.compresses) layers.splice(1, 0, compress);
    layers.splice(app.session === "outside" ? 0 : 1, 0, session);
    for (const layer of layers) made.use(layer);
    made.get("/", (c) => {
      const answer = app.view({ helpers: c.get("islands"), session: () => c.get("session"), isl });
      const { status, headers, body } = answerOf(answer);
      return c.body(body, status, { ...HTML, ...headers });
    });
    made.onError((error, c) => c.text(String(error.stack), 500));
    return async (path, headers) => (await made.request(`http://shop.test${path}`, { headers })).text();
  },
  web: async (app, lines) => {
    const isl = webIslands(optionsOf(app, lines));
    for (const given of app.islands) isl.island(...given);
    let fetch = (request) => {
      const session = () => request.session;
      const { status, headers, body } = answerOf(app.view({ helpers: isl.helpers(request), session, isl }));
      return new Response(body, { status, headers: { ...HTML, ...headers } });
    };
    const sessions = (inside) => (request) => inside(Object.assign(request, { session: { cookie: {} } }));
    const compress = (inside) => async (request) =>
      new Response(gzipSync(await (await inside(request)).text()), {
        headers: { ...HTML, "Content-Encoding": "gzip", "Eyot-Split": "1" },
      });
    const around = app.stations.map(
      (station) => (inside) => (station === "outer" ? isl.outer(inside, app.policies) : isl.inner(inside)),
    );
    if (app.compresses) around.splice(1, 0, compress);
    around.splice(app.session === "outside" ? 0 : 1, 0, sessions);
    for (const layer of around.reverse()) fetch = layer(fetch);
    return async (path, headers) => {
      const answer = await Promise.resolve(fetch(new Request(`http://shop.test${path}`, { headers }))).catch(String);
      return typeof answer === "string" ? answer : answer.text();
    };
  },
};

const POLICY = { policies: { "/": { cdn: 600 } } };
const VISITOR = { Cookie: "session=ada" };
const handled = (handler, ...options) => ({ islands: [["CartCount", ...options, handler]], path: seal("CartCount") });
const helped = (write) => ({ view: ({ helpers }) => `${write(helpers)}` });

/** The options that keys are looked for in. */
const noKeys = (debug) => ({ options: { keys: undefined, debug }, environment: {} });

/** How each mistake is made: what differs from a right app, and what is asked. */
const MISTAKES = {
  "stations-exchanged": { stations: ["inner", "outer"] },
  "outer-missing": { stations: ["inner"] },
  "inner-missing": { stations: ["outer"] },
  "outer-after-session": { session: "outside", ...POLICY },
  "outer-around-compression": { compresses: true },
  "app-not-set-up": { stations: [], waits: 1100 },
  "option-typo": { options: { prelaod: true } },
  "option-type": { options: { preload: "yes" } },
  "option-value": { options: { urlLimit: -1 } },
  "key-missing": noKeys(false),
  "key-missing-debug": noKeys(true),
  "key-weak": { options: { keys: Buffer.alloc(32).toString("base64") } },
  "key-malformed": { options: { keys: "short" } },
  "policy-typo": { policies: { "/": { cnd: 600 } } },
  "policy-empty": { policies: { "/": {} } },
  "policy-duration": { policies: { "/": { cdn: "ten minutes" } } },
  "policy-foreign-pattern": { policies: { "/p/<int:id>": { cdn: 600 } } },
  "policy-overridden": { ...POLICY, view: () => ({ body: PAGE, headers: { "Cache-Control": "private" } }) },
  "policy-guarded": { ...POLICY, view: () => ({ status: 302, headers: { Location: "/login" }, body: "" }) },
  "policy-session-read": { ...POLICY, view: ({ session }) => `<!doctype html><p>${session().user}` },
  "policy-session-written": {
    ...POLICY,
    view: ({ session }) => {
      session().last = "lantern";
      return PAGE;
    },
  },
  "policy-csrf": {
    ...POLICY,
    view: () => '<!doctype html><form><input type="hidden" name="_csrf" value="c2FsdHk2N3Rva2VuLXZhbHVl">',
  },
  "policy-nonce": {
    ...POLICY,
    view: () => ({ body: PAGE, headers: { "Content-Security-Policy": "script-src 'nonce-r4nd0m'" } }),
  },
  "island-unknown-tag": helped((helpers) => helpers.islandAttrs("CartCuont")),
  "island-unknown-markup": { view: () => "<CartCuont server:defer></CartCuont>" },
  "island-unclosed": { view: () => "<p><CartCount server:defer><b>more" },
  "island-name": { islands: [["Cart Count", () => ""]] },
  "island-twice": {
    islands: [
      ["CartCount", () => ""],
      ["CartCount", () => ""],
    ],
  },
  "island-without-parentheses": { islands: [[() => ""]] },
  "island-option-typo": helped((helpers) => helpers.islandAttrs("CartCount", {}, { wehn: "idle" })),
  "island-when": helped((helpers) => helpers.islandAttrs("CartCount", {}, { when: "idel" })),
  "props-bad-json": { view: () => `<CartCount server:defer server:props='{"sku":'></CartCount>` },
  "props-as-options": helped((helpers) => helpers.islandAttrs("CartCount", {}, { sku: "lantern" })),
  "props-not-json": helped((helpers) => helpers.islandAttrs("CartCount", { cart: new Map() })),
  "props-undefined": helped((helpers) => helpers.islandAttrs("CartCount", { sku: undefined })),
  "props-misfit": handled(() => "", {
    props: () => {
      throw new TypeError("sku");
    },
  }),
  "handler-nothing": handled(() => undefined),
  "handler-object": handled(() => ({ count: 3 })),
  "handler-json": handled(() => Response.json({ count: 3 })),
  "handler-signature": { islands: [["CartCount", (_a, _b, _c, _d) => ""]] },
  "loader-forgotten": {
    view: () => `<!doctype html><html><p island="CartCount" island-src="${seal("CartCount")}"></p></html>`,
  },
  "attributes-escaped": helped(
    (helpers) => `<!doctype html><p ${String(helpers.islandAttrs("CartCount")).replaceAll('"', "&#34;")}></p>`,
  ),
  "helpers-without-request": { view: ({ isl }) => String(isl.helpers().islandAttrs("CartCount")) },
  build: { says: withoutAddon },
};

/** What a program prints that finds no addon. */
function withoutAddon() {
  const folder = mkdtempSync(join(tmpdir(), "eyot-"));
  after(() => rmSync(folder, { recursive: true }));
  cpSync(new URL("../dist", import.meta.url), join(folder, "dist"), { recursive: true });
  const load = [
    "-e",
    `try { require(${JSON.stringify(join(folder, "dist/index.js"))}) } catch (e) { console.log(e.message) }`,
  ];
  return execFileSync(process.execPath, load, { encoding: "utf8" });
}

/** All that a developer sees of a mistake. */
async function seen(host, { path = "/", waits = 0, environment, says, ...mistake }) {
  if (says) return says();
  const before = { ...process.env };
  if (environment) for (const name of ["EYOT_KEYS", "EYOT_KEYS_FILE"]) delete process.env[name];
  const lines = log();
  try {
    const get = await HOSTS[host]({ ...RIGHT, ...mistake }, lines);
    const text = await get(path, {
      ...VISITOR,
      Accept: "text/html",
      "Accept-Encoding": "gzip",
      "Sec-Fetch-Site": "same-origin",
    });
    if (waits) await new Promise((go) => setTimeout(go, waits));
    return `${text}\n${lines.lines.join("\n")}`;
  } catch (error) {
    return `${error.message}\n${lines.lines.join("\n")}`;
  } finally {
    Object.assign(process.env, before);
  }
}

for (const host of Object.keys(HOSTS)) {
  describe(`in ${host}`, () => {
    const texts = read(host);

    it("every mistake is answered, or cannot be made", () => {
      assert.deepEqual(Object.keys(texts).sort(), Object.keys(read("mistakes")).sort());
      const untested = Object.entries(texts).filter(([id, { cannot }]) => !cannot && !MISTAKES[id]);
      assert.deepEqual(untested, []);
    });

    for (const [id, { says, cannot }] of Object.entries(texts)) {
      if (cannot) continue;
      it(`${id} says what is wrong`, async () => {
        const text = decoded(await seen(host, MISTAKES[id]));
        assert.ok(text.includes(says), `${says}\nis not in\n${text.slice(0, 3000)}`);
      });
    }
  });
}

/** A page's text as it is read. */
function decoded(text) {
  return text
    .replaceAll("&quot;", '"')
    .replaceAll('\\"', '"')
    .replaceAll("&#x27;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
