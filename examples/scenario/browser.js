// What the tests and the pictures share: the shop's address, a browser, and the ways of a visitor.

import { chromium } from "playwright-core";

/** Every island request. */
export const ISLANDS = /\/_server-islands\/(?!loader\.|island\.)/;

/** The two customers of seed.json. */
const CUSTOMERS = {
  ada: { email: "ada@example.com", password: "lock-keeper" },
  bram: { email: "bram@example.com", password: "weir-pool" },
};

/** The shop under test, from SHOP_URL. */
export function shopUrl() {
  const url = process.env.SHOP_URL;
  if (!url) throw new Error("set SHOP_URL to the shop's address, such as http://127.0.0.1:8000");
  return url;
}

/** A headless Chromium with the back/forward cache that visitors have, and nothing that talks to the network by itself. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.EYOT_CHROMIUM ?? "/usr/bin/chromium",
    ignoreDefaultArgs: ["--disable-back-forward-cache"],
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/**
 * Signs in through the form.
 *
 * @param {import("playwright-core").Page} page
 * @param {keyof typeof CUSTOMERS} who
 */
export async function signIn(page, who) {
  await page.goto("/login");
  await page.getByLabel("E-mail").fill(CUSTOMERS[who].email);
  await page.getByLabel("Password").fill(CUSTOMERS[who].password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname !== "/login");
}

/**
 * Collects the page's requests whose address matches, from now on.
 *
 * @param {import("playwright-core").Page} page
 * @param {RegExp} pattern
 */
export function requests(page, pattern) {
  /** @type {import("playwright-core").Request[]} */
  const seen = [];
  page.on("request", (request) => {
    if (pattern.test(request.url())) seen.push(request);
  });
  return seen;
}

/**
 * Waits until the page has asked for nothing for half a second.
 *
 * @param {import("playwright-core").Page} page
 */
export async function quiet(page) {
  await page.waitForLoadState("networkidle");
  await page.waitForTimeout(300);
}

/**
 * What an element says, on one line.
 *
 * @param {import("playwright-core").Locator} locator
 */
export async function words(locator) {
  return (await locator.innerText()).replace(/\s+/g, " ").trim();
}

/**
 * Makes the page a tab in the background, for which a browser draws nothing: headless Chromium keeps every tab in front.
 *
 * @param {import("playwright-core").Page} page
 */
export async function hide(page) {
  await page.addInitScript(() => {
    Object.defineProperty(document, "hidden", { get: () => true });
    Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
    window.requestAnimationFrame = () => 0;
    document.startViewTransition = () => {
      throw new Error("nothing is drawn here");
    };
  });
}

/**
 * Changes a page on its way to the browser, as an old cache would keep it; with `?island-fresh` it comes unchanged.
 *
 * @param {import("playwright-core").Page} page
 * @param {string} address
 * @param {(html: string) => string} change
 */
export async function rewrite(page, address, change) {
  await page.route(
    (url) => url.pathname === address && url.search === "",
    async (route) => {
      const response = await route.fetch();
      const html = await response.text();
      const changed = change(html);
      if (changed === html) throw new Error(`nothing to change in ${address}`);
      await route.fulfill({ response, body: changed });
    },
  );
}

/**
 * The page as it would be with a key that nobody has any more: each token's four bytes of key id are turned over.
 *
 * @param {string} html
 */
export function asStale(html) {
  return html.replace(/(island-src="[^"]*\/|island-token=")([A-Za-z0-9_-]{60,})"/g, (_, lead, token) => {
    const bytes = Buffer.from(token, "base64url");
    for (let i = 2; i < 6; i++) bytes[i] = (bytes[i] ?? 0) ^ 0xff;
    return `${lead}${bytes.toString("base64url")}"`;
  });
}

/**
 * Collects what the page's content security policy forbids, and what the console complains of on its account.
 *
 * @param {import("playwright-core").Page} page
 */
export async function violations(page) {
  /** @type {string[]} */
  const complaints = [];
  page.on("console", (message) => {
    if (/content security policy|trusted ?(type|html|script)/i.test(message.text())) complaints.push(message.text());
  });
  await page.addInitScript(() => {
    window.forbidden = [];
    document.addEventListener("securitypolicyviolation", (event) => {
      window.forbidden.push(`${event.violatedDirective}: ${event.blockedURI}`);
    });
  });
  return async () => [...complaints, ...(await page.evaluate(() => window.forbidden))];
}
