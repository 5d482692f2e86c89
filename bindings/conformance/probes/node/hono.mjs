// The probe in Hono: both stations and the session as its middleware.

import { serve } from "@hono/node-server";
import { islands } from "eyot/hono";
import { Hono } from "hono";
import * as probe from "./probe.mjs";
import { factsOf, respond } from "./web_answers.mjs";
import { layers, load, save } from "./web_layers.mjs";

const { stack } = probe;
const isl = islands(probe.options(probe.below()));
const app = new Hono();

/** A layer of the web's as middleware. */
const layered = (name) => async (c, next) => {
  const inside = async () => {
    await next();
    if (c.error) throw c.error;
    return c.res;
  };
  const answered = await layers[name](inside)(c.req.raw);
  c.res = undefined;
  c.res = answered;
};
const session = async (c, next) => {
  const held = load(c.req.raw);
  c.set("session", held.values);
  await next();
  const saved = save(held, c.res);
  if (saved !== c.res) {
    c.res = undefined;
    c.res = saved;
  }
};

for (const name of stack.around) app.use(layered(name));
if (stack.session === "outside") app.use(session);
if (stack.outer) app.use(isl.outer(probe.policies(stack.mount)));
for (const name of stack.between) app.use(layered(name));
if (stack.session !== "outside") app.use(session);
if (stack.inner) app.use(isl.inner());

const view = (says) => (c) => respond(says, { ...factsOf(c.req.raw, { argument: c.env }), session: c.get("session") });
for (const [name, says] of Object.entries(probe.islands)) {
  isl.island(name, probe.definition(says), (c) =>
    respond(says, { ...factsOf(c.req.raw, probe.factsOfIsland(c.get("island"))), session: c.get("session") }),
  );
}
probe.mistaken((...given) => isl.island(...given));
if (probe.second) {
  const own = islands(probe.options({ prefix: "/second/_server-islands" }));
  const answer = (says) => (c) =>
    respond(says, { ...factsOf(c.req.raw, probe.factsOfIsland(c.get("island") ?? {})), session: c.get("session") });
  for (const [name, says] of Object.entries(probe.second.islands)) own.island(name, answer(says));
  app.use("/second/*", own.outer(probe.policies("/second", probe.second.routes)), own.inner());
  for (const [path, says] of Object.entries(probe.second.routes)) app.get(`/second${path}`, answer(says));
}
for (const [path, says] of Object.entries(probe.routes)) {
  for (const method of says.methods ?? ["GET"]) app.on(method, stack.mount + path, view(says));
}
app.get(`${stack.mount}/_events`, (c) => c.body(probe.events.taken(), 200, { "Content-Type": "application/json" }));
app.get(`${stack.mount}/_live`, (c) => c.text(probe.events.live()));
app.onError((error, c) => {
  console.error(error);
  return c.text("failed", error.status ?? 500);
});
serve({ fetch: app.fetch, port: probe.port, hostname: "127.0.0.1" });
