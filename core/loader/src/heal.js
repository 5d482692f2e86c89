// Owns stale tokens: fetches the page once more, past every cache, and takes the new token from it.

import { nested, trusted } from "./content.js";
import { islandUrl, option, tag } from "./origin.js";
import { parsed } from "./parsed.js";
import { deadline, isHtml } from "./request.js";

const address = pageAddress();

/** How often each name and key was seen in this document. @type {Map<string, number>} */
const seen = new Map();

/** The fresh page's placeholders; fetched once, so no token is tried twice. @type {Promise<HTMLElement[]> | undefined} */
let fresh;

/** @param {HTMLElement} element */
export function noteSeen(element) {
  const id = identity(element);
  seen.set(id, (seen.get(id) ?? 0) + 1);
}

/**
 * Gives the island its new token; false, or an error, when there is none that is surely its own.
 * @param {Island} island
 */
export async function heal(island) {
  const { element } = island;
  // A script cannot see that a page answers a POST, so the tag says it.
  if (nested.has(element) || tag.dataset.post != null || pageAddress() != address) return false;
  await parsed(document.documentElement);
  fresh ??= fetchPage();
  const id = identity(element);
  const twins = (await fresh).filter((twin) => identity(twin) == id);
  return twins.length == 1 && seen.get(id) == 1 && takeToken(island, twins[0]);
}

/** @returns {Promise<HTMLElement[]>} */
async function fetchPage() {
  const url = address + (address.includes("?") ? "&" : "?") + "island-fresh";
  const response = await fetch(url, { redirect: "error", cache: "no-store", signal: deadline() });
  if (response.status != 200 || !isHtml(response.headers)) return [];
  const page = new DOMParser().parseFromString(trusted(await response.text()), "text/html");
  return [.../** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll("[island]"))];
}

/**
 * Whether the twin's token is another one, taken over then.
 * @param {Island} island
 * @param {HTMLElement} twin
 */
function takeToken(island, twin) {
  const url = islandUrl(twin);
  const token = option(twin, "token");
  if (url == island.url && token == island.token) return false;
  island.url = url;
  island.token = token;
  return true;
}

/** @param {HTMLElement} element */
function identity(element) {
  return element.getAttribute("island") + " " + option(element, "key");
}

function pageAddress() {
  return location.href.replace(/#.*/, "");
}
