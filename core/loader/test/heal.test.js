// Stale tokens: what a fresh copy of the page can heal, and what it cannot.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { event, openPage, text } from "./browser.js";
import { document as html, Site, TAG } from "./server.js";

const STALE = { status: 410, headers: { "Island-Refused": "stale", "Cache-Control": "no-store" } };

/** @param {string} token @param {string} [attributes] */
function cart(token, attributes = "") {
  return `<server-island island="Cart" island-src="/_server-islands/Cart/${token}" ${attributes}>…</server-island>`;
}

/**
 * A page with an old token, whose islands know the new one only.
 * @param {any} t
 * @param {{ path?: string, shell?: string, fresh?: import("./server.js").Answer, tag?: string }} [changes]
 */
async function stale(t, { path = "/", shell = cart("OLD"), fresh = html(cart("NEW")), tag = TAG } = {}) {
  const [site, page] = [await Site.open(t), await openPage(t)];
  site.at("/_server-islands/Cart/OLD", STALE).at("/_server-islands/Cart/OLD2", STALE);
  site.island("Cart", "<b>healed</b>").at(path, html(shell, tag));
  site.at("/elsewhere", html(cart("NEW")));
  site.at(path + (path.includes("?") ? "&" : "?") + "island-fresh", fresh);
  await page.goto(site.origin + path);
  return { site, page, freshAsked: () => site.log.filter((seen) => seen.path.endsWith("island-fresh")).length };
}

describe("a stale token", { concurrency: 4 }, () => {
  it("is replaced by the fresh page's", async (t) => {
    const { site, page, freshAsked } = await stale(t);
    await event(page, "island:load");
    assert.equal(await text(page), "healed");
    assert.deepEqual(site.asked, ["Cart/OLD", "Cart/NEW"]);
    assert.equal(freshAsked(), 1);
  });

  it("is replaced on a page with a query, which stays as it was", async (t) => {
    const { page } = await stale(t, { path: "/?q=a%20b+c" });
    await event(page, "island:load");
  });

  it("is replaced by a posted one", async (t) => {
    const posted = '<server-island island="Cart" island-src="/_server-islands/Cart" island-token="NEW"></server-island>';
    const { site, page } = await stale(t, { fresh: html(posted) });
    await event(page, "island:load");
    assert.equal(site.log.at(-1)?.body, "NEW");
  });

  it("is told from its namesakes by the key, with one fresh page for all", async (t) => {
    const { site, page, freshAsked } = await stale(t, {
      shell: cart("OLD", 'island-key="1"') + cart("OLD2", 'island-key="2"'),
      fresh: html(cart("NEW2", 'island-key="2"') + cart("NEW1", 'island-key="1"')),
    });
    await event(page, "island:load", 2);
    assert.deepEqual(site.asked.sort(), ["Cart/NEW1", "Cart/NEW2", "Cart/OLD", "Cart/OLD2"]);
    assert.equal(freshAsked(), 1);
  });

  it("is tried once: what the fresh page gives may be stale too", async (t) => {
    const { site, page } = await stale(t, { fresh: html(cart("OLD2")) });
    const { reason, status } = await event(page, "island:error");
    assert.deepEqual([reason, status], ["stale", 410]);
    await page.evaluate(() => window.eyot?.refresh("Cart"));
    assert.deepEqual(site.asked, ["Cart/OLD", "Cart/OLD2", "Cart/OLD2"]);
  });

  const hopeless = {
    "the fresh page has the same token": { fresh: html(cart("OLD")) },
    "the fresh page has no such island": { fresh: html("<p>gone</p>") },
    "the fresh page has two of the name": { fresh: html(cart("NEW") + cart("NEW2")) },
    "this page has two of the name": { shell: cart("OLD") + cart("NEW") },
    "the fresh page has another key": { fresh: html(cart("NEW", 'island-key="1"')) },
    "the fresh page is an error": { fresh: { status: 500, body: html(cart("NEW")) } },
    "the fresh page is not HTML": { fresh: { headers: { "Content-Type": "text/plain" }, body: html(cart("NEW")) } },
    "the fresh page is a redirect": { fresh: { status: 302, headers: { Location: "/elsewhere" } } },
    "the fresh page points elsewhere": { fresh: html(cart("NEW").replace("/_server-islands", "/other")) },
    "the fresh page does not come": { fresh: { cut: true } },
  };
  for (const [why, changes] of Object.entries(hopeless)) {
    it(`is final when ${why}`, async (t) => {
      const { site, page } = await stale(t, changes);
      assert.equal((await event(page, "island:error")).reason, "stale");
      assert.equal(site.asked.filter((asked) => asked == "Cart/OLD").length, 1);
    });
  }

  it("is final on a page that answers a POST", async (t) => {
    const { page, freshAsked } = await stale(t, { tag: TAG.replace("script ", "script data-post ") });
    assert.equal((await event(page, "island:error")).reason, "stale");
    assert.equal(freshAsked(), 0);
  });

  it("is final when the address has changed since", async (t) => {
    const { page, freshAsked } = await stale(t, { shell: cart("OLD", 'island-when="manual"') });
    await page.evaluate(() => history.pushState(null, "", "/elsewhere"));
    await page.evaluate(() => window.eyot?.refresh("Cart"));
    assert.equal((await event(page, "island:error")).reason, "stale");
    assert.equal(freshAsked(), 0);
  });

  it("is replaced although the fragment has changed", async (t) => {
    const { page } = await stale(t, { shell: cart("OLD", 'island-when="manual"') });
    await page.evaluate(() => void (location.hash = "x"));
    await page.evaluate(() => window.eyot?.refresh("Cart"));
    await event(page, "island:load");
  });

  it("of a nested island is final", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    const outer = '<server-island island="Outer" island-src="/_server-islands/Outer/T"></server-island>';
    site.at("/_server-islands/Cart/OLD", STALE).island("Cart", "<b>healed</b>").island("Outer", cart("OLD"));
    site.at("/", html(outer)).at("/?island-fresh", html(cart("NEW")));
    await page.goto(site.origin);
    assert.equal((await event(page, "island:error")).reason, "stale");
    assert.ok(!site.log.some(({ path }) => path.includes("island-fresh")));
  });
});
