// The options that bring islands in earlier: the loader in the page, and links that ask before it runs.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { event, events, openPage, quiet, text } from "./browser.js";
import { document as html, placeholder, Site, TAG } from "./server.js";

const LOADER = readFileSync(new URL("../dist/loader.v1.js", import.meta.url), "utf8");
const INLINE = `<script data-eyot="loader.v1.js" data-base="/_server-islands">${LOADER}</script>`;
const HASH = createHash("sha384").update(LOADER).digest("base64");

/** @param {string} name */
const link = (name) =>
  `<link rel="preload" as="fetch" crossorigin href="/_server-islands/${name}/TOKEN">`;

describe("a loader in the page", { concurrency: 4 }, () => {
  it("loads islands under a policy that allows its hash and nothing else", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    const policy = `default-src 'none'; connect-src 'self'; style-src 'self'; script-src 'sha384-${HASH}'`;
    site.island("Avatar", "<b>Ada</b>").page(placeholder("Avatar"), { "Content-Security-Policy": policy }, INLINE);
    await page.goto(site.origin);
    await event(page, "island:load");
    assert.equal(await text(page), "Ada");
    assert.ok(!site.log.some(({ path }) => path.endsWith("loader.v1.js")));
  });

  it("acts once beside a file", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Avatar", "<b>Ada</b>").page(placeholder("Avatar"), {}, INLINE + TAG);
    await page.goto(site.origin, { waitUntil: "load" });
    await event(page, "island:load");
    await quiet();
    assert.deepEqual(site.asked, ["Avatar/TOKEN"]);
    assert.equal((await events(page)).length, 1);
  });
});

describe("a link for an island", { concurrency: 4 }, () => {
  it("asks before the loader is there, which takes that answer, though no cache may keep it", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Avatar", "<b>Ada</b>").at("/", html(placeholder("Avatar"), link("Avatar")));
    // A busy browser may ask for what a link names only after the page has loaded.
    const early = page.waitForResponse((response) => response.url().includes("/Avatar/"));
    await page.goto(site.origin, { waitUntil: "load" });
    await early;
    assert.deepEqual(site.asked, ["Avatar/TOKEN"]);
    await page.addScriptTag({ url: `${site.origin}/_server-islands/loader.v1.js` });
    await event(page, "island:load");
    assert.equal(await text(page), "Ada");
    assert.deepEqual(site.asked, ["Avatar/TOKEN"]);
  });

  it("brings the cookies of the visitor", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t, {})];
    site.island("Avatar", ({ headers }) => `<b>${headers.cookie}</b>`);
    site.page(placeholder("Avatar"), { "Set-Cookie": "who=Ada" }, TAG + link("Avatar"));
    await page.goto(site.origin);
    await event(page, "island:load");
    assert.equal(await text(page), "who=Ada");
  });

  it("serves one load: what is refreshed is asked for again", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Avatar", "<b>1</b>", "<b>2</b>");
    site.page(placeholder("Avatar", "…", "island-keep"), {}, TAG + link("Avatar"));
    await page.goto(site.origin);
    await event(page, "island:load");
    assert.equal(await text(page), "1");
    await page.evaluate('eyot.refresh("Avatar")');
    assert.equal(await text(page), "2");
  });

  for (const where of ["the site", "another site"]) {
    it(`that is answered with a redirect to ${where} leaves the fallback, whatever stands there`, async (t) => {
      const [site, other, page] = [await Site.open(t), await Site.open(t), await openPage(t)];
      const target = where == "the site" ? site : other;
      target.at("/login", { headers: { Island: "Avatar" }, body: "<form>sign in</form>" });
      site.at("/_server-islands/Avatar/TOKEN", { status: 302, headers: { Location: `${target.origin}/login` } });
      site.page(placeholder("Avatar", "guest"), {}, TAG + link("Avatar"));
      await page.goto(site.origin);
      const { reason } = await event(page, "island:error");
      assert.equal(reason, "redirect");
      assert.equal(await text(page), "guest");
    });
  }

  it("of somebody else's making does not break the island", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Avatar", "<b>Ada</b>");
    const odd = placeholder("Avatar").replace("TOKEN", "TOKEN&#10;");
    site.page(odd + '<link href="/_server-islands/Avatar/TOKEN" rel="prefetch">');
    await page.goto(site.origin);
    const { attempt } = await event(page, "island:load");
    assert.ok(attempt <= 2);
    assert.equal(await text(page), "Ada");
  });

  it("with a stale token does not stop the page from healing", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    const fresh = placeholder("Avatar").replace("TOKEN", "NEW");
    site.at("/?island-fresh", html(fresh, TAG)).island("Avatar", "<b>healed</b>");
    site.at("/_server-islands/Avatar/TOKEN", { status: 410, headers: { "Island-Refused": "stale" } });
    site.page(placeholder("Avatar"), {}, TAG + link("Avatar"));
    await page.goto(site.origin);
    await event(page, "island:load");
    assert.equal(await text(page), "healed");
  });
});
