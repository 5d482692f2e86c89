// Owns what the loader may do: the base that its own tag gives, and the check of every placeholder and URL against what
// a split writes.

import { option, page, plain } from "./plain.js";

/** The loader's own tag. */
export const tag = /** @type {HTMLScriptElement} */ (page.currentScript);

const { base: given, wire } = tag.dataset;

/** Whether an Astro server answers: its URLs carry a query, its answers no `Island` header. */
export const astro = wire == "astro";

/** Prefix of all islands, absolute, with a slash at its end. */
export const base = new URL(given?.replace(/\/?$/, "/") ?? ".", given ? location.href : tag.src).href;

const ROUTE = /^((?!loader\.|island\.)[a-z][\w.-]{0,63})(\/[\w-]+|\?.*)?$/i;

/** Elements that no split makes an island element, beside those that hold no escaped text or are unknown to HTML. */
const UNFIT = /-|^(html|head|body|title|textarea)$/;

/** Seconds of an attempt, and what a refresh is: both of a length that timers hold, or nearly. */
const TIMES = /^[1-9]\d{0,6},([1-9]\d{0,6}s|[a-z].*)?$/i;

/**
 * The absolute URL of a placeholder's island; throws why there is none, or why no split wrote the placeholder.
 * @param {HTMLElement} element
 */
export function checked(element) {
  const { localName } = element;
  // What is void or raw text, as `input` and `style` are, does not show it; neither does a `template`.
  const probe = page.createElement(localName);
  probe.append("<");
  const isFit = !UNFIT.test(localName) && !(element instanceof HTMLUnknownElement) && /&/.test(probe.outerHTML);
  if (localName != "server-island" && !isFit) throw "element";
  const times = [option(element, "timeout") ?? 1, option(element, "refresh")] + "";
  if (!TIMES.test(times)) throw times;
  return islandUrl(element);
}

/**
 * Parsed before it is compared, so `..`, back slashes and credentials show as what they are.
 * @param {Element} element
 */
export function islandUrl(element) {
  const { href } = new URL(/** @type {string} */ (option(element, "src")), base);
  const [, name, own] = (href.startsWith(base) && ROUTE.exec(href.slice(base.length))) || [];
  // One token, in the URL or beside it.
  const isOne = own ? /^\//.test(own) && !option(element, "token") : option(element, "token");
  if (name != element.getAttribute("island") || !(astro || isOne)) throw href;
  return href;
}

/**
 * Whether a form may post to another origin; a close look costs more.
 * @param {HTMLFormElement} form
 */
export function isDoubtful(form) {
  return /[\\/]\s*[\\/]|:/.test(plain(form).getAttribute("action") + "") || page.querySelector("[formaction],base");
}
