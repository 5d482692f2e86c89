// Owns one island's life: found, loaded, failed. What comes after is the second file's.

import { fill, parents, place } from "./content.js";
import { later, more } from "./more.js";
import { astro, checked, isDoubtful, tag } from "./origin.js";
import { parsed } from "./parsed.js";
import { isHtml, option, page } from "./plain.js";
import { request } from "./request.js";

/** The attributes that tell one island from another. */
export const NAMES = ["island", "island-src", "island-token"];

/** By placeholder, and by the comment before what replaced one. @type {WeakMap<Node, Island>} */
export const islands = new WeakMap();

/** Those that may stand in the page. @type {Set<Island>} */
export const present = new Set();

/** Islands that came with other islands: a page has a thousand at most. */
let nested = 0;

/**
 * Takes up a placeholder: once, unless its attributes change or what was loaded is gone.
 * @param {HTMLElement} element
 */
export function take(element) {
  const known = islands.get(element);
  const signature = NAMES.map((name) => element.getAttribute(name)) + "";
  const [loaded, refresh] = [option(element, "loaded"), option(element, "refresh")];
  if (known) {
    // Nothing of what was put in is left, as after a hydration.
    const isGone = known.live?.[0] && !known.live.some((node) => node.isConnected);
    if (known.signature != signature || isGone || (known.html != null && loaded == null)) later("changed", known, signature);
    return;
  }
  // `no-store`, so copied from a filled one: a snapshot, which may be another visitor's.
  if (loaded) element.replaceChildren();
  /** @type {Island} */
  const island = {
    element,
    signature,
    name: element.getAttribute("island") + "",
    url: "",
    token: option(element, "token"),
    first: element,
    last: element,
    kept: element.localName != "server-island" || (option(element, "keep") ?? refresh) != null,
    filled: loaded == "",
    run: 0,
  };
  // Known from now on, and told of once, whatever it is.
  islands.set(element, island);
  island.url = checked(element);
  present.add(island);
  if (isNestedTooDeep(island)) {
    later("refuse", island);
    return;
  }
  if (refresh) {
    later("plan", island, refresh);
    // The same function: islands with the same event share one listener.
    page.addEventListener(refresh, heard);
  }
  const start = () => island.run || load(island);
  if (!island.filled) {
    // Where nothing can wait for it, an island had better come too early than not at all.
    if (option(element, "when")) later("wait", element, start).then((waits) => waits || start());
    else start();
  }
}

/** @param {Event} event */
function heard(event) {
  later("heard", event);
}

/** @param {Island} island */
function isNestedTooDeep({ element, signature }) {
  let depth = 0;
  for (let at = parents.get(element); at; at = parents.get(at.element)) {
    if (++depth > 8 || at.signature == signature) return true;
  }
  return depth && ++nested > 1000;
}

/** @param {Island} island */
export async function load(island) {
  const { element } = island;
  const run = ++island.run;
  if (await isAdrift(element)) return;
  element.setAttribute("aria-busy", "true");
  const answer = await request(island);
  await parsed(element.closest("form") ?? element);
  // A button may have come since.
  if (await isAdrift(element)) return;
  // What few islands need: a refresh merges, and so on.
  const isPlain = island.html == null && answer.response.status == 200 && !element.contains(page.activeElement);
  const rest = isPlain ? {} : await more();
  if (run == island.run) settle(island, answer, rest);
}

/**
 * Whether what is filled in could be posted to another origin; so where nothing can tell.
 * @param {Element} element
 */
async function isAdrift(element) {
  const form = element.closest("form");
  return form && isDoubtful(form) && !(await later("isOwn", form, element, tag));
}

/**
 * Does to the page what the answer says, and tells it.
 * @param {Island} island
 * @param {Answer} answer
 * @param {More} rest
 */
export function settle(island, { response: { status, headers }, html, attempt, reason }, rest) {
  const { element, name, url } = island;
  const range = place(island);
  // Removed from the page; should it come back, it is found anew.
  if (!range) {
    later("leave", island);
    return;
  }
  const parent = range.startContainer;
  element.removeAttribute("aria-busy");
  island.unstored = !status || /no-store/i.test(headers.get("Cache-Control") ?? "");
  rest.hold?.(parent);
  /** @type {Node[]} */
  let nodes = [];
  /** @type {string | null | undefined} */
  let location;
  try {
    if (!astro && headers.get("Island") != name) throw 0;
    if (status == 204) location = /** @type {Required<More>} */ (rest).empty(island, headers.get("Island-Location"));
    else if (status == 200 && isHtml(headers)) nodes = show(island, range, html, rest);
    else throw 0;
    reason = "";
  } catch {
    // Not the island, or the page's policies forbid the HTML, or the handler names a place that is not allowed.
    rest.fail?.(island);
  }
  const event = new CustomEvent("island:" + (reason ? "error" : location ? "redirect" : "load"), {
    bubbles: true,
    cancelable: true,
    composed: true,
    detail: { name, url, status, attempt, reason, nodes, location },
  });
  const allowed = (element.isConnected ? element : parent).dispatchEvent(event);
  if (allowed && location) rest.follow?.(element, location);
}

/**
 * @param {Island} island
 * @param {Range} range
 * @param {string} html
 * @param {More} rest
 * @returns {Node[]} what was put in
 */
function show(island, range, html, rest) {
  // The same bytes touch nothing.
  const nodes = island.html == html ? [] : (rest.merge?.(island, range, html) ?? fill(island, range, html));
  island.filled = true;
  if (island.kept) {
    island.html = html;
    // A morph takes it away, a copy has it too.
    island.element.setAttribute("island-loaded", island.unstored ? "no-store" : "");
  }
  return nodes;
}
