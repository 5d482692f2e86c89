// Islands that are loaded again: by name, by an event, in intervals, after Back.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { event, events, openPage, quiet, text } from "./browser.js";
import { document as html, gate, placeholder, Site } from "./server.js";

describe("a kept island", { concurrency: 4 }, () => {
  it("is loaded again by name, and the promise waits for it", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Cart", "<b>1</b>", "<b>2</b>").page(placeholder("Cart", "…", "island-keep"));
    await page.goto(site.origin);
    await event(page, "island:load");
    await page.evaluate(() => window.eyot?.refresh("Cart"));
    assert.equal(await text(page), "2");
  });

  it("is loaded again with its namesakes only", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Cart", "1", "2").island("Other", "other");
    site.page(placeholder("Cart", "…", "island-keep") + placeholder("Other", "…", "island-keep"));
    await page.goto(site.origin);
    await event(page, "island:load", 2);
    await page.evaluate(() => window.eyot?.refresh("Cart"));
    assert.deepEqual(site.asked.sort(), ["Cart/TOKEN", "Cart/TOKEN", "Other/TOKEN"]);
  });

  it("is loaded again when its event reaches the document", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Cart", "<b>1</b>", "<b>2</b>").page(placeholder("Cart", "…", 'island-refresh="cart-changed"'));
    await page.goto(site.origin);
    await event(page, "island:load");
    await page.evaluate(() => document.body.dispatchEvent(new Event("cart-changed", { bubbles: true })));
    await event(page, "island:load", 2);
    assert.equal(await text(page), "2");
  });

  it("asks once when one event refreshes two placeholders with the same URL", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    const cart = placeholder("Cart", "…", 'island-refresh="cart-changed"');
    site.island("Cart", "1", "2").page(cart + cart);
    await page.goto(site.origin);
    await event(page, "island:load", 2);
    await page.evaluate(() => document.dispatchEvent(new Event("cart-changed")));
    await event(page, "island:load", 4);
    assert.equal(await text(page), "22");
    assert.equal(site.asked.length, 2);
  });

  it("does not take an answer that was under way when it was refreshed", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    const { opened, open } = gate();
    site.island("Cart", { body: "old", wait: opened }, "new");
    site.page(placeholder("Cart", "…", 'island-refresh="cart-changed"'));
    await page.goto(site.origin);
    await page.waitForSelector("[aria-busy]", { state: "attached" });
    await page.evaluate(() => document.dispatchEvent(new Event("cart-changed")));
    await event(page, "island:load");
    const answered = page.waitForEvent("requestfinished");
    open();
    await answered;
    await quiet();
    assert.equal(await text(page), "new");
    assert.equal((await events(page)).length, 1);
  });

  it("is loaded again in intervals", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Clock", "1", "2", "3").page(placeholder("Clock", "…", 'island-refresh="1s"'));
    await page.goto(site.origin);
    await event(page, "island:load", 3);
    assert.equal(await text(page), "3");
  });

  it("is left alone while the focus is inside", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Form", "<input>").page(placeholder("Form", "…", 'island-refresh="1s"'));
    await page.goto(site.origin);
    await event(page, "island:load");
    await page.focus("input");
    const before = site.asked.length;
    await quiet(1500);
    assert.equal(site.asked.length, before);
    await page.evaluate(() => document.querySelector("input")?.blur());
    await event(page, "island:load", before + 1);
  });

  it("is left alone while the page is hidden", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    await page.addInitScript(() => Object.defineProperty(Document.prototype, "hidden", { value: true, configurable: true }));
    site.island("Clock", "1", "2").page(placeholder("Clock", "…", 'island-refresh="1s"'));
    await page.goto(site.origin);
    await event(page, "island:load");
    await quiet(1500);
    assert.equal(site.asked.length, 1);
    await page.evaluate(() => Object.defineProperty(Document.prototype, "hidden", { value: false }));
    await event(page, "island:load", 2);
  });

  it("stops asking when its element is removed", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Clock", "1").page(placeholder("Clock", "…", 'island-refresh="1s"'));
    await page.goto(site.origin);
    await event(page, "island:load");
    await page.evaluate(() => document.querySelector("server-island")?.remove());
    const before = site.asked.length;
    await quiet(1500);
    assert.equal(site.asked.length, before);
  });

  it("keeps its content when a refresh fails", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Cart", "<b>1</b>", { status: 500 });
    site.page(placeholder("Cart", '…<template island-slot="error">Sorry.</template>', "island-keep"));
    await page.goto(site.origin);
    await event(page, "island:load");
    await page.evaluate(() => window.eyot?.refresh("Cart"));
    assert.equal((await event(page, "island:error")).target, "server-island");
    assert.equal(await text(page), "1");
    assert.equal(await page.locator("[aria-busy]").count(), 0);
  });
});

describe("an island without content", { concurrency: 4 }, () => {
  it("keeps its fallback when a refresh fails", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Cart", { status: 204 }, { status: 500 });
    site.page(placeholder("Cart", 'empty<template island-slot="error">Sorry.</template>', "island-keep"));
    await page.goto(site.origin);
    await event(page, "island:load");
    await page.evaluate(() => window.eyot?.refresh("Cart"));
    assert.equal(await text(page), "empty");
  });
});

describe("after Back", { concurrency: 4 }, () => {
  /**
   * Shows a page with islands, goes elsewhere, lets the test change the site, and comes back.
   * @param {any} t
   * @param {string} body
   * @param {(site: Site) => void} before
   * @param {(site: Site) => void} after
   */
  async function cameBack(t, body, before, after) {
    const [site, page] = [await Site.open(t), await openPage(t)];
    await page.addInitScript(() => addEventListener("pageshow", ({ persisted }) => Object.assign(window, { persisted })));
    site.page(body).at("/elsewhere", html("<h1>elsewhere</h1>", ""));
    before(site);
    await page.goto(site.origin);
    await event(page, "island:load");
    await page.goto(`${site.origin}/elsewhere`);
    site.log.length = 0;
    after(site);
    await page.goBack({ waitUntil: "commit" });
    await page.waitForFunction("window.persisted");
    return { site, page };
  }

  it("an island answered no-store is loaded again: the stranger's after a logout", async (t) => {
    const { page } = await cameBack(
      t,
      `<p>Hi ${placeholder("Avatar", "guest")}!</p>`,
      (site) => site.island("Avatar", "<b>Ada</b>"),
      (site) => site.island("Avatar", "stranger"),
    );
    await event(page, "island:load", 2);
    assert.equal(await text(page), "Hi stranger!");
  });

  it("personal content goes when the handler sends the stranger to the login", async (t) => {
    const { page } = await cameBack(
      t,
      `<p>Hi ${placeholder("Avatar", "guest")}!</p>`,
      (site) => site.island("Avatar", "<b>Ada</b>"),
      (site) => site.island("Avatar", { status: 204, headers: { "Island-Location": "/login" } }),
    );
    assert.equal((await event(page, "island:redirect")).target, "server-island");
    assert.equal(await text(page), "Hi guest!");
  });

  it("personal content goes when the island cannot be loaded", async (t) => {
    const { page } = await cameBack(
      t,
      placeholder("Avatar", "guest", "island-keep"),
      (site) => site.island("Avatar", "<b>Ada</b>"),
      (site) => site.island("Avatar", { status: 403 }),
    );
    await event(page, "island:error");
    assert.equal(await text(page), "guest");
  });

  it("an island whose content is another island is loaded again", async (t) => {
    const { page } = await cameBack(
      t,
      `<main>${placeholder("Outer")}</main>`,
      (site) => site.island("Outer", placeholder("Inner")).island("Inner", "Ada"),
      (site) => site.island("Outer", "stranger"),
    );
    await page.waitForFunction("document.body.textContent.trim() == 'stranger'");
  });

  it("an island that caches may store is left alone", async (t) => {
    const shared = { body: "shared", headers: { "Cache-Control": "public, no-cache" } };
    const { site, page } = await cameBack(
      t,
      placeholder("Footer"),
      (site) => site.island("Footer", shared),
      () => {},
    );
    await quiet();
    assert.deepEqual(site.asked, []);
    assert.equal(await text(page), "shared");
  });
});
