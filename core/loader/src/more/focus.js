// Owns the focus while an island is swapped.

import { page, plain } from "../plain.js";

/**
 * Remembers the focused element of a document or shadow root, for the length of a swap: should it be gone by then and
 * another have its id, that gets its focus and selection.
 * @param {Node} node anywhere in it
 */
export function hold(node) {
  const root = /** @type {Document} */ (plain(plain(node).getRootNode()));
  const focused = /** @type {HTMLInputElement} */ (root.activeElement ?? {});
  const { id, selectionStart, selectionEnd } = focused;
  queueMicrotask(() => {
    const isLost = id && !focused.isConnected && root.activeElement == page.body;
    const heir = isLost && /** @type {HTMLInputElement} */ (root.getElementById(id));
    if (!heir) return;
    heir.focus({ preventScroll: true });
    // Null where a kind of input has no selection, undefined on other elements.
    if (heir.selectionStart != null) heir.setSelectionRange(selectionStart, selectionEnd);
  });
}
