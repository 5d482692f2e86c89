// The probe in Fastify: the plugin, islands as routes, layers as hooks, layers around as Node's own.

import { createServer } from "node:http";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import cookie from "@fastify/cookie";
import session from "@fastify/session";
import staticFiles from "@fastify/static";
import view from "@fastify/view";
import ejs from "ejs";
import { eyot } from "eyot/fastify";
import fastify from "fastify";
import { layers as around, looks } from "./connect_layers.mjs";
import * as probe from "./probe.mjs";

const { stack } = probe;
const http2 = process.argv[2] === "h2";
const serverFactory = (handler) =>
  createServer((req, res) => {
    const chain = [looks, ...stack.around.map((name) => around[name])];
    const run = (place) => () => (place === chain.length ? handler(req, res) : chain[place](req, res, run(place + 1)));
    run(0)();
  });
// A strict schema refuses what it does not know, instead of taking it off.
const ajv = { customOptions: { removeAdditional: false } };
const app = fastify(http2 ? { http2: true, ajv } : { serverFactory, ajv });
app.addContentTypeParser("application/x-www-form-urlencoded", (_request, _payload, done) => done(null));

const sessions = async () => {
  await app.register(cookie);
  await app.register(session, { secret: probe.SECRET, cookie: { secure: false }, saveUninitialized: false });
};
const text = (payload) =>
  typeof payload === "string" ? payload : Buffer.isBuffer(payload) ? payload.toString() : undefined;
const kept = new Map();
const between = {
  csp: () =>
    app.addHook("onRequest", async (_request, reply) => void reply.header("Content-Security-Policy", probe.CSP)),
  language: () =>
    app.addHook("onRequest", async (request, reply) => {
      if (request.headers["probe-language"]) return reply.redirect(`/en${request.url}`, 302);
    }),
  limiter: () =>
    app.addHook("onRequest", async (request, reply) => {
      if (request.headers["probe-limit"]) return reply.code(429).type(probe.HTML).send(probe.layout);
    }),
  "error page": () =>
    app.setErrorHandler((_error, _request, reply) => reply.code(500).type(probe.HTML).send(probe.layout)),
  recover: () => app.setErrorHandler((_error, _request, reply) => reply.code(500).type(probe.HTML).send("recovered")),
  gzip: () =>
    app.addHook("onSend", async (request, reply, payload) => {
      const isText = String(reply.getHeader("content-type")).startsWith("text/");
      if (!isText || text(payload) === undefined || !request.headers["accept-encoding"]?.includes("gzip"))
        return payload;
      reply.header("Content-Encoding", "gzip").header("Vary", "Accept-Encoding").removeHeader("Content-Length");
      return gzipSync(payload);
    }),
  toolbar: () =>
    app.addHook("onSend", async (_request, reply, payload) => {
      if (text(payload) === undefined) return payload;
      reply.removeHeader("Content-Length");
      return text(payload).replace("</body>", "<p>toolbar</p></body>");
    }),
  cache: () => {
    app.addHook("onRequest", async (request, reply) => {
      const found = kept.get(request.url);
      if (found) return reply.code(found.status).headers(found.headers).send(found.payload);
    });
    app.addHook("onSend", async (request, reply, payload) => {
      if (
        request.method === "GET" &&
        !request.url.includes("/_") &&
        text(payload) !== undefined &&
        !kept.has(request.url)
      )
        kept.set(request.url, { status: reply.statusCode, headers: { ...reply.getHeaders() }, payload });
      return payload;
    });
  },
  timeout: () =>
    app.addHook("onRequest", async (_request, reply) => {
      const timer = setTimeout(() => reply.sent || reply.code(503).type(probe.HTML).send(probe.layout), 400);
      reply.raw.once("close", () => clearTimeout(timer));
    }),
};

const views = () => app.register(view, { engine: { ejs } });
if (stack.view !== "last") await views();
if (stack.session === "outside") await sessions();
if (stack.eyot) await app.register(eyot, { ...probe.options(probe.below()), policies: probe.description.patterns });
for (const name of stack.between) between[name]();
if (stack.view === "last") await views();
if (stack.session !== "outside") await sessions();
await app.register(staticFiles, { root: probe.description.files, serve: false });

const factsOf = (request, more) => {
  const url = new URL(request.url, "http://probe");
  const path = url.pathname.slice(stack.mount.length);
  const { method, headers, session } = request;
  const views = () => probe.viewsOf(request.raw);
  return { method, path, query: url.search.slice(1), headers: { ...headers }, session, views, ...more };
};

async function send(says, reply, facts) {
  if (says.nothing) return undefined;
  const answer = await probe.said(says, facts);
  for (const [name, value] of answer.headers) reply.header(name, value);
  if (answer.ejs) return reply.view({ raw: answer.ejs });
  if (answer.write_head) {
    reply.hijack();
    return void reply.raw.writeHead(answer.status, null, answer.write_head).end(answer.text);
  }
  if (answer.file) return reply.sendFile(answer.file);
  if (answer.json !== undefined) return reply.code(answer.status).send(answer.json);
  if (answer.redirect) return reply.redirect(answer.redirect, answer.status === 200 ? 302 : answer.status);
  reply.code(answer.status).type(answer.type);
  if (!answer.pieces) return reply.send(answer.bytes ?? answer.text ?? "");
  if (answer.length) reply.header("Content-Length", probe.lengthOf(answer));
  return reply.send(Readable.from(probe.streamed(answer)));
}

for (const [name, says] of Object.entries(stack.eyot ? probe.islands : {})) {
  const register = (where) =>
    where.island(name, probe.definition(says), (request, reply) =>
      send(says, reply, factsOf(request, probe.factsOfIsland(request.island))),
    );
  if (says.plugin) await app.register(async (inside) => void register(inside), { prefix: says.plugin });
  else register(app);
}
if (stack.eyot) probe.mistaken((...given) => app.island(...given));
for (const [path, says] of Object.entries(probe.routes)) {
  const config = says.policy ? { shell: says.policy } : {};
  const handler = (request, reply) => send(says, reply, factsOf(request));
  app.route({
    method: says.methods ?? ["GET"],
    url: stack.mount + path,
    config,
    handler,
    ...(says.strict_query
      ? { schema: { querystring: { type: "object", properties: {}, additionalProperties: false } } }
      : {}),
    exposeHeadRoute: !says.methods,
  });
}
app.get(`${stack.mount}/_events`, (_request, reply) => reply.type("application/json").send(probe.events.taken()));
app.get(`${stack.mount}/_live`, (_request, reply) => reply.type("text/plain").send(probe.events.live()));
await app.listen({ port: probe.port, host: "127.0.0.1" });
