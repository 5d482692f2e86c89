// The loader: finds placeholders, now and whenever one is inserted, and leaves `window.eyot` behind.

import { reload, take } from "./island.js";
import { documentChanged } from "./parsed.js";

// A page's element of that id would stand in window.eyot too, hence the look at the method.
if (typeof window.eyot?.refresh != "function") {
  window.eyot = { refresh: (name) => reload((island) => island.name == name && (island.kept || !island.filled)) };
  takeIn(document.documentElement);
  new MutationObserver((records) => {
    documentChanged();
    for (const { addedNodes } of records) addedNodes.forEach(takeIn);
  }).observe(document, { childList: true, subtree: true });
  document.addEventListener("readystatechange", documentChanged);
  addEventListener("pageshow", ({ persisted }) => {
    // The visitor may have logged out since these were answered.
    if (persisted) reload((island) => island.run && island.unstored && (island.returned = true));
  });
}

/**
 * Takes up the placeholders in a part of the document, itself included.
 * @param {Node} root
 */
function takeIn(root) {
  if (!(root instanceof HTMLElement)) return;
  try {
    root.querySelectorAll("[island]").forEach(takeIn);
    if (root.getAttribute("island")) take(root);
  } catch (error) {
    // One bad placeholder, which user content may hold, must not stop the others.
    console.error("eyot: ignored", root, error);
  }
}
