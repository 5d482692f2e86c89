// The probe in Express 5; `express4` in the environment makes it Express 4.

import { pipeline, Readable } from "node:stream";
import session from "express-session";
import { islands } from "eyot/express";
import { errorPage, layers, looks, recover } from "./connect_layers.mjs";
import * as probe from "./probe.mjs";

const { default: express } = await import(process.argv[2] === "4" ? "express4" : "express");
const { stack } = probe;
const isl = islands(probe.options());
const app = express();
app.disable("x-powered-by");
if (stack.debug) app.set("env", "development");
else app.set("env", "production");

const sessions = session({ secret: probe.SECRET, resave: false, saveUninitialized: false });
app.use(looks);
if (stack.session === "outside") app.use(sessions);
if (stack.outer) app.use(isl.outer(probe.policies()));
for (const name of stack.between) if (layers[name]) app.use(layers[name]);
if (stack.session !== "outside") app.use(sessions);
if (stack.inner) app.use(isl.inner());

const factsOf = (req, more) => {
  const url = new URL(req.url, "http://probe");
  const { method, headers, session } = req;
  const views = () => probe.viewsOf(req);
  return { method, path: url.pathname, query: url.search.slice(1), headers, session, views, ...more };
};

async function send(says, res, facts) {
  if (says.nothing) return undefined;
  const answer = await probe.said(says, facts);
  for (const [name, value] of answer.headers) res[probe.isRepeated(name) ? "append" : "set"](name, value);
  if (answer.file) return res.sendFile(probe.fileOf(answer));
  if (answer.write_head) return void res.writeHead(answer.status, null, answer.write_head).end(answer.text);
  res.status(answer.status);
  if (answer.json !== undefined) return res.json(answer.json);
  if (answer.redirect) return res.redirect(answer.status === 200 ? 302 : answer.status, answer.redirect);
  res.set("Content-Type", answer.type);
  if (!answer.pieces) return res.send(answer.bytes ?? answer.text ?? "");
  if (answer.length) res.set("Content-Length", probe.lengthOf(answer));
  pipeline(Readable.from(probe.streamed(answer)), res, () => {});
}

const view = (says) => (req, res, next) => send(says, res, factsOf(req)).catch(next);

for (const [name, says] of Object.entries(probe.islands)) {
  isl.island(name, probe.definition(says), (req, res, next) => {
    const answered = send(says, res, factsOf(req, probe.factsOfIsland(req.island)));
    if (says.nothing) return answered;
    answered.catch(next);
  });
}
probe.mistaken((...given) => isl.island(...given));
if (probe.second) {
  const own = islands(probe.options());
  for (const [name, says] of Object.entries(probe.second.islands))
    own.island(
      name,
      (req, res, next) => void send(says, res, factsOf(req, probe.factsOfIsland(req.island))).catch(next),
    );
  const views = express.Router();
  for (const [path, says] of Object.entries(probe.second.routes)) views.get(path, view(says));
  app.use("/second", own.outer(probe.policies("", probe.second.routes)), own.inner(), views);
}
for (const [path, says] of Object.entries(probe.routes)) {
  for (const method of says.methods ?? ["GET"]) app[method.toLowerCase()](path, view(says));
}
app.get("/_events", (_req, res) => res.type("json").end(probe.events.taken()));
app.get("/_live", (_req, res) => res.type("text").end(probe.events.live()));
if (stack.between.includes("error page")) app.use(errorPage);
if (stack.between.includes("recover")) app.use(recover);

const outside = express();
outside.disable("x-powered-by");
outside.set("env", "production");
for (const name of stack.around) outside.use(layers[name]);
outside.use(stack.mount || "/", app);
outside.listen(probe.port, "127.0.0.1");
