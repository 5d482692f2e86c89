// What the visitor keeps when an island cannot be loaded, and when it is tried again.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { event, events, openPage, quiet, text } from "./browser.js";
import { placeholder, Site } from "./server.js";

const ERROR = '<template island-slot="error"><p>Sorry.</p></template>';

/**
 * Makes every backoff the same share of its longest, keeps in `window.pauses` how long each would be, and cuts it short.
 * @param {import("playwright-core").Page} page
 * @param {number} [share]
 */
function hurry(page, share = 0.5) {
  return page.addInitScript((share) => {
    /** @type {number[]} */
    const pauses = [];
    const start = window.setTimeout;
    Math.random = () => share;
    const setTimeout = (/** @type {() => void} */ then, /** @type {number} */ pause) => {
      // The second file may take its time.
      if (pause == 10000) return start(then, pause);
      // Playwright looks for events every 20 ms, with the page's own timer.
      if (pause > 20) pauses.push(pause);
      return start(then, 20);
    };
    Object.assign(window, { pauses, setTimeout });
  }, share);
}

describe("a failure", { concurrency: 4 }, () => {
  it("shows the error slot in place of the fallback, as an alert", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Avatar", { status: 404 }).page(placeholder("Avatar", "guest" + ERROR));
    await page.goto(site.origin);
    const detail = await event(page, "island:error");
    assert.deepEqual([detail.name, detail.status, detail.attempt, detail.reason], ["Avatar", 404, 1, "status"]);
    assert.equal(await text(page), "Sorry.");
    assert.equal(await page.locator("p").getAttribute("role"), "alert");
    assert.equal(await page.locator("[aria-busy]").count(), 0);
  });

  it("leaves the fallback where there is no error slot", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Avatar", { status: 500 }).page(placeholder("Avatar", "guest"));
    await page.goto(site.origin);
    await event(page, "island:error");
    assert.equal(await text(page), "guest");
    assert.equal(await page.locator("[aria-busy]").count(), 0);
  });

  it("shows the error slot of a table row", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Row", { status: 404 });
    const slot = '<template island-slot="error"><td>Sorry.</td></template>';
    site.page(`<table><tr island="Row" island-src="/_server-islands/Row/T"><td>…</td>${slot}</tr></table>`);
    await page.goto(site.origin);
    await event(page, "island:error");
    assert.equal(await page.locator("tr > td[role=alert]").textContent(), "Sorry.");
  });

  for (const status of [429, 502, 503, 504]) {
    it(`${status} is tried again`, async (t) => {
      const [site, page] = [await Site.open(t), await openPage(t)];
      await hurry(page);
      site.island("Avatar", { status }, "<b>Ada</b>").page(placeholder("Avatar"));
      await page.goto(site.origin);
      assert.equal((await event(page, "island:load")).attempt, 2);
    });
  }

  it("is final after three more attempts, each later than the one before", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    await hurry(page, 0.2);
    site.island("Avatar", { status: 503 }).page(placeholder("Avatar", "guest" + ERROR));
    await page.goto(site.origin);
    const detail = await event(page, "island:error");
    assert.deepEqual([detail.status, detail.attempt], [503, 4]);
    assert.deepEqual(await page.evaluate("pauses"), [200, 400, 800]);
    assert.equal(await text(page), "Sorry.");
  });

  it("of the network is tried again", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    await hurry(page);
    site.island("Avatar", { cut: true }, { cut: true }, "<b>Ada</b>").page(placeholder("Avatar"));
    await page.goto(site.origin);
    await event(page, "island:load");
    assert.equal(await text(page), "Ada");
  });

  it("of the network that lasts is told as such", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    await hurry(page);
    site.island("Avatar", { cut: true }).page(placeholder("Avatar", "guest"));
    await page.goto(site.origin);
    const { status, reason } = await event(page, "island:error");
    assert.deepEqual([status, reason], [0, "network"]);
  });

  it("waits as many seconds as Retry-After says", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    await hurry(page);
    site.island("Avatar", { status: 503, headers: { "Retry-After": "1" } }, "<b>Ada</b>").page(placeholder("Avatar"));
    await page.goto(site.origin);
    await event(page, "island:load");
    assert.deepEqual(await page.evaluate("pauses"), [1000]);
  });

  it("waits until the date that Retry-After says", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    await hurry(page);
    const later = () => ({ status: 503, headers: { "Retry-After": new Date(Date.now() + 30000).toUTCString() } });
    site.island("Avatar", later, "<b>Ada</b>").page(placeholder("Avatar"));
    await page.goto(site.origin);
    await event(page, "island:load");
    const [pause] = /** @type {number[]} */ (await page.evaluate("pauses"));
    assert.ok(pause > 10000 && pause <= 30000, String(pause));
  });

  it("waits a minute at most, whatever Retry-After says", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    await hurry(page);
    const busy = { status: 503, headers: { "Retry-After": "86400" } };
    site.island("Avatar", busy, "<b>Ada</b>").page(placeholder("Avatar"));
    await page.goto(site.origin);
    await event(page, "island:load");
    assert.deepEqual(await page.evaluate("pauses"), [60000]);
  });

  it("while offline is waited out", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t, {})];
    await hurry(page);
    site.island("Avatar", "<b>Ada</b>").page(placeholder("Avatar", "guest", 'island-when="manual"'));
    await page.goto(site.origin);
    await page.context().setOffline(true);
    await page.evaluate(() => void window.eyot?.refresh("Avatar"));
    await quiet(500);
    assert.deepEqual(await events(page), []);
    await page.context().setOffline(false);
    await event(page, "island:load");
    assert.equal(await text(page), "Ada");
  });

  it("by time comes after island-timeout seconds an attempt", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    await hurry(page);
    await page.addInitScript(() => {
      const signal = AbortSignal.timeout.bind(AbortSignal);
      AbortSignal.timeout = (time) => signal(time / 10);
    });
    site.island("Avatar", { wait: new Promise(() => {}) }).page(placeholder("Avatar", "guest", 'island-timeout="2"'));
    await page.goto(site.origin);
    const { attempt, reason } = await event(page, "island:error");
    assert.deepEqual([attempt, reason], [4, "timeout"]);
  });

  it("of one island leaves the others alone", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Bad", { status: 500 }).island("Good", "<b>good</b>").page(placeholder("Bad", "bad ") + placeholder("Good"));
    await page.goto(site.origin);
    await event(page, "island:load");
    await event(page, "island:error");
    assert.equal(await text(page), "bad good");
  });
});

describe("an answer that is not the island's", { concurrency: 4 }, () => {
  for (const where of ["same", "other"]) {
    it(`is not taken: a redirect to a login page of the ${where} origin`, async (t) => {
      const [site, other, page] = [await Site.open(t), await Site.open(t), await openPage(t)];
      const target = where == "same" ? site : other;
      target.at("/login", { headers: { Island: "Avatar", "Access-Control-Allow-Origin": "*" }, body: "<form>login</form>" });
      site.at("/_server-islands/Avatar", { status: 302, headers: { Location: `${target.origin}/login` } });
      site.page(placeholder("Avatar", "guest"));
      await page.goto(site.origin);
      assert.equal((await event(page, "island:error")).reason, "redirect");
      await quiet();
      assert.equal(await text(page), "guest");
      assert.deepEqual(site.asked, ["Avatar/TOKEN"]);
      assert.ok(![...site.log, ...other.log].some(({ path }) => path == "/login"));
    });
  }

  const wrong = {
    "a page without the Island header": { "Content-Type": "text/html" },
    "another island": { Island: "Header" },
    "a text": { Island: "Avatar", "Content-Type": "text/plain" },
    "a type that starts like HTML's": { Island: "Avatar", "Content-Type": "text/html-sandboxed" },
  };
  for (const [what, headers] of Object.entries(wrong)) {
    it(`is not taken: ${what}`, async (t) => {
      const [site, page] = [await Site.open(t), await openPage(t)];
      site.at("/_server-islands/Avatar", { headers, body: "<b>other</b>" }).page(placeholder("Avatar", "guest"));
      await page.goto(site.origin);
      assert.equal((await event(page, "island:error")).reason, "answer");
      assert.equal(await text(page), "guest");
      assert.deepEqual(site.asked, ["Avatar/TOKEN"]);
    });
  }

  it("is not taken: an island with a status other than 200", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Avatar", { status: 203, body: "<b>proxy</b>" }).page(placeholder("Avatar", "guest"));
    await page.goto(site.origin);
    await event(page, "island:error");
    assert.equal(await text(page), "guest");
  });
});

describe("an answer without content", { concurrency: 4 }, () => {
  /** @param {any} t @param {string | undefined} location @param {string} [attributes] */
  async function answered(t, location, attributes) {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Cart", { status: 204, headers: location == undefined ? {} : { "Island-Location": location } });
    site.at("/login", "<title>login</title>").page(placeholder("Cart", "guest" + ERROR, attributes));
    await page.goto(site.origin);
    return { site, page };
  }

  it("leaves the fallback, loaded", async (t) => {
    const { page } = await answered(t, undefined);
    const { status, nodes } = await event(page, "island:load");
    assert.deepEqual([status, nodes], [204, []]);
    assert.equal(await text(page), "guest");
    assert.equal(await page.locator("[aria-busy]").count(), 0);
  });

  it("tells where the handler wants the visitor to go, and goes nowhere", async (t) => {
    const { site, page } = await answered(t, "/login");
    assert.equal((await event(page, "island:redirect")).location, `${site.origin}/login`);
    await quiet();
    assert.equal(page.url(), `${site.origin}/`);
    assert.equal(await text(page), "guest");
  });

  it("goes there with island-redirect=follow", async (t) => {
    const { site, page } = await answered(t, "/login", 'island-redirect="follow"');
    await page.waitForURL(`${site.origin}/login`);
  });

  it("does not go there when the event is cancelled", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    await page.addInitScript(() => document.addEventListener("island:redirect", (event) => event.preventDefault()));
    site.island("Cart", { status: 204, headers: { "Island-Location": "/login" } });
    site.page(placeholder("Cart", "guest", 'island-redirect="follow"'));
    await page.goto(site.origin);
    await event(page, "island:redirect");
    await quiet();
    assert.equal(page.url(), `${site.origin}/`);
  });

  const forbidden = [
    "javascript:document.title='run'",
    "data:text/html,x",
    "blob:SELF/x",
    "https://evil.example/",
    "//evil.example/",
    "http://[",
  ];
  for (const location of forbidden) {
    it(`goes nowhere for ${location}`, async (t) => {
      const [site, page] = [await Site.open(t), await openPage(t)];
      site.island("Cart", { status: 204, headers: { "Island-Location": location.replace("SELF", site.origin) } });
      site.page(placeholder("Cart", "guest", 'island-redirect="follow"'));
      await page.goto(site.origin);
      await event(page, "island:error");
      await quiet();
      assert.equal(page.url(), `${site.origin}/`);
      assert.equal(await page.title(), "t");
      assert.ok((await events(page)).every((/** @type {any} */ { type }) => type != "island:redirect"));
    });
  }
});
