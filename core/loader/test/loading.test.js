// What a placeholder becomes when all goes well.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { minify } from "html-minifier-terser";
import { event, events, openPage, quiet, text } from "./browser.js";
import { document as html, gate, placeholder, Site, TAG } from "./server.js";

describe("loading", { concurrency: 4 }, () => {
  it("shows the fallback first, then the island in its place", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    const { opened, open } = gate();
    site.island("Avatar", { body: "<b>Ada</b>", wait: opened }).page(`<p>Hi ${placeholder("Avatar", "guest")}!</p>`);
    await page.goto(site.origin);
    await page.waitForSelector("server-island[aria-busy=true]", { state: "attached" });
    assert.equal(await text(page), "Hi guest!");
    open();
    await event(page, "island:load");
    assert.equal(await text(page), "Hi Ada!");
    assert.equal(await page.locator("server-island").count(), 0);
  });

  it("tells what it put in, from the parent of a replaced placeholder", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Avatar", "<b>Ada</b>, <i>admin</i>").page(`<main>${placeholder("Avatar")}</main>`);
    await page.goto(site.origin);
    assert.deepEqual(await event(page, "island:load"), {
      type: "island:load",
      target: "main",
      name: "Avatar",
      url: `${site.origin}/_server-islands/Avatar/TOKEN`,
      status: 200,
      attempt: 1,
      reason: "",
      nodes: ["B", "#text", "I"],
    });
  });

  it("fills a table row with cells", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("CartRow", "<td>A-1</td><td>2</td>");
    const row = '<tr class="row" island="CartRow" island-src="/_server-islands/CartRow/T"><td>…</td></tr>';
    site.page(`<table>${row}</table>`);
    await page.goto(site.origin);
    await event(page, "island:load");
    assert.deepEqual(await page.locator("tr.row > td").allTextContents(), ["A-1", "2"]);
    assert.equal(await page.locator("tr.row").getAttribute("aria-busy"), null);
  });

  it("fills a table body with rows", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Rows", "<tr><td>1</td></tr><tr><td>2</td></tr>");
    site.page('<table><tbody island="Rows" island-src="/_server-islands/Rows/T"></tbody></table>');
    await page.goto(site.origin);
    await event(page, "island:load");
    assert.equal(await page.locator("tbody > tr > td").count(), 2);
  });

  it("fills an option of a select", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("City", "Graz");
    const option = '<option island="City" island-src="/_server-islands/City/T">…</option>';
    site.page(`<select><option>Wien</option>${option}</select>`);
    await page.goto(site.origin);
    await event(page, "island:load");
    assert.deepEqual(await page.locator("option").allTextContents(), ["Wien", "Graz"]);
  });

  it("fills an option group with options", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Cities", "<option>Graz</option><option>Linz</option>");
    const group = '<optgroup label="c" island="Cities" island-src="/_server-islands/Cities/T"></optgroup>';
    site.page(`<select>${group}</select>`);
    await page.goto(site.origin);
    await event(page, "island:load");
    assert.deepEqual(await page.locator("optgroup > option").allTextContents(), ["Graz", "Linz"]);
  });

  it("leaves the element of a kept component in place", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Cart", "<b>3</b>").page(placeholder("Cart", "…", "island-keep"));
    await page.goto(site.origin);
    assert.equal((await event(page, "island:load")).target, "server-island");
    assert.equal(await page.locator("server-island > b").textContent(), "3");
  });

  it("loads an island that came with another island", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Outer", placeholder("Inner", "inner fallback")).island("Inner", "<b>inner</b>");
    site.page(placeholder("Outer"));
    await page.goto(site.origin);
    await event(page, "island:load", 2);
    assert.equal(await text(page), "inner");
  });

  it("loads an island in another one's fallback", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Outer", { body: "", wait: new Promise(() => {}) }).island("Inner", "<b>inner</b>");
    site.page(placeholder("Outer", `<p>${placeholder("Inner")}</p>`));
    await page.goto(site.origin);
    assert.equal((await event(page, "island:load")).name, "Inner");
    assert.equal(await text(page), "inner");
  });

  it("loads a placeholder that a script inserts later", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Late", "<b>late</b>").page("<main></main>");
    await page.goto(site.origin);
    await page.evaluate((late) => document.body.insertAdjacentHTML("beforeend", late), placeholder("Late"));
    await event(page, "island:load");
    assert.equal(await text(page), "late");
  });

  it("posts a token that does not fit into the URL", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Big", "<b>big</b>");
    site.page('<server-island island="Big" island-src="/_server-islands/Big" island-token="TOKEN">…</server-island>');
    await page.goto(site.origin);
    await event(page, "island:load");
    const request = site.log.find(({ path }) => path == "/_server-islands/Big");
    assert.equal(request?.method, "POST");
    assert.equal(request?.body, "TOKEN");
    assert.equal(request?.headers["content-type"], "application/vnd.eyot.token");
  });

  it("asks once for two placeholders with the same URL", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    const { opened, open } = gate();
    site.island("Price", { body: "<b>9</b>", wait: opened }).page(placeholder("Price") + placeholder("Price"));
    await page.goto(site.origin);
    await page.waitForFunction(() => document.querySelectorAll("[aria-busy]").length == 2);
    open();
    await event(page, "island:load", 2);
    assert.equal(await text(page), "99");
    assert.deepEqual(site.asked, ["Price/TOKEN"]);
  });

  it("posts twice for the same URL with different tokens", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    const one = (/** @type {string} */ token) =>
      `<server-island island="Big" island-src="/_server-islands/Big" island-token="${token}"></server-island>`;
    site.island("Big", "<b>big</b>").page(one("A") + one("B"));
    await page.goto(site.origin);
    await event(page, "island:load", 2);
    const posts = site.log.filter(({ method }) => method == "POST");
    assert.deepEqual(posts.map(({ body }) => body).sort(), ["A", "B"]);
  });

  it("sends no header of its own with a GET", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Avatar", "<b>Ada</b>").page(placeholder("Avatar"));
    await page.goto(site.origin);
    await event(page, "island:load");
    const names = Object.keys(site.log.find(({ path }) => path.endsWith("/TOKEN"))?.headers ?? {});
    const usual = /^(host|connection|user-agent|accept.*|referer|sec-.*|priority|cookie)$/;
    assert.deepEqual(names.filter((name) => !usual.test(name)), []);
  });

  it("waits for the end tag of a placeholder that the page cuts in two", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    const { opened, open } = gate();
    const [start, end] = html(`<main>${placeholder("Avatar", "gu|est", "island-keep")}<p>after</p></main>`).split("|");
    site.island("Avatar", "<b>Ada</b>").stream("/", async (response) => {
      response.write(start);
      await opened;
      response.end(end);
    });
    await page.goto(site.origin, { waitUntil: "commit" });
    await page.waitForSelector("server-island[aria-busy]", { state: "attached" });
    await quiet(400);
    assert.deepEqual(await events(page), []);
    assert.deepEqual(site.asked, ["Avatar/TOKEN"]);
    open();
    await event(page, "island:load");
    assert.equal(await page.locator("server-island").innerHTML(), "<b>Ada</b>");
  });

  it("swaps while the rest of the page still streams in", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    const { opened, open } = gate();
    const [start, end] = html(`<main>${placeholder("Avatar")} <p>|after</p></main>`).split("|");
    site.island("Avatar", "<b>Ada</b>").stream("/", async (response) => {
      response.write(start);
      await opened;
      response.end(end);
    });
    await page.goto(site.origin, { waitUntil: "commit" });
    await event(page, "island:load");
    assert.equal(await text(page), "Ada");
    open();
    await page.waitForLoadState("load");
    assert.equal(await text(page), "Ada after");
  });

  it("runs inline scripts of an island in order, with the island in the page", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    const first = '<script>window.order = ["one", document.querySelector("#last")?.id]</script>';
    site.island("Scripted", `${first}<p><script>order.push("two")</script></p><b id="last"></b>`);
    site.page(placeholder("Scripted"));
    await page.goto(site.origin);
    await event(page, "island:load");
    assert.deepEqual(await page.evaluate("order"), ["one", "last", "two"]);
  });

  it("does not hold back an island for its external script", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    const { opened, open } = gate();
    site.at("/slow.js", { headers: { "Content-Type": "text/javascript" }, body: 'order.push("external")', wait: opened });
    site.island("Scripted", `<script src="/slow.js"></script><script>window.order = ["inline"]</script><b>x</b>`);
    site.page(placeholder("Scripted"));
    await page.goto(site.origin, { waitUntil: "commit" });
    await event(page, "island:load");
    assert.deepEqual(await page.evaluate("order"), ["inline"]);
    open();
    await page.waitForFunction("order.length == 2");
    assert.deepEqual(await page.evaluate("order"), ["inline", "external"]);
  });

  it("runs a module once in a document", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    const count = (/** @type {string} */ name) => `window.${name} = (window.${name} ?? 0) + 1`;
    site.at("/module.js", { headers: { "Content-Type": "text/javascript" }, body: count("outside") });
    const modules = `<script type="module" src="/module.js"></script><script type="module">${count("inline")}</script>`;
    site.island("Widget", `${modules}<script>${count("classic")}</script>`);
    site.page(placeholder("Widget"));
    await page.goto(site.origin);
    await event(page, "island:load");
    await page.evaluate((again) => document.body.insertAdjacentHTML("beforeend", again), placeholder("Widget"));
    await page.waitForFunction("window.outside && window.inline && window.classic == 2");
    await quiet(100);
    assert.deepEqual(await page.evaluate("[outside, inline, classic]"), [1, 1, 2]);
  });

  it("keeps focus and selection when the focused element comes again", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    const { opened, open } = gate();
    site.island("Search", { body: '<label>new <input id="q" value="island"></label>', wait: opened });
    site.page(placeholder("Search", '<input id="q" value="fallback">'));
    await page.goto(site.origin);
    await page.evaluate(() => {
      const input = /** @type {HTMLInputElement} */ (document.querySelector("#q"));
      input.focus();
      input.setSelectionRange(2, 4);
    });
    open();
    await event(page, "island:load");
    const kept = await page.evaluate(() => {
      const { value, selectionStart, selectionEnd } = /** @type {HTMLInputElement} */ (document.activeElement);
      return [value, selectionStart, selectionEnd];
    });
    assert.deepEqual(kept, ["island", 2, 4]);
  });

  it("keeps the focus of a checkbox, which has no selection", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    const { opened, open } = gate();
    site.island("Check", { body: '<input id="c" type="checkbox" class="new">', wait: opened });
    site.page(placeholder("Check", '<input id="c" type="checkbox">'));
    await page.goto(site.origin);
    await page.focus("#c");
    open();
    await event(page, "island:load");
    assert.equal(await page.evaluate(() => document.activeElement?.className), "new");
  });

  it("leaves the focus where it is outside the island", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    const { opened, open } = gate();
    site.island("Avatar", { body: '<input id="inner">', wait: opened });
    site.page(`<input id="outer">${placeholder("Avatar")}`);
    await page.goto(site.origin);
    await page.focus("#outer");
    open();
    await event(page, "island:load");
    assert.equal(await page.evaluate(() => document.activeElement?.id), "outer");
  });

  it("acts once when it is there twice", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Avatar", "<b>Ada</b>").page(placeholder("Avatar"), {}, TAG + TAG);
    await page.goto(site.origin);
    await event(page, "island:load");
    await quiet();
    assert.deepEqual(site.asked, ["Avatar/TOKEN"]);
    assert.equal((await events(page)).length, 1);
  });

  it("starts although an element of the page is called eyot", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Avatar", "<b>Ada</b>").at("/", html('<img id="eyot">' + placeholder("Avatar") + TAG, ""));
    await page.goto(site.origin);
    await event(page, "island:load");
  });

  it("swaps in a hidden tab, where no animation frame comes", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    await page.addInitScript(() => {
      Object.defineProperty(document, "hidden", { value: true });
      Object.defineProperty(document, "visibilityState", { value: "hidden" });
      window.requestAnimationFrame = () => 0;
    });
    site.island("Avatar", "<b>Ada</b>").page(placeholder("Avatar"));
    await page.goto(site.origin);
    await event(page, "island:load");
    assert.equal(await text(page), "Ada");
  });

  it("replaces a fallback that holds a comment", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Avatar", "<b>Ada</b>").page(placeholder("Avatar", "<!-- </server-island> --><p>guest</p><!-- x -->"));
    await page.goto(site.origin);
    await event(page, "island:load");
    assert.equal(await text(page), "Ada");
  });

  it("loads the islands of a minified shell", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Avatar", "<b>Ada</b>").island("CartRow", "<td>A-1</td>");
    const shell = html(`<!-- c --> ${placeholder("Avatar", " <!-- c --> <p> guest </p> ")}
      <table> <tr island="CartRow" island-src="/_server-islands/CartRow/T"> <td> … </td> </tr> </table>`);
    const options = {
      collapseBooleanAttributes: true,
      collapseWhitespace: true,
      minifyCSS: true,
      minifyJS: true,
      removeAttributeQuotes: true,
      removeComments: true,
      removeEmptyAttributes: true,
      removeOptionalTags: true,
      removeRedundantAttributes: true,
    };
    site.at("/", await minify(shell, options));
    await page.goto(site.origin);
    await event(page, "island:load", 2);
    assert.equal(await text(page), "AdaA-1");
  });

  it("stays in a shell that loses its empty elements, if it has a fallback", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Avatar", "<b>Ada</b>").island("Bare", "<i>bare</i>");
    const shell = html(`${placeholder("Avatar", "<p>guest</p>")}${placeholder("Bare", "")}`);
    site.at("/", await minify(shell, { removeEmptyElements: true }));
    await page.goto(site.origin);
    await event(page, "island:load");
    assert.deepEqual([await text(page), site.asked.length], ["Ada", 1]);
  });

  it("leaves what the host has put in already", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.island("Cart", "<b>fetched</b>").page(placeholder("Cart", "<b>inline</b>", "island-keep island-loaded"));
    await page.goto(site.origin);
    await quiet();
    assert.deepEqual(site.asked, []);
    await page.evaluate(() => window.eyot?.refresh("Cart"));
    assert.equal(await text(page), "fetched");
  });

  it("takes an Astro server's islands where its tag says so", async (t) => {
    const [site, page] = [await Site.open(t), await openPage(t)];
    site.at("/_server-islands/Avatar?e=A&p=B&s=", "<b>Ada</b>").at("/_server-islands/Big", "<i>big</i>");
    site.page(
      `<server-island island="Avatar" island-src="/_server-islands/Avatar?e=A&amp;p=B&amp;s="></server-island>
       <server-island island="Big" island-src="/_server-islands/Big" island-token="{&quot;s&quot;:1}"></server-island>`,
      {},
      TAG.replace("script ", 'script data-wire="astro" '),
    );
    await page.goto(site.origin);
    await event(page, "island:load", 2);
    assert.deepEqual((await text(page)).split(/\s+/), ["Ada", "big"]);
    const post = site.log.find(({ method }) => method == "POST");
    assert.deepEqual([post?.headers["content-type"], post?.body], ["application/json", '{"s":1}']);
  });
});
