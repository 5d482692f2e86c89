// What TypeScript makes of the package: compiled, never run. Wrong uses are marked, and an error if they pass.

import "eyot/jsx";
import { createServer } from "node:http";
import { createServer as createServer2 } from "node:http2";
import express from "express";
import { type EyotError, encodeProps, type Html, html, Islands, KeyRing, MarkupError, Policy } from "eyot";
import { type ExpressIslands, islands as expressIslands } from "eyot/express";
import { eyot } from "eyot/fastify";
import { registerHelpers } from "eyot/handlebars";
import { islands as honoIslands } from "eyot/hono";
import { islands as nodeIslands } from "eyot/node";
import { Island, IslandsProvider } from "eyot/react";
import { type Answer, ask, assemble, assertShell } from "eyot/test";
import { islands as webIslands } from "eyot/web";
import Fastify from "fastify";
import Handlebars from "handlebars";
import { Hono } from "hono";
import request from "supertest";
import { z } from "zod";

const Row = z.object({ sku: z.string(), qty: z.number() });

// -- Express ------------------------------------------------------------------------------------------------------------

const app = express();
const isl: ExpressIslands = expressIslands({
  deadline: "5s",
  audience: (req) => req.hostname,
  onEvent: (event) => void event.code,
});
app.use(isl.outer({ "/p/{sku}": { cdn: 600, swr: 60 } }));
const guard: express.RequestHandler = (_req, res, next) => (res.locals.user ? next() : res.redirect("/login"));
isl.island("CartRow", { props: Row }, guard, [guard], async (req, res) => {
  const quantity: number = req.island.props.qty;
  // @ts-expect-error there is no such prop
  req.island.props.nothing;
  res.render("row", { quantity, signal: req.island.signal });
});
isl.island("Plain", (req) => html`<b>${String(req.island.props.any)}</b>`);
isl.island("Own", { props: (props) => ({ size: Number(props.size) }) }, (req) => html`${req.island.props.size}`);
// @ts-expect-error a policy has a time for the CDN
isl.outer({ "/": { browser: 5 } });
// @ts-expect-error no such option
expressIslands({ prefx: "/x" });
app.use(isl.inner());
const page: Promise<string> = request(app)
  .get("/")
  .then((response) => assemble(request.agent(app), response));

// -- the others ---------------------------------------------------------------------------------------------------------

const fastify = Fastify();
void fastify.register(eyot, { policies: { "/": { cdn: 5 } } });
fastify.island("CartRow", { props: Row, preHandler: async () => {} }, (req) => html`${req.island.props.qty}`);
fastify.get("/", { config: { shell: { cdn: 60 } } }, async (_request, reply) => reply.type("text/html").send("x"));
// @ts-expect-error no handler
fastify.island("CartRow");

const hono = new Hono();
const honoIsl = honoIslands();
hono.use(honoIsl.outer()).use(honoIsl.inner());
honoIsl.island(
  "CartRow",
  { props: Row },
  async (c, next) => next(),
  (c) => c.html(`<b>${c.get("island").props.qty}</b>`),
);

const webIsl = webIslands({ debug: true });
webIsl.island("CartRow", { props: Row }, (_request, island) => html`${island.props.qty}`);
const serve: (request: Request) => Promise<Response> = webIsl.fetch(() => new Response("x"), { "/": { cdn: "10m" } });
interface Environment {
  readonly DB: string;
}
webIsl.island("Worker", (_request, _island, env: Environment) => html`${env.DB}`);
export const worker: (request: Request, env: Environment) => Promise<Response> = webIsl.fetch(
  (_request, env: Environment) => new Response(env.DB),
);
const whole: Promise<string> = serve(new Request("http://x/")).then((response) => assemble(serve, response));

const row: Promise<Answer> = ask(app, "CartRow", { sku: "x" }, { headers: { cookie: "a=b" } });
const isShell: Promise<void> = assertShell(new Response("x"));

const nodeIsl = nodeIslands();
nodeIsl.island("CartRow", { props: Row }, (req, res) => void res.end(String(req.island.props.qty)));
createServer(nodeIsl.listener((_req, res) => void res.end()));
createServer2(nodeIsl.listener((_req, res) => void res.end()));

registerHelpers(Handlebars);

// -- without a framework ------------------------------------------------------------------------------------------------

const ring = KeyRing.parse("x");
const islands = new Islands({ islands: ["A"], seal: "unlinkable" }, ring);
const bytes: Uint8Array = islands.split(new Uint8Array());
const text: string = islands.split("");
const placeholder: Html = islands.placeholder(
  "A",
  { a: 1 },
  { when: "idle", fallback: html`<i>`, slots: { default: "x" } },
);
const json: string = encodeProps({ at: new Date() });
const policy: Policy = new Policy({ cdn: 5 });
const line = (error: unknown): number | undefined => (error instanceof MarkupError ? error.line : undefined);
const code = (error: EyotError): string => error.code;
// @ts-expect-error core's own handles are nobody's business
islands.handle;
// @ts-expect-error an option's values are known
islands.placeholder("A", {}, { seal: "never" });

// -- React --------------------------------------------------------------------------------------------------------------

const tree = (locals: Record<string, unknown>) => (
  <IslandsProvider value={locals}>
    <Island name="Avatar" props={{ size: 40 }} when="idle" error={<b>failed</b>}>
      <i>Guest</i>
    </Island>
    <table>
      <tbody>
        <tr server:defer="CartRow" server:props={JSON.stringify({ sku: "x" })} />
      </tbody>
    </table>
  </IslandsProvider>
);

export { bytes, code, isShell, json, line, page, placeholder, policy, row, text, tree, whole };
