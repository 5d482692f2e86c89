// Owns stale tokens: fetches the page once more, past every cache, and takes the new token from it.

import { deadline, isHtml, option, page } from "../plain.js";

/** Where the document came from: a page that has changed its address since cannot be fetched again. */
const [{ name: loadedFrom }] = performance.getEntriesByType("navigation");

/**
 * @param {Tools} tools
 * @returns {(island: Island) => Promise<boolean>}
 */
export function healer({ islandUrl, parents, parsed, present, tag, trusted }) {
  /** The fresh page's placeholders; fetched once, so no token is tried twice. @type {Promise<Element[]> | undefined} */
  let fresh;

  /** @param {Element} element */
  const identity = (element) => element.getAttribute("island") + " " + option(element, "key");

  async function fetchPage() {
    const address = addressOf(loadedFrom);
    const url = address + (address.includes("?") ? "&" : "?") + "island-fresh";
    const response = await fetch(url, { redirect: "error", cache: "no-store", signal: deadline() });
    if (response.status != 200 || !isHtml(response.headers)) return [];
    const copy = new DOMParser().parseFromString(trusted("HTML", await response.text()), "text/html");
    return [...copy.querySelectorAll("[island]")];
  }

  // Gives the island its new token; false when there is none that is surely its own.
  return async (island) => {
    const id = identity(island.element);
    // Once for a placeholder's token, and where a fresh page could say which is its. A script cannot see that a page
    // answers a POST, so the tag says it.
    if (parents.has(island.element) || tag.dataset.post != null || addressOf(location.href) != addressOf(loadedFrom)) return false;
    try {
      await parsed(page.documentElement);
      if ([...present].filter((other) => identity(other.element) == id).length > 1) return false;
      const twins = (await (fresh ??= fetchPage())).filter((twin) => identity(twin) == id);
      if (twins.length != 1) return false;
      const [url, token] = [islandUrl(twins[0]), option(twins[0], "token")];
      if (url == island.url && token == island.token) return false;
      island.url = url;
      island.token = token;
      return true;
    } catch {
      return false;
    }
  };
}

/** @param {string} url */
function addressOf(url) {
  return url.split("#")[0];
}
