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
  const range = new Range();
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
  content.querySelectorAll("script").forEach(removeUnlessAllowed);
  content.querySelectorAll("[island]").forEach((element) => nested.add(element));
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
  const slot = element.querySelector(":scope>template[island-slot=error]");
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
  const { id, selectionStart, selectionEnd } = focused;
  const old = range.extractContents();
  range.insertNode(content);
  const heir = id && !focused.isConnected && /** @type {HTMLInputElement} */ (document.getElementById(id));
  if (heir) {
    heir.focus({ preventScroll: true });
    // Null where a kind of input has no selection, undefined on other elements.
    if (heir.selectionStart != null) heir.setSelectionRange(selectionStart, selectionEnd);
  }
  return old;
}

/**
 * Removes a script without the nonce of the loader's tag, where that has one, and a module that ran before.
 * @param {HTMLScriptElement} script
 */
function removeUnlessAllowed(script) {
  const module = script.type == "module" && script.src + " " + script.text;
  if ((tag.nonce && script.nonce != tag.nonce) || (module && modules.has(module))) script.remove();
  else if (module) modules.add(module);
}
