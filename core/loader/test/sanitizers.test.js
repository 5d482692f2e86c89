// HTML of users as sanitisers let it pass, with their defaults: nothing is asked for, nothing comes again, nothing moves.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, it } from "node:test";
import sanitizeHtml from "sanitize-html";
import { openPage, quiet } from "./browser.js";
import { Site, TAG } from "./server.js";

const require = createRequire(import.meta.url);

/**
 * What an attacker may write where users write HTML: placeholders in every shape, and what could make something of them.
 * The tests of Python's sanitisers read the same file.
 * @type {string[]}
 */
const PAYLOADS = require("./payloads.json");

/** @type {Record<string, (html: string) => Promise<string> | string>} */
const SERVERS = {
  "sanitize-html": (html) => sanitizeHtml(html),
  xss: (html) => require("xss")(html),
  insane: (html) => require("insane")(html),
  rehype: async (html) => {
    const [{ unified }, { default: parse }, { default: sanitize }, { default: stringify }] = await Promise.all(
      ["unified", "rehype-parse", "rehype-sanitize", "rehype-stringify"].map((name) => import(name)),
    );
    return String(await unified().use(parse, { fragment: true }).use(sanitize).use(stringify).process(html));
  },
};

/**
 * A page that shows all payloads, each in a box of its own, and what became of them.
 * @param {any} t
 * @param {string} boxes
 * @param {string} [head]
 */
async function shown(t, boxes, head = "") {
  const [site, page] = [await Site.open(t), await openPage(t)];
  site.island("CsrfField", '<input name="csrf" value="secret">').at("/account", "account").page(boxes, {}, head + TAG);
  /** @type {string[]} */
  const left = [];
  page.on("request", (request) => left.push(request.url()));
  await page.goto(site.origin, { waitUntil: "load" });
  await page.mouse.move(50, 50);
  await page.mouse.move(90, 90);
  // The loader has started, and an interval of a second has come round.
  await page.waitForFunction(() => typeof window.eyot?.scan == "function");
  await quiet(1300);
  assert.deepEqual(site.asked, []);
  assert.deepEqual(left.filter((url) => !url.startsWith(site.origin)), []);
  assert.equal(page.url(), `${site.origin}/`);
  assert.equal(await page.locator("[name=csrf], [aria-busy], [island-loaded]").count(), 0);
  return page;
}

/** @param {string[]} payloads */
const boxes = (payloads) => payloads.map((html) => `<div class="review">${html}</div>`).join("");

describe("the HTML of users", { concurrency: 2 }, () => {
  it("is tried in a hundred ways at least", () => assert.ok(new Set(PAYLOADS).size >= 100, String(PAYLOADS.length)));

  for (const [name, sanitize] of Object.entries(SERVERS)) {
    it(`does nothing as ${name} lets it pass`, async (t) => {
      const clean = await Promise.all(PAYLOADS.map(sanitize));
      const page = await shown(t, boxes(clean));
      assert.equal(await page.locator("[island], server-island").count(), 0);
    });
  }

  const options = {
    "its defaults": "undefined",
    "HTML alone": "{ USE_PROFILES: { html: true } }",
    "svg and MathML": "{ USE_PROFILES: { html: true, svg: true, mathMl: true } }",
    "forms from elsewhere and links that open windows": '{ ADD_ATTR: ["target"], ADD_TAGS: ["form"] }',
    "no data attributes": "{ ALLOW_DATA_ATTR: false }",
    "no check of names": "{ SANITIZE_DOM: false }",
  };
  for (const [name, given] of Object.entries(options)) {
    it(`does nothing as DOMPurify lets it pass with ${name}`, async (t) => {
      const purify = readFileSync(require.resolve("dompurify/dist/purify.min.js"), "utf8");
      const page = await shown(
        t,
        "",
        `<script>${purify.replaceAll("</", "<\\/")}</script><script>addEventListener("DOMContentLoaded", () => {
          window.clean = ${JSON.stringify(PAYLOADS).replaceAll("<", "\\u003c")}.map((html) => DOMPurify.sanitize(html, ${given}));
          for (const html of clean) document.body.insertAdjacentHTML("beforeend", "<div class=review>" + html + "</div>");
        })</script>`,
      );
      assert.equal(await page.locator(".review").count(), PAYLOADS.length);
      assert.equal(await page.locator("[island], server-island").count(), 0);
    });
  }

  it("does nothing as the browser's own setHTML lets it pass", async (t) => {
    const page = await shown(
      t,
      "",
      `<script>addEventListener("DOMContentLoaded", () => {
        for (const html of ${JSON.stringify(PAYLOADS).replaceAll("<", "\\u003c")}) {
          const box = document.createElement("div");
          document.body.append(box);
          box.setHTML?.(html);
        }
      })</script>`,
    );
    assert.equal(await page.locator("[island], server-island").count(), 0);
  });
});
