// What moves between pages: Turbo's visits and snapshots, htmx's history, prerendering, and a service worker. In Chromium
// and Firefox; Chromium alone renders pages ahead.

import assert from "node:assert/strict";
import { it } from "node:test";
import { quiet } from "./browser.js";
import { CHROMIUM, component, element, play, visit } from "./scenarios/run.js";
import { document as html, placeholder, Site } from "./server.js";

const TURBO = ["@hotwired/turbo/dist/turbo.es2017-umd.js"];
const HTMX = { htmx: ["htmx.org/dist/htmx.js"], htmx4: ["htmx4/dist/htmx.js"] };
const TAG = '<script async src="BASE/loader.v1.js"></script>';

/** Islands that are replaced, kept, and filled. */
const PERSONAL = `<p id="hi">Hi ${component("Avatar", "guest")}!</p>${component("Cart", "…", "island-keep")}${element("p", "Name")}`;

/** The same where the first one is kept too. */
const STAYING = PERSONAL.replace('Avatar/TOKEN" ', 'Avatar/TOKEN" island-keep');

/** What three islands answer, one after the other. @param {string[]} names */
function signed(...names) {
  return Object.fromEntries(["Avatar", "Cart", "Name"].map((island) => [island, names.map((name) => `<b>${name}</b>`)]));
}

/** @param {string} body */
const out = (body) => `<!DOCTYPE html><html><head><title>out</title>${TAG}</head><body>${body}</body></html>`;

play("Turbo", [
  {
    name: "loads the islands of a visit, and after Back shows nobody what was another's",
    libraries: TURBO,
    body: `${PERSONAL}<a href="out">out</a>`,
    islands: { ...signed("Ada", "stranger"), Footer: [{ body: "<em>footer</em>", headers: { "Cache-Control": "public" } }] },
    pages: { out: out(`${component("Footer")}<h1>out</h1>`) },
    async run(kit) {
      await kit.event("load", 3);
      kit.one("a").click();
      await kit.until(() => kit.one("h1") && kit.one("em"));
      const shown = /** @type {string[]} */ ([]);
      new MutationObserver(() => kit.one("#hi") && shown.push(document.body.textContent ?? "")).observe(document, {
        childList: true, subtree: true, characterData: true,
      });
      history.back();
      await kit.until(() => document.querySelectorAll("b").length == 3 && kit.text("#hi") == "Hi stranger!");
      return { names: kit.texts("b"), hasShownAda: shown.some((text) => text.includes("Ada")) };
    },
    expect: { names: ["stranger", "stranger", "stranger"], hasShownAda: false },
  },
  {
    name: "refreshes a page by morphing, and its islands are there again",
    libraries: TURBO,
    head: '<meta name="turbo-refresh-method" content="morph"><meta name="turbo-refresh-scroll" content="preserve">',
    body: `<h1>1</h1>${PERSONAL}`,
    again: `<h1>2</h1>${PERSONAL}`,
    islands: signed("Ada"),
    async run(kit) {
      await kit.event("load", 3);
      /** @type {any} */ (window).Turbo.session.refresh(location.href);
      await kit.until(() => kit.text("h1") == "2" && document.querySelectorAll("b").length == 3 && !kit.one("[aria-busy]"));
      return kit.texts("b");
    },
    expect: ["Ada", "Ada", "Ada"],
  },
]);

play("htmx", [
  {
    // It restores by parseHTMLUnsafe, which takes the comments away that a replaced island is known by.
    name: "loads the islands of a boosted visit, and after Back shows nobody what was another's in elements that stay",
    libraries: HTMX.htmx,
    body: `<div hx-boost="true">${STAYING}<a href="out">out</a></div>`,
    islands: signed("Ada", "stranger"),
    pages: { out: out("<h1>out</h1>") },
    async run(kit) {
      await kit.event("load", 3);
      kit.one("a").click();
      await kit.until(() => kit.one("h1"));
      history.back();
      await kit.until(() => document.querySelectorAll("b").length == 3 && !document.body.textContent?.includes("Ada"));
      return kit.texts("b");
    },
    expect: ["stranger", "stranger", "stranger"],
  },
  ...Object.entries(HTMX).map(([library, libraries]) => ({
    name: `loads islands that are swapped in, out of band too: ${library}`,
    libraries,
    body: '<main><button hx-get="part" hx-target="#box">load</button><div id="box"></div><div id="side"></div></main>',
    islands: signed("Ada"),
    pages: { part: `<em>part</em>${component("Avatar")}<div id="side" hx-swap-oob="true">${component("Cart")}</div>` },
    /** @param {any} kit */
    async run(kit) {
      kit.one("button").click();
      await kit.event("load", 2);
      return kit.texts("b");
    },
    expect: ["Ada", "Ada"],
  })),
]);

play("a page that is rendered ahead", [
  {
    name: "waits, where the browser says that it does so",
    head: `<script>Object.defineProperty(Document.prototype, "prerendering", { configurable: true, get: () => !window.shown });</script>`,
    body: component("Cart"),
    islands: { Cart: ["<b>3</b>"] },
    async run(kit) {
      await kit.pause(500);
      const before = await kit.asked();
      /** @type {any} */ (window).shown = true;
      document.dispatchEvent(new Event("prerenderingchange"));
      await kit.event("load");
      return { before, text: kit.text("b") };
    },
    expect: { before: [], text: "3" },
  },
]);

play("a service worker", [
  {
    name: "that passes requests on lets islands load, by GET and by POST",
    body: `${component("Avatar")}<server-island island="Big" island-src="BASE/Big" island-token="T"></server-island>`,
    islands: { Avatar: ["<b>Ada</b>"], "Big/": ["<b>big</b>"] },
    pages: {
      "sw.js": `addEventListener("fetch", (event) => event.respondWith(fetch(event.request)));
        addEventListener("activate", (event) => event.waitUntil(clients.claim()));`,
    },
    async run(kit) {
      await kit.event("load", 2);
      if (!navigator.serviceWorker.controller) {
        await navigator.serviceWorker.register("sw.js");
        await navigator.serviceWorker.ready;
        location.reload();
        return new Promise(() => {});
      }
      return kit.texts("b");
    },
    expect: ["Ada", "big"],
  },
]);

it("a page that Chromium renders ahead asks for its islands once it is shown", async (t) => {
  const site = await Site.open(t);
  let [cart, go, report] = ["0", (/** @type {unknown} */ _) => {}, (/** @type {string} */ _) => {}];
  const shown = new Promise((resolve) => (report = resolve));
  const rules = '<script type="speculationrules">{"prerender":[{"urls":["/cart"],"eagerness":"immediate"}]}</script>';
  const leave = '<script>fetch("/go").then(() => document.querySelector("a").click())</script>';
  const tell = `<script>
    fetch("/state?" + document.prerendering);
    document.addEventListener("island:load", () => fetch("/report", { method: "POST", body: document.body.innerText }));
  </script>`;
  site.at("/", html(`<a href="/cart">cart</a>${rules}${leave}`, "")).at("/go", { wait: new Promise((resolve) => (go = resolve)) });
  site.island("Cart", () => `<b>${cart}</b>`).at("/cart", html(placeholder("Cart") + tell)).at("/state?true", "");
  site.at("/report", () => (report(site.log.at(-1)?.body ?? ""), ""));
  const end = visit(CHROMIUM, site.origin);
  t.after(end);
  const has = (/** @type {string} */ end) => site.log.some(({ path }) => path.endsWith(end));
  for (const until = Date.now() + 20000; Date.now() < until && !(has("/state?true") && has("loader.more.v1.js")); ) await quiet(50);
  assert.ok(has("/state?true"), "the browser did not render the page ahead");
  await quiet(500);
  assert.deepEqual(site.asked, []);
  cart = "3";
  go(undefined);
  assert.equal(await shown, "3");
  assert.deepEqual(site.asked, ["Cart/TOKEN"]);
  assert.equal(site.log.filter(({ path }) => path == "/cart").length, 1);
});
