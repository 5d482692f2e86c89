// Owns the swap: HTML parsed in its place, the scripts in it, focus, and the way back to the fallback.

import { islands } from "./island.js";
import { tag } from "./origin.js";
import { below } from "./plain.js";

/** @type {TrustedPolicy | undefined} */
let policy;

/** Modules that ran in this document. @type {Set<string>} */
const modules = new Set();

/** The island that a placeholder came with, unless it came with the page. @type {WeakMap<Element, Island>} */
export const parents = new WeakMap();

/**
 * Text as the page's Trusted Types policy wants it; where that does not allow ours, the string itself.
 * @param {"HTML" | "Script" | "ScriptURL"} kind
 * @param {string} text
 */
export function trusted(kind, text) {
  try {
    const same = (/** @type {string} */ text) => text;
    policy ??= trustedTypes.createPolicy("eyot", { createHTML: same, createScript: same, createScriptURL: same });
  } catch {
    // A browser without Trusted Types, or a page that does not list this policy.
  }
  return policy ? policy[/** @type {"createHTML"} */ ("create" + kind)](text) : text;
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
 * Makes content ready for the page: takes out scripts without the nonce of the loader's tag, where that has one, and
 * modules that ran before; notes which island its placeholders are in.
 * @param {Island} island
 * @param {DocumentFragment} content
 */
export function admit(island, content) {
  for (const script of content.querySelectorAll("script")) {
    const module = script.type == "module" && script.src + " " + script.text;
    if ((tag.nonce && script.nonce != tag.nonce) || (module && modules.has(module))) script.remove();
    else if (module) modules.add(module);
  }
  for (const element of content.querySelectorAll("[island]")) parents.set(element, island);
  return content;
}

/**
 * Swaps in one step.
 * @param {Island} island
 * @param {Range} range
 * @param {string} html
 * @returns {Node[]} what was put in
 */
export function fill(island, range, html) {
  // Parsed where it goes, so that rows become rows.
  const content = range.createContextualFragment(trusted("HTML", html));
  if (island.kept) island.live = below(content);
  const nodes = [...admit(island, content).childNodes];
  if (!island.kept) {
    // A copy of personal content must be known as such, and what it was.
    const { outerHTML } = /** @type {Element} */ (island.element.cloneNode());
    content.prepend((island.first = new Comment(island.unstored ? "eyot" + encodeURIComponent(outerHTML) : "")));
    content.append((island.last = new Comment("/eyot")));
    islands.set(island.first, island);
  }
  const old = range.extractContents();
  range.insertNode(content);
  island.fallback ??= old;
  return nodes;
}
