// The loader: finds placeholders, now and whenever one is inserted, and leaves `window.eyot` behind.

import { admit, parents, trusted } from "./content.js";
import { NAMES, islands, load, present, settle, take } from "./island.js";
import { later, tools } from "./more.js";
import { islandUrl, tag } from "./origin.js";
import { parsed } from "./parsed.js";
import { page, plain } from "./plain.js";
import { inFlight, send } from "./request.js";

/** `Node.COMMENT_NODE`, which also is the last kind before documents and shadow roots. */
const COMMENT = 8;

/** `NodeFilter.SHOW_COMMENT`. */
const COMMENTS = 128;

/** Changes at once from which the observer rests. */
const MANY = 200;

/** For how many milliseconds: looks at the whole page take a hundredth of that. */
const REST = 300;

/** Documents and shadow roots that are observed. @type {WeakSet<Node>} */
const watched = new WeakSet();

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
  const look = (/** @type {Event | void} */ event) =>
    /** @type {PageTransitionEvent | undefined} */ (event)?.persisted ? later("back") : scan(document);
  look();
  page.addEventListener("readystatechange", look);
  addEventListener("pageshow", look);
  // What a library puts in for the page before may be personal, so this is no time to rest.
  addEventListener("popstate", look);
  try {
    customElements.define("server-island", Placeholder());
  } catch {
    // The page has an element of its own by that name. It is observed like others.
  }
}

/** Tells of shadow roots that nothing else shows: closed ones, and those that an element gets late. */
function Placeholder() {
  return class extends HTMLElement {
    connectedCallback() {
      meet(this.getRootNode());
    }
  };
}

/**
 * Observes a document or shadow root. Each change of the tree costs a microsecond or more, nearly all of it the browser's
 * own, so after many at once the observer rests, and comes back with a look at everything.
 * @param {Node} root
 */
function watch(root) {
  watched.add(root);
  new MutationObserver((records, observer) => {
    if (records.length < MANY) {
      records.forEach(({ target, addedNodes }) => {
        takeIn(target);
        if (addedNodes.length < MANY) addedNodes.forEach(scan);
        else scan(target);
      });
    } else {
      scan(root);
      observer.disconnect();
      watched.delete(root);
      setTimeout(scan, REST, root);
    }
  }).observe(root, { childList: true, subtree: true, attributeFilter: ["island-loaded", ...NAMES] });
}

/**
 * Takes up the placeholders in a part of the document, itself included, and in the open shadow roots in it.
 * @param {Node} root
 */
function scan(root) {
  const { querySelectorAll } = /** @type {Element} */ (plain(root));
  // A document or shadow root.
  if (root.nodeType > COMMENT && !watched.has(root) && window.MutationObserver) watch(root);
  takeIn(root);
  if (querySelectorAll) {
    querySelectorAll("[island]").forEach(takeIn);
    // No selector finds hosts, and to look at every element takes far longer than all else here.
    setTimeout(() => {
      enter(/** @type {Element} */ (root));
      querySelectorAll("*").forEach(enter);
    });
  }
  const walker = page.createTreeWalker(root, COMMENTS);
  for (let at = /** @type {Node | null} */ (root); at; at = walker.nextNode()) {
    // Of these, comments alone have a value.
    if (/^eyot/.test(at.nodeValue + "") && !islands.has(at)) forget(at);
  }
}

/** @param {Element} element */
function enter(element) {
  meet(element.shadowRoot);
}

/** @param {any} root nothing, or a form's field of that name, if it is no document or shadow root */
function meet(root) {
  if (root?.nodeType > COMMENT && !watched.has(root)) scan(root);
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
