// What moves between pages: Turbo's visits and snapshots, htmx's history, prerendering, and a service worker.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, it } from "node:test";
import { event, events, openPage, quiet, text } from "./browser.js";
import { document as html, placeholder, Site, TAG } from "./server.js";

const require = createRequire(import.meta.url);
const LIBRARIES = { turbo: "@hotwired/turbo/dist/turbo.es2017-umd.js", htmx: "htmx.org/dist/htmx.js", htmx4: "htmx4/dist/htmx.js" };

/** @param {any} t @param {keyof typeof LIBRARIES} library */
async function open(t, library) {
  const [site, page] = [await Site.open(t), await openPage(t, {})];
  site.at("/lib.js", { headers: { "Content-Type": "text/javascript" }, body: readFileSync(require.resolve(LIBRARIES[library]), "utf8") });
  return { site, page, head: `${TAG}<script src="/lib.js"></script>` };
}

/** Islands that are replaced, kept, and filled. */
const PERSONAL = `<p id="hi">Hi ${placeholder("Avatar", "guest")}!</p>${placeholder("Cart", "…", "island-keep")}
  <p island="Name" island-src="/_server-islands/Name/T">…</p>`;

/** @param {Site} site @param {string} who */
function sign(site, who) {
  for (const name of ["Avatar", "Cart", "Name"]) site.island(name, `<b>${who}</b>`);
}

/** @param {import("playwright-core").Page} page */
const names = (page) => page.evaluate(() => [...document.querySelectorAll("b")].map((b) => b.textContent));

describe("Turbo", { concurrency: 2 }, () => {
  it("loads the islands of a visit, and after Back shows nobody what was another's", async (t) => {
    const { site, page, head } = await open(t, "turbo");
    sign(site, "Ada");
    site.at("/", html(`${PERSONAL}<a href="/out">out</a>`, head)).at("/out", html(`${placeholder("Footer")}<h1>out</h1>`, head));
    site.island("Footer", { body: "<i>footer</i>", headers: { "Cache-Control": "public" } });
    await page.goto(site.origin);
    await event(page, "island:load", 3);
    await page.click("a");
    await page.waitForSelector("h1");
    await page.waitForSelector("i");
    sign(site, "stranger");
    await page.evaluate(() => {
      /** @type {any} */ (window).seen = [];
      new MutationObserver(() => {
        if (document.querySelector("#hi")) /** @type {any} */ (window).seen.push(document.body.textContent);
      }).observe(document, { childList: true, subtree: true, characterData: true });
    });
    await page.goBack();
    await page.waitForFunction(() => document.querySelectorAll("b").length == 3);
    assert.deepEqual(await names(page), ["stranger", "stranger", "stranger"]);
    assert.equal(await text(page).then((shown) => shown.includes("Hi stranger!")), true);
  });

  it("refreshes a page by morphing, and its islands are there again", async (t) => {
    const { site, page, head } = await open(t, "turbo");
    sign(site, "Ada");
    const meta = '<meta name="turbo-refresh-method" content="morph"><meta name="turbo-refresh-scroll" content="preserve">';
    site.at("/", html(`<h1>1</h1>${PERSONAL}`, meta + head), html(`<h1>2</h1>${PERSONAL}`, meta + head));
    await page.goto(site.origin);
    await event(page, "island:load", 3);
    await page.evaluate(() => /** @type {any} */ (window).Turbo.session.refresh(location.href));
    await page.waitForFunction(() => document.querySelector("h1")?.textContent == "2");
    await page.waitForFunction(() => document.querySelectorAll("b").length == 3 && !document.querySelector("[aria-busy]"));
    assert.deepEqual(await names(page), ["Ada", "Ada", "Ada"]);
  });
});

describe("htmx", { concurrency: 2 }, () => {
  // It restores by parseHTMLUnsafe, which takes the comments away that a replaced island is known by.
  it("loads the islands of a boosted visit, and after Back shows nobody what was another's in elements that stay", async (t) => {
    const { site, page, head } = await open(t, "htmx");
    sign(site, "Ada");
    const staying = PERSONAL.replace("TOKEN", 'TOKEN" island-keep="');
    site.at("/", html(`<div hx-boost="true">${staying}<a href="/out">out</a></div>`, head)).at("/out", html("<h1>out</h1>", head));
    await page.goto(site.origin);
    await event(page, "island:load", 3);
    await page.click("a");
    await page.waitForSelector("h1");
    sign(site, "stranger");
    await page.goBack();
    await page.waitForFunction(() => document.querySelectorAll("b").length == 3 && !document.body.textContent?.includes("Ada"));
    assert.deepEqual(await names(page), ["stranger", "stranger", "stranger"]);
  });

  for (const library of /** @type {const} */ (["htmx", "htmx4"])) {
    it(`loads islands that are swapped in, out of band too: ${library}`, async (t) => {
      const { site, page, head } = await open(t, library);
      sign(site, "Ada");
      site.at("/part", `<em>part</em>${placeholder("Avatar")}<div id="side" hx-swap-oob="true">${placeholder("Cart")}</div>`);
      site.at("/", html('<main><button hx-get="/part" hx-target="#box">load</button><div id="box"></div><div id="side"></div></main>', head));
      await page.goto(site.origin);
      await page.click("button");
      await event(page, "island:load", 2);
      assert.deepEqual(await names(page), ["Ada", "Ada"]);
    });
  }
});

describe("a page that is rendered ahead", { concurrency: 2 }, () => {
  it("asks for its islands once it is shown", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t, {})];
    let cart = "0";
    site.island("Cart", () => `<b>${cart}</b>`).at("/cart", html(placeholder("Cart")));
    const rules = '<script type="speculationrules">{"prerender":[{"urls":["/cart"],"eagerness":"immediate"}]}</script>';
    site.at("/", html(`<a href="/cart">cart</a>${rules}`, ""));
    await page.goto(site.origin);
    for (let tries = 0; tries < 100 && !site.log.some(({ path }) => path.endsWith("loader.more.v1.js")); tries++) await quiet(50);
    const wasRenderedAhead = site.log.some(({ path }) => path.endsWith("loader.more.v1.js"));
    if (!wasRenderedAhead) return t.skip("this browser did not render the page ahead");
    assert.deepEqual(site.asked, []);
    cart = "3";
    await page.click("a");
    await page.waitForFunction(() => document.querySelector("b"));
    assert.deepEqual([await text(page), site.asked.length], ["3", 1]);
  });

  it("waits, where the browser says that it does so", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t, {})];
    await page.addInitScript(() => {
      Object.defineProperty(Document.prototype, "prerendering", { configurable: true, get: () => !(/** @type {any} */ (window).shown) });
    });
    site.island("Cart", "<b>3</b>").page(placeholder("Cart"));
    await page.goto(site.origin, { waitUntil: "load" });
    await quiet(500);
    assert.deepEqual(site.asked, []);
    await page.evaluate(() => {
      /** @type {any} */ (window).shown = true;
      document.dispatchEvent(new Event("prerenderingchange"));
    });
    await event(page, "island:load");
  });
});

describe("a service worker", { concurrency: 2 }, () => {
  it("that passes requests on lets islands load, by GET and by POST", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t, {})];
    site.at("/sw.js", { headers: { "Content-Type": "text/javascript" }, body: 'addEventListener("fetch", (event) => event.respondWith(fetch(event.request))); addEventListener("activate", (event) => event.waitUntil(clients.claim()));' });
    site.island("Avatar", "<b>Ada</b>").island("Big", "<b>big</b>");
    site.page(`${placeholder("Avatar")}<server-island island="Big" island-src="/_server-islands/Big" island-token="T"></server-island>`);
    await page.goto(site.origin);
    await event(page, "island:load", 2);
    await page.evaluate(async () => {
      await navigator.serviceWorker.register("/sw.js");
      await navigator.serviceWorker.ready;
    });
    await page.reload();
    await event(page, "island:load", 2);
    assert.equal(await page.evaluate(() => Boolean(navigator.serviceWorker.controller)), true);
    assert.deepEqual(await names(page), ["Ada", "big"]);
    assert.equal((await events(page)).length, 2);
  });
});
