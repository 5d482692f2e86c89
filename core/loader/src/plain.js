// Owns the way past named properties: an <img name="readyState"> hides the document's own property of that name, and an
// <input name="children"> that of its form. User HTML may hold such elements.

/**
 * The node as its prototype has it.
 * @template {Node} N
 * @param {N} node
 * @returns {N}
 */
export function plain(node) {
  return new Proxy(node, {
    get(_, name) {
      const value = Reflect.get(Object.getPrototypeOf(node), name, node);
      return typeof value == "function" ? value.bind(node) : value;
    },
  });
}

/** The document. */
export const page = plain(document);

/**
 * A placeholder's attribute `island-…`, undefined where it is not set.
 * @param {Element} element
 * @param {string} name
 */
export function option(element, name) {
  return element.getAttribute("island-" + name) ?? undefined;
}

/**
 * All nodes below, in the document's order.
 * @param {Node} root
 */
export function below(root) {
  const [walker, nodes] = [page.createTreeWalker(root), /** @type {Node[]} */ ([])];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  return nodes;
}

/** @param {Headers} headers */
export function isHtml(headers) {
  return /^text\/html *(;|$)/i.test(headers.get("Content-Type") ?? "");
}

/**
 * Two islands with the same share their requests.
 * @param {Island} island
 */
export function requestKey({ url, token }) {
  return url + " " + token;
}

/**
 * Aborts after that many seconds, 10 unless told; where the browser has no such signal, never.
 * @param {string} [seconds]
 */
export function deadline(seconds) {
  return AbortSignal.timeout?.(Number(seconds) * 1000 || 10000);
}
