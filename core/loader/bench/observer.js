// What the loader costs a page of 10,000 elements: a page that acts by itself in Chromium and in Firefox. Kinds of pages
// take turns in every round, so that noise meets all of them. The smallest time of all rounds counts.
//
//     node bench/observer.js [rounds]                      # EYOT_CHROMIUM, EYOT_FIREFOX; EYOT_LOADERS="a=folder b=folder"

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROUNDS = Number(process.argv[2] ?? 15);
const ELEMENTS = 10_000;
const MORPH = readFileSync(createRequire(import.meta.url).resolve("idiomorph/dist/idiomorph.js"), "utf8");

/** Folders of built files, by name: another one may be compared. */
const LOADERS = Object.fromEntries(
  (process.env.EYOT_LOADERS ?? `loader=${fileURLToPath(new URL("../dist", import.meta.url))}`).split(" ").map((given) => given.split("=")),
);

/** @type {Record<string, string[]>} */
const BROWSERS = {
  Chromium: [process.env.EYOT_CHROMIUM ?? "/usr/bin/chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--user-data-dir=HOME"],
  Firefox: [process.env.EYOT_FIREFOX ?? "/usr/bin/firefox-esr", "--headless", "--no-remote", "--profile", "HOME"],
};

const OBSERVER = "new MutationObserver(() => {}).observe(document, { childList: true, subtree: true })";
const KINDS = ["another script", "an observer that does nothing", ...Object.keys(LOADERS)];

/** An island, so that the loader has something to do. */
const ISLAND = '<p island="A" island-src="/_server-islands/A/x">…</p>';

const rows = Array.from({ length: ELEMENTS / 4 }, (_, at) => `<li><a href="#${at}">Row ${at}</a><b>${at}</b><i>…</i></li>`);

/**
 * The page, with the kind's script in it, at its end.
 * @param {string} kind
 * @param {string} work what it reports: what the script takes on a `small` page and a big one, or all else
 */
function html(kind, work) {
  const loader = LOADERS[kind] ?? "";
  const script = loader ? readFileSync(join(loader, "loader.v1.js"), "utf8") : kind.startsWith("an obs") ? OBSERVER : "0";
  const base = `/_server-islands${Object.values(LOADERS).indexOf(loader)}`;
  const island = loader ? ISLAND.replace("/_server-islands", base) : "";
  return `<!doctype html><title>page</title><script>var begun = performance.now()</script><script>${MORPH.replaceAll("</", "<\\/")}</script>
    <body>${island}<ul>${work == "small" ? rows.slice(0, 2).join("") : rows.join("")}</ul><script>var before = performance.now()</script><script data-eyot data-base="${base}">${script}</script>
    <script>var after = performance.now(); (${act})("${work}")</script>`;
}

/**
 * What a page's own scripts do. Each runs to the end of the microtask that tells observers of it. In the page.
 * @param {string} work
 */
async function act(work) {
  const w = /** @type {any} */ (window);
  /** @type {Record<string, number>} */
  const times = {};
  await new Promise((resolve) => addEventListener("load", resolve));
  if (work != "all") {
    times[work == "small" ? "the script, on a page of 8 elements" : "the script, on this page"] = w.after - w.before;
    if (work == "big") times["the page, from its first script to the load event"] = performance.now() - w.begun;
    parent.postMessage(times, "*");
    return;
  }
  if (w.eyot && document.querySelector("[island]")) {
    while (!document.querySelector("[island-loaded]")) await pause(5);
  }
  await pause(100);
  const list = /** @type {Element} */ (document.querySelector("ul"));
  const given = list.innerHTML;
  const all = [...list.querySelectorAll("*")];
  const leaves = all.filter((element) => !element.firstElementChild);
  /** @param {number} time */
  function pause(time) {
    return new Promise((resolve) => setTimeout(resolve, time));
  }
  /** @param {string} name @param {() => unknown} run */
  async function timed(name, run) {
    for (let turn = 0; turn < 3; turn++) {
      // Longer than the loader's observer rests.
      await pause(400);
      const start = performance.now();
      run();
      await undefined;
      times[name] = Math.min(times[name] ?? Infinity, performance.now() - start);
    }
  }
  let turn = 0;
  const change = (/** @type {number} */ count) => {
    for (let at = 0; at < count; at++) leaves[at % leaves.length].textContent = `x${turn++}`;
  };
  await timed("10,000 classes changed", () => all.forEach((element) => element.classList.toggle("on")));
  await timed("100 texts changed", () => change(100));
  await timed("10,000 texts changed", () => change(10000));
  await timed("1,000 rows moved", () => { for (let at = 0; at < 1000; at++) list.append(list.children[at]); });
  await timed("morphed: 100 rows changed", () => {
    w.Idiomorph.morph(list, given.replace(/Row (\d*)00</g, `Row ${turn++} of $1<`), { morphStyle: "innerHTML" });
  });
  await timed("10,000 elements replaced at once", () => (list.innerHTML = given));
  leaves.splice(0, leaves.length, ...[...list.querySelectorAll("*")].filter((element) => !element.firstElementChild));
  await pause(400);
  // No layout between the tasks.
  /** @type {HTMLElement} */ (list).style.display = "none";
  const channel = new MessageChannel();
  const start = performance.now();
  for (let task = 0; task < 100; task++) {
    change(1000);
    await new Promise((resolve) => { channel.port1.onmessage = resolve; channel.port2.postMessage(0); });
  }
  times["100,000 texts changed in 100 tasks"] = performance.now() - start;
  parent.postMessage(times, "*");
}

/** Loads the pages in turn, in a frame, and reports their times. @param {string[]} kinds @param {number} rounds */
async function run(kinds, rounds) {
  /** @type {Record<string, Record<string, number[]>>} */
  const found = {};
  const small = Array(5).fill(["small", "big"]).flat();
  for (const work of Array(rounds).fill([...small, "all"]).flat()) {
    for (const kind of kinds) {
      const frame = document.createElement("iframe");
      frame.src = `/${work}/${encodeURIComponent(kind)}`;
      frame.style.cssText = "width:800px;height:600px";
      document.body.append(frame);
      const { data } = await new Promise((resolve) => addEventListener("message", resolve, { once: true }));
      frame.remove();
      for (const [name, time] of Object.entries(data)) ((found[name] ??= {})[kind] ??= []).push(/** @type {number} */ (time));
    }
  }
  await fetch("/report", { method: "POST", body: JSON.stringify(found) });
}

/** @type {(report: any) => void} */
let report;

const server = createServer((request, response) => {
  const { url = "/" } = request;
  // Without these headers a browser's clock has steps of 0.1 ms, or 1.
  const isolated = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
  const send = (/** @type {string} */ type, /** @type {string} */ body, headers = {}) => {
    response.writeHead(200, { "Content-Type": `${type}; charset=utf-8`, ...isolated, ...headers });
    response.end(body);
  };
  const [, at] = /^\/_server-islands(\d+)\//.exec(url) ?? [];
  if (url == "/report") {
    /** @type {Buffer[]} */
    const chunks = [];
    request.on("data", (chunk) => chunks.push(chunk)).on("end", () => (send("text/plain", ""), report(JSON.parse(Buffer.concat(chunks) + ""))));
  } else if (url.endsWith(".js")) send("text/javascript", readFileSync(join(Object.values(LOADERS)[Number(at)] ?? "", "loader.more.v1.js"), "utf8"));
  else if (at) send("text/html", "<b>in</b>", { Island: "A", "Cache-Control": "private, no-store" });
  else if (/^\/(small|big|all)\//.test(url)) send("text/html", html(decodeURIComponent(url.split("/")[2] ?? ""), url.split("/")[1] ?? ""));
  else send("text/html", `<!doctype html><title>bench</title><body><script>(${run})(${JSON.stringify(KINDS)}, ${ROUNDS})</script>`);
});

/** @param {string[]} command @param {string} address */
async function visit([program = "", ...args], address) {
  const home = mkdtempSync(join(tmpdir(), "eyot-bench-"));
  const done = new Promise((resolve) => (report = resolve));
  const child = spawn(program, [...args.map((arg) => arg.replace("HOME", home)), address], {
    env: { ...process.env, HOME: home, XDG_RUNTIME_DIR: home }, stdio: "ignore", detached: true,
  });
  const found = await done;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  process.kill(-Number(child.pid), "SIGKILL");
  await gone;
  rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  return found;
}

await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
for (const [name, command] of Object.entries(BROWSERS)) {
  if (!existsSync(command[0] ?? "")) continue;
  const found = await visit(command, `http://127.0.0.1:${port}/`);
  console.log(`\n${name}: milliseconds, best and median\n`);
  console.log(`| ${["", ...KINDS].join(" | ")} |\n|${" --- |".repeat(KINDS.length + 1)}`);
  for (const [what, kinds] of Object.entries(found)) {
    const cells = KINDS.map((kind) => {
      const sorted = kinds[kind].sort((/** @type {number} */ a, /** @type {number} */ b) => a - b);
      return `${sorted[0].toFixed(2)}, ${sorted[sorted.length >> 1].toFixed(2)}`;
    });
    console.log(`| ${[what, ...cells].join(" | ")} |`);
  }
}
server.close();
