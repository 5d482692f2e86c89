// Saves pictures of the shop's pages: before the islands (their requests held back) and after, on a desk and in a
// hand, by day and by night. Usage: SHOP_URL=http://127.0.0.1:8000 node screenshots.js FOLDER

import { mkdir } from "node:fs/promises";
import path from "node:path";

import { ISLANDS, launch, shopUrl, signIn } from "./browser.js";

const folder = process.argv[2] ?? "";
if (!folder) throw new Error("name the folder for the pictures: node screenshots.js FOLDER");

const SIZES = { desktop: { width: 1280, height: 900 }, mobile: { width: 390, height: 844 } };
const SCHEMES = /** @type {const} */ (["light", "dark"]);
const PAGES = { home: "/", product: "/p/lantern" };

await mkdir(folder, { recursive: true });
const browser = await launch();
for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of SCHEMES) {
    const context = await browser.newContext({ baseURL: shopUrl(), viewport, colorScheme });
    for (const [name, address] of Object.entries(PAGES)) {
      const save = (/** @type {string} */ moment) => picture(context, address, `${name}-${moment}-${size}-${colorScheme}`);
      await context.route(ISLANDS, () => {});
      await save("before");
      await context.unroute(ISLANDS);
      await save("after");
    }
    const page = await context.newPage();
    await signIn(page, "ada");
    await page.close();
    await picture(context, PAGES.product, `product-member-${size}-${colorScheme}`);
    await context.close();
  }
}
await browser.close();

/**
 * Walks down the page, so that the visible islands load, and saves all of it.
 *
 * @param {import("playwright-core").BrowserContext} context
 * @param {string} address
 * @param {string} name
 */
async function picture(context, address, name) {
  const page = await context.newPage();
  await page.goto(address, { waitUntil: "load" });
  await page.evaluate(async () => {
    for (let y = 0; y < document.body.scrollHeight; y += 400) {
      scrollTo({ top: y, behavior: "instant" });
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    scrollTo({ top: 0, behavior: "instant" });
  });
  await page.waitForTimeout(2200);
  await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true });
  await page.close();
}
