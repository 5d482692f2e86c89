// Assembly: a page with every island in its place, for tests. Knows no framework: it is given a function that asks.

/** Gets an island's HTML by its URL and, for a POST, its token; `undefined` when there is no such HTML. */
export type Ask = (url: string, token: string | undefined) => Promise<string | undefined>;

const VOID = new Set("area base br col embed hr img input link meta source track wbr".split(" "));
const DEPTH = 8;
const MOST = 1000;

interface Placeholder {
  readonly tag: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly start: number;
  readonly innerStart: number;
  innerEnd: number;
  end: number;
  error: readonly [number, number] | undefined;
}

/**
 * Fills every placeholder of `page` with what `ask` gets, those inside islands too.
 *
 * As in the browser, a component's placeholder is replaced unless it is kept, an island element is filled, and an island
 * that cannot be had becomes its error slot, or stays its fallback. At most 1,000 islands, eight levels deep.
 */
export async function assemble(page: string, ask: Ask): Promise<string> {
  return fill(page, ask, 0, { left: MOST });
}

async function fill(page: string, ask: Ask, depth: number, budget: { left: number }): Promise<string> {
  let out = "";
  let position = 0;
  for (const found of placeholders(page)) {
    const content = await contentOf(page, found, ask, depth, budget);
    const isReplaced =
      found.tag === "server-island" && !found.attributes.has("island-keep") && !found.attributes.has("island-refresh");
    const [opening, closing] = [page.slice(found.start, found.innerStart), page.slice(found.innerEnd, found.end)];
    out += page.slice(position, found.start) + (isReplaced ? content : opening + content + closing);
    position = found.end;
  }
  return out + page.slice(position);
}

async function contentOf(
  page: string,
  found: Placeholder,
  ask: Ask,
  depth: number,
  budget: { left: number },
): Promise<string> {
  if (depth === DEPTH || budget.left-- === 0) {
    throw new RangeError("the islands of this page do not come to an end: does one hold itself?");
  }
  const html = await ask(found.attributes.get("island-src") ?? "", found.attributes.get("island-token"));
  if (html !== undefined) return fill(html, ask, depth + 1, budget);
  if (found.error) return page.slice(...found.error);
  return fill(page.slice(found.innerStart, found.innerEnd), ask, depth + 1, budget);
}

// Comments, elements whose content is text, and tags with their attributes.
const TAG_REST = /(?:"[^"]*"|'[^']*'|[^>"'])*/.source;
const TEXTUAL = "script|style|textarea|title|noscript|xmp|iframe";
const TOKEN = new RegExp(
  `<!--[\\s\\S]*?(?:-->|$)|<(${TEXTUAL})\\b${TAG_REST}>[\\s\\S]*?</\\1\\s*>|<(/?)([a-zA-Z][^\\s/>]*)(${TAG_REST})>`,
  "gi",
);
const ATTRIBUTE = /([^\s=/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/g;

/** The outermost placeholders of a page. */
function placeholders(page: string): Placeholder[] {
  const found: Placeholder[] = [];
  let open: Placeholder | undefined;
  let same = 0;
  let templates = 0;
  let errorStart: number | undefined;
  for (const token of page.matchAll(TOKEN)) {
    const [text, , closing, name, source = ""] = token;
    if (name === undefined) continue;
    const [tag, at] = [name.toLowerCase(), token.index];
    const end = at + text.length;
    if (closing) {
      if (tag === "template" && templates > 0 && --templates === 0 && open && errorStart !== undefined) {
        open.error = [errorStart, at];
        errorStart = undefined;
      }
      if (open && tag === open.tag && --same === 0) {
        found.push(closed(open, at, end));
        open = undefined;
      }
      continue;
    }
    if (!open) {
      const attributes = attributesOf(source);
      if (attributes.has("island") && templates === 0 && !VOID.has(tag)) {
        open = { tag, attributes, start: at, innerStart: end, innerEnd: -1, end: -1, error: undefined };
        same = 1;
      }
    } else if (tag === open.tag) same++;
    if (tag !== "template") continue;
    templates++;
    if (open && templates === 1 && attributesOf(source).get("island-slot") === "error") errorStart = end;
  }
  return found;
}

function closed(open: Placeholder, at: number, end: number): Placeholder {
  // An error slot that ends earlier belongs to an island within the fallback.
  const isOwn = open.error && open.error[1] + "</template>".length === at;
  return Object.assign(open, { innerEnd: at, end, error: isOwn ? open.error : undefined });
}

function attributesOf(source: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name = "", double, single, bare] of source.matchAll(ATTRIBUTE)) {
    const value = (double ?? single ?? bare ?? "").replace(
      /&(amp|lt|gt|quot);/g,
      (_, entity: string) => DECODED[entity] ?? "",
    );
    if (!attributes.has(name.toLowerCase())) attributes.set(name.toLowerCase(), value);
  }
  return attributes;
}

const DECODED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"' };

/** What a loader sends with its requests. */
export const ASKER = { "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty" } as const;

/** The media type of a token that is sent as a body. */
export const TOKEN_TYPE = "application/vnd.eyot.token";
