// The hosts in JavaScript: each app once without eyot and once with it, and both with a layer, called as a server calls
// them: `node:http`'s own request and response on a socket that throws away what it gets, or a Request.
//
//     node node_hosts.mjs HOST DESCRIPTION

import { readFileSync } from "node:fs";
import { IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { Readable, Writable } from "node:stream";

// The packages are those of the binding's own tests.
const require = createRequire(new URL("../../bindings/node/package.json", import.meta.url));
const [host, path] = process.argv.slice(2);
const given = JSON.parse(readFileSync(path, "utf8"));

const ROUND_MS = 4;
const HTML = "text/html; charset=utf-8";
const POLICIES = { "/shell": { cdn: 600 } };
const ISLAND_URL = /"(\/_server-islands\/Row\/[^"]+)"/;
const OWN_FETCH = { "sec-fetch-site": "same-origin", "sec-fetch-dest": "empty" };
const USUAL = { host: "localhost", accept: "text/html,*/*", cookie: "theme=dark", "user-agent": "benchmark" };
const pages = { "/page": given.page, "/islands": given.islands, "/shell": given.islands, "/fragment": given.fragment };
// Encoded: how a string becomes bytes is Node's business, and without eyot it takes longer than with it.
const buffers = Object.fromEntries(Object.entries(pages).map(([at, text]) => [at, Buffer.from(text)]));
const chunks = given.chunks.map((chunk) => Buffer.from(chunk));

// -- (req, res) -----------------------------------------------------------------------------------------------------------

/** A connection of which nothing is kept, unless `seen` is a list. Text is encoded, as a socket must. */
class Nowhere extends Writable {
  seen = undefined;

  constructor() {
    super({ highWaterMark: 1 << 24 });
  }

  _write(chunk, _encoding, done) {
    this.seen?.push(chunk);
    done();
  }

  setTimeout() {}
}

const socket = new Nowhere();

/** One request: its listener is called as `createServer` calls it, and the answer is waited for. */
function exchange(listener, target, headers) {
  const req = new IncomingMessage(socket);
  req.method = "GET";
  req.url = target;
  req.httpVersion = "1.1";
  req.httpVersionMajor = req.httpVersionMinor = 1;
  req.rawHeaders = headers;
  req.complete = true;
  req.push(null);
  const res = new ServerResponse(req);
  res.assignSocket(socket);
  return new Promise((resolve) => {
    res.on("finish", () => {
      res.detachSocket(socket);
      resolve();
    });
    listener(req, res);
  });
}

const rawHeaders = (headers) => Object.entries({ ...USUAL, ...headers }).flat();

/** How a listener is asked, and timed. */
function byListener(listener) {
  return {
    async ask(target, headers) {
      socket.seen = [];
      await exchange(listener, target, rawHeaders(headers));
      const text = Buffer.concat(socket.seen).toString();
      socket.seen = undefined;
      return { status: Number(text.slice(9, 12)), etag: /^etag: (.*)\r$/im.exec(text)?.[1], text };
    },
    async time(target, headers, repeats) {
      const raw = rawHeaders(headers);
      const start = performance.now();
      for (let turn = 0; turn < repeats; turn++) await exchange(listener, target, raw);
      return (performance.now() - start) / repeats;
    },
  };
}

/** A layer that sets a header when the head is written, as sessions do. */
function layer(_req, res, next) {
  const { writeHead } = res;
  res.writeHead = (...head) => {
    res.setHeader("X-Request-Id", "7");
    return writeHead.apply(res, head);
  };
  next();
}

/** An app without a framework. */
function app(req, res) {
  if (req.url === "/stream") {
    res.setHeader("Content-Type", HTML);
    Readable.from(chunks).pipe(res);
    return;
  }
  const isJson = req.url === "/json";
  const body = isJson ? JSON.stringify(given.json) : buffers[req.url];
  res.setHeader("Content-Type", isJson ? "application/json" : HTML);
  res.setHeader("Content-Length", Buffer.byteLength(body));
  res.end(body);
}

function nodeHttp(withEyot, withLayer) {
  const isl = require("eyot/node").islands();
  isl.island("Row", () => given.fragment);
  const chain = withLayer ? [layer] : [];
  if (withEyot) {
    chain.unshift(isl.outer(POLICIES));
    chain.push(isl.inner());
  }
  const run = (req, res, place) => {
    if (place === chain.length) return app(req, res);
    return chain[place](req, res, (error) => {
      if (error) throw error;
      return run(req, res, place + 1);
    });
  };
  return byListener((req, res) => run(req, res, 0));
}

function express(withEyot, withLayer) {
  const isl = require("eyot/express").islands();
  isl.island("Row", (_req, res) => res.send(given.fragment));
  const web = require("express")();
  if (withEyot) web.use(isl.outer(POLICIES));
  if (withLayer) web.use(layer);
  if (withEyot) web.use(isl.inner());
  for (const [at, text] of Object.entries(pages)) web.get(at, (_req, res) => res.send(text));
  web.get("/json", (_req, res) => res.json(given.json));
  web.get("/stream", (_req, res) => Readable.from(chunks).pipe(res.type("html")));
  return byListener(web);
}

async function fastify(withEyot, withLayer) {
  const web = require("fastify")();
  if (withEyot) await web.register(require("eyot/fastify").eyot);
  if (withLayer) {
    web.addHook("onSend", async (_request, reply, payload) => {
      reply.header("X-Request-Id", "7");
      return payload;
    });
  }
  if (withEyot) web.island("Row", (_request, reply) => reply.type(HTML).send(given.fragment));
  for (const [at, bytes] of Object.entries(buffers)) {
    const config = at === "/shell" && withEyot ? { shell: POLICIES[at] } : {};
    web.get(at, { config }, (_request, reply) => reply.type(HTML).send(bytes));
  }
  web.get("/json", (_request, reply) => reply.send(given.json));
  web.get("/stream", (_request, reply) => reply.type(HTML).send(Readable.from(chunks)));
  await web.ready();
  return byListener(web.routing);
}

// -- (Request) => Response ------------------------------------------------------------------------------------------------

async function drained(response) {
  if (!response.body) return;
  const reader = response.body.getReader();
  while (!(await reader.read()).done);
}

/** How an app of the web's is asked, and timed. */
function byFetch(fetch) {
  const requested = (target, headers) =>
    new Request(`http://localhost${target}`, { headers: { ...USUAL, ...headers } });
  return {
    async ask(target, headers) {
      const response = await fetch(requested(target, headers));
      return { status: response.status, etag: response.headers.get("etag"), text: await response.text() };
    },
    async time(target, headers, repeats) {
      const start = performance.now();
      for (let turn = 0; turn < repeats; turn++) await drained(await fetch(requested(target, headers)));
      return (performance.now() - start) / repeats;
    },
  };
}

const htmlOf = (body) => new Response(body, { headers: { "Content-Type": HTML } });
const streamOf = () => htmlOf(Readable.toWeb(Readable.from(chunks)));

function web(withEyot, withLayer) {
  const isl = require("eyot/web").islands();
  isl.island("Row", () => given.fragment);
  let fetch = async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/stream") return streamOf();
    return pathname === "/json" ? Response.json(given.json) : htmlOf(pages[pathname]);
  };
  if (withEyot) fetch = isl.inner(fetch);
  if (withLayer) {
    const inside = fetch;
    fetch = async (request) => {
      const response = await inside(request);
      response.headers.set("X-Request-Id", "7");
      return response;
    };
  }
  return byFetch(withEyot ? isl.outer(fetch, POLICIES) : fetch);
}

function hono(withEyot, withLayer) {
  const isl = require("eyot/hono").islands();
  isl.island("Row", (c) => c.html(given.fragment));
  const { Hono } = require("hono");
  const made = new Hono();
  if (withEyot) made.use(isl.outer(POLICIES));
  if (withLayer) {
    made.use(async (c, next) => {
      await next();
      c.res.headers.set("X-Request-Id", "7");
    });
  }
  if (withEyot) made.use(isl.inner());
  for (const [at, text] of Object.entries(pages)) made.get(at, (c) => c.html(text));
  made.get("/json", (c) => c.json(given.json));
  made.get("/stream", () => streamOf());
  return byFetch((request) => made.fetch(request));
}

// -- measuring ------------------------------------------------------------------------------------------------------------

/** How often one request crosses into the addon. */
async function crossings(candidate, target, headers) {
  const native = require("./dist/native.js");
  const before = { ...native };
  let count = 0;
  for (const [name, call] of Object.entries(before)) {
    if (typeof call !== "function") continue;
    native[name] = (...values) => {
      count++;
      return call(...values);
    };
  }
  await candidate.ask(target, headers);
  Object.assign(native, before);
  return count;
}

/** What each case asks for, with eyot and without. */
async function questions(candidate) {
  const url = ISLAND_URL.exec((await candidate.ask("/islands", {})).text)?.[1];
  const { etag } = await candidate.ask("/shell", {});
  if (!url || !etag) throw new Error("the page has no placeholder, or the shell no ETag");
  return given.cases.map(({ name, path: plain }) => {
    if (name === "island") return { name, target: url.replaceAll("&amp;", "&"), headers: OWN_FETCH, plain };
    return { name, target: plain, headers: name === "unchanged" ? { "if-none-match": etag } : {}, plain };
  });
}

/** Stops where an app with eyot did not do the work. */
async function check(candidate, { name, target, headers }) {
  const { status, text } = await candidate.ask(target, headers);
  const hasIslands = ["islands", "shell", "stream"].includes(name);
  const isSplit = !text.includes("server:defer") && text.includes("/_server-islands/Row/") === hasIslands;
  if (status !== (name === "unchanged" ? 304 : 200) || !isSplit) throw new Error(`${name}: ${text.slice(0, 500)}`);
}

/** What core itself takes, without any host. */
function coreAlone() {
  const { Context, Islands, KeyRing, MARK, Policy } = require("./dist/index.js");
  const core = new Islands({ islands: ["Row"] }, KeyRing.parse(process.env.EYOT_KEYS));
  const policy = new Policy({ cdn: 600 });
  const page = Buffer.from(given.islands);
  const shell = core.split(page);
  const head = [
    ["content-type", HTML],
    [MARK, "1"],
  ];
  const host = { context: () => new Context(), tell: () => {} };
  const judged = () => {
    const out = core.arrive("GET", "/shell", [["host", "localhost"]], { policy }).exchange.out(host);
    out.step(200, head, "whole");
    return out.whole(200, head, shell);
  };
  return { "split of five islands": () => core.split(page), "hash and guard": judged };
}

function timing(call) {
  return (repeats) => {
    const start = performance.now();
    for (let turn = 0; turn < repeats; turn++) call();
    return (performance.now() - start) / repeats;
  };
}

/** Times all in turns until the time is over; the fastest round of each counts. */
async function fastest(timers) {
  // What is compiled on the way is compiled before the rounds are counted.
  for (let turn = 0; turn < 3; turn++) for (const { timer } of timers) await timer(200);
  for (const one of timers) {
    one.repeats = Math.max(1, Math.floor(ROUND_MS / (await one.timer(20))));
    one.best = Number.POSITIVE_INFINITY;
  }
  const end = performance.now() + given.seconds * 1000;
  while (performance.now() < end) for (const one of timers) one.best = Math.min(one.best, await one.timer(one.repeats));
}

async function main() {
  const build = { "node-http": nodeHttp, express, fastify, hono, web }[host];
  const ways = { without: [false, false], with: [true, false], without_layer: [false, true], with_layer: [true, true] };
  const made = {};
  for (const [way, [withEyot, withLayer]] of Object.entries(ways)) made[way] = await build(withEyot, withLayer);
  const timers = Object.entries(coreAlone()).map(([name, call]) => ({ core: name, timer: timing(call) }));
  const cases = {};
  for (const asked of await questions(made.with)) {
    const { name, target, headers, plain } = asked;
    await check(made.with, asked);
    await check(made.with_layer, asked);
    cases[name] = { crossings: await crossings(made.with, target, headers) };
    for (const [way, candidate] of Object.entries(made)) {
      const [at, sent] = ways[way][0] ? [target, headers] : [plain, {}];
      timers.push({ name, way, timer: (repeats) => candidate.time(at, sent, repeats) });
    }
  }
  await fastest(timers);
  const core = {};
  for (const { core: title, name, way, best } of timers) {
    if (title) core[title] = best / 1000;
    else cases[name][way] = best / 1000;
  }
  console.log(JSON.stringify({ cases, core }));
}

await main();
