// Owns which forms may hold islands.

import { page, plain } from "../plain.js";

/**
 * Whether a form posts to the page's origin, or those that the loader's tag lists, alone.
 * @param {HTMLFormElement} form
 * @param {Element} element the placeholder in it, which is told of
 * @param {HTMLScriptElement} tag
 */
export function isOwn(form, element, tag) {
  const origins = [location.origin, ...(tag.dataset.forms ?? "").split(/\s+/)];
  // A form's own list lacks image buttons, and a button may stand elsewhere.
  const root = /** @type {Document} */ (plain(plain(form).getRootNode()));
  const buttons = /** @type {HTMLButtonElement[]} */ ([...root.querySelectorAll("[formaction]")]);
  const targets = buttons.filter((button) => button.form == form).map((button) => button.getAttribute("formaction"));
  const isOwn = [plain(form).getAttribute("action"), ...targets].every((target) => {
    // An empty one is the document's own address, whatever its base.
    if (!target?.trim()) return true;
    try {
      return origins.includes(new URL(target, page.baseURI).origin);
    } catch {
      return false;
    }
  });
  if (isOwn) return true;
  plain(element).removeAttribute("aria-busy");
  console.error("eyot: ignored", element, "form");
  return false;
}
