// What a visitor sees: each test is one promise of the shop, kept in a real browser.

import assert from "node:assert/strict";
import { after, before, beforeEach, afterEach, describe, it } from "node:test";

import { ISLANDS, asStale, hide, launch, quiet, requests, rewrite, shopUrl, signIn, violations, words } from "./browser.js";

const PRODUCT = "/p/lantern";
const SLOW = 1500; // what the delivery estimate takes, in ms

/** @type {import("playwright-core").Browser} */
let browser;
/** @type {import("playwright-core").BrowserContext} */
let context;
/** @type {import("playwright-core").Page} */
let page;

before(async () => {
  browser = await launch();
});
after(() => browser.close());
beforeEach(async () => {
  context = await browser.newContext({ baseURL: shopUrl(), viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(10_000);
  page = await context.newPage();
});
afterEach(() => context.close());

const delivery = () => page.locator(".facts-live > div", { hasText: "Delivery" }).locator("dd");
const teddington = () => page.locator(".facts-live > div", { hasText: "Teddington" }).locator("dd");
const you = () => page.locator(".facts-live > div", { hasText: "You" }).locator("dd");
const rows = () => page.locator("table.pairs > tbody > tr");
const count = () => page.locator(".cart-link .count");

describe("loading", () => {
  it("shows the fallback while a slow island is on its way, and the island after it", async () => {
    await page.goto(PRODUCT, { waitUntil: "commit" });
    await delivery().getByText("In two to four days").waitFor();
    await page.locator(".count", { hasText: "0" }).waitFor({ timeout: SLOW - 300 });
    assert.equal(await delivery().innerText(), "In two to four days");
    await delivery().getByText(/^(Mon|Tues|Wednes|Thurs|Fri)day, \d/).waitFor();
  });

  it("says that a fallback is busy, and stops saying so", async () => {
    await page.goto(PRODUCT, { waitUntil: "commit" });
    await delivery().locator("server-island[aria-busy=true]").waitFor({ state: "attached" });
    await delivery().getByText(/day, \d/).waitFor();
    await quiet(page);
    assert.equal(await page.locator("[aria-busy]").count(), 0);
  });

  it("fills a table row that stays in its table", async () => {
    await page.goto(PRODUCT);
    await rows().getByText("Mooring line").waitFor();
    assert.equal(await rows().count(), 3);
    assert.equal(await rows().first().locator("> td").count(), 4);
  });

  it("moves nothing on the screen when the islands come", async () => {
    await page.addInitScript(() => {
      window.shifted = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.shifted += entry.value;
      }).observe({ type: "layout-shift", buffered: true });
    });
    await page.goto(PRODUCT);
    await delivery().getByText(/day, \d/).waitFor();
    await quiet(page);
    const shifted = await page.evaluate(() => window.shifted);
    assert.ok(shifted < 0.01, `the layout shifted by ${shifted}`);
  });

  it("asks for the reviews only when the visitor comes near them", async () => {
    const asked = requests(page, /\/Reviews\//);
    await page.goto(PRODUCT);
    await delivery().getByText(/day, \d/).waitFor();
    assert.equal(asked.length, 0);
    await page.locator("#reviews").scrollIntoViewIfNeeded();
    await page.getByText("Bought one for the boat").waitFor();
    assert.equal(asked.length, 1);
  });

  it("loads an island that came inside another island", async () => {
    await page.goto(PRODUCT);
    await page.locator("#reviews").scrollIntoViewIfNeeded();
    await page.locator("p.write a", { hasText: "Sign in" }).waitFor();
  });

  it("posts a token that is too long for an address", async () => {
    const asked = requests(page, /\/MembersLetter/);
    await page.goto(PRODUCT);
    await page.getByText("opens for members only").waitFor();
    await quiet(page);
    assert.deepEqual(asked.map((request) => request.method()), ["POST"]);
    assert.equal(new URL(asked[0]?.url() ?? "").pathname, "/_server-islands/MembersLetter");
    assert.equal((await asked[0]?.response())?.status(), 200);
  });

  it("runs the script inside an island", async () => {
    await page.goto(PRODUCT);
    await page.locator(".tide", { hasText: /, in \d+ h \d+ min/ }).waitFor();
  });

  it("fetches each island once when the loader stands on the page twice", async () => {
    await rewrite(page, PRODUCT, (html) => html.replace(/<script async[^>]*loader[^>]*><\/script>/, "$&$&"));
    const asked = requests(page, ISLANDS);
    await page.goto(PRODUCT);
    assert.equal(await page.locator('script[src*="loader.v1."]').count(), 2);
    await delivery().getByText(/day, \d/).waitFor();
    await quiet(page);
    const urls = asked.map((request) => request.url() + (request.postData() ?? ""));
    assert.ok(urls.length > 8);
    assert.deepEqual(urls, [...new Set(urls)]);
  });

  it("loads in a tab that nobody looks at", async () => {
    await hide(page);
    await page.goto(PRODUCT);
    assert.equal(await page.evaluate(() => document.visibilityState), "hidden");
    await page.locator(".count", { hasText: "0" }).waitFor({ state: "attached" });
    await rows().getByText("Mooring line").waitFor({ state: "attached" });
  });

  it("obeys a strict content security policy without one violation", async () => {
    const seen = await violations(page);
    const answer = await page.goto(PRODUCT);
    const policy = answer?.headers()["content-security-policy"] ?? "";
    assert.match(policy, /default-src 'self'/);
    assert.match(policy, /require-trusted-types-for 'script'/);
    assert.doesNotMatch(policy, /unsafe|nonce/);
    await page.locator("#reviews").scrollIntoViewIfNeeded();
    await page.getByText("Bought one for the boat").waitFor();
    await delivery().getByText(/day, \d/).waitFor();
    await page.locator(".tide", { hasText: / min/ }).waitFor();
    assert.deepEqual(await seen(), []);
  });

  it("reads well without JavaScript", async () => {
    const plain = await browser.newContext({ baseURL: shopUrl(), javaScriptEnabled: false });
    page = await plain.newPage();
    await page.goto(PRODUCT);
    const text = await words(page.locator("body"));
    for (const part of ["Sign in", "Cart", "£48.00 list price", "In two to four days", "Ring 020 7946 0112"]) {
      assert.ok(text.includes(part), part);
    }
    assert.equal(await page.locator("table.pairs > tbody > tr > td:visible").count(), 12);
    await plain.close();
  });
});

describe("failing", () => {
  it("shows and announces the error slot of an island that fails", async () => {
    await page.goto(PRODUCT);
    const alert = teddington().getByRole("alert");
    await alert.waitFor();
    assert.equal(await alert.innerText(), "No answer. Ring 020 7946 0185.");
  });

  it("leaves the rest of the page alone when one island fails", async () => {
    await page.goto(PRODUCT);
    await teddington().getByRole("alert").waitFor();
    await page.getByText("7 on the shelf").waitFor();
  });

  it("keeps the fallback where an island wants a login, and asks once", async () => {
    const asked = requests(page, /\/LastPurchase\//);
    await page.addInitScript(() => {
      document.addEventListener("island:redirect", (event) => {
        window.redirected = event.detail;
      });
    });
    await page.goto(PRODUCT);
    await page.waitForFunction(() => "redirected" in window);
    await quiet(page);
    assert.equal(await you().innerText(), "Sign in to see whether you have one");
    assert.equal(asked.length, 1);
    assert.equal(await page.evaluate(() => window.redirected?.name), "LastPurchase");
    assert.equal(new URL(page.url()).pathname, PRODUCT);
  });

  it("never puts a login page that answers for an island into the page", async () => {
    const asked = requests(page, /\/Avatar\//);
    await page.route(/\/Avatar\//, (route) => route.fulfill({ contentType: "text/html", body: "<h1>Please log in</h1>" }));
    await page.goto(PRODUCT);
    await quiet(page);
    assert.equal(await page.getByText("Please log in").count(), 0);
    assert.equal(await page.locator(".who-name").innerText(), "Sign in");
    assert.equal(asked.length, 1);
  });

  it("heals a page whose tokens are of a key that is gone", async () => {
    await rewrite(page, PRODUCT, asStale);
    const refused = page.waitForResponse((answer) => answer.status() === 410);
    const fresh = page.waitForRequest((request) => new URL(request.url()).searchParams.has("island-fresh"));
    await page.goto(PRODUCT);
    assert.equal((await refused).headers()["island-refused"], "stale");
    await fresh;
    await page.locator(".count", { hasText: "0" }).waitFor();
    await rows().getByText("Mooring line").waitFor();
    await page.getByText("7 on the shelf").waitFor();
  });

  it("asks for a fresh page once, however many tokens are stale", async () => {
    await rewrite(page, PRODUCT, asStale);
    const asked = requests(page, /island-fresh/);
    await page.goto(PRODUCT);
    await delivery().getByText(/day, \d/).waitFor();
    assert.equal(asked.length, 1);
  });

  it("does not follow an Island-Location that is a script", async () => {
    await rewrite(page, PRODUCT, (html) => html.replace('island="LastPurchase"', '$& island-redirect="follow"'));
    const headers = { Island: "LastPurchase", "Island-Location": "javascript:document.title='taken'" };
    await page.route(/\/LastPurchase\//, (route) => route.fulfill({ status: 204, headers }));
    await page.goto(PRODUCT);
    assert.equal(await page.locator("[island-redirect=follow]").count(), 1);
    await quiet(page);
    assert.notEqual(await page.title(), "taken");
    assert.equal(new URL(page.url()).pathname, PRODUCT);
  });

  it("follows an Island-Location of the shop where the page says so", async () => {
    await rewrite(page, PRODUCT, (html) => html.replace('island="LastPurchase"', '$& island-redirect="follow"'));
    await page.goto(PRODUCT, { waitUntil: "commit" });
    await page.waitForURL((url) => url.pathname === "/login");
    assert.equal(new URL(page.url()).searchParams.get("next"), PRODUCT);
  });

  it("fetches nothing for what a reviewer wrote", async () => {
    const rope = "/p/rope";
    const asked = requests(page, /evil\.example|\/account/);
    await page.goto(rope);
    assert.equal(await page.locator(".quote [island]").count(), 3);
    await page.locator("#reviews").scrollIntoViewIfNeeded();
    await page.locator(".review [island]").first().waitFor();
    await quiet(page);
    assert.deepEqual(asked.map((request) => request.url()), []);
    assert.equal(await page.locator(".quote [island]").first().innerText(), "Click here");
  });
});

describe("visitors", () => {
  it("shows each visitor their own islands on the same page", async () => {
    const other = await browser.newContext({ baseURL: shopUrl() });
    const bram = await other.newPage();
    await signIn(page, "ada");
    await signIn(bram, "bram");
    await page.goto(PRODUCT);
    await bram.goto(PRODUCT);
    await page.locator(".ask .price", { hasText: "member price" }).waitFor();
    await bram.locator(".ask .price", { hasText: "trade price" }).waitFor();
    assert.equal(await page.locator(".who-name").innerText(), "Ada Lock");
    assert.equal(await bram.locator(".who-name").innerText(), "Bram Weir");
    assert.equal(await words(page.locator(".ask .price")), "£43.20 £48.00 member price");
    assert.equal(await words(bram.locator(".ask .price")), "£36.00 £48.00 trade price");
    await other.close();
  });

  it("opens the sealed letter, and the island inside it, for a customer", async () => {
    await signIn(page, "ada");
    await page.goto(PRODUCT);
    await page.locator(".letter").getByText("left behind a rowing boat").waitFor();
    await page.locator(".letter .price", { hasText: "£43.20" }).waitFor();
  });

  it("keeps the letter's words out of a stranger's page", async () => {
    const answer = await page.goto(PRODUCT);
    assert.doesNotMatch((await answer?.text()) ?? "", /rowing boat/);
    await page.getByText("opens for members only").waitFor();
    await quiet(page);
    assert.doesNotMatch(await page.content(), /rowing boat/);
  });

  it("counts anew when something is put into the cart", async () => {
    await page.goto(PRODUCT);
    await page.locator("form[data-add-to-cart] input[name^=csrf]").waitFor({ state: "attached" });
    await count().getByText("0").waitFor();
    await page.locator("#count").fill("3");
    await page.getByRole("button", { name: "Add to cart" }).click();
    await page.locator(".count", { hasText: "3" }).waitFor();
    assert.equal(new URL(page.url()).pathname, PRODUCT);
    assert.equal(await page.locator("output").innerText(), "It is in your cart.");
  });

  it("posts the form of a cached page with the CSRF token of its island", async () => {
    await page.route(/shop\.js/, (route) => route.abort());
    await page.goto(PRODUCT);
    await page.locator("form[data-add-to-cart] input[name^=csrf]").waitFor({ state: "attached" });
    await page.getByRole("button", { name: "Add to cart" }).click();
    await page.waitForURL("**/cart");
    await page.locator("table.cart").getByText("Halliford lantern").waitFor();
  });

  it("asks once more when the form came without a CSRF token", async () => {
    const plain = await browser.newContext({ baseURL: shopUrl(), javaScriptEnabled: false });
    page = await plain.newPage();
    await page.goto(PRODUCT);
    await page.getByRole("button", { name: "Add to cart" }).click();
    await page.getByRole("button", { name: "Yes, add it" }).click();
    await page.waitForURL("**/cart");
    await page.locator("table.cart").getByText("Halliford lantern").waitFor();
    await plain.close();
  });

  it("recommends nothing that is in the cart already", async () => {
    await page.goto("/p/rope");
    await page.locator("form[data-add-to-cart] input[name^=csrf]").waitFor({ state: "attached" });
    await page.getByRole("button", { name: "Add to cart" }).click();
    await page.locator(".count", { hasText: "1" }).waitFor();
    await page.goto(PRODUCT);
    await rows().first().getByText("Weir blanket").waitFor();
    await quiet(page);
    assert.equal(await rows().getByText("Mooring line").count(), 0);
  });

  it("keeps what a customer writes as text", async () => {
    await signIn(page, "ada");
    await page.goto("/p/decoy");
    await page.locator("#reviews").scrollIntoViewIfNeeded();
    const said = `<Avatar server:defer>${Date.now()}</Avatar>`;
    await page.locator("textarea").fill(said);
    await page.getByRole("button", { name: "Say it" }).click();
    await page.waitForURL("**/p/decoy#reviews");
    await page.locator("#reviews").scrollIntoViewIfNeeded();
    await page.locator(".review", { hasText: said }).waitFor();
  });

  it("shows a stranger's page to whoever comes Back after signing out", async () => {
    await signIn(page, "ada");
    await page.addInitScript(() => {
      addEventListener("pageshow", (event) => {
        window.persisted = event.persisted;
      });
    });
    await page.goto(PRODUCT);
    await page.locator(".who-name", { hasText: "Ada Lock" }).waitFor();
    await quiet(page);
    await page.goto("/account");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.waitForURL((url) => url.pathname === "/");
    await page.evaluate(() => history.go(-2));
    await page.waitForURL(`**${PRODUCT}`, { waitUntil: "commit" });
    await page.locator(".who-name", { hasText: "Sign in" }).waitFor();
    await page.locator(".ask .price", { hasText: "list price" }).waitFor();
    assert.equal(await page.evaluate(() => window.persisted), true, "the page did not come from the back/forward cache");
    assert.equal(await page.getByText("Ada Lock").count(), 0);
  });
});
