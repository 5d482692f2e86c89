// What a placeholder becomes when all goes well.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { event, events, openPage, quiet, text } from "./browser.js";
import { gate, placeholder, Site } from "./server.js";

describe("loading", { concurrency: 4 }, () => {
  it("shows the fallback first, then the island in its place", async (t) => {
    const site = await Site.open(t);
    const page = await openPage(t);
    const { opened, open } = gate();
    site.island("Avatar", { body: "<b>Ada</b>", wait: opened }).page(`<p>Hi ${placeholder("Avatar", "guest")}!</p>`);
    await page.goto(site.origin);
    await page.waitForSelector("server-island[aria-busy=true]");
    assert.equal(await text(page), "Hi guest!");
    open();
    await event(page, "island:load");
    assert.equal(await text(page), "Hi Ada!");
    assert.equal(await page.locator("server-island").count(), 0);
  });

  it("fills a table row with cells", async (t) => {
    const site = await Site.open(t);
    const page = await openPage(t);
    site.island("CartRow", "<td>A-1</td><td>2</td>");
    site.page('<table><tr class="row" data-island="CartRow" data-src="/_server-islands/CartRow/T"><td>…</td></tr></table>');
    await page.goto(site.origin);
    await event(page, "island:load");
    assert.deepEqual(await page.locator("tr.row > td").allTextContents(), ["A-1", "2"]);
  });
});
