// The pages of astro/ in Express: rendered and split for each request, without a policy. EYOT_OPTIONS holds options.

import express from "express";

import { html, islands } from "../dist/express.mjs";

const isl = islands(JSON.parse(process.env.EYOT_OPTIONS ?? "{}"));
const app = express();
app.use(isl.outer());
isl.island("Row", (req) => {
  const { sku, place } = req.island.props;
  const who = /who=(\w+)/.exec(req.headers.cookie ?? "")?.[1] ?? "nobody";
  return html`<b>${sku} ${place} for ${who}</b>`;
});
app.use(isl.inner());

const row = (place) =>
  `<p>Row ${place}: <Row server:defer server:props='{"sku":"lantern","place":${place}}'><i slot="fallback">…</i></Row></p>`;
app.get("/p:count", (req, res) => {
  const rows = Array.from({ length: Number(req.params.count) }, (_, place) => row(place));
  res
    .type("html")
    .send(
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>rows</title></head><body><h1>Rows</h1>${rows.join("")}</body></html>`,
    );
});
const server = app.listen(Number(process.env.PORT), "127.0.0.1");
process.once("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
});
