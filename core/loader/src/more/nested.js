// Owns islands inside themselves.

import { fail } from "./fail.js";

/**
 * @param {Tools} tools
 * @returns {NonNullable<More["refuse"]>}
 */
export function refuser({ settle }) {
  return (island) => {
    console.error("eyot: nested", island.element);
    settle(island, { response: Response.error(), html: "", attempt: 0, reason: "nested" }, { fail });
  };
}
