// Owns one island's life: found, loaded, failed, loaded again.

import { fill, place, restore, showError } from "./content.js";
import { heal, noteSeen } from "./heal.js";
import { astro, islandUrl, option, redirectTarget } from "./origin.js";
import { parsed } from "./parsed.js";
import { inFlight, isHtml, request, requestKey } from "./request.js";
import { onTrigger } from "./trigger.js";

/** By placeholder, and by the comment before a replaced one's content. @type {WeakMap<Node, Island>} */
const islands = new WeakMap();

/**
 * Takes up a placeholder, once.
 * @param {HTMLElement} element
 */
export function take(element) {
  if (islands.has(element)) return;
  const url = islandUrl(element);
  const refresh = option(element, "refresh");
  const loaded = option(element, "loaded");
  /** @type {Island} */
  const island = {
    element,
    name: element.getAttribute("island") ?? "",
    url,
    token: option(element, "token"),
    first: element,
    last: element,
    kept: element.localName != "server-island" || (option(element, "keep") ?? refresh) != null,
    filled: loaded != null,
    run: 0,
  };
  islands.set(element, island);
  noteSeen(element);
  if (refresh) scheduleRefresh(island, refresh);
  if (loaded == null) onTrigger(element, () => island.run || load(island));
}

/**
 * Loads again what the predicate picks among the islands of the document.
 * @param {(island: Island) => unknown} picks
 */
export function reload(picks) {
  /** @type {Island[]} */
  const picked = [];
  const nodes = document.createNodeIterator(document);
  for (let node; (node = nodes.nextNode()); ) {
    const island = islands.get(node);
    if (!island || !picks(island)) continue;
    picked.push(island);
    // An answer under way may be older than what changed.
    inFlight.delete(requestKey(island));
  }
  return Promise.all(picked.map(load));
}

/**
 * @param {Island} island
 * @param {string} refresh
 */
function scheduleRefresh(island, refresh) {
  const { element } = island;
  if (/^\d+s$/.test(refresh)) {
    const timer = setInterval(() => {
      if (!element.isConnected) {
        clearInterval(timer);
        islands.delete(element);
      } else if (!document.hidden && !element.contains(document.activeElement)) {
        load(island);
      }
    }, (parseInt(refresh) || 1) * 1000);
  } else {
    // The same function: islands with the same event share one listener.
    document.addEventListener(refresh, onRefreshEvent);
  }
}

/** @param {Event} event */
function onRefreshEvent({ type }) {
  reload(({ element }) => option(element, "refresh") == type);
}

/** @param {Island} island */
async function load(island) {
  const { element } = island;
  const run = ++island.run;
  island.unstored = true;
  element.setAttribute("aria-busy", "true");
  let answer = await request(island);
  if (answer.reason == "stale" && (await heal(island).catch(() => false))) answer = await request(island);
  await parsed(element);
  if (run == island.run) settle(island, answer);
}

/**
 * Does to the page what the answer says, and tells it.
 * @param {Island} island
 * @param {Answer} answer
 */
function settle(island, answer) {
  const { element, name, url } = island;
  const { status, headers } = answer.response;
  const range = place(island);
  if (!range) {
    // Removed from the page; should it come back, it is found anew.
    islands.delete(element);
    return;
  }
  const parent = range.startContainer;
  element.removeAttribute("aria-busy");
  island.unstored = !status || /no-store/i.test(headers.get("Cache-Control") + "");
  const { type, ...outcome } = apply(island, range, answer);
  islands.set(island.first, island);
  island.returned = false;
  const event = new CustomEvent("island:" + type, {
    bubbles: true,
    cancelable: true,
    detail: { name, url, status, attempt: answer.attempt, reason: type == "error" ? answer.reason : "", ...outcome },
  });
  const allowed = (element.isConnected ? element : parent).dispatchEvent(event);
  if (allowed && outcome.location && option(element, "redirect") == "follow") location.href = outcome.location;
}

/**
 * Swaps, or leaves or puts back the fallback.
 * @param {Island} island
 * @param {Range} range
 * @param {Answer} answer
 * @returns {{ type: string, nodes?: Node[], location?: string }}
 */
function apply(island, range, { response: { status, headers }, html }) {
  const own = astro || headers.get("Island") == island.name;
  try {
    if (own && status == 200 && isHtml(headers)) return { type: "load", nodes: fill(island, range, html) };
    if (own && status == 204) {
      const target = headers.get("Island-Location");
      const location = target && redirectTarget(target, island.url);
      restore(island, range);
      if (location) return { type: "redirect", location };
      island.filled = true;
      return { type: "load", nodes: [] };
    }
  } catch {
    // The page's policies forbid the HTML, or the handler names a place that is not allowed.
  }
  restore(island, range);
  if (!island.filled) showError(island.element);
  return { type: "error" };
}
