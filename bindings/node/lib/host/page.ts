// The way out of a page through the inner station: core decides, the hosts move the bytes. Knows no framework.

import * as zlib from "node:zlib";
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from "node:zlib";
import { audit, type Finding, type HeaderLines, PageOut, type Sent } from "../core";
import type { Site } from "./site";
import type { Station } from "./station";

/** The way out of the page of one request. */
export function wayOut<Request>(site: Site<Request, unknown>, station: Station<Request>, isHead = false): PageOut {
  const { path, policy, shared } = station;
  const rules = {
    path,
    debug: site.debug,
    isHead,
    streams: policy?.streams ?? true,
    // Caches would keep a page whose problems are found when its head has gone.
    mustBeSound: policy !== undefined || shared !== undefined,
  };
  const log = (isError: boolean, line: string): void => (isError ? site.log.error(line) : site.log.warn(line));
  return new PageOut(site.core, rules, () => site.context(station), log);
}

/** What goes out of a whole body, compressed with `coding`; `undefined` where it goes out as it is. */
export function whole<Request>(
  site: Site<Request, unknown>,
  station: Station<Request>,
  out: PageOut,
  status: number,
  headers: HeaderLines,
  body: Uint8Array,
  coding: string | undefined,
): Sent | undefined {
  const page = coding === undefined || body.length === 0 ? body : decoded(body, coding);
  if (!page) return out.undecoded(status, headers);
  if (site.debug) for (const name of escaped(page)) site.log.warn(`${station.path}: ${name}: ${ESCAPED}`);
  return out.whole(status, headers, page);
}

const ESCAPED =
  "the template escapes the attributes of islandAttrs: print them raw, by <%- in EJS, <%~ in Eta, &attributes in Pug";

/** The islands whose attributes a template has escaped. */
function escaped(page: Uint8Array): string[] {
  const text = Buffer.from(page.buffer, page.byteOffset, page.byteLength).toString("latin1");
  const found = text.matchAll(
    /\sserver:placed[^<>]*?\sisland=&(?:quot|#34|#x22);([\w.-]*)|\sisland=&(?:quot|#34|#x22);([\w.-]*)[^<>]*?\sserver:placed/gi,
  );
  return [...new Set(Array.from(found, ([, before, after]) => before ?? after ?? ""))];
}

type Decoder = (body: Uint8Array) => Uint8Array;

const DECODERS: Readonly<Record<string, Decoder | undefined>> = {
  gzip: gunzipSync,
  "x-gzip": gunzipSync,
  deflate: inflated,
  br: brotliDecompressSync,
  // Node 22.15 and later.
  zstd: (zlib as { zstdDecompressSync?: Decoder }).zstdDecompressSync,
};

function decoded(body: Uint8Array, coding: string): Uint8Array | undefined {
  try {
    return DECODERS[coding]?.(body);
  } catch {
    return undefined;
  }
}

function inflated(body: Uint8Array): Uint8Array {
  try {
    return inflateSync(body);
  } catch {
    // Some servers leave out what RFC 1950 puts around it, and browsers take both.
    return inflateRawSync(body);
  }
}

/** What does not stand in a shell where it was written; the rest of an audit is advice. */
export function misplaced(shell: Uint8Array): string[] {
  const serious = /^(placeholder-|fallback-moved|fallback-swallows)/;
  // Parts of pages are not audited: only where they are put in tells.
  const isDocument = /<!doctype|<html/i.test(Buffer.from(shell.subarray(0, 1024)).toString("latin1"));
  return isDocument
    ? audit(shell)
        .filter(({ code }) => serious.test(code))
        .map(described)
    : [];
}

function described(found: Finding): string {
  return `line ${found.line}, column ${found.column} of the shell: ${found.island}: ${found.message} (${found.code})`;
}
