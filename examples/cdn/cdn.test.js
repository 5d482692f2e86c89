// One nginx in front of two hosts, as caches and visitors see it: shells are kept, islands are each visitor's own, and
// no error outlives its moment.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { launch, shopUrl, signIn, words } from "../scenario/browser.js";

const PRODUCT = "/p/lantern";

describe("the cache", () => {
  it("keeps a shell: the first visitor's is a MISS, the second's a HIT, and both are the same", async () => {
    const first = await ask("/p/rope", { Cookie: await session("ada@example.com", "lock-keeper") });
    const second = await ask("/p/rope", { Cookie: await session("bram@example.com", "weir-pool") });
    assert.deepEqual([first.status, first.cache], [200, "MISS"]);
    assert.deepEqual([second.status, second.cache], [200, "HIT"]);
    assert.equal(second.body, first.body);
    assert.equal(second.headers.get("set-cookie"), null);
  });

  it("answers a browser that has the shell with 304", async () => {
    const { headers } = await ask(PRODUCT);
    const again = await ask(PRODUCT, { "If-None-Match": headers.get("etag") ?? "" });
    assert.deepEqual([again.status, again.cache, again.body], [304, "HIT", ""]);
  });

  it("is passed by when the loader asks for a fresh shell", async () => {
    await ask(PRODUCT);
    for (let i = 0; i < 2; i++) {
      const fresh = await ask(`${PRODUCT}?island-fresh`);
      assert.deepEqual([fresh.status, fresh.cache], [200, "MISS"]);
    }
  });

  it("never keeps a personal island: the same address is each visitor's own", async () => {
    const address = await placed("Avatar");
    const ada = await session("ada@example.com", "lock-keeper");
    const bram = await session("bram@example.com", "weir-pool");
    const visitors = new Map([[ada, "Ada Lock"], [bram, "Bram Weir"], ["", "Sign in"]]);
    for (const [cookie, name] of [...visitors, ...visitors]) {
      const island = await ask(address, cookie ? { Cookie: cookie } : {});
      assert.deepEqual([island.status, island.cache], [200, "MISS"]);
      assert.ok(island.body.includes(name), `${name} got ${island.body}`);
    }
  });

  it("never keeps an island that begins a session", async () => {
    const address = await placed("CsrfField");
    const [first, second] = [await ask(address), await ask(address)];
    assert.deepEqual([first.cache, second.cache], ["MISS", "MISS"]);
    assert.notEqual(first.headers.get("set-cookie"), second.headers.get("set-cookie"));
    assert.notEqual(first.body, second.body);
  });

  it("keeps an island that is the same for everybody, and not the refusal of whoever asked before", async () => {
    const address = await placed("Tide");
    const refused = await ask(address, { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "empty" });
    assert.deepEqual([refused.status, refused.cache], [403, "MISS"]);
    const first = await ask(address);
    assert.deepEqual([first.status, first.cache], [200, "MISS"]);
    const second = await ask(address, { Cookie: await session("ada@example.com", "lock-keeper") });
    assert.deepEqual([second.cache, second.body], ["HIT", first.body]);
  });

  it("never keeps a refusal", async () => {
    const address = await placed("Price");
    const token = address.split("/").at(-1) ?? "";
    const bytes = Buffer.from(token, "base64url");
    bytes[2] = (bytes[2] ?? 0) ^ 0xff;
    const refused = /** @type {const} */ ([
      [400, `/_server-islands/Avatar/${token}`],
      [400, `${address}?a=1`],
      [404, `/_server-islands/Nobody/${token}`],
      [410, `/_server-islands/Price/${bytes.toString("base64url")}`],
    ]);
    for (const [status, path] of refused) {
      for (let i = 0; i < 2; i++) {
        const answer = await ask(path);
        assert.deepEqual([answer.status, answer.cache], [status, "MISS"], path);
        assert.match(answer.headers.get("cache-control") ?? "", /no-store/);
      }
    }
  });

  it("never keeps an island that fails", async () => {
    const address = await placed("Stock", PRODUCT, "Teddington");
    for (let i = 0; i < 2; i++) {
      const answer = await ask(address);
      assert.deepEqual([answer.status, answer.cache], [500, "MISS"]);
    }
  });

  it("keeps nothing of an address that only looks like a file", async () => {
    const address = await placed("Avatar");
    const cookie = await session("ada@example.com", "lock-keeper");
    for (const tail of ["/a.css", ";a.css", "/", ".css", "%2fa.css"]) {
      for (let i = 0; i < 2; i++) {
        const answer = await ask(address + tail, { Cookie: cookie });
        assert.ok([400, 404].includes(answer.status), `${tail}: ${answer.status}`);
        assert.equal(answer.cache, "MISS");
        assert.doesNotMatch(answer.body, /Ada/);
      }
    }
  });

  it("never keeps a page of one visitor, nor one that is not there", async () => {
    const cookie = await session("ada@example.com", "lock-keeper");
    for (const path of ["/account", "/cart", "/p/nothing"]) {
      for (let i = 0; i < 2; i++) assert.equal((await ask(path, { Cookie: cookie })).cache, "MISS", path);
    }
  });
});

describe("a visitor", () => {
  /** @typedef {Awaited<ReturnType<typeof launch>>} Browser */
  /** @typedef {Awaited<ReturnType<Browser["newPage"]>>} Page */
  /** @type {Browser} */
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());

  /** @param {(page: Page) => Promise<void>} visit */
  async function visiting(visit) {
    const context = await browser.newContext({ baseURL: shopUrl(), viewport: { width: 1280, height: 900 } });
    context.setDefaultTimeout(10_000);
    await visit(await context.newPage());
    await context.close();
  }

  it("sees one host's islands in the other host's page", () =>
    visiting(async (page) => {
      await page.goto(PRODUCT);
      await page.locator(".count", { hasText: "0" }).waitFor();
      await page.getByText("7 on the shelf").waitFor();
      await page.getByText("No answer. Ring 020 7946 0185.").waitFor();
      await page.getByText("opens for members only").waitFor();
      await page.locator("table.pairs > tbody > tr").getByText("Mooring line").waitFor();
      await page.locator(".tide", { hasText: /, in \d+ h \d+ min/ }).waitFor();
    }));

  it("sees an own page on the shell that the cache has for everybody", () =>
    visiting(async (page) => {
      await signIn(page, "ada");
      const answer = await page.goto(PRODUCT);
      assert.equal(answer?.headers()["x-cache"], "HIT");
      await page.locator(".who-name", { hasText: "Ada Lock" }).waitFor();
      await page.locator(".letter").getByText("left behind a rowing boat").waitFor();
      await page.locator(".letter .price", { hasText: "£43.20" }).waitFor();
      assert.equal(await words(page.locator(".ask .price")), "£43.20 £48.00 member price");
    }));

  it("puts something into the cart from a cached page", () =>
    visiting(async (page) => {
      await page.goto(PRODUCT);
      await page.locator("form[data-add-to-cart] input[name^=csrf]").waitFor({ state: "attached" });
      await page.locator("#count").fill("2");
      await page.getByRole("button", { name: "Add to cart" }).click();
      await page.locator(".count", { hasText: "2" }).waitFor();
      await page.goto("/cart");
      await page.locator("table.cart").getByText("Halliford lantern").waitFor();
    }));
});

/**
 * @typedef {{ status: number, cache: string | null, headers: Headers, body: string }} Answer
 */

/**
 * One request through nginx, which says what its cache had.
 *
 * @param {string} path
 * @param {Record<string, string>} [headers]
 * @param {URLSearchParams} [form]
 * @returns {Promise<Answer>}
 */
async function ask(path, headers = {}, form) {
  const options = form ? { method: "POST", body: form } : {};
  const answer = await fetch(shopUrl() + path, { ...options, headers, redirect: "manual" });
  const cache = answer.headers.get("x-cache");
  return { status: answer.status, cache, headers: answer.headers, body: await answer.text() };
}

/**
 * The address of an island on a page; where it has namesakes, of the one with that key.
 *
 * @param {string} name
 * @param {string} [path]
 * @param {string} [key]
 */
async function placed(name, path = PRODUCT, key) {
  const { body } = await ask(path);
  const pattern = new RegExp(`island="${name}" island-src="([^"]+)"${key ? ` island-key="${key}"` : ""}`);
  const found = pattern.exec(body)?.[1];
  if (!found) throw new Error(`no island ${name} on ${path}`);
  return found;
}

/**
 * Signs in over HTTP.
 *
 * @param {string} email
 * @param {string} password
 * @returns {Promise<string>} the session's cookies
 */
async function session(email, password) {
  const form = await ask("/login");
  const [, name = "", token = ""] = /name="(csrf\w*)" value="([^"]+)"/.exec(form.body) ?? [];
  const cookie = (/** @type {Answer} */ answer) =>
    answer.headers.getSetCookie().map((field) => field.split(";")[0]).join("; ");
  const fields = new URLSearchParams({ [name]: token, email, password });
  const done = await ask("/login", { Cookie: cookie(form) }, fields);
  assert.equal(done.status, 303);
  return cookie(done);
}
