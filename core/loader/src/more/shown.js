// Owns what the loader waits for before it starts: that a page rendered ahead is shown, and the file for debugging.

import { page } from "../plain.js";

/**
 * @param {Tools} tools
 * @returns {NonNullable<More["shown"]>}
 */
export function shower(tools) {
  const { tag, trusted } = tools;
  return async () => {
    if (tag.dataset.debug != null) {
      const script = page.createElement("script");
      script.nonce = tag.nonce;
      script.src = trusted("ScriptURL", (tag.src || tag.dataset.base + "/loader.v1.js").replace("loader.v1", "loader.debug.v1"));
      await new Promise((resolve) => {
        /** @type {NonNullable<typeof window.eyot>} */ (window.eyot).more = (make) => Object.assign(tools, make(tools));
        script.onload = script.onerror = resolve;
        page.head.append(script);
      });
    }
    if (page.prerendering) await new Promise((resolve) => page.addEventListener("prerenderingchange", resolve));
  };
}
