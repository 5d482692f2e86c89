// Runs scenarios: pages that act by themselves and report what came of it, in Chromium and in Firefox, and in WebKitGTK
// where it is installed.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openPage } from "../browser.js";
import { Site } from "../server.js";

const require = createRequire(import.meta.url);
const KIT = readFileSync(new URL("./kit.js", import.meta.url), "utf8");

/**
 * A browser that is started as it is, at an address.
 * @typedef {{
 *   id: "chromium" | "firefox" | "webkit", name: string, program: string,
 *   args: (program: string, home: string, address: string) => [string, string[]],
 * }} Browser
 */

/** @type {Browser[]} */
const OTHERS = [
  {
    id: "firefox",
    name: "Firefox",
    program: process.env.EYOT_FIREFOX ?? "/usr/bin/firefox-esr",
    args: (program, home, address) => [program, ["--headless", "--no-remote", "--profile", home, address]],
  },
  {
    id: "webkit",
    name: "WebKitGTK",
    program: process.env.EYOT_WEBKIT ?? `/usr/lib/${process.arch == "arm64" ? "aarch64" : "x86_64"}-linux-gnu/webkit2gtk-4.1/MiniBrowser`,
    // It has no mode without a window.
    args: (program, _, address) => ["xvfb-run", ["-a", program, "--private", address]],
  },
];

/** Chromium without a driver: with one attached it renders no page ahead. @type {Browser} */
export const CHROMIUM = {
  id: "chromium",
  name: "Chromium",
  program: process.env.EYOT_CHROMIUM ?? "/usr/bin/chromium",
  args: (program, home, address) => [
    program,
    ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", `--user-data-dir=${home}`, address],
  ],
};

/** Milliseconds that a scenario may take: several browsers share the machine. */
const PATIENCE = 25000;

/**
 * A page's body (and what it is when it is asked for again), its islands' answers, what it does, and what comes of it.
 * @typedef {{
 *   name: string, body: string, again?: string, head?: string, tag?: string, headers?: Record<string, string>,
 *   islands?: Record<string, import("../server.js").Answer[]>, libraries?: string[],
 *   run: (kit: any) => Promise<unknown>, expect: unknown, only?: "chromium" | "firefox", pages?: Record<string, string>,
 * }} Scenario
 */

/**
 * Puts a scenario onto a site; gives where it is and what it will report.
 * @param {Site} site
 * @param {Scenario} scenario
 * @param {number} index
 */
function stage(site, scenario, index) {
  const root = `/s/${index}/`;
  const base = `${root}_server-islands/`;
  const place = (/** @type {string} */ html) => html.replaceAll("BASE/", base);
  for (const [name, answers] of Object.entries(scenario.islands ?? {})) {
    const [island] = name.split("/");
    site.at(
      base + (name.includes("/") ? name.replace(/\/$/, "") : `${name}/TOKEN`),
      ...answers.map((answer) => (/** @type {import("node:http").IncomingMessage} */ request) => {
        const reply = typeof answer == "function" ? answer(request) : answer;
        const { headers, body = "", ...rest } = typeof reply == "string" ? { body: reply, headers: {} } : reply;
        return { ...rest, body: place(body), headers: { "Cache-Control": "private, no-store", Island: island, ...headers } };
      }),
    );
  }
  const asked = () =>
    site.log.flatMap(({ path }) => (path.startsWith(base) && !/\.(js|css)$/.test(path) ? [path.slice(base.length)] : []));
  site.at(`${root}log`, () => ({ headers: { "Content-Type": "application/json" }, body: JSON.stringify(asked()) }));
  /** @type {Promise<any>} */
  const report = new Promise((resolve) => {
    site.at(`${root}report`, () => {
      resolve(JSON.parse(site.log.at(-1)?.body ?? ""));
      return "";
    });
  });
  const run = `<script>${KIT.replaceAll("</", "<\\/")}</script>
    ${(scenario.libraries ?? []).map((name) => `<script src="/lib/${name}"></script>`).join("")}`;
  const act = `<script>addEventListener("load", async () => {
      const report = await ({ ${scenario.run} }).run(kit).then((value) => ({ value }), (error) => ({ error: String(error) }));
      await fetch("${root}report", { method: "POST", body: JSON.stringify(report) });
      parent.postMessage("done", "*");
    })</script>`;
  const tag = scenario.tag ?? `<script async src="BASE/loader.v1.js"></script>`;
  const style = '<link rel="stylesheet" href="BASE/island.v1.css">';
  const html = (/** @type {string} */ body) => `<!DOCTYPE html><html><head><title>s</title>${run}${act}${style}${scenario.head ?? ""}${tag}</head><body>${body}</body></html>`;
  const answers = [scenario.body, scenario.again ?? scenario.body].map((body) => ({ headers: scenario.headers ?? {}, body: place(html(body)) }));
  site.at(root, ...answers);
  for (const [path, page] of Object.entries(scenario.pages ?? {})) {
    const type = path.endsWith(".js") ? "text/javascript" : "text/html; charset=utf-8";
    site.at(root + path, { headers: { "Content-Type": type }, body: place(page) });
  }
  return { address: root, report };
}

/** @param {Site} site @param {Scenario[]} scenarios */
function addLibraries(site, scenarios) {
  for (const name of new Set(scenarios.flatMap(({ libraries = [] }) => libraries))) {
    const body = readFileSync(require.resolve(name), "utf8");
    site.at(`/lib/${name}`, { headers: { "Content-Type": "text/javascript" }, body });
  }
}

/**
 * @param {string} title
 * @param {Scenario[]} scenarios
 */
export function play(title, scenarios) {
  describe(`${title}, in Chromium`, { concurrency: 3 }, () => {
    scenarios.forEach((scenario, index) => {
      if (scenario.only == "firefox") return;
      it(scenario.name, async (t) => {
        const [site, page] = [await Site.open(t), await openPage(t)];
        addLibraries(site, [scenario]);
        const { address, report } = stage(site, scenario, index);
        await page.goto(site.origin + address);
        check(scenario, await within(report));
      });
    });
  });

  for (const browser of OTHERS) inOne(browser, title, scenarios);
}

/**
 * Runs scenarios one after the other, in a frame of one page.
 * @param {Browser} browser
 * @param {string} title
 * @param {Scenario[]} scenarios
 */
function inOne(browser, title, scenarios) {
  const skip = existsSync(browser.program) ? false : `there is no ${browser.program}`;
  describe(`${title}, in ${browser.name}`, { concurrency: true, skip }, () => {
    const chosen = scenarios.filter(({ only = browser.id }) => only == browser.id);
    /** @type {Promise<Promise<any>[]> | undefined} */
    let started;
    const start = async () => {
      const site = await Site.open({ after: (done) => ends.push(done) });
      addLibraries(site, chosen);
      const stages = chosen.map((scenario, index) => stage(site, scenario, index));
      const runner = `<!DOCTYPE html><iframe style="width:800px;height:600px"></iframe><script>
        (async () => {
          for (const address of ${JSON.stringify(stages.map(({ address }) => address))}) {
            const done = new Promise((resolve) => addEventListener("message", resolve, { once: true }));
            document.querySelector("iframe").src = address;
            await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 20000))]);
          }
        })();
      </script>`;
      site.at("/", runner);
      ends.push(visit(browser, site.origin));
      return stages.map(({ report }) => report);
    };
    /** @type {(() => unknown)[]} */
    const ends = [];
    let left = chosen.length;
    chosen.forEach((scenario, index) => {
      it(scenario.name, async (t) => {
        t.after(async () => {
          if (--left == 0) for (const end of ends.reverse()) await end();
        });
        started ??= start();
        check(scenario, await within((await started)[index], PATIENCE * 5));
      });
    });
  });
}

/** @param {Scenario} scenario @param {any} report */
function check({ expect }, report) {
  assert.equal(report.error, undefined);
  assert.deepEqual(report.value, expect);
}

/** @param {Promise<any>} report */
function within(report, patience = PATIENCE) {
  const late = new Promise((_, reject) => setTimeout(reject, patience, new Error("nothing was reported")).unref());
  return Promise.race([report, late]);
}

/**
 * Starts a browser at an address; gives what ends it.
 * @param {Browser} browser
 * @param {string} address
 */
export function visit({ program, args }, address) {
  const home = mkdtempSync(join(tmpdir(), "eyot-browser-"));
  const child = spawn(...(/** @type {[string, string[]]} */ (args(program, home, address))), {
    // A home of its own: Firefox refuses one that belongs to another user.
    env: { ...process.env, HOME: home, XDG_RUNTIME_DIR: home, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1" },
    stdio: "ignore",
    detached: true,
  });
  return async () => {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    // Its processes too.
    process.kill(-Number(child.pid), "SIGKILL");
    await gone;
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
}

/**
 * A component's placeholder in a scenario.
 * @param {string} name
 * @param {string} [fallback]
 * @param {string} [attributes]
 */
export function component(name, fallback = "…", attributes = "") {
  return `<server-island island="${name}" island-src="BASE/${name}/TOKEN" ${attributes}>${fallback}</server-island>`;
}

/**
 * An island element's placeholder in a scenario.
 * @param {string} element
 * @param {string} name
 * @param {string} [fallback]
 * @param {string} [attributes]
 */
export function element(element, name, fallback = "…", attributes = "") {
  return `<${element} island="${name}" island-src="BASE/${name}/TOKEN" ${attributes}>${fallback}</${element}>`;
}
