// The probe on Node's own servers, `node:http` or, with the argument `h2`, `node:http2`; no framework.

import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createHttp2 } from "node:http2";
import { pipeline, Readable } from "node:stream";
import { islands } from "eyot/node";
import { errorPage, layers, looks, recover, session as sessions } from "./connect_layers.mjs";
import * as probe from "./probe.mjs";

const { stack } = probe;
const isl = islands(probe.options(probe.below()));

const chain = [looks];
for (const name of stack.around) chain.push(layers[name]);
if (stack.session === "outside") chain.push(sessions);
if (stack.outer) chain.push(isl.outer(probe.policies(stack.mount)));
for (const name of stack.between) if (layers[name]) chain.push(layers[name]);
if (stack.session !== "outside") chain.push(sessions);
if (stack.inner) chain.push(isl.inner());

const factsOf = (req, more) => {
  const url = new URL(req.url, "http://probe");
  const path = url.pathname.startsWith(stack.mount) ? url.pathname.slice(stack.mount.length) : url.pathname;
  const { method, headers, session } = req;
  const views = () => probe.viewsOf(req);
  return { method, path, query: url.search.slice(1), headers: { ...headers }, session, views, ...more };
};

async function send(says, res, facts) {
  if (says.nothing) return undefined;
  const answer = await probe.said(says, facts);
  for (const [name, value] of answer.headers) res[probe.isRepeated(name) ? "appendHeader" : "setHeader"](name, value);
  if (answer.file) return sendFile(res, probe.fileOf(answer));
  if (answer.write_head) {
    res.writeHead(answer.status, null, answer.write_head);
    return void res.end(answer.text);
  }
  res.statusCode = answer.status;
  if (answer.json !== undefined) {
    res.setHeader("Content-Type", "application/json");
    return void res.end(JSON.stringify(answer.json));
  }
  if (answer.redirect) {
    res.writeHead(answer.status === 200 ? 302 : answer.status, { Location: answer.redirect });
    return void res.end();
  }
  res.setHeader("Content-Type", answer.type);
  if (!answer.pieces) {
    const bytes = Buffer.from(answer.bytes ?? answer.text ?? "");
    res.setHeader("Content-Length", bytes.length);
    return void res.end(bytes);
  }
  if (answer.length) res.setHeader("Content-Length", probe.lengthOf(answer));
  pipeline(Readable.from(probe.streamed(answer)), res, () => {});
}

function sendFile(res, path) {
  const { size, mtime } = statSync(path);
  const type = path.endsWith(".html") ? probe.HTML : "text/plain; charset=utf-8";
  res.writeHead(200, { "Content-Type": type, "Content-Length": size, "Last-Modified": mtime.toUTCString() });
  createReadStream(path).pipe(res);
}

for (const [name, says] of Object.entries(probe.islands)) {
  isl.island(name, probe.definition(says), (req, res, next) => {
    const answered = send(says, res, factsOf(req, probe.factsOfIsland(req.island)));
    return says.nothing ? answered : void answered.catch(next);
  });
}

probe.mistaken((...given) => isl.island(...given));

if (probe.second) {
  const own = islands(probe.options({ prefix: "/second/_server-islands" }));
  for (const [name, says] of Object.entries(probe.second.islands))
    own.island(
      name,
      (req, res, next) => void send(says, res, factsOf(req, probe.factsOfIsland(req.island))).catch(next),
    );
  const isBelow = (req) => req.url.startsWith("/second/");
  for (const layer of [own.outer(probe.policies("/second", probe.second.routes)), own.inner()])
    chain.push((req, res, next) => (isBelow(req) ? layer(req, res, next) : next()));
  for (const [path, says] of Object.entries(probe.second.routes)) probe.routes[`/second${path}`] = says;
}

function text(res, body, type) {
  res.writeHead(200, { "Content-Type": type });
  res.end(body);
}

function app(req, res, next) {
  const { path } = factsOf(req);
  if (path === "/_events") return text(res, probe.events.taken(), "application/json");
  if (path === "/_live") return text(res, probe.events.live(), "text/plain");
  const says = probe.routes[path];
  const methods = says?.methods ?? ["GET"];
  const isAllowed = methods.includes(req.method) || (req.method === "HEAD" && methods.includes("GET"));
  if (!says || !isAllowed) {
    res.writeHead(says ? 405 : 404, { "Content-Type": "text/plain" });
    return res.end("nothing here");
  }
  send(says, res, factsOf(req)).catch(next);
}

/** Runs the layers one after the other; what fails goes to the error layers, as connect has it. */
function listener(req, res) {
  const failed = (error) => {
    if (stack.between.includes("error page")) return errorPage(error, req, res, () => res.destroy());
    if (stack.between.includes("recover")) return recover(error, req, res);
    console.error(error);
    if (res.headersSent) return res.destroy();
    res.writeHead(error.status ?? 500, { "Content-Type": "text/plain" });
    return res.end("failed");
  };
  const run = (place) => (error) => {
    if (error) return failed(error);
    if (place === chain.length) return app(req, res, failed);
    try {
      return chain[place](req, res, run(place + 1));
    } catch (thrown) {
      return failed(thrown);
    }
  };
  run(0)();
}

(process.argv[2] === "h2" ? createHttp2 : createServer)(listener).listen(probe.port, "127.0.0.1");
