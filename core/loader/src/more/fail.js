// Owns what a failed island shows.

import { plain } from "../plain.js";

/** @param {Island} island */
export function fail(island) {
  island.restore?.();
  const { element, filled } = island;
  /** @type {HTMLTemplateElement | null} */
  const slot = plain(element).querySelector(":scope>template[island-slot=error]");
  if (filled || !slot) return;
  slot.content.firstElementChild?.setAttribute("role", "alert");
  plain(element).replaceChildren(slot.content);
}
