// The probe of `eyot/web`: (Request) => Response; served by @hono/node-server, or by a bridge of its own that calls the
// app in process and waits for whole answers.

import { createServer } from "node:http";
import { serve } from "@hono/node-server";
import { islands } from "eyot/web";
import * as probe from "./probe.mjs";
import { factsOf, respond } from "./web_answers.mjs";
import { stacked, withSession } from "./web_layers.mjs";

const { stack } = probe;
const isl = islands(probe.options(probe.below()));
for (const [name, says] of Object.entries(probe.islands)) {
  isl.island(name, probe.definition(says), (request, island) =>
    respond(says, factsOf(request, probe.factsOfIsland(island))),
  );
}
probe.mistaken((...given) => isl.island(...given));

const json = (text, type) => new Response(text, { headers: { "Content-Type": type } });

/** An app with islands of its own, below another path of the first one. */
function secondSet() {
  const own = islands(probe.options({ prefix: "/second/_server-islands" }));
  for (const [name, says] of Object.entries(probe.second.islands))
    own.island(name, (request, island) => respond(says, factsOf(request, probe.factsOfIsland(island))));
  const views = (request) => {
    const says = probe.second.routes[new URL(request.url).pathname.slice("/second".length)];
    return says ? respond(says, factsOf(request)) : new Response("nothing here", { status: 404 });
  };
  return own.fetch(views, probe.policies("/second", probe.second.routes));
}

const second = probe.second && secondSet();

async function app(request, argument) {
  if (second && new URL(request.url).pathname.startsWith("/second/")) return second(request);

  const path = new URL(request.url).pathname.slice(stack.mount.length);
  if (path === "/_events") return json(probe.events.taken(), "application/json");
  if (path === "/_live") return json(probe.events.live(), "text/plain");
  const says = probe.routes[path];
  if (!says) return new Response("nothing here", { status: 404 });
  const methods = says.methods ?? ["GET"];
  if (!methods.includes(request.method) && !(request.method === "HEAD" && methods.includes("GET")))
    return new Response("no such method", { status: 405, headers: { Allow: methods.join(", ") } });
  return respond(says, factsOf(request, { argument }));
}

let inside = stack.inner ? isl.inner(app) : app;
if (stack.session !== "outside") inside = withSession(inside);
inside = stacked(inside, stack.between);
const outer = stack.outer ? isl.outer(inside, probe.policies(stack.mount)) : inside;
const all = stacked(stack.session === "outside" ? withSession(outer) : outer, stack.around);
/** As runtimes do, it prints what its app rejects with. */
const fetch = async (...given) => {
  try {
    return await all(...given);
  } catch (error) {
    console.error(error);
    throw error;
  }
};

if (process.argv[2] === "in-process") createServer(bridge).listen(probe.port, "127.0.0.1");
else serve({ fetch, port: probe.port, hostname: "127.0.0.1" });

/** One request of Node's as one call of `fetch`, the answer whole. */
async function bridge(req, res) {
  const url = new URL(req.url.startsWith("/") ? `http://${req.headers.host}${req.url}` : req.url);
  const init = { method: req.method, headers: req.headers };
  try {
    const body = [];
    for await (const chunk of req) body.push(chunk);
    if (!["GET", "HEAD"].includes(req.method)) init.body = Buffer.concat(body);
    const response = await fetch(new Request(url, init), { name: "what a runtime hands to its app" });
    const bytes = Buffer.from(await response.arrayBuffer());
    const isMeasured =
      response.headers.has("content-length") || req.method === "HEAD" || [204, 304].includes(response.status);
    if (!isMeasured) res.setHeader("Content-Length", bytes.length);
    for (const [name, value] of response.headers) res.appendHeader(name, value);
    res.writeHead(response.status);
    res.end(bytes);
  } catch {
    res.destroy();
  }
}
