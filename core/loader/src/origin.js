// Owns what the loader may fetch: the base that its own tag gives, and the check of every URL against it.

/** The loader's own tag. */
export const tag = /** @type {HTMLScriptElement} */ (document.currentScript);
// Null in a module; another element where the page holds, say, an image of that name.
if (!(tag instanceof HTMLScriptElement)) throw Error("eyot: no script tag");

const { base: given, wire } = tag.dataset;

/** Whether an Astro server answers: its URLs carry a query, its answers no `Island` header. */
export const astro = wire == "astro";

/** Prefix of all islands, absolute, with a slash at its end. */
const base = new URL(given ?? tag.src.replace(/loader\.v1\.js.*/, ""), location.href).href.replace(/\/?$/, "/");

const ROUTE = astro ? /^([\w.-]+)(\?.*)?$/ : /^([\w.-]+)(\/[\w-]+)?$/;

/**
 * The absolute URL of a placeholder's island; throws when it is not one below the base.
 * Parsed before it is compared, so `..`, back slashes and credentials show as what they are.
 * @param {HTMLElement} element
 */
export function islandUrl(element) {
  const { href } = new URL(option(element, "src") + "", base);
  if (href.startsWith(base) && ROUTE.exec(href.slice(base.length))?.[1] == element.getAttribute("island")) return href;
  throw href;
}

/**
 * Where a handler sends the visitor; throws unless it is a page of this origin or the islands'.
 * Looks at how the URL begins, because the origin of a blob: URL is that of its maker.
 * @param {string} target
 * @param {string} from URL of the island
 */
export function redirectTarget(target, from) {
  const { href } = new URL(target, from);
  if ([location.href, from].some((page) => href.startsWith(new URL("/", page).href))) return href;
  throw href;
}

/**
 * A placeholder's attribute `island-…`, undefined where it is not set.
 * @param {Element} element
 * @param {string} name
 */
export function option(element, name) {
  return element.getAttribute("island-" + name) ?? undefined;
}
