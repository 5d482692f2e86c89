// Owns which node of the new answer is which of the last one.

import { below, plain } from "../plain.js";

/**
 * The node's HTML or text.
 * @param {Node} node
 */
export function textOf(node) {
  return node instanceof Element ? plain(node).outerHTML : node.nodeType + (node.nodeValue ?? "");
}

/**
 * Pairs children of two answers: those that are equal, then those that are called the same, then texts with the elements
 * that they stand beside.
 * @param {Node[]} olds
 * @param {Node[]} news
 * @returns {{ pairs: Map<Node, Node>, moves: Set<Node> }} by the new node; and the new nodes whose order has changed
 */
export function pairUp(olds, news) {
  /** @type {Map<Node, Node>} */
  const pairs = new Map();
  const free = new Set(olds);
  const pair = (/** @type {Node} */ node, /** @type {Node | undefined} */ old) => {
    if (old && free.delete(old)) pairs.set(node, old);
  };
  for (const key of [textOf, callerOf(olds, news)]) {
    /** @type {Map<string, Element[]>} */
    const groups = new Map();
    for (const old of free) {
      if (!(old instanceof Element)) continue;
      const name = key(old);
      if (!groups.get(name)?.push(old)) groups.set(name, [old]);
    }
    for (const node of news) if (node instanceof Element && !pairs.has(node)) pair(node, groups.get(key(node))?.shift());
  }
  news.forEach((node, index) => {
    if (node instanceof Element) return;
    const before = pairs.get(news[index - 1]);
    const after = pairs.get(news[index + 1]);
    const beside = [index ? before && olds[olds.indexOf(before) + 1] : olds[0], after && olds[olds.indexOf(after) - 1]];
    pair(node, beside.find((old) => old && free.has(old) && old.nodeType == node.nodeType));
  });
  return { pairs, moves: moved(olds, pairs, news.filter((node) => pairs.has(node))) };
}

/**
 * What elements are called: by their kind and id; where there are several of a kind, as rows, by their first words too, so
 * that what a visitor typed into one is not found in another.
 * @param {Node[]} olds
 * @param {Node[]} news
 * @returns {(element: Element) => string}
 */
function callerOf(olds, news) {
  const several = [olds, news].flatMap((nodes) => {
    const kinds = nodes.map(kindOf);
    return kinds.filter((kind, index) => kinds.indexOf(kind) != index);
  });
  return (element) => {
    const kind = kindOf(element);
    const id = plain(element).getAttribute("id");
    // Of those that cannot be changed in place none is like another.
    if (/^(script|style|template) /.test(kind)) return textOf(element);
    if (id || !(several.includes(kind) || /^(tr|li|option) /.test(kind))) return kind + id;
    const words = below(element).find((part) => part.nodeType == Node.TEXT_NODE && /\p{L}/u.test(part.nodeValue ?? ""));
    return kind + (words?.nodeValue?.trim() ?? textOf(element).match(/ (name|href|src)="[^"]*"/g));
  };
}

/** @param {Node} node */
function kindOf(node) {
  if (!(node instanceof Element)) return "";
  const element = plain(node);
  return [element.localName, ...["type", "name", "island"].map((name) => element.getAttribute(name))].join(" ");
}

/**
 * The new nodes that have to be moved: all but the longest run whose order is as it was, if any is out of order.
 * @param {Node[]} olds
 * @param {Map<Node, Node>} pairs
 * @param {Node[]} paired
 */
function moved(olds, pairs, paired) {
  const places = new Map(olds.map((old, index) => [old, index]));
  const place = (/** @type {Node} */ node) => /** @type {number} */ (places.get(/** @type {Node} */ (pairs.get(node))));
  /** The last node of the best run of each length, and what comes before each node in its run. @type {Node[]} */
  const ends = [];
  /** @type {Map<Node, Node | undefined>} */
  const previous = new Map();
  for (const node of paired) {
    if (!(node instanceof Element)) continue;
    let at = ends.findIndex((end) => place(end) > place(node));
    if (at < 0) at = ends.length;
    previous.set(node, ends[at - 1]);
    ends[at] = node;
  }
  const moves = new Set(paired);
  /** @type {Node | undefined} */
  let stays = ends.at(-1);
  for (; stays; stays = previous.get(stays)) moves.delete(stays);
  // Texts stand where they did, unless elements do not.
  return [...moves].some((node) => node instanceof Element) ? moves : new Set();
}
