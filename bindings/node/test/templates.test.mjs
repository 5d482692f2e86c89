// Template helpers at work: EJS, Pug, Handlebars, Eta and React, each on an Express app.

import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";

import { Eta } from "eta";
import express from "express";
import { html, islands } from "eyot/express";
import { registerHelpers } from "eyot/handlebars";
import { Island, IslandsProvider } from "eyot/react";
import { assemble } from "eyot/test";
import Handlebars from "handlebars";
import pug from "pug";
import { createElement as h } from "react";
import { renderToPipeableStream, renderToStaticMarkup } from "react-dom/server";
import request from "supertest";
import { ask, KEYS, log, serve } from "./support.mjs";

const SKU = `a"b<c>&'d`;

function make(render, more) {
  const app = express();
  const isl = islands({ keys: KEYS, logger: log(), debug: false });
  app.use(isl.outer());
  isl.island("CartRow", (req) => html`<td>${req.island.props.sku}</td>`);
  app.use(isl.inner());
  more?.(app);
  app.get("/", render);
  return app;
}

/** The page with its islands: the prop has come through template, placeholder, token and handler as it was. */
async function whole(app) {
  const agent = request.agent(app);
  const response = await agent.get("/").expect(200);
  return { shell: response.text, page: await assemble(agent, response) };
}

const ROW = "<td>a&quot;b&lt;c&gt;&amp;&#39;d</td>";

describe("attributes that a template escapes", () => {
  it("are told of while debugging, by their island's name", async () => {
    const escaped = (text) => String(text).replace(/[&"]/g, (found) => `&#${found.charCodeAt(0)};`);
    const lines = log();
    const app = express();
    const isl = islands({ keys: KEYS, logger: lines, debug: true }).island("CartRow", () => "x");
    app.use(isl.outer()).use(isl.inner());
    app.get("/", (req, res) => {
      const attributes = isl.helpers(req).islandAttrs("CartRow");
      res.send(`<!doctype html><p ${req.query.raw ? attributes : escaped(attributes)}>…</p>`);
    });
    await request(app).get("/?raw=1").expect(200);
    assert.doesNotMatch(lines.lines.join(), /escapes/);
    await request(app).get("/").expect(200);
    assert.match(lines.lines.join("\n"), /^warn \/: CartRow: the template escapes the attributes .*<%- in EJS/m);
  });
});

describe("a row of a table, by its attributes", () => {
  const views = mkdtempSync(join(tmpdir(), "eyot-"));
  const file = (name, source) => writeFileSync(join(views, name), source);
  const rows = {
    EJS: () => {
      file("row.ejs", `<table><tr <%- islandAttrs("CartRow", { sku }, { when: "visible" }) %>><td>…</td></tr></table>`);
      return make(
        (_, res) => res.render("row", { sku: SKU }),
        (app) => app.set("views", views).set("view engine", "ejs"),
      );
    },
    Pug: () => {
      const template = pug.compile(
        `table\n  tr(class="x")&attributes(islandAttrs("CartRow", { sku }, { when: "visible" }))\n    td …`,
      );
      return make((_, res) => res.send(template({ ...res.locals, sku: SKU })));
    },
    Handlebars: () => {
      const engine = Handlebars.create();
      registerHelpers(engine);
      const template = engine.compile(
        `<table><tr {{islandAttrs "CartRow" sku=sku options=options}}><td>…</td></tr></table>`,
      );
      return make((_, res) =>
        res.send(
          template({ ...res.locals, sku: SKU, options: { when: "visible" } }, { allowProtoPropertiesByDefault: true }),
        ),
      );
    },
    Eta: () => {
      const eta = new Eta();
      const source = `<table><tr <%~ it.islandAttrs("CartRow", { sku: it.sku }, { when: "visible" }) %>><td>…</td></tr></table>`;
      return make((_, res) => res.send(eta.renderString(source, { ...res.locals, sku: SKU })));
    },
    JSX: () =>
      make((_, res) => {
        const attributes = res.locals.islandAttrs("CartRow", { sku: SKU }, { when: "visible" });
        res.send(
          renderToStaticMarkup(h("table", null, h("tbody", null, h("tr", { ...attributes }, h("td", null, "…"))))),
        );
      }),
  };
  for (const [engine, row] of Object.entries(rows)) {
    it(`in ${engine}`, async () => {
      const { shell, page } = await whole(row());
      assert.match(
        shell,
        /<tr( class="x")? island="CartRow" island-src="[^"]+" island-when="visible"( class="x")?><td>…<\/td><\/tr>/,
      );
      assert.ok(page.includes(ROW), page);
      assert.equal(shell.split("loader.v1.js").length, 2, shell);
      assert.doesNotMatch(shell, /server:/);
    });
  }
});

describe("a placeholder with its fallback", () => {
  it("by Handlebars' block", async () => {
    const engine = Handlebars.create();
    registerHelpers(engine);
    const template = engine.compile(`{{islandLoader}}{{#island "CartRow" sku=sku}}<i>{{sku}}</i>{{/island}}`);
    const { shell, page } = await whole(make((_, res) => res.send(template({ ...res.locals, sku: SKU }))));
    assert.match(shell, /loader\.v1\.js.*<server-island island="CartRow" island-src="[^"]+"><i>a&quot;b&lt;/);
    assert.ok(page.includes(ROW), page);
  });

  it("is refused by Handlebars without a request's helpers", () => {
    const engine = Handlebars.create();
    registerHelpers(engine);
    assert.throws(() => engine.compile(`{{islandAttrs "CartRow"}}`)({}), { code: "context" });
  });
});

describe("React", () => {
  const App = ({ locals }) =>
    h(
      IslandsProvider,
      { value: locals },
      h(
        "main",
        null,
        h(
          Island,
          { name: "CartRow", props: { sku: SKU }, when: "idle", error: h("b", null, "failed") },
          h("i", null, "fallback"),
        ),
      ),
    );

  it("streams islands by renderToPipeableStream, as placeholders that hydration leaves alone", async () => {
    const app = make((_, res) => {
      const { pipe } = renderToPipeableStream(h(App, { locals: res.locals }), {
        onShellReady() {
          res.type("html");
          pipe(res);
        },
      });
    });
    const { shell, page } = await whole(app);
    assert.match(
      shell,
      /<server-island island="CartRow" island-src="[^"]+" island-when="idle" island-keep=""><i>fallback<\/i><template island-slot="error"><b>failed<\/b><\/template><\/server-island>/,
    );
    assert.match(page, /<server-island [^>]*><td>/);
    assert.match(shell, /<main><link rel="stylesheet" href="[^"]+"><script async src="[^"]+"><\/script><server-island/);
    assert.doesNotMatch(shell, /server:/);
  });

  it("streams directives in its markup, whatever chunks it makes of them", async () => {
    const row = h(
      "tr",
      { "server:defer": "CartRow", "server:props": JSON.stringify({ sku: SKU }) },
      h("td", { slot: "fallback" }, "…"),
    );
    const filler = Array.from({ length: 400 }, (_, key) => h("p", { key }, "filler ".repeat(20)));
    const app = make((_, res) => {
      const { pipe } = renderToPipeableStream(h("div", null, filler, h("table", null, h("tbody", null, row))), {
        onAllReady() {
          res.type("html");
          pipe(res);
        },
      });
    });
    const { text, chunks } = await ask(await serve(app), "/");
    assert.ok(chunks.length > 1);
    assert.match(text, /<tr island="CartRow" island-src="[^"]+"><td>…<\/td><\/tr>/);
    assert.doesNotMatch(text, /server:/);
  });

  it("says what is missing around an island on the server, and leaves it alone in the browser", () => {
    assert.throws(() => renderToStaticMarkup(h(Island, { name: "CartRow" })), /no IslandsProvider/);
    globalThis.document = {};
    try {
      assert.equal(renderToStaticMarkup(h(Island, { name: "CartRow" })), "<server-island></server-island>");
    } finally {
      delete globalThis.document;
    }
  });
});
