// Owns answers without content: the fallback stays, and the visitor may be sent elsewhere.

import { option } from "../plain.js";

/**
 * @param {Island} island
 * @param {string | null} target of `Island-Location`
 * @returns {string | null} where the visitor shall go
 */
export function empty(island, target) {
  const location = target && allowed(target, island.url);
  island.restore?.();
  if (!location) island.filled = true;
  return location;
}

/**
 * @param {Element} element
 * @param {string} location
 */
export function follow(element, location) {
  if (option(element, "redirect") == "follow") window.location.href = location;
}

/**
 * Throws unless it is a page of this origin or the islands'. Looks at how the URL begins, because the origin of a blob:
 * URL is that of its maker.
 * @param {string} target
 * @param {string} from URL of the island
 */
function allowed(target, from) {
  const { href } = new URL(target, from);
  if ([location.href, from].some((page) => href.startsWith(new URL("/", page).href))) return href;
  throw href;
}
