// When a placeholder's first load starts.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { event, openPage, quiet, text } from "./browser.js";
import { placeholder, Site } from "./server.js";

const SPACER = '<div style="height: 3000px"></div>';

/**
 * A page with one island that waits for its trigger.
 * @param {any} t
 * @param {string} when
 * @param {{ before?: string, fallback?: string, options?: import("playwright-core").BrowserContextOptions }} [more]
 */
async function waiting(t, when, { before = "", fallback = "…", options } = {}) {
  const [site, page] = [await Site.open(t), await openPage(t, options)];
  site.island("Avatar", "<b>Ada</b>").page(before + placeholder("Avatar", fallback, `island-when="${when}"`));
  await page.goto(site.origin);
  return { site, page };
}

describe("a trigger", { concurrency: 4 }, () => {
  it("load starts at once", async (t) => {
    const { page } = await waiting(t, "load");
    await event(page, "island:load");
  });

  it("idle starts when the browser has time", async (t) => {
    const { page } = await waiting(t, "idle");
    await event(page, "island:load");
  });

  it("idle starts where the browser has no idle callbacks", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    await page.addInitScript(() => Object.assign(window, { requestIdleCallback: undefined }));
    site.island("Avatar", "<b>Ada</b>").page(placeholder("Avatar", "…", 'island-when="idle"'));
    await page.goto(site.origin);
    await event(page, "island:load");
  });

  for (const fallback of ["text alone", "<p>an element</p>", '<template island-slot="error">x</template>']) {
    it(`visible waits until the fallback is scrolled to: ${fallback}`, async (t) => {
      const { site, page } = await waiting(t, "visible", { before: SPACER, fallback });
      await quiet();
      assert.deepEqual(site.asked, []);
      await page.evaluate(() => scrollTo(0, 1e6));
      await event(page, "island:load");
      assert.equal(await text(page), "Ada");
    });
  }

  it("visible waits where the style sheet, which takes the element's box, comes after the loader", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Avatar", "<b>Ada</b>").page(SPACER + placeholder("Avatar", "text alone", 'island-when="visible"'));
    /** @type {(value?: unknown) => void} */
    let send = () => {};
    const sent = new Promise((resolve) => (send = resolve));
    await page.route("**/island.v1.css", (route) => sent.then(() => route.continue()));
    await page.goto(site.origin, { waitUntil: "commit" });
    while (!(await page.evaluate(() => "eyot" in window))) await quiet(20);
    await quiet();
    send();
    await page.waitForLoadState("load");
    assert.equal(await page.evaluate("getComputedStyle(document.querySelector('server-island')).display"), "contents");
    assert.deepEqual(site.asked, []);
    await page.evaluate(() => scrollTo(0, 1e6));
    await event(page, "island:load");
  });

  it("visible observes an island element itself", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Row", "<td>1</td>");
    const row = '<tr island="Row" island-src="/_server-islands/Row/T" island-when="visible"><td>…</td></tr>';
    site.page(`${SPACER}<table>${row}</table>`);
    await page.goto(site.origin);
    await quiet();
    assert.deepEqual(site.asked, []);
    await page.evaluate(() => scrollTo(0, 1e6));
    await event(page, "island:load");
  });

  it("visible with a margin starts before the fallback is scrolled to", async (t) => {
    const { page } = await waiting(t, "visible 4000px", { before: SPACER });
    await event(page, "island:load");
    assert.equal(await page.evaluate(() => scrollY), 0);
  });

  it("media waits until the query matches", async (t) => {
    const options = { viewport: { width: 300, height: 300 } };
    const { site, page } = await waiting(t, "media (min-width: 40em)", { options });
    await quiet();
    assert.deepEqual(site.asked, []);
    await page.setViewportSize({ width: 900, height: 300 });
    await event(page, "island:load");
  });

  it("media starts at once when the query matches", async (t) => {
    const { page } = await waiting(t, "media (min-width: 10em)");
    await event(page, "island:load");
  });

  it("interaction waits for the pointer", async (t) => {
    const { site, page } = await waiting(t, "interaction", { fallback: "<button>show</button>" });
    await quiet();
    assert.deepEqual(site.asked, []);
    await page.hover("button");
    await event(page, "island:load");
  });

  it("interaction starts with the keyboard's focus, once", async (t) => {
    const { site, page } = await waiting(t, "interaction", { fallback: "<button>show</button><button>hide</button>" });
    await page.keyboard.press("Tab");
    await page.evaluate(() => document.querySelector("button")?.click());
    await event(page, "island:load");
    await quiet(100);
    assert.deepEqual(site.asked, ["Avatar/TOKEN"]);
  });

  it("manual waits for a refresh by name", async (t) => {
    const { site, page } = await waiting(t, "manual");
    await quiet();
    assert.deepEqual(site.asked, []);
    await page.evaluate(() => window.eyot?.refresh("Avatar"));
    assert.equal(await text(page), "Ada");
  });
});
