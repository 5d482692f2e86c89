// Owns the wait for a placeholder's end tag while the page is still streaming in.

import { page } from "./plain.js";

/**
 * Resolves once the parser is past the element. It looks again and again: few answers come that early, and an observer
 * would cost every page.
 * @param {Node} element
 */
export async function parsed(element) {
  while (page.readyState == "loading" && !hasFollower(element)) await new Promise((resolve) => setTimeout(resolve, 9));
}

/**
 * Whether anything stands behind the element: the parser puts it there only after the end tag.
 * @param {Node | null} node
 */
function hasFollower(node) {
  while (node && !node.nextSibling) node = node.parentNode;
  return node;
}
