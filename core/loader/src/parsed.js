// Owns the wait for a placeholder's end tag while the page is still streaming in.

import { page } from "./plain.js";

/** @type {(() => void)[]} */
let waiting = [];

/**
 * Resolves once the parser is past the element.
 * @param {Node} element
 */
export async function parsed(element) {
  while (page.readyState == "loading" && !hasFollower(element)) {
    await new Promise((/** @type {(value?: undefined) => void} */ resolve) => waiting.push(resolve));
  }
}

/** Looks again; to be called whenever the document changes. */
export function documentChanged() {
  waiting.splice(0).forEach((look) => look());
}

/**
 * Whether anything stands behind the element: the parser puts it there only after the end tag.
 * @param {Node | null} node
 */
function hasFollower(node) {
  while (node && !node.nextSibling) node = node.parentNode;
  return node;
}
