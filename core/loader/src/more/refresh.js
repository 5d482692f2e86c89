// Owns what is loaded again: by name, by an event, in intervals, after the back/forward cache, and after something else
// took out what was loaded.

import { option, page, plain, requestKey } from "../plain.js";

/** Longest time in milliseconds that a browser's timer holds. */
const LONGEST = 2 ** 31 - 1;

/**
 * @param {Tools} tools
 * @returns {Required<Pick<More, "changed" | "heard" | "leave" | "refresh" | "back" | "plan">>}
 */
export function refresher({ inFlight, islands, load, present, take }) {
  /**
   * Where much changes at once, the loader does not notice an element that is a placeholder no more.
   * @param {Island} island
   */
  const isThere = (island) => (plain(island.first).isConnected && plain(island.element).hasAttribute("island")) || leave(island);

  /**
   * Loads again what the predicate picks among the islands of the document.
   * @param {(island: Island) => unknown} picks
   */
  const reload = (picks) => Promise.all([...present].filter((island) => isThere(island) && picks(island)).map(again));

  /**
   * Loads an island again, once a second at most.
   * @param {Island} island
   */
  function again(island) {
    // An answer under way may be older than what changed.
    inFlight.delete(requestKey(island));
    // Not a number at first, which is no time.
    const pause = /** @type {number} */ (island.again) + 1000 - performance.now();
    return (island.next ??= new Promise((resolve) => setTimeout(resolve, pause)).then(() => {
      island.next = undefined;
      island.again = performance.now();
      island.unstored = undefined;
      return isThere(island) ? load(island) : undefined;
    }));
  }

  /** @param {Island} island */
  function leave(island) {
    // No answer is that of a run that is no number. What comes back is found anew.
    island.run = NaN;
    islands.delete(island.element);
    islands.delete(island.first);
    present.delete(island);
  }

  /** @param {Island} island */
  function revert(island) {
    island.html = island.live = undefined;
    again(island);
  }

  return {
    refresh: (name) => reload((island) => island.name == name && (island.kept || !island.filled)),

    // The visitor may have logged out since these were answered. What has no new answer goes.
    back: () =>
      reload((island) => {
        if (!island.run || island.unstored == false) return false;
        island.html = undefined;
        island.restore = () => restore(island);
        return true;
      }),

    // An element with other attributes is another placeholder, or none. Else a morph has put the fallback back.
    changed(island, signature) {
      if (island.signature == signature) return revert(island);
      const { element, fallback } = island;
      leave(island);
      const isFilled = plain(element).hasAttribute("island-loaded");
      plain(element).removeAttribute("island-loaded");
      if (plain(element).hasAttribute("island")) take(element);
      // What stands there does so until the answer comes.
      if (isFilled) Object.assign(islands.get(element) ?? {}, { fallback, filled: true });
    },

    leave,

    // What browsers send, and the loader itself, would come without end.
    heard({ type, isTrusted }) {
      const isOwn = !isTrusted && !/^island:/.test(type) && !("on" + type in window);
      if (isOwn) reload(({ element }) => option(element, "refresh") == type);
    },

    plan(island, refresh) {
      const { element } = island;
      if (!/^\d/.test(refresh)) return;
      const timer = setInterval(() => {
        if (islands.get(element) != island || !isThere(island)) {
          clearInterval(timer);
          leave(island);
        } else if (!page.hidden && !plain(element).contains(page.activeElement)) {
          again(island);
        }
      }, Math.min(parseInt(refresh) * 1000, LONGEST));
    },
  };

  /** @param {Island} island */
  function restore(island) {
    const { element, fallback, first, kept, last } = island;
    if (!fallback) return;
    const range = new Range();
    if (kept) {
      range.selectNodeContents(element);
    } else {
      range.setStartBefore(first);
      range.setEndAfter(last);
    }
    range.deleteContents();
    range.insertNode(fallback);
    Object.assign(island, { fallback: undefined, filled: false, first: element, last: element });
    plain(element).removeAttribute("island-loaded");
  }
}
