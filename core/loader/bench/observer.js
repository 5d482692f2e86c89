// What the loader's MutationObserver costs a page of 10,000 elements, in Chromium. Four kinds of pages take turns in every
// round, so that noise meets all of them: with another script that does nothing, with an observer that does nothing, with
// the loader's first file, and with both of its files.
//
//     node bench/observer.js [rounds]

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { chromium } from "playwright-core";

const NODES = 10_000;
const ROUNDS = Number(process.argv[2] ?? 15);
const FILES = ["loader.v1.js", "loader.more.v1.js"];

const rows = Array.from({ length: NODES / 4 }, (_, at) => `<li><a href="#${at}">Row ${at}</a><b>${at}</b><i>…</i></li>`);
const scripts = {
  "another script": '<script async src="/other.js"></script>',
  "an observer that does nothing":
    "<script>new MutationObserver(() => {}).observe(document, { childList: true, subtree: true })</script>",
  "first file": '<script async src="/_server-islands/loader.v1.js"></script>',
  "both files": '<script async src="/_server-islands/loader.v1.js"></script>',
};
/** An island that needs the second file: it waits for an event. */
const refreshed = '<p island="A" island-src="/_server-islands/A/x" island-refresh="cart-changed">…</p>';

const server = createServer(({ url = "/" }, response) => {
  if (url.endsWith(".js")) {
    const file = FILES.find((name) => url.endsWith(name));
    response.writeHead(200, { "Content-Type": "text/javascript" });
    response.end(file ? readFileSync(new URL(`../dist/${file}`, import.meta.url)) : "0;");
  } else if (url.startsWith("/_server-islands/")) {
    response.writeHead(200, { "Content-Type": "text/html", Island: "A" });
    response.end("<b>in</b>");
  } else {
    const kind = /** @type {keyof typeof scripts} */ (decodeURIComponent(url.slice(1)));
    const island = kind == "both files" ? refreshed : "";
    // Without these headers a browser's clock has steps of 0.1 ms.
    const isolated = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8", ...isolated });
    response.end(`<!doctype html><html><head>${scripts[kind]}</head><body>${island}<ul>${rows.join("")}</ul></body></html>`);
  }
});

/** What a page's own scripts do, in the page. Each runs to the end of the microtask that tells observers of it. */
async function work() {
  const list = /** @type {Element} */ (document.querySelector("ul"));
  const html = list.innerHTML;
  const all = [...list.querySelectorAll("*")];
  /** @type {Record<string, number>} */
  const times = {};
  /** @param {string} name @param {() => void} run */
  const timed = async (name, run) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const start = performance.now();
    run();
    await undefined;
    times[name] = performance.now() - start;
  };
  await timed("10,000 classes changed", () => all.forEach((element) => element.classList.toggle("on")));
  await timed("7,500 texts changed", () => all.forEach((element) => element.firstElementChild || (element.textContent = "x")));
  await timed("10,000 elements taken out one by one and put back", () => {
    for (const element of list.querySelectorAll("*")) {
      const { parentNode, nextSibling } = element;
      element.remove();
      parentNode?.insertBefore(element, nextSibling);
    }
  });
  await timed("10,000 elements replaced at once", () => void (list.innerHTML = html));
  return times;
}

await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
const browser = await chromium.launch({
  executablePath: process.env.EYOT_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});

/** @type {Map<string, Map<string, number[]>>} */
const found = new Map();
for (let round = 0; round < ROUNDS; round++) {
  for (const kind of Object.keys(scripts)) {
    const page = await browser.newPage();
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    await page.goto(`http://127.0.0.1:${port}/${encodeURIComponent(kind)}`, { waitUntil: "load" });
    await page.waitForTimeout(300);
    const { metrics } = await session.send("Performance.getMetrics");
    const spent = (metrics.find(({ name }) => name == "ScriptDuration")?.value ?? 0) * 1000;
    if (kind.endsWith("file") || kind.endsWith("files")) await page.waitForFunction(() => "eyot" in window);
    if (kind == "both files") {
      await page.waitForFunction(() => document.querySelector("[island-loaded]"));
      const names = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
      if (!names.some((name) => name.endsWith(FILES[1] ?? ""))) throw new Error("the second file was not fetched");
    }
    const times = { "scripts while the page loads": spent, ...(await page.evaluate(work)) };
    for (const [name, time] of Object.entries(times)) {
      const kinds = found.get(name) ?? new Map();
      kinds.set(kind, [...(kinds.get(kind) ?? []), time]);
      found.set(name, kinds);
    }
    await page.close();
  }
}
await browser.close();
server.close();

console.log(`Milliseconds, best and median of ${ROUNDS} rounds\n`);
console.log(`| ${["", ...Object.keys(scripts)].join(" | ")} |\n| --- | --- | --- | --- | --- |`);
for (const [name, kinds] of found) {
  const cells = [...kinds.values()].map((times) => {
    const sorted = times.sort((a, b) => a - b);
    return `${sorted[0]?.toFixed(1)}, ${sorted[sorted.length >> 1]?.toFixed(1)}`;
  });
  console.log(`| ${[name, ...cells].join(" | ")} |`);
}
