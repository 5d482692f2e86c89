// Owns copies of replaced placeholders, such as Turbo's and htmx's snapshots of a page.

import { page } from "../plain.js";

/**
 * @param {Tools} tools
 * @returns {NonNullable<More["remake"]>}
 */
export function remaker({ trusted }) {
  // Puts an empty placeholder between two comments. Its attributes are those that the first one tells, and nothing else
  // in that counts.
  return (first) => {
    const html = trusted("HTML", decodeURIComponent((first.nodeValue + "").slice(4)));
    const copy = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
    const element = page.createElement("server-island");
    for (const { name, value } of copy?.attributes ?? []) if (/^island/.test(name)) element.setAttribute(name, value);
    first.nextSibling?.remove();
    first.parentNode?.replaceChild(element, first);
  };
}
