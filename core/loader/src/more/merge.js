// Owns refreshes: merges what the server changed since its last answer into what stands in the page, so that what a
// visitor typed, chose, opened, played or scrolled to stays.

import { below, page, plain } from "../plain.js";
import { pairUp, textOf } from "./pairs.js";

/**
 * @param {Tools} tools
 * @returns {NonNullable<More["merge"]>}
 */
export function merger({ admit, islands, trusted }) {
  /** What stands in the page for a node of the last answer, or of this one. @type {Map<Node, Node>} */
  let live;

  /** @type {Node[]} */
  let added;

  /** @type {Island} */
  let island;

  const parse = (/** @type {Range} */ range, /** @type {string} */ html) => range.createContextualFragment(trusted("HTML", html));

  // The nodes put in; undefined where the last answer cannot be found in the page.
  return (given, range, html) => {
    const before = parse(range, given.html ?? "");
    const old = below(before);
    if (!given.live || old.length != given.live.length) return undefined;
    island = given;
    live = new Map(old.map((node, index) => [node, /** @type {Node[]} */ (given.live)[index]]));
    added = [];
    const after = parse(range, html);
    // Listed now: nodes that are put in leave their tree.
    const all = below(after);
    live.set(before, given.element);
    mergeChildren(before, after);
    given.live = all.map((node) => live.get(node) ?? node);
    return added;
  };

  /**
   * Makes the children of a node in the page those of the new answer.
   * @param {Node} before
   * @param {Node} after
   */
  function mergeChildren(before, after) {
    const [olds, news] = [[...plain(before).childNodes], [...plain(after).childNodes]];
    const parent = /** @type {Element} */ (live.get(before));
    const { pairs, moves } = pairUp(olds, news);
    const used = new Set(pairs.values());
    for (const old of olds) if (!used.has(old)) takeOut(old);
    /** @type {Node | null} */
    let next = null;
    for (const node of news.reverse()) {
      const old = pairs.get(node);
      if (!old) {
        next = putIn(node, parent, next);
        continue;
      }
      mergeNode(old, node);
      const [first] = standing(old);
      // A script of the page may have taken it elsewhere.
      if (first?.parentNode != parent) continue;
      if (moves.has(node)) standing(old).forEach((part) => move(parent, part, next));
      next = first;
    }
  }

  /**
   * @param {Node} old
   * @param {Node} node
   */
  function mergeNode(old, node) {
    const here = /** @type {Element} */ (live.get(old));
    live.set(node, here);
    if (textOf(old) == textOf(node)) {
      const theirs = below(node);
      below(old).forEach((part, index) => live.set(theirs[index], /** @type {Node} */ (live.get(part))));
    } else if (!(old instanceof Element && node instanceof Element)) {
      here.nodeValue = node.nodeValue;
    } else if (here != standing(old)[0]) {
      // A placeholder that its island has replaced.
      const parent = /** @type {Element} */ (standing(old)[0]?.parentNode);
      const next = standing(old).at(-1)?.nextSibling ?? null;
      takeOut(old);
      if (parent) putIn(node, parent, next);
    } else {
      const choice = here instanceof HTMLSelectElement && choiceOf(here);
      mergeAttributes(old, node, here);
      // What is in a nested island's element is its own.
      if (!islands.get(here)?.filled) mergeChildren(old, node);
      if (choice) for (const option of here.options) option.selected = choice.includes(option);
    }
  }

  /**
   * @param {Element} old
   * @param {Element} node
   * @param {Element} here
   */
  function mergeAttributes(old, node, here) {
    for (const { name, value, namespaceURI } of plain(node).attributes) {
      if (plain(old).getAttribute(name) != value) plain(here).setAttributeNS(namespaceURI, name, value);
    }
    for (const { name } of plain(old).attributes) {
      if (!plain(node).hasAttribute(name)) plain(here).removeAttribute(name);
    }
  }

  /**
   * The nodes that stand in the page for one of the last answer: itself, or what a nested island has replaced it with.
   * @param {Node} old
   */
  function standing(old) {
    const here = /** @type {ChildNode} */ (live.get(old));
    const { kept = true, first, last } = islands.get(here) ?? {};
    if (kept || !first?.isConnected) return [here];
    /** @type {ChildNode[]} */
    const parts = [first];
    for (let at = parts[0]; at != last && at.nextSibling; ) parts.push((at = at.nextSibling));
    return parts;
  }

  /** @param {Node} old */
  function takeOut(old) {
    for (const part of standing(old)) if (part.isConnected) part.remove();
  }

  /**
   * @param {Node} node
   * @param {Element} parent
   * @param {Node | null} next
   * @returns {Node | null} what the node before goes in front of
   */
  function putIn(node, parent, next) {
    const part = new DocumentFragment();
    part.append(node);
    admit(island, part);
    // Taken out, as a script without the page's nonce.
    if (!part.firstChild) return next;
    plain(parent).insertBefore(part, next);
    added.unshift(node);
    return node;
  }
}

/**
 * Moves a node, without a reload of what is in it where browsers can do that.
 * @param {Element} parent
 * @param {ChildNode} node
 * @param {Node | null} next
 */
function move(parent, node, next) {
  const focused = /** @type {HTMLElement | null} */ (page.activeElement);
  (parent.moveBefore ?? parent.insertBefore).call(parent, node, next);
  if (page.activeElement != focused) focused?.focus({ preventScroll: true });
}

/**
 * The options that a visitor chose, where these are not those of the HTML.
 * @param {HTMLSelectElement} select
 */
function choiceOf(select) {
  const options = [...select.options];
  const isGiven = options.some((option) => option.defaultSelected) || select.multiple;
  const isChosen = options.some((option, index) => option.selected != (isGiven ? option.defaultSelected : !index));
  return isChosen && options.filter((option) => option.selected);
}
