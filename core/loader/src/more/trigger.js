// Owns when a placeholder's first load starts, where that is not at once (`island-when`).

import { option, page, plain } from "../plain.js";

/**
 * What starts may be called again.
 * @param {Tools} tools
 * @returns {NonNullable<More["wait"]>}
 */
export function waiter({ parsed }) {
  return (element, start) => {
    const [, kind, rest] = /** @type {RegExpExecArray} */ (/(\w*) ?(.*)/.exec(option(element, "when") + ""));
    if (kind == "idle") {
      const { requestIdleCallback: idle } = window;
      // Safari has no idle callbacks; setTimeout takes the options for a delay of zero.
      /** @type {Function} */ (typeof idle == "function" ? idle : setTimeout)(start, { timeout: 2000 });
    } else if (kind == "visible" && window.IntersectionObserver) {
      // A margin that browsers refuse had better come too early than not at all.
      parsed(element).then(() => onVisible(element, rest, start)).catch(start);
    } else if (kind == "media") {
      const query = matchMedia(rest);
      if (query.matches) start();
      else query.addEventListener("change", start);
    } else if (kind == "interaction") {
      for (const type of ["pointerover", "focusin", "click"]) plain(element).addEventListener(type, start);
    } else if (kind != "manual") {
      start();
    }
    return true;
  };
}

/**
 * What has no box never intersects, as a component's element once the style sheet is there: `display: contents`. So its
 * children are observed, among them an empty one that has a box if its place has one.
 * @param {HTMLElement} element
 * @param {string} rootMargin
 * @param {() => void} start
 */
function onVisible(element, rootMargin, start) {
  const observer = new IntersectionObserver(
    (entries) => {
      if (entries.some((entry) => entry.isIntersecting)) {
        observer.disconnect();
        start();
      }
    },
    { rootMargin },
  );
  const targets = [element];
  if (element.matches("server-island") || getComputedStyle(element).display == "contents") {
    const { children } = plain(element);
    if (![...children].some(hasBox)) plain(element).append(page.createElement("span"));
    targets.push(.../** @type {Iterable<HTMLElement>} */ (children));
  }
  if (!targets.some(hasBox) && !isHidden(element)) start();
  else for (const target of targets) observer.observe(target);
}

/** @param {Element} element */
function hasBox(element) {
  return plain(element).getClientRects().length > 0;
}

/**
 * Whether it has no box only until something around it is shown.
 * @param {Element | null} element
 */
function isHidden(element) {
  while (element && !hasBox(element)) {
    if (getComputedStyle(element).display == "none") return true;
    element = plain(element).parentElement;
  }
  return false;
}
