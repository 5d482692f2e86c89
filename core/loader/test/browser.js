// One Chromium for a test file, and a page with recorded events for each test.

import { after } from "node:test";
import { chromium } from "playwright-core";

const launched = chromium.launch({
  executablePath: process.env.EYOT_CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--renderer-process-limit=4",
    "--enable-features=BackForwardCache",
  ],
  // Playwright switches the back/forward cache off.
  ignoreDefaultArgs: ["--disable-back-forward-cache"],
});

after(async () => (await launched).close());

/** How long a test waits for what should happen, in milliseconds. */
export const PATIENCE = 10000;

/** Sites differ in their port, so most tests can share a context; new ones take time. */
const shared = launched.then((browser) => browser.newContext());

/**
 * A page that is closed when the test ends; the loader's events are kept in `window.events`.
 * @param {{ after(done: () => Promise<void>): void }} t
 * @param {import("playwright-core").BrowserContextOptions} [options] for a context of its own
 */
export async function openPage(t, options) {
  const context = options ? await (await launched).newContext(options) : await shared;
  const page = await context.newPage();
  t.after(() => (options ? context.close() : page.close()));
  page.setDefaultTimeout(PATIENCE);
  await page.addInitScript(recordEvents);
  return page;
}

/**
 * Events of the loader so far.
 * @param {import("playwright-core").Page} page
 */
export function events(page) {
  return page.evaluate(() => /** @type {any} */ (window).events);
}

/**
 * Waits for an event of the loader and gives its detail.
 * @param {import("playwright-core").Page} page
 * @param {string} type
 * @param {number} [count]
 */
export async function event(page, type, count = 1) {
  const handle = await page.waitForFunction(
    ([type, count]) => {
      const found = /** @type {any} */ (window).events.filter((/** @type {any} */ event) => event.type == type);
      return found.length >= Number(count) && found[Number(count) - 1];
    },
    [type, count],
    { polling: 20 },
  );
  return handle.jsonValue();
}

/**
 * The text in the body, white space trimmed.
 * @param {import("playwright-core").Page} page
 */
export async function text(page) {
  return (await page.evaluate(() => document.body.textContent ?? "")).trim();
}

/**
 * Time enough for what should not happen.
 * @param {number} [milliseconds]
 */
export function quiet(milliseconds = 300) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function recordEvents() {
  /** @type {unknown[]} */
  const events = [];
  Object.assign(window, { events });
  for (const type of ["island:load", "island:error", "island:redirect"]) {
    document.addEventListener(type, (event) => {
      const { detail, target } = /** @type {CustomEvent} */ (event);
      const nodes = detail.nodes?.map((/** @type {Node} */ node) => node.nodeName);
      // What is undefined is not there.
      const told = JSON.parse(JSON.stringify({ ...detail, nodes }));
      events.push({ type, target: /** @type {Element} */ (target).localName, ...told });
    });
  }
}
