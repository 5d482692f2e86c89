// Owns when a placeholder's first load starts (`island-when`).

import { option } from "./origin.js";
import { parsed } from "./parsed.js";

/**
 * @param {HTMLElement} element
 * @param {() => void} start
 */
export function onTrigger(element, start) {
  const [, kind, rest] = /** @type {RegExpExecArray} */ (/(\w*) ?(.*)/.exec(option(element, "when") + ""));
  if (kind == "idle") {
    // Safari has no idle callbacks; setTimeout takes the options for a delay of zero.
    /** @type {Function} */ (window.requestIdleCallback ?? setTimeout)(start, { timeout: 2000 });
  } else if (kind == "visible") {
    parsed(element).then(() => onVisible(element, rest, start));
  } else if (kind == "media") {
    const query = matchMedia(rest);
    if (query.matches) start();
    else query.addEventListener("change", start, { once: true });
  } else if (kind == "interaction") {
    for (const type of ["pointerover", "focusin", "click"]) element.addEventListener(type, start, { once: true });
  } else if (kind != "manual") {
    start();
  }
}

/**
 * An element with `display: contents` never intersects, so a component's fallback is observed instead.
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
  /** @type {Iterable<Element>} */
  let targets = [element];
  if (element.localName == "server-island") {
    if (!element.querySelector(":scope>:not(template,server-island)")) element.append(document.createElement("span"));
    targets = element.children;
  }
  for (const target of targets) observer.observe(target);
}
