// What user content, policies and other origins can and cannot make the loader do.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { event, events, openPage, quiet, text } from "./browser.js";
import { document as html, placeholder, Site, TAG } from "./server.js";

describe("content of users", { concurrency: 4 }, () => {
  const forged = {
    "another origin": 'island="Avatar" island-src="OTHER/_server-islands/Avatar/T"',
    "another origin without a scheme": 'island="Avatar" island-src="//OTHERHOST/_server-islands/Avatar/T"',
    "a page of the site": 'island="account" island-src="/account"',
    "a page through dots": 'island="Avatar" island-src="/_server-islands/Avatar/../../account"',
    "a page through encoded dots": 'island="Avatar" island-src="/_server-islands/Avatar/%2e%2e/%2e%2e/account"',
    "a page through back slashes": 'island="Avatar" island-src="/_server-islands\\..\\account"',
    "an encoded name": 'island="Avatar" island-src="/_server-islands/%41vatar/T"',
    "an encoded slash": 'island="Avatar" island-src="/_server-islands/Avatar/T%2fx"',
    "another name": 'island="Avatar" island-src="/_server-islands/Header/T"',
    "a longer path": 'island="Avatar" island-src="/_server-islands/Avatar/T/x"',
    "a name with a slash": 'island="a/b" island-src="/_server-islands/a/b"',
    "a query": 'island="Avatar" island-src="/_server-islands/Avatar/T?x"',
    "an Astro query": 'island="Avatar" data-wire="astro" island-src="/_server-islands/Avatar?e=1&p=2&s=3"',
    "a base of its own": 'island="Avatar" data-base="OTHER/x" island-src="OTHER/x/Avatar/T"',
    "a path beside the prefix": 'island="Avatar" island-src="/_server-islandsx/Avatar/T"',
    "credentials": 'island="Avatar" island-src="http://u:p@SELFHOST/_server-islands/Avatar/T"',
    "a script": 'island="Avatar" island-src="javascript:alert(1)"',
    "no URL": 'island="Avatar" island-src="http://["',
    "nothing": 'island="Avatar"',
  };
  it("makes no request leave, whatever island-src it holds", async (t) => {
    const [site, other, page] = [await Site.open(t), await Site.open(t), await openPage(t)];
    const fill = (/** @type {string} */ attributes) =>
      attributes
        .replaceAll("OTHERHOST", new URL(other.origin).host)
        .replaceAll("SELFHOST", new URL(site.origin).host)
        .replaceAll("OTHER", other.origin);
    /** @type {string[]} */
    const errors = [];
    page.on("console", (message) => message.type() == "error" && errors.push(message.text()));
    site.at("/account", { headers: { Island: "account" }, body: "secret" }).island("Good", "<b>good</b>");
    site.page(Object.values(forged).map((attributes) => `<div ${fill(attributes)}></div>`).join("") + placeholder("Good"));
    await page.goto(site.origin);
    await event(page, "island:load");
    await quiet();
    assert.deepEqual(site.asked, ["Good/TOKEN"]);
    assert.deepEqual(other.log, []);
    assert.ok(!site.log.some(({ path }) => path.includes("account")));
    assert.equal(errors.filter((error) => error.startsWith("eyot: ignored")).length, Object.keys(forged).length);
  });

  it("cannot stand in for the loader's tag, nor hide what the document has", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    const names = ["currentScript", "documentElement", "readyState", "prerendering", "querySelector", "addEventListener", "head"];
    const images = names.map((name) => `<img name="${name}" data-base="/evil" src="/evil/loader.v1.js">`).join("");
    const form = '<form name="createTreeWalker"><input name="querySelectorAll"><input name="contains"></form>';
    site.island("Avatar", "<b>Ada</b>").at("/", html(images + form + placeholder("Avatar", "guest") + TAG, ""));
    await page.goto(site.origin);
    await event(page, "island:load");
    await page.evaluate((late) => document.body.insertAdjacentHTML("beforeend", late), form + placeholder("Avatar"));
    await event(page, "island:load", 2);
    assert.deepEqual(site.asked, ["Avatar/TOKEN", "Avatar/TOKEN"]);
  });

  it("cannot stop the other islands with a form whose fields are named like properties", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    const names = ["dataset", "getAttribute", "querySelectorAll", "setAttribute", "parentNode", "localName"];
    const fields = names.map((name) => `<input name="${name}">`).join("");
    site.island("Avatar", "<b>Ada</b>");
    site.page(`<form island="Avatar" island-src="/_server-islands/Avatar/T">${fields}</form>${placeholder("Avatar")}`);
    await page.goto(site.origin);
    await event(page, "island:load");
    assert.equal(await text(page), "Ada");
  });
});

describe("a content security policy", { concurrency: 4 }, () => {
  const STRICT = "default-src 'self'; script-src 'self'; require-trusted-types-for 'script'";

  it("that is strict and requires trusted types lets islands load", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    /** @type {string[]} */
    const errors = [];
    page.on("console", (message) => message.type() == "error" && errors.push(message.text()));
    site.at("/x.js", { headers: { "Content-Type": "text/javascript" }, body: "window.ran = true" }).at("/favicon.ico", "");
    site.island("Row", '<td>1<script src="/x.js"></script></td>').island("Avatar", "<b>Ada</b>");
    const table = '<table><tr island="Row" island-src="/_server-islands/Row/T"></tr></table>';
    site.page(table + placeholder("Avatar", "text", 'island-when="visible"'), { "Content-Security-Policy": STRICT });
    await page.goto(site.origin);
    await event(page, "island:load", 2);
    await page.waitForFunction(() => "ran" in window);
    assert.equal(await text(page), "1Ada");
    assert.deepEqual(errors, []);
  });

  it("that lists the policy eyot lets islands load", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Avatar", "<b>Ada</b>");
    site.page(placeholder("Avatar"), { "Content-Security-Policy": `${STRICT}; trusted-types eyot` });
    await page.goto(site.origin);
    await event(page, "island:load");
  });

  it("that forbids the policy leaves the fallback", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Avatar", "<b>Ada</b>");
    site.page(placeholder("Avatar", "guest"), { "Content-Security-Policy": `${STRICT}; trusted-types 'none'` });
    await page.goto(site.origin);
    await event(page, "island:error");
    assert.equal(await text(page), "guest");
    assert.equal(await page.locator("[aria-busy]").count(), 0);
  });

  it("with trusted types lets inline scripts of islands run that it allows", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Scripted", "<script>window.ran = true</script>");
    const policy = "script-src 'self' 'unsafe-inline'; require-trusted-types-for 'script'";
    site.page(placeholder("Scripted"), { "Content-Security-Policy": policy });
    await page.goto(site.origin);
    await event(page, "island:load");
    assert.equal(await page.evaluate("window.ran"), true);
  });

  it("with a nonce takes scripts without it out of the island", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    const own = '<script nonce="n0nce">window.own = 1</script>';
    site.island("Scripted", `${own}<script>window.foreign = 1</script><script nonce="x" src="/x.js"></script><b>x</b>`);
    site.page(
      placeholder("Scripted"),
      { "Content-Security-Policy": "script-src 'nonce-n0nce' 'strict-dynamic'" },
      TAG.replace("script ", 'script nonce="n0nce" '),
    );
    await page.goto(site.origin);
    const { nodes } = await event(page, "island:load");
    assert.deepEqual(nodes, ["SCRIPT", "B"]);
    assert.deepEqual(await page.evaluate("[window.own, 'foreign' in window]"), [1, false]);
    assert.ok(!site.log.some(({ path }) => path == "/x.js"));
  });
});

describe("islands of another origin", { concurrency: 4 }, () => {
  /** @param {any} t @param {import("./server.js").Reply} reply */
  async function apart(t, reply) {
    const [site, islands, page] = [await Site.open(t), await Site.open(t), await openPage(t, {})];
    const cors = {
      "Access-Control-Allow-Origin": site.origin,
      "Access-Control-Allow-Credentials": "true",
      "Access-Control-Allow-Headers": "Content-Type",
      "Access-Control-Expose-Headers": "Island, Island-Location, Island-Refused, Retry-After",
    };
    islands.island("Avatar", { ...reply, headers: { ...cors, ...reply.headers } });
    const base = `${islands.origin}/_server-islands`;
    const tag = TAG.replace("script ", `script data-base="${base}" `);
    return { site, islands, page, base, tag };
  }

  it("load with credentials from the base that the loader's tag names", async (t) => {
    const { site, islands, page, base, tag } = await apart(t, { body: "<b>Ada</b>" });
    await page.context().addCookies([{ name: "session", value: "ada", url: islands.origin }]);
    site.page(`<server-island island="Avatar" island-src="${base}/Avatar/TOKEN"></server-island>`, {}, tag);
    await page.goto(site.origin);
    await event(page, "island:load");
    assert.equal(islands.log.at(-1)?.headers.cookie, "session=ada");
    assert.deepEqual(site.asked, []);
  });

  it("load by POST after a preflight", async (t) => {
    const { site, islands, page, base, tag } = await apart(t, { body: "<b>Ada</b>" });
    site.page(`<server-island island="Avatar" island-src="${base}/Avatar" island-token="T"></server-island>`, {}, tag);
    await page.goto(site.origin);
    await event(page, "island:load");
    assert.deepEqual(islands.log.map(({ method }) => method), ["OPTIONS", "POST"]);
  });

  it("may send the visitor to their own origin", async (t) => {
    const { site, islands, page, base, tag } = await apart(t, { status: 204, headers: { "Island-Location": "/login" } });
    site.page(`<server-island island="Avatar" island-src="${base}/Avatar/TOKEN"></server-island>`, {}, tag);
    await page.goto(site.origin);
    assert.equal((await event(page, "island:redirect")).location, `${islands.origin}/login`);
  });

  it("are ignored where the tag does not name their base", async (t) => {
    const { site, islands, page, base } = await apart(t, { body: "<b>Ada</b>" });
    site.page(`<server-island island="Avatar" island-src="${base}/Avatar/TOKEN">guest</server-island>`);
    await page.goto(site.origin);
    await quiet();
    assert.deepEqual(islands.log, []);
    assert.deepEqual(await events(page), []);
  });
});
