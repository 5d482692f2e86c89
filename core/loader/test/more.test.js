// The second file: fetched when a page needs it, under every policy that the first runs under; and what happens without it.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { event, openPage, quiet, text } from "./browser.js";
import { document as html, fileOf, placeholder, Site, TAG } from "./server.js";

const [FIRST, SECOND] = ["loader.v1.js", "loader.more.v1.js"].map((name) => fileOf(name).toString());
const hash = (/** @type {string} */ text) => `sha384-${createHash("sha384").update(text).digest("base64")}`;
const INLINE = `<script data-eyot="loader.v1.js" data-base="/_server-islands">${FIRST}</script>`;

/** @param {any} t @param {Record<string, string>} headers @param {string} tag */
async function kept(t, headers, tag) {
  const [site, page] = [await Site.open(t), await openPage(t)];
  site.island("Cart", "<b>1</b><input>", "<b>2</b><input>").page(placeholder("Cart", "…", "island-keep"), headers, tag);
  await page.goto(site.origin);
  await event(page, "island:load");
  await page.fill("input", "typed");
  await page.evaluate(() => window.eyot?.refresh("Cart"));
  return { site, page, shown: [await text(page), await page.inputValue("input")] };
}

describe("the second file", { concurrency: 4 }, () => {
  it("is not asked for by a page whose islands load at once and stay", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Avatar", "<b>Ada</b>").island("Row", "<td>1</td>");
    const row = '<table><tr island="Row" island-src="/_server-islands/Row/T"></tr></table><form action="/x"></form>';
    site.page(placeholder("Avatar") + row + placeholder("Avatar", "…", "island-keep"));
    await page.goto(site.origin);
    await event(page, "island:load", 3);
    await quiet();
    assert.ok(!site.log.some(({ path }) => path.includes("more")));
  });

  const policies = {
    "'self'": [{}, TAG],
    "a nonce": ["script-src 'nonce-n0nce'", TAG.replace("script ", 'script nonce="n0nce" ')],
    "a nonce and strict-dynamic": ["script-src 'nonce-n0nce' 'strict-dynamic'", TAG.replace("script ", 'script nonce="n0nce" ')],
    "trusted types": ["script-src 'self'; require-trusted-types-for 'script'; trusted-types eyot", TAG],
    "two hashes, in a page that holds the first": [`default-src 'none'; connect-src 'self'; style-src 'self'; script-src '${hash(FIRST)}' '${hash(SECOND)}'`, INLINE],
    "two hashes and trusted types": [
      `default-src 'none'; connect-src 'self'; style-src 'self'; script-src '${hash(FIRST)}' '${hash(SECOND)}'; require-trusted-types-for 'script'; trusted-types eyot`,
      INLINE,
    ],
    "its integrity": ["script-src 'self'", TAG.replace("script ", `script data-integrity="${hash(SECOND)}" `)],
  };
  for (const [name, [policy, tag]] of Object.entries(policies)) {
    it(`comes under a policy with ${name}, and merges`, async (t) => {
      /** @type {Record<string, string>} */
      const headers = typeof policy == "string" ? { "Content-Security-Policy": policy } : {};
      assert.deepEqual((await kept(t, headers, String(tag))).shown, ["2", "typed"]);
    });
  }

  it("with another integrity than the tag says does not run", async (t) => {
    const tag = TAG.replace("script ", `script data-integrity="${hash("other")}" `);
    const { page } = await kept(t, {}, tag);
    assert.equal(await text(page), "1");
  });

  it("that does not come leaves triggers that start at once, error slots that stay away, and no island stuck", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.at("/_server-islands/loader.more.v1.js", { status: 500 }).island("Late", "<b>late</b>").island("Bad", { status: 404 });
    site.page(placeholder("Late", "…", 'island-when="visible"') + placeholder("Bad", "bad"));
    await page.goto(site.origin);
    await event(page, "island:load");
    await event(page, "island:error");
    assert.equal(await text(page), "latebad");
    assert.equal(await page.locator("[aria-busy]").count(), 0);
  });
});

describe("while debugging", { concurrency: 4 }, () => {
  /** @param {any} t @param {(site: Site) => void} prepare @param {string} body @param {Record<string, string>} [headers] */
  async function lines(t, prepare, body, headers = {}) {
    const [site, page] = [await Site.open(t), await openPage(t)];
    /** @type {string[]} */
    const said = [];
    page.on("console", (message) => message.text().startsWith("eyot:") && said.push(message.text()));
    prepare(site);
    site.page(body, headers, TAG.replace("script ", "script data-debug "));
    await page.goto(site.origin);
    return { site, page, said };
  }

  const failures = {
    "a handler that failed": [{ status: 500 }, /^eyot: island Avatar failed \(500, attempt 1\)\. The handler failed\. .* http.*\/Avatar\/TOKEN$/],
    "a name without a handler": [{ status: 404 }, /failed \(404, attempt 1\)\. No handler has this name/],
    "a refused token": [{ status: 400 }, /failed \(400.*refused the token or a prop/],
    "a stale token": [{ status: 410, headers: { "Island-Refused": "stale" } }, /failed \(410.*token is stale/],
    "an answer that is JSON": [{ headers: { "Content-Type": "application/json" }, body: "{}" }, /failed \(200.*must return HTML \(not JSON\)/],
    "a redirect": [{ status: 302, headers: { Location: "/login" } }, /failed \(redirect.*login/],
  };
  for (const [name, [reply, line]] of Object.entries(failures)) {
    it(`says in one line what is wrong: ${name}`, async (t) => {
      const { page, said } = await lines(t, (site) => site.island("Avatar", /** @type {any} */ (reply)), placeholder("Avatar"));
      await event(page, "island:error");
      assert.equal(said.length, 1);
      assert.match(said[0], /** @type {RegExp} */ (line));
    });
  }

  it("says which island was slow", async (t) => {
    const slow = () => ({ body: "x", wait: quiet(1300) });
    const { page, said } = await lines(t, (site) => site.island("Slow", slow), placeholder("Slow"));
    await event(page, "island:load");
    for (let tries = 0; !said.length && tries < 100; tries++) await quiet(50);
    assert.match(said.join("\n"), /^eyot: island Slow took 1\d\d\d ms\. Make its handler faster/);
  });

  it("says that a stale token was healed", async (t) => {
    const { page, said } = await lines(
      t,
      (site) =>
        site
          .at("/_server-islands/Cart/TOKEN", { status: 410, headers: { "Island-Refused": "stale" } })
          .island("Cart", "<b>new</b>")
          .at("/?island-fresh", html(placeholder("Cart").replace("TOKEN", "NEW"))),
      placeholder("Cart"),
    );
    await event(page, "island:load");
    assert.deepEqual(said, ["eyot: island Cart had a stale token. A fresh copy of the page healed it."]);
  });

  it("says that a refreshed name is not on the page", async (t) => {
    const { page, said } = await lines(t, (site) => site.island("Cart", "x"), placeholder("Cart", "…", "island-keep"));
    await event(page, "island:load");
    await page.evaluate(() => window.eyot?.refresh("cart"));
    assert.deepEqual(said, ['eyot: refresh("cart"): the page has no island of this name. It has: Cart.']);
  });

  it("says nothing of an island that is well", async (t) => {
    const { page, said } = await lines(t, (site) => site.island("Cart", "x"), placeholder("Cart"));
    await event(page, "island:load");
    assert.deepEqual(said, []);
  });
});
