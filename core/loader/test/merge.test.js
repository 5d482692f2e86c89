// Refreshes: what a visitor typed, chose, opened and scrolled to stays, with and without ids.

import { component, element, play } from "./scenarios/run.js";

/** @param {string} sku @param {string} price */
const row = (sku, price) => `<tr><td>${sku}</td><td>${price}</td><td><input name="quantity" value="1"><button>Remove</button></td></tr>`;

const FORM = (/** @type {string} */ note) => `<p class="note">${note}</p><form action="/save">
  <input name="name" value="Ada"><input type="checkbox" name="gift"><input type="radio" name="how" value="a" checked>
  <input type="radio" name="how" value="b"><select name="size"><option>S</option><option>M</option><option>L</option></select>
  <textarea name="text">dear</textarea><details><summary>more</summary>text</details>
  <div class="scroll" style="height:40px;overflow:auto"><div style="height:400px">long</div></div><button>Go</button></form>`;

play("a refresh", [
  {
    name: "keeps what was typed, chosen, opened, scrolled to and focused in a form",
    body: component("Form", "…", "island-keep"),
    islands: { Form: [FORM("one"), FORM("two")] },
    async run(kit) {
      await kit.event("load");
      kit.one("[name=name]").value = "Bram";
      kit.one("[name=gift]").checked = true;
      kit.one("[value=b]").checked = true;
      kit.one("select").value = "L";
      kit.one("textarea").value = "dear me";
      kit.one("details").open = true;
      kit.one(".scroll").scrollTop = 100;
      kit.one("textarea").focus();
      kit.one("textarea").setSelectionRange(2, 4);
      const before = kit.one("form");
      await window.eyot?.refresh("Form");
      const focused = /** @type {HTMLTextAreaElement} */ (document.activeElement);
      return [
        kit.text(".note"), kit.one("[name=name]").value, kit.one("[name=gift]").checked, kit.one("[value=b]").checked,
        kit.one("select").value, kit.one("textarea").value, kit.one("details").open, kit.one(".scroll").scrollTop,
        [focused.name, focused.selectionStart, focused.selectionEnd], before == kit.one("form"),
      ];
    },
    expect: ["two", "Bram", true, true, "L", "dear me", true, 100, ["text", 2, 4], true],
  },
  {
    name: "takes over what the server changed in a form",
    body: component("Form", "…", "island-keep"),
    islands: {
      Form: [
        '<form action="/a"><input name="q" value="1" class="x"><select><option selected>S</option><option>M</option></select><textarea>a</textarea></form>',
        '<form action="/b"><input name="q" value="2" title="t"><select><option>S</option><option selected>M</option></select><textarea>b</textarea></form>',
      ],
    },
    async run(kit) {
      await kit.event("load");
      await window.eyot?.refresh("Form");
      const input = kit.one("input");
      return [
        kit.one("form").getAttribute("action"), input.value, input.title, input.className, kit.one("select").value,
        kit.one("textarea").value,
      ];
    },
    expect: ["/b", "2", "t", "", "M", "b"],
  },
  {
    name: "keeps a choice when the server adds to the choices",
    body: component("Form", "…", "island-keep"),
    islands: { Form: ["<select><option>S<option>M</select>", "<select><option>XS<option>S<option>M</select>"] },
    async run(kit) {
      await kit.event("load");
      kit.one("select").value = "M";
      await window.eyot?.refresh("Form");
      return [kit.one("select").value, kit.one("select").options.length];
    },
    expect: ["M", 3],
  },
  {
    name: "keeps quantities with their rows, which have no ids, when one goes and prices change",
    body: `<table>${element("tbody", "Rows")}</table>`,
    islands: {
      Rows: [row("lamp", "1") + row("kettle", "2") + row("rope", "3"), row("kettle", "4") + row("rope", "5")],
    },
    async run(kit) {
      await kit.event("load");
      kit.one("tr:nth-child(2) input").value = "22";
      kit.one("tr:nth-child(3) input").value = "33";
      await window.eyot?.refresh("Rows");
      return [...document.querySelectorAll("tr")].map((row) => [row.textContent, row.querySelector("input")?.value]);
    },
    expect: [["kettle4Remove", "22"], ["rope5Remove", "33"]],
  },
  {
    name: "gives a new row nothing of one that went",
    body: `<table>${element("tbody", "Rows")}</table>`,
    islands: { Rows: [row("lamp", "1"), row("mug", "1")] },
    async run(kit) {
      await kit.event("load");
      kit.one("input").value = "11";
      await window.eyot?.refresh("Rows");
      return [kit.text("tr"), kit.one("input").value];
    },
    expect: ["mug1Remove", "1"],
  },
  {
    name: "keeps rows when some come first, between and last, and their order changes",
    body: `<table>${element("tbody", "Rows")}</table>`,
    islands: {
      Rows: [
        row("a", "1") + row("b", "2") + row("c", "3") + row("d", "4"),
        row("x", "0") + row("d", "4") + row("a", "9") + row("y", "0") + row("b", "2") + row("c", "3") + row("z", "0"),
      ],
    },
    async run(kit) {
      await kit.event("load");
      for (const row of document.querySelectorAll("tr")) /** @type {any} */ (row.querySelector("input")).value = row.cells[0].textContent;
      kit.one("tr:nth-child(2) input").focus();
      await window.eyot?.refresh("Rows");
      const rows = [...document.querySelectorAll("tr")];
      const focused = document.activeElement?.closest("tr")?.cells[0].textContent;
      return [rows.map((row) => `${row.cells[0].textContent}${row.cells[1].textContent}:${row.querySelector("input")?.value}`).join(" "), focused];
    },
    expect: ["x0:1 d4:d a9:a y0:1 b2:b c3:c z0:1", "b"],
  },
  {
    name: "keeps rows with ids, whatever else changes in them",
    body: `<ul>${element("li", "List", "…")}</ul>`,
    islands: {
      List: [
        '<p id="a">one <input></p><p id="b">two <input></p>',
        '<p id="b">zwei <input></p><p id="c">drei <input></p><p id="a">eins <input></p>',
      ],
    },
    async run(kit) {
      await kit.event("load");
      kit.one("#a input").value = "A";
      kit.one("#b input").value = "B";
      await window.eyot?.refresh("List");
      return [...document.querySelectorAll("p")].map((p) => `${p.id} ${p.textContent?.trim()} ${p.querySelector("input")?.value}`);
    },
    expect: ["b zwei B", "c drei ", "a eins A"],
  },
  {
    name: "does not load a frame again, nor touch what a script of the page put in",
    body: component("Box", "…", "island-keep"),
    islands: { Box: ['<b>1</b><iframe src="frame"></iframe><i></i>', '<b>2</b><iframe src="frame"></iframe><i></i><u>new</u>'] },
    pages: { frame: "<p>frame</p>" },
    async run(kit) {
      await kit.event("load");
      await kit.until(() => kit.one("iframe").contentDocument?.querySelector("p"));
      kit.one("iframe").contentWindow.mark = 1;
      kit.one("i").append("widget");
      await window.eyot?.refresh("Box");
      return [kit.one("iframe").contentWindow.mark, kit.text("i"), kit.text("b"), kit.text("u")];
    },
    expect: [1, "widget", "2", "new"],
  },
  {
    name: "with the same bytes touches nothing, though the page's scripts changed it",
    body: component("Box", "…", "island-keep"),
    islands: { Box: ["<b>1</b><script>window.runs = (window.runs ?? 0) + 1</script>"] },
    async run(kit) {
      await kit.event("load");
      kit.one("b").textContent = "mine";
      await window.eyot?.refresh("Box");
      return [kit.text("b"), /** @type {any} */ (window).runs, (await kit.asked()).length];
    },
    expect: ["mine", 1, 2],
  },
  {
    name: "runs a script that is new, and no other again",
    body: component("Box", "…", "island-keep"),
    islands: {
      Box: ["<script>window.a = (window.a ?? 0) + 1</script><b>1</b>", "<script>window.a = (window.a ?? 0) + 1</script><b>2</b><script>window.n = 1</script>"],
    },
    async run(kit) {
      await kit.event("load");
      await window.eyot?.refresh("Box");
      const { a, n } = /** @type {any} */ (window);
      return [a, n, kit.text("b")];
    },
    expect: [1, 1, "2"],
  },
  {
    name: "three times in a row merges with what came last",
    body: component("Box", "…", "island-keep"),
    islands: { Box: ["<p>1</p><input>", "<h1>x</h1><p>2</p><input>", "<p>3</p><input><i>y</i>", "<p>4</p><input>"] },
    async run(kit) {
      await kit.event("load");
      kit.one("input").value = "typed";
      for (let i = 0; i < 3; i++) await window.eyot?.refresh("Box");
      return [kit.one("server-island").innerHTML, kit.one("input").value];
    },
    expect: ["<p>4</p><input>", "typed"],
  },
  {
    name: "leaves an island in it that is as it was, and loads one that is new",
    body: component("Outer", "…", "island-keep"),
    islands: {
      Outer: [
        `<p>1</p>${component("Same", "…")}${component("Old", "…")}`,
        `<p>2</p>${component("Same", "…")}${component("New", "…")}`,
      ],
      Same: ["<b>same</b>"], Old: ["<b>old</b>"], New: ["<b>new</b>"],
    },
    async run(kit) {
      await kit.event("load", 3);
      await window.eyot?.refresh("Outer");
      await kit.event("load", 5);
      return [kit.text(), (await kit.asked()).sort()];
    },
    expect: ["2samenew", ["New/TOKEN", "Old/TOKEN", "Outer/TOKEN", "Outer/TOKEN", "Same/TOKEN"]],
  },
  {
    name: "of a thousand rows takes little time",
    body: `<table>${element("tbody", "Rows")}</table>`,
    islands: {
      Rows: [
        Array.from({ length: 1000 }, (_, i) => row(`sku ${String.fromCharCode(97 + (i % 26))}${i}`, "1")).join(""),
        Array.from({ length: 1000 }, (_, i) => row(`sku ${String.fromCharCode(97 + ((i + 1) % 26))}${i + 1}`, "2")).join(""),
      ],
    },
    async run(kit) {
      await kit.event("load");
      kit.one("tr:nth-child(500) input").value = "typed";
      const begin = performance.now();
      await window.eyot?.refresh("Rows");
      const took = performance.now() - begin;
      const row = kit.one("tr:nth-child(499)");
      return [document.querySelectorAll("tr").length, row.cells[1].textContent, row.querySelector("input").value, took < 2500 || took];
    },
    expect: [1000, "2", "typed", true],
  },
]);
