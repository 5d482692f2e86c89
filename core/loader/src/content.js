// Owns the swap: HTML parsed in its place, the scripts in it, focus, and the way back to the fallback.

import { tag } from "./origin.js";

/** @type {{ createHTML(html: string): string } | undefined} */
let policy;

/** Modules that ran in this document. @type {Set<string>} */
const modules = new Set();

/** Placeholders that came with an island's content rather than with the page. @type {WeakSet<Element>} */
export const nested = new WeakSet();

/**
 * HTML as the page's Trusted Types policy wants it; where that does not allow ours, the string itself.
 * @param {string} html
 */
export function trusted(html) {
  try {
    policy ??= trustedTypes.createPolicy("eyot", { createHTML: (text) => text });
  } catch {
    // A browser without Trusted Types, or a page that does not list this policy.
  }
  return policy ? policy.createHTML(html) : html;
}

/**
 * What an island takes up in the page, or undefined when it was removed.
 * @param {Island} island
 */
export function place({ element, kept, first, last }) {
  const range = document.createRange();
  if (kept) {
    range.selectNodeContents(element);
  } else {
    if (!first.parentNode || first.parentNode != last.parentNode) return undefined;
    range.setStartBefore(first);
    range.setEndAfter(last);
  }
  return range;
}

/**
 * Parses where the island stands, so that rows become rows, and swaps in one step.
 * @param {Island} island
 * @param {Range} range
 * @param {string} html
 * @returns {Node[]} what was put in
 */
export function fill(island, range, html) {
  const content = range.createContextualFragment(trusted(html));
  for (const script of content.querySelectorAll("script")) if (!mayRun(/** @type {HTMLScriptElement} */ (script))) script.remove();
  for (const element of content.querySelectorAll("[data-island]")) nested.add(element);
  const nodes = [...content.childNodes];
  if (!island.kept) {
    content.prepend((island.first = new Comment()));
    content.append((island.last = new Comment()));
  }
  const old = swap(range, content);
  island.fallback ??= old;
  island.filled = true;
  return nodes;
}

/**
 * Puts the fallback back in a page that returned: what stands there may be another visitor's.
 * @param {Island} island
 * @param {Range} range
 */
export function restore(island, range) {
  if (!island.returned || !island.fallback) return;
  swap(range, island.fallback);
  island.fallback = undefined;
  island.filled = false;
  island.first = island.last = island.element;
}

/**
 * Shows the error slot in place of the fallback, if there is one.
 * @param {Element} element
 */
export function showError(element) {
  /** @type {HTMLTemplateElement | null} */
  const slot = element.querySelector(":scope>template[data-slot=error]");
  if (!slot) return;
  slot.content.firstElementChild?.setAttribute("role", "alert");
  element.replaceChildren(slot.content);
}

/**
 * @param {Range} range
 * @param {DocumentFragment} content
 */
function swap(range, content) {
  const focused = /** @type {HTMLInputElement} */ (document.activeElement ?? {});
  const { id, selectionStart, selectionEnd, selectionDirection } = focused;
  const old = range.extractContents();
  range.insertNode(content);
  const heir = id && !focused.isConnected && /** @type {HTMLInputElement} */ (document.getElementById(id));
  if (heir) {
    heir.focus({ preventScroll: true });
    // Null where a kind of input has no selection, undefined on other elements.
    if (heir.selectionStart != null) heir.setSelectionRange(selectionStart, selectionEnd, /** @type {any} */ (selectionDirection));
  }
  return old;
}

/**
 * Whether a script has the nonce that the loader's tag has, if it has one, and is not a module that ran.
 * @param {HTMLScriptElement} script
 */
function mayRun(script) {
  if (tag.nonce && script.nonce != tag.nonce) return false;
  if (script.type != "module") return true;
  const module = script.src + " " + script.text;
  return !modules.has(module) && modules.add(module);
}
