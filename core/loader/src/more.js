// Owns the way to the second file, which is fetched when a page needs what is in it.

import { trusted } from "./content.js";
import { base, tag } from "./origin.js";
import { page } from "./plain.js";

/** What the second file works with. */
export const tools = /** @type {Tools} */ ({});

/** @type {Promise<More> | undefined} */
let pending;

/** What the second file does; nothing where it does not come. @returns {Promise<More>} */
export function more() {
  return (pending ??= bring().catch(() => {
    pending = undefined;
    return {};
  }));
}

/**
 * Lets the second file do one thing.
 * @template {keyof More} K
 * @param {K} what
 * @param {Parameters<NonNullable<More[K]>>} given
 */
export async function later(what, ...given) {
  return /** @type {any} */ (await more())[what]?.(...given);
}

/** @returns {Promise<More>} */
async function bring() {
  if (!navigator.onLine) await new Promise((resolve) => addEventListener("online", resolve));
  // A policy allows an inline script by its hash in every browser, a file in some.
  const text = tag.src ? "" : await (await fetch(base + "loader.more.v1.js")).text();
  return new Promise((resolve, reject) => {
    const script = page.createElement("script");
    script.nonce = tag.nonce;
    script.crossOrigin = tag.crossOrigin;
    script.integrity = tag.dataset.integrity ?? "";
    script.onerror = reject;
    if (text) script.text = trusted("Script", text);
    else script.src = trusted("ScriptURL", tag.src.replace("loader.v1", "loader.more.v1"));
    /** @type {NonNullable<typeof window.eyot>} */ (window.eyot).more = (make) => resolve(make(tools));
    setTimeout(reject, 10000);
    page.head.append(script);
  });
}
