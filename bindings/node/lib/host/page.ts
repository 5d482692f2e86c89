// The ways out of a response: core decides, the hosts move the bytes. Knows no framework.

import * as zlib from "node:zlib";
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync } from "node:zlib";
import { type Edit, type HeaderLines, isSame, MARK, type Sent, type WayOut } from "../core";
import { eventOf } from "./log";
import type { Site } from "./site";
import type { Station } from "./station";

/** Headers by name. */
export type Fields = Readonly<Record<string, number | string | readonly string[] | undefined>>;

/** The head of an answer, which Node's responses are, and Fastify's replies almost. */
export interface Head {
  statusCode: number;
  getHeader(name: string): unknown;
  getHeaders(): Fields;
  setHeader(name: string, value: number | string | readonly string[]): unknown;
  removeHeader(name: string): unknown;
}

/** The way out through the inner station; `undefined` where nothing of the answer is eyot's. */
export function inner<Request>(
  site: Site<Request, unknown>,
  station: Station<Request>,
  head: Head,
): WayOut | undefined {
  const { exchange, isOpened } = station;
  if (!isOpened && !mayBeText(head.getHeader("content-type"))) return undefined;
  if (station.name === undefined && isKnownFile(site, station, head)) return void head.setHeader(MARK, "1");
  // An error that the handler forwards is no island, and keeps what the app puts on its pages.
  if (isOpened && station.appPolicy !== undefined && (head.statusCode === 200 || head.statusCode === 304))
    exchange?.notePolicies(ownPolicies(head.getHeader(CSP), station.appPolicy));
  station.page = site.inner(station);
  return station.page;
}

const isKnownFile = <Request>(site: Site<Request, unknown>, station: Station<Request>, head: Head): boolean =>
  site.files.has(station.target, head.statusCode, (name) => head.getHeader(name));

/** Keeps of a file that it went out as it is. */
export function noteFile<Request>(
  site: Site<Request, unknown>,
  { name, target }: Station<Request>,
  head: Head,
  sent: Sent | undefined,
): void {
  if (name === undefined && isSame(sent)) site.files.add(target, head.statusCode, (header) => head.getHeader(header));
}

export const CSP = "content-security-policy";

/** A handler's own policies; none where it left those of the app, which are for pages. */
function ownPolicies(now: unknown, before: unknown): string[] {
  if (now === undefined || String(now) === String(before)) return [];
  return Array.isArray(now) ? now.map(String) : [String(now)];
}

/** The headers of an answer as core takes them. */
export function linesOf(head: Head): HeaderLines {
  let text = "";
  let count = 0;
  const headers = head.getHeaders();
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) {
      text += `${name}\n${one}\n`;
      count++;
    }
  }
  return { text, count };
}

/** Makes the head what core decided. `before` has what was there when the station was entered: it stays in any case. */
export function apply(head: Head, sent: Sent, before: Fields): void {
  if (sent.headers) {
    for (const name of Object.keys(head.getHeaders())) head.removeHeader(name);
    edit(head, Object.entries(before) as [string, string][]);
    edit(head, sent.headers);
  }
  edit(head, sent.edits);
  head.statusCode = sent.status;
}

function edit(head: Head, edits: readonly Edit[]): void {
  for (const [name, value] of edits) {
    if (value === undefined) head.removeHeader(name);
    else head.setHeader(name, value);
  }
}

/** Whether a media type may be one of text: core tells for certain. */
export function mayBeText(type: unknown): boolean {
  return typeof type === "string" && /^\s*(text\/(?!event-stream)|[^;]*xml)/i.test(type);
}

/** Whether a media type is HTML's. */
export function isHtmlType(type: unknown): boolean {
  return typeof type === "string" && /^\s*text\/html\s*(;|$)/i.test(type);
}

/** What is hidden from the app where it is asked for a page: it is split as a whole, and compressed outside. */
export const OF_PAGES = ["accept-encoding", "range", "if-range"];

/** Whether a page is asked for. */
export function wantsPage(accept: string | null | undefined): boolean {
  return /text\/html/i.test(accept ?? "");
}

/**
 * What outer layers have put on a request that says who the visitor is. Where another set of islands stands around
 * (`isWithin`), so does the session of the whole app, and counts once there is something in it.
 */
export function visitorOf(
  names: readonly string[],
  get: (name: string) => unknown,
  isWithin = false,
): string | undefined {
  const found = names.find((name) => {
    const value = get(name);
    if (value === undefined || value === null) return false;
    return !isWithin || typeof value !== "object" || Object.keys(value).some((key) => key !== "cookie");
  });
  return found && `request.${found}`;
}

/** What goes out of a whole body, compressed with `coding`; `undefined` where it goes out as it is. */
export function whole<Request>(
  site: Site<Request, unknown>,
  station: Station<Request>,
  out: WayOut,
  status: number,
  headers: HeaderLines,
  body: Uint8Array,
  coding: string | undefined,
): Sent | undefined {
  const page = coding === undefined || body.length === 0 ? body : decoded(body, coding);
  if (!page) return out.undecoded(status, headers);
  if (coding !== undefined && out === station.page) site.tellCompressed();
  if (site.debug && out === station.page)
    for (const name of escaped(page))
      site.log.tell(
        eventOf("warn", "attributes-escaped", `${name}: ${ESCAPED}`, { path: station.loggedPath }),
        station.request,
      );
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
