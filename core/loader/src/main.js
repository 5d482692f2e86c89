// The loader: finds placeholders, now and whenever one is inserted, and leaves `window.eyot` behind.

import { admit, parents, trusted } from "./content.js";
import { NAMES, islands, load, present, settle, take } from "./island.js";
import { later, tools } from "./more.js";
import { islandUrl, tag } from "./origin.js";
import { documentChanged, parsed } from "./parsed.js";
import { page, plain } from "./plain.js";
import { inFlight, send } from "./request.js";

/** `Node.TEXT_NODE`. */
const TEXT = 3;

/** `Node.COMMENT_NODE`, which also is the last kind before documents and shadow roots. */
const COMMENT = 8;

/** `NodeFilter.SHOW_ELEMENT` and `SHOW_COMMENT`. */
const ELEMENTS_AND_COMMENTS = 129;

/** @type {MutationObserver | undefined} */
let observer;

// A page's element of that id would stand in window.eyot too, hence the look at the method.
if (typeof window.eyot?.refresh != "function") {
  window.eyot = { refresh: (name) => later("refresh", name), scan };
  Object.assign(tools, {
    admit, inFlight, islandUrl, islands, load, parents, parsed, present, send, settle, tag, take, trusted,
  });
  // While debugging, what can put failures into words comes first. A page that is rendered ahead has to wait: the visitor
  // may do something before it is shown.
  if (page.prerendering || tag.dataset.debug != null) later("shown").then(begin);
  else begin();
}

function begin() {
  if (window.MutationObserver) observer = new MutationObserver(onChanges);
  scan(document);
  // Shadow roots that the page's HTML declares come after their elements.
  page.addEventListener("readystatechange", () => scan(document));
  addEventListener("pageshow", ({ persisted }) => persisted && later("back"));
}

/** @param {MutationRecord[]} records */
function onChanges(records) {
  /** @type {Node | undefined} */
  let last;
  for (const { type, target, addedNodes } of records) {
    if (type == "attributes") takeIn(target);
    else {
      // Nothing of what was put in is left, as after a hydration.
      const island = islands.get(target);
      if (island?.live?.length && !island.live.some((node) => node.isConnected)) later("changed", island, island.signature);
    }
    for (const node of addedNodes) {
      // The parser tells each element of what it has put in together. Most of what scripts change is text.
      if (node.nodeType == TEXT) documentChanged();
      else if (!last || !plain(last).contains(node)) scan((last = node));
    }
  }
}

/**
 * Takes up the placeholders in a part of the document, itself included, and in the open shadow roots in it.
 * @param {Node} root
 */
function scan(root) {
  const part = /** @type {Element} */ (plain(root));
  documentChanged();
  if (part.nodeType > COMMENT) {
    // A document or a shadow root; once more is not twice.
    observer?.observe(root, { childList: true, subtree: true, attributeFilter: ["island-loaded", ...NAMES] });
  }
  if (part.querySelectorAll) {
    takeIn(root);
    part.querySelectorAll("[island]").forEach(takeIn);
  }
  const walker = page.createTreeWalker(root, ELEMENTS_AND_COMMENTS);
  for (let at = /** @type {Node | null} */ (root); at; at = walker.nextNode()) {
    const { shadowRoot, nodeValue } = /** @type {Element & { nodeValue: string }} */ (at);
    if (shadowRoot instanceof ShadowRoot) scan(shadowRoot);
    // Of what is walked, comments alone have a value.
    if (/^eyot/.test(nodeValue) && !islands.has(at)) forget(at);
  }
}

/**
 * Takes out personal content that was copied: a snapshot, which may be another visitor's.
 * @param {Node} first
 */
function forget(first) {
  /** @type {Node | null} */
  let last = first;
  while (last && last.nodeValue != "/eyot") last = last.nextSibling;
  if (!last) return;
  while (first.nextSibling != last) first.nextSibling?.remove();
  later("remake", first);
}

/** @param {Node} element */
function takeIn(element) {
  try {
    if (element instanceof HTMLElement && (element.getAttribute("island") || islands.has(element))) take(element);
  } catch (error) {
    // One bad placeholder, which user content may hold, must not stop the others.
    console.error("eyot: ignored", element, error);
  }
}
