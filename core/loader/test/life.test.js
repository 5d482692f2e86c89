// What else acts on a page: morphs, snapshots, copies, shadow roots, foreign forms; and what must not go on without end.

import { component, element, play } from "./scenarios/run.js";

const ISLANDS = component("Cart", "cart", "island-keep") + `<table><tbody>${element("tr", "Row", "<td>row</td>")}</tbody></table>` + element("div", "Box", "box");
const ANSWERS = { Cart: ["<b>3</b>"], Row: ["<td>A-1</td>"], Box: ["<i>x</i>"] };

/** @param {string} name @param {string[]} libraries @param {(kit: any) => Promise<unknown>} morph */
function morphed(name, libraries, morph) {
  return {
    name: `is taken up again: ${name}`,
    libraries,
    body: `<main id="m">${ISLANDS}</main><template id="t">${ISLANDS}</template>`,
    islands: ANSWERS,
    pages: { part: `<main id="m">${ISLANDS}</main>` },
    run: /** @type {any} */ ({
      toString: () => `async run(kit) {
        const was = ${morph};
        await kit.event("load", 3);
        const kept = kit.one("#m > div");
        await was(kit);
        await kit.event("load", 6);
        return [kit.text("#m server-island"), kit.text("#m tr"), kit.text("#m > div"), (await kit.asked()).length];
      }`,
    }),
    expect: ["3", "A-1", "x", 6],
  };
}

play("what a morph put back", [
  morphed("idiomorph", ["idiomorph/dist/idiomorph.js"], async (kit) =>
    /** @type {any} */ (window).Idiomorph.morph(kit.one("#m"), kit.one("#t").innerHTML, { morphStyle: "innerHTML" }),
  ),
  morphed("morphdom", ["morphdom/dist/morphdom-umd.js"], async (kit) =>
    /** @type {any} */ (window).morphdom(kit.one("#m"), `<main id="m">${kit.one("#t").innerHTML}</main>`),
  ),
  morphed("Alpine's", ["@alpinejs/morph/dist/cdn.js", "alpinejs/dist/cdn.js"], async (kit) =>
    /** @type {any} */ (window).Alpine.morph(kit.one("#m"), `<main id="m">${kit.one("#t").innerHTML}</main>`),
  ),
  morphed("Turbo's stream", ["@hotwired/turbo/dist/turbo.es2017-umd.js"], async (kit) =>
    /** @type {any} */ (window).Turbo.renderStreamMessage(
      `<turbo-stream action="replace" method="morph" target="m"><template><main id="m">${kit.one("#t").innerHTML}</main></template></turbo-stream>`,
    ),
  ),
  morphed("htmx 2 with idiomorph", ["htmx.org/dist/htmx.js", "idiomorph/dist/idiomorph-ext.js"], async () => {
    document.body.setAttribute("hx-ext", "morph");
    const { htmx } = /** @type {any} */ (window);
    htmx.process(document.body);
    return htmx.ajax("GET", "part", { target: "#m", swap: "morph:outerHTML" });
  }),
  morphed("htmx 4", ["htmx4/dist/htmx.js"], async () =>
    /** @type {any} */ (window).htmx.ajax("GET", "part", { target: "#m", swap: "outerMorph" }),
  ),
  {
    name: "is asked for anew with other attributes",
    body: element("div", "Cart"),
    islands: { Cart: ["<b>1</b>"], "Cart/OTHER": ["<b>2</b>"] },
    async run(kit) {
      await kit.event("load");
      const cart = kit.one("[island]");
      cart.setAttribute("island-src", cart.getAttribute("island-src").replace("TOKEN", "OTHER"));
      await kit.event("load", 2);
      return [kit.text("b"), await kit.asked()];
    },
    expect: ["2", ["Cart/TOKEN", "Cart/OTHER"]],
  },
  {
    name: "is let go when it is no placeholder any more",
    body: component("Cart", "…", 'island-refresh="changed"'),
    islands: { Cart: ["<b>1</b>"] },
    async run(kit) {
      await kit.event("load");
      for (const name of kit.one("server-island").getAttributeNames()) kit.one("server-island").removeAttribute(name);
      await kit.pause(50);
      document.dispatchEvent(new Event("changed"));
      await window.eyot?.refresh("Cart");
      return kit.asked();
    },
    expect: ["Cart/TOKEN"],
  },
  {
    name: "is loaded again when all that was put in is gone, as after a hydration",
    body: element("div", "Cart"),
    islands: { Cart: ["<b>1</b>"] },
    async run(kit) {
      await kit.event("load");
      kit.one("[island]").replaceChildren();
      await kit.event("load", 2);
      return [kit.text("[island]"), (await kit.asked()).length];
    },
    expect: ["1", 2],
  },
]);

play("a copy", [
  {
    name: "of a replaced personal island shows nothing of it, and is asked for",
    body: `<main><p>Hi ${component("Avatar", "guest")}!</p></main>`,
    islands: { Avatar: ["<b>Ada</b>", "stranger"] },
    async run(kit) {
      await kit.event("load");
      const copy = kit.one("main").cloneNode(true);
      kit.one("main").replaceWith(copy);
      await kit.pause(0);
      const isShown = kit.text("main").includes("Ada");
      await kit.event("load", 2);
      return [isShown, kit.text("main"), await kit.asked()];
    },
    expect: [false, "Hi stranger!", ["Avatar/TOKEN", "Avatar/TOKEN"]],
  },
  {
    name: "of a kept personal island shows nothing of it, and is asked for",
    body: `<main>${component("Avatar", "guest", "island-keep")}${element("p", "Name")}</main>`,
    islands: { Avatar: ["<b>Ada</b>", "stranger"], Name: ["Ada", "nobody"] },
    async run(kit) {
      await kit.event("load", 2);
      kit.one("main").innerHTML = kit.one("main").innerHTML;
      await kit.pause(0);
      const isShown = kit.text("main").includes("Ada");
      await kit.event("load", 4);
      return [isShown, kit.text("main")];
    },
    expect: [false, "strangernobody"],
  },
  {
    name: "of an island that caches may keep stays as it is",
    body: `<main>${component("Footer", "…", "island-keep")}${component("Header")}</main>`,
    islands: Object.fromEntries(
      ["Footer", "Header"].map((name) => [name, [{ body: name, headers: { "Cache-Control": "public, max-age=60" } }]]),
    ),
    async run(kit) {
      await kit.event("load", 2);
      kit.one("main").innerHTML = kit.one("main").innerHTML;
      await kit.pause(300);
      return [kit.text("main"), (await kit.asked()).length];
    },
    expect: ["FooterHeader", 2],
  },
  {
    name: "with a comment that only looks like the loader's does nothing",
    body: `<main></main>`,
    islands: { Avatar: ["<b>Ada</b>"] },
    async run(kit) {
      const evil = encodeURIComponent('<img src=x onerror="window.ran = 1"><server-island island="Avatar" island-src="https://evil.example/a">');
      kit.one("main").innerHTML = `<p>a<!--eyot-->b</p><p>c<!--eyot${evil}-->d<!--/eyot-->e</p><p>f<!--eyot%zz-->g<!--/eyot--></p>`;
      await kit.pause(400);
      return [kit.text("main p"), "ran" in window, await kit.asked()];
    },
    expect: ["ab", false, []],
  },
]);

play("an island in a shadow root", [
  {
    name: "that the page declares is loaded, in one inside another and as an element too",
    body: `<section><template shadowrootmode="open">${component("Avatar")}
      <article><template shadowrootmode="open">${element("p", "Box")}</template></article><slot></slot></template>light</section>`,
    islands: { Avatar: ["<b>Ada</b>"], Box: ["<i>box</i>"] },
    async run(kit) {
      await kit.event("load", 2);
      const { shadowRoot } = kit.one("section");
      return [shadowRoot.querySelector("b").textContent, shadowRoot.querySelector("article").shadowRoot.textContent];
    },
    expect: ["Ada", "box"],
  },
  {
    name: "that an element gets long after it has come is loaded, closed or open",
    body: `<section></section><section></section><template>${component("Avatar")}${element("p", "Box")}</template>`,
    islands: { Avatar: ["<b>Ada</b>", "<b>Bob</b>"], Box: ["<i>box</i>"] },
    async run(kit) {
      await kit.pause(500);
      const roots = /** @type {const} */ (["open", "closed"]).map((mode, index) => {
        const root = document.querySelectorAll("section")[index].attachShadow({ mode });
        root.append(kit.one("template").content.cloneNode(true));
        return root;
      });
      await kit.event("load", 4);
      return roots.map((root) => root.textContent);
    },
    expect: ["Adabox", "Adabox"],
  },
  {
    name: "or not is loaded by a page that has an element of its own by the placeholder's name",
    head: '<script>customElements.define("server-island", class extends HTMLElement {});</script>',
    body: `<section><template shadowrootmode="open">${component("Avatar")}</template></section>${component("Cart")}`,
    islands: { Avatar: ["<b>Ada</b>"], Cart: ["<b>3</b>"] },
    async run(kit) {
      await kit.event("load", 2);
      return [kit.one("section").shadowRoot.textContent, kit.text("b")];
    },
    expect: ["Ada", "3"],
  },
  {
    name: "is loaded when its host is cloned into the page, and when it is put in later",
    body: `<section></section>`,
    islands: { Avatar: ["<b>Ada</b>"] },
    async run(kit) {
      const host = document.createElement("div");
      const root = host.attachShadow({ mode: "open" });
      const place = (/** @type {string} */ token) =>
        `<server-island island="Avatar" island-src="_server-islands/Avatar/${token}"></server-island>`.replace("_server", location.pathname + "_server");
      root.innerHTML = place("TOKEN");
      kit.one("section").append(host);
      await kit.event("load");
      root.append(document.createRange().createContextualFragment(place("TOKEN")));
      await kit.event("load", 2);
      return root.querySelectorAll("b").length;
    },
    expect: 2,
  },
  {
    name: "that is closed and has no component in it is loaded once the page's script hands it over",
    body: `<section></section>`,
    islands: { Box: ["<i>box</i>"] },
    async run(kit) {
      const root = kit.one("section").attachShadow({ mode: "closed" });
      root.innerHTML = `<p island="Box" island-src="${location.pathname}_server-islands/Box/TOKEN"></p>`;
      await kit.pause(200);
      const before = (await kit.asked()).length;
      window.eyot?.scan(root);
      await kit.until(() => root.querySelector("i"));
      return [before, root.textContent];
    },
    expect: [0, "box"],
  },
]);

/** What a page does a thousand times, in one task. */
const MUCH = `const much = () => {
  for (let at = 0; at < 1000; at++) kit.one("#much").append(String(at));
};`;

/** @param {string} name @param {Record<string, any>} parts @param {(kit: any) => Promise<unknown>} run @param {unknown} expect */
function amid(name, parts, run, expect) {
  return {
    name,
    body: `<p id="much"></p><main></main>`,
    ...parts,
    run: /** @type {any} */ ({ toString: () => `run: (kit) => { ${MUCH} return (${run})(kit, much); }` }),
    expect,
  };
}

play("among a thousand changes", [
  amid(
    "islands are found that come with them, and while the observer rests from them",
    { islands: { Avatar: ["<b>Ada</b>"], Row: ["<td>row</td>"] } },
    async (kit, much = () => {}) => {
      const place = (/** @type {string} */ html) => kit.one("main").insertAdjacentHTML("beforeend", html);
      const at = `${location.pathname}_server-islands/`;
      place("<table><tbody></tbody></table>");
      await kit.pause(300);
      much();
      place(`<server-island island="Avatar" island-src="${at}Avatar/TOKEN"></server-island>`);
      await kit.event("load");
      kit.one("tbody").innerHTML = `<tr island="Row" island-src="${at}Row/TOKEN"></tr>`;
      await kit.event("load", 2);
      return [kit.text("b"), kit.text("tr")];
    },
    ["Ada", "row"],
  ),
  amid(
    "a row among hundreds that are put in at once is found, and an element in a shadow root among them",
    { islands: { Row: ["<td>row</td>"], Box: ["box"] } },
    async (kit) => {
      const at = `${location.pathname}_server-islands/`;
      const host = document.createElement("section");
      host.attachShadow({ mode: "open" }).innerHTML = `<div island="Box" island-src="${at}Box/TOKEN"></div>`;
      const part = document.createRange().createContextualFragment("<p>p</p>".repeat(300) + `<div id="r" island="Row" island-src="${at}Row/TOKEN"></div>`);
      part.append(host);
      kit.one("main").append(part);
      await kit.event("load", 2);
      return [kit.text("#r"), host.shadowRoot?.textContent];
    },
    ["row", "box"],
  ),
  amid(
    "a copy shows nothing personal",
    { body: `<p id="much"></p><main>${component("Avatar", "guest")}</main>`, islands: { Avatar: ["<b>Ada</b>", "stranger"] } },
    async (kit, much = () => {}) => {
      await kit.event("load");
      await kit.pause(300);
      much();
      kit.one("main").replaceWith(kit.one("main").cloneNode(true));
      await kit.pause(0);
      const isShown = kit.text("main").includes("Ada");
      await kit.event("load", 2);
      return [isShown, kit.text("main")];
    },
    [false, "stranger"],
  ),
  amid(
    "a copy that comes with the Back button shows nothing personal, though the observer rests",
    { body: `<p id="much"></p><main>${component("Avatar", "guest")}</main>`, islands: { Avatar: ["<b>Ada</b>", "stranger"] } },
    async (kit, much = () => {}) => {
      await kit.event("load");
      history.pushState(null, "", "#next");
      await kit.pause(300);
      for (let times = 0; times < 10; times++) much();
      await kit.pause(0);
      const copied = new Promise((resolve) => {
        addEventListener("popstate", () => {
          kit.one("main").replaceWith(kit.one("main").cloneNode(true));
          setTimeout(() => resolve(kit.text("main")));
        });
      });
      history.back();
      const isShown = (/** @type {string} */ (await copied)).includes("Ada");
      await kit.event("load", 2);
      return [isShown, kit.text("main")];
    },
    [false, "stranger"],
  ),
  amid(
    "what a morph put back is taken up again, and what is no placeholder any more is let go",
    {
      body: `<p id="much"></p><main>${element("div", "Box", "…", 'island-refresh="changed"')}${element("p", "Note", "…", 'island-refresh="changed"')}</main>`,
      islands: { Box: ["<i>x</i>"], Note: ["<b>note</b>"] },
    },
    async (kit, much = () => {}) => {
      await kit.event("load", 2);
      await kit.pause(300);
      much();
      kit.one("div[island]").removeAttribute("island-loaded");
      for (const name of kit.one("main p").getAttributeNames()) kit.one("main p").removeAttribute(name);
      kit.one("main p").textContent = "mine";
      await kit.event("load", 3);
      document.dispatchEvent(new Event("changed"));
      await kit.event("load", 4);
      await kit.pause(300);
      return [kit.text("main"), (await kit.asked()).length];
    },
    ["xmine", 4],
  ),
]);

play("without end", [
  {
    name: "is no island inside itself",
    body: component("Loop"),
    islands: { Loop: [component("Loop", "again")] },
    async run(kit) {
      const { reason } = await kit.event("error");
      await kit.pause(300);
      return [reason, await kit.asked(), kit.text(), kit.error.length];
    },
    expect: ["nested", ["Loop/TOKEN"], "again", 1],
  },
  {
    name: "are no islands in islands with ever new tokens",
    body: component("Deep"),
    islands: Object.fromEntries(
      ["TOKEN", ..."abcdefghijkl"].map((token, index) => [
        `Deep/${token}`,
        [`<server-island island="Deep" island-src="BASE/Deep/${"abcdefghijklm"[index]}">…</server-island>`],
      ]),
    ),
    async run(kit) {
      const { reason } = await kit.event("error");
      return [reason, (await kit.asked()).length];
    },
    expect: ["nested", 9],
  },
  {
    name: "is no interval that a timer cannot hold",
    body: [2592000, 2147484, 9999999].map((time) => component("Clock", "…", `island-refresh="${time}s"`)).join("") +
      component("Clock", "never", 'island-refresh="99999999999s"') + component("Clock", "never", 'island-timeout="99999999999"'),
    islands: { Clock: ["<b>1</b>"] },
    async run(kit) {
      await kit.event("load", 3);
      await kit.pause(1500);
      return [(await kit.asked()).length, kit.text()];
    },
    expect: [1, "111nevernever"],
  },
  {
    name: "is no event that comes by itself",
    body: ["island:load", "mousemove", "click", "scroll", "focusin"].map((event) => component("Cart", "…", `island-refresh="${event}"`)).join(""),
    islands: { Cart: ["<button>1</button>"] },
    async run(kit) {
      await kit.event("load", 5);
      kit.one("button").focus();
      kit.one("button").click();
      scrollTo(0, 10);
      await kit.pause(1300);
      return (await kit.asked()).length;
    },
    expect: 1,
  },
  {
    name: "is no refresh that its own load asks for: once a second at most",
    body: component("Cart", "…", 'island-refresh="changed"'),
    islands: { Cart: [() => `<b>${Math.random()}</b>`] },
    async run(kit) {
      document.addEventListener("island:load", () => document.dispatchEvent(new Event("changed")));
      await kit.event("load");
      document.dispatchEvent(new Event("changed"));
      await kit.event("load", 2);
      const begin = performance.now();
      await kit.event("load", 4);
      return performance.now() - begin > 1500;
    },
    expect: true,
  },
  {
    name: "is what one bad placeholder says: a line, and the others are loaded",
    body: `<input island="A" island-src="BASE/A/TOKEN"><x-y island="A" island-src="BASE/A/TOKEN"></x-y><foo island="A" island-src="BASE/A/TOKEN"></foo>
      <div island="A" island-src="BASE/A"></div><div island="A" island-src="BASE/A/TOKEN" island-token="T"></div><div island="9" island-src="BASE/9/TOKEN"></div>
      <div island="A" island-src="BASE/A/TOKEN" island-timeout="0"></div><div island="A" island-src="BASE/A/TOKEN" island-timeout="soon"></div>
      <div island="A" island-src="BASE/A/TOKEN" island-refresh="0s"></div><div island="A" island-src="BASE/A/TOKEN" island-refresh="5"></div>
      <textarea island="A" island-src="BASE/A/TOKEN"></textarea><title island="A" island-src="BASE/A/TOKEN"></title><iframe island="A" island-src="BASE/A/TOKEN"></iframe>
      ${["style", "script", "template", "noscript", "xmp", "noembed", "noframes", "br", "img", "wbr"].map((name) => element(name, "A")).join("")}
      <div island="${"a".repeat(65)}" island-src="BASE/${"a".repeat(65)}/TOKEN"></div><div island="loader.x" island-src="BASE/loader.x/TOKEN"></div>
      ${component("Good")}`,
    islands: { Good: ["<b>good</b>"], A: ["bad"] },
    async run(kit) {
      await kit.event("load");
      await kit.pause(200);
      return [await kit.asked(), kit.error.length];
    },
    expect: [["Good/TOKEN"], 25],
  },
]);

/** @param {string} name @param {string} form @param {boolean} loads @param {string} [tag] */
function inForm(name, form, loads, tag) {
  return {
    name: `${loads ? "loads" : "stays empty"}: ${name}`,
    tag,
    body: `${form.replace("ISLAND", element("div", "CsrfField", "none"))}${component("Good")}`,
    islands: { CsrfField: ['<input name="csrf" value="secret">'], Good: ["good"] },
    run: /** @type {any} */ ({
      toString: () => `async run(kit) {
        await kit.event("load", ${loads ? 2 : 1});
        await kit.pause(300);
        return [document.querySelectorAll("[name=csrf]").length, (await kit.asked()).filter((asked) => asked.startsWith("Csrf")).length];
      }`,
    }),
    expect: loads ? [1, 1] : [0, 0],
  };
}

const TAG = '<script async src="BASE/loader.v1.js" data-forms="https://pay.example https://bank.example"></script>';

play("an island in a form", [
  inForm("that posts to its page", "<form>ISLAND<button>Go</button></form>", true),
  inForm("that posts to the site", '<form action="/order?a=b">ISLAND<button>Go</button></form>', true),
  inForm("that posts to another site", '<form action="https://evil.test/steal">ISLAND<button>Read more</button></form>', false),
  inForm("that posts to another site without a scheme", '<form action="//evil.test/steal">ISLAND</form>', false),
  inForm("that posts to another site with back slashes", '<form action="\\\\evil.test/steal">ISLAND</form>', false),
  inForm("that posts to another site with a tab", '<form action="ht&#9;tps://evil.test/steal">ISLAND</form>', false),
  inForm("that posts to a slash, a tab and a slash", '<form action="/&#9;/evil.test/steal">ISLAND</form>', false),
  inForm("that mails", '<form action="mailto:eve@evil.test">ISLAND</form>', false),
  inForm("that runs a script", '<form action="javascript:alert(1)">ISLAND</form>', false),
  inForm("with a button to another site", '<form>ISLAND<button formaction="https://evil.test/steal">Go</button></form>', false),
  inForm("with an image that is a button", '<form>ISLAND<input type="image" src="data:," formaction="https://evil.test"></form>', false),
  inForm("with a button elsewhere", '<form id="f">ISLAND</form><button form="f" formaction="https://evil.test">Go</button>', false),
  inForm("with a button of the site", '<form>ISLAND<button formaction="/draft">Go</button></form>', true),
  inForm("beside a button to another site in another form", '<form>ISLAND</form><form><button formaction="https://evil.test">Go</button></form>', true),
  inForm("whose names hide its own", '<form action="https://evil.test">ISLAND<input name="action"><input name="getAttribute"><input name="closest"></form>', false),
  inForm("of a payment provider that the tag lists", '<form action="https://pay.example/pay">ISLAND</form>', true, TAG),
  inForm("of a provider that the tag does not list", '<form action="https://pay.example.evil.test/pay">ISLAND</form>', false, TAG),
  {
    name: "stays empty: whose address is another site's by a base",
    body: `${element("div", "CsrfField", "none")}`,
    head: "",
    islands: { CsrfField: ['<input name="csrf">'] },
    async run(kit) {
      await kit.event("load");
      const island = kit.one("[island]").outerHTML.replace(/ island-loaded="[^"]*"/, "");
      const asked = (await kit.asked()).length;
      const base = document.createElement("base");
      base.href = "https://evil.test/";
      document.head.prepend(base);
      document.body.insertAdjacentHTML("beforeend", `<form action="steal">${island.replace(/>.*</, "><")}</form>`);
      await kit.pause(500);
      base.remove();
      return [document.querySelectorAll("form [name=csrf]").length, (await kit.asked()).length - asked];
    },
    expect: [0, 0],
  },
]);

const SPACER = '<div style="height:3000px"></div>';

/** @param {string} name @param {string} fallback @param {string} [around] */
function visible(name, fallback, around = "ISLAND") {
  return {
    name,
    body: SPACER + around.replace("ISLAND", component("Seen", fallback, 'island-when="visible"')),
    islands: { Seen: ["<b>seen</b>"] },
    run: /** @type {any} */ ({
      toString: () => `async run(kit) {
        await kit.pause(500);
        const before = (await kit.asked()).length;
        document.querySelector("details")?.setAttribute("open", "");
        scrollTo(0, 1e6);
        await kit.event("load");
        return before;
      }`,
    }),
    expect: 0,
  };
}

play("visible waits, and then loads", [
  {
    name: "with a margin that browsers refuse: at once",
    body: `${SPACER}${component("Seen", "…", 'island-when="visible far"')}`,
    islands: { Seen: ["seen"] },
    async run(kit) {
      await kit.event("load");
      return kit.text("body");
    },
    expect: "seen",
  },
  visible("with a noscript for a fallback", "<noscript>no script</noscript>"),
  visible("with a hidden fallback", '<p hidden>hidden</p><p style="display:none">none</p>'),
  visible("with comments and white space for a fallback", " <!-- c --> "),
  visible("with another island for a fallback", component("Other", "", 'island-when="manual"')),
  visible("with an empty fallback in a flex row", "", '<div style="display:flex">ISLAND</div>'),
  visible("in details that are opened later", "text", "<details><summary>s</summary>ISLAND</details>"),
  {
    name: "in an element without a box, which can never come into view: at once",
    body: `${SPACER}<select>${element("option", "Seen", "…", 'island-when="visible"')}</select>`,
    islands: { Seen: ["seen"] },
    async run(kit) {
      await kit.event("load");
      return kit.text("option");
    },
    expect: "seen",
  },
  {
    name: "in an element whose display is contents",
    body: `${SPACER}${element("div", "Seen", "<p>p</p>", 'island-when="visible" style="display:contents"')}`,
    islands: { Seen: ["seen"] },
    async run(kit) {
      await kit.pause(300);
      const before = (await kit.asked()).length;
      scrollTo(0, 1e6);
      await kit.event("load");
      return before;
    },
    expect: 0,
  },
]);
