// What keeps a response out of every cache, whatever the app says to all of them or to one kind.

import type { Edit } from "../core";

const KNOWN = new Set(["etag", "last-modified", "expires", "surrogate-control", "x-accel-expires"]);

/** The changes that a response with these headers needs. */
export function keptOutOfCaches(names: Iterable<string>): Edit[] {
  const edits: Edit[] = [];
  for (const name of names) {
    const lower = name.toLowerCase();
    if (KNOWN.has(lower) || lower.endsWith("cdn-cache-control")) edits.push([name, undefined]);
  }
  edits.push(["Cache-Control", "private, no-store"]);
  return edits;
}
