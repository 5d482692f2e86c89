// What all Node probes share: the description that they start from, what they say, and what they note. A probe is an app
// in which every answer is described from outside; each sends what `said` returns in its framework's ordinary way.

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const description = JSON.parse(readFileSync(process.env.PROBE, "utf8"));
export const { stack, routes, islands, layout } = description;
export const port = Number(process.env.PORT);
export const SECRET = description.secret;
/** What a layer says of scripts, on every answer. */
export const CSP = "default-src 'self'";
/** The second set of islands, below /second; nothing where the stack has one set. */
export const second = stack.second ? description.second : undefined;
export const HTML = "text/html; charset=utf-8";

let noted = { log: [], refusals: [], runs: [] };
let live = 0;

/** What has happened since it was last asked for. */
export const events = {
  taken() {
    const json = JSON.stringify(noted);
    noted = { log: [], refusals: [], runs: [] };
    return json;
  },
  living: (by) => (live += by),
  live: () => String(live),
};

const line = (level) => (text) => noted.log.push({ level, text: String(text) });

/** eyot's options: those of the description, and where the probe listens. */
export function options(more = {}) {
  const { login_url, locations, allowed_origins, deadline } = description.options;
  return {
    keys: description.keys ?? undefined,
    loginUrl: login_url,
    locations,
    allowedOrigins: allowed_origins,
    debug: stack.debug,
    ...(deadline ? { deadline: deadline / 1000 } : {}),
    logger: { error: line("error"), warn: line("warning"), info: line("info") },
    onEvent: ({ code: reason, status, island }) => {
      if (island === "HookRaises") throw new Error("in the hook");
      if (status !== undefined) noted.refusals.push({ reason, status, island });
    },
    ...more,
  };
}

/** The option of an app below a base path, which names it in the prefix. */
export const below = () => (stack.mount ? { prefix: `${stack.mount}/_server-islands` } : {});

/** The policies by path, as the modules take them. */
export function policies(mount = "", of = routes) {
  const found = Object.entries(of).filter(([, says]) => says.policy);
  const byPath = Object.fromEntries(found.map(([path, { policy }]) => [mount + path, policy]));
  return of === routes ? { ...byPath, ...description.patterns } : byPath;
}

/** Does wrong what the description says, with the app's own `island`. */
export function mistaken(island) {
  if (description.mistakes.includes("island without parentheses")) island(() => "never");
}

/** The props of the island `Typed`: one text, `sku`. */
function typedProps(props) {
  if (Object.keys(props).join() !== "sku" || typeof props.sku !== "string") throw new Error("props are one text, sku");
  return props;
}

/** What `island` takes beside a handler. */
export function definition({ typed, html_pass, options: { shared } = {} }) {
  return {
    ...(shared === undefined ? {} : { shared }),
    ...(typed ? { props: typedProps } : {}),
    ...(html_pass === undefined ? {} : { htmlPass: html_pass }),
  };
}

const later = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const escaped = (text) => String(text).replace(/[&<>"']/g, (found) => `&#${found.charCodeAt(0)};`);

/** What to answer now. `facts`: method, path, query, headers, session, props. */
export async function said(says, facts) {
  const target = facts.path + (facts.query ? `?${facts.query}` : "");
  noted.runs.push({ method: facts.method, path: facts.path, target, headers: { ...facts.headers } });
  live++;
  try {
    if (says.wait) await later(says.wait);
    if (says.raise) throw new Error(says.raise);
    for (const [name, value] of Object.entries(says.session ?? {})) facts.session[name] = filled(value, facts, target);
    const answer = { status: 200, type: HTML, headers: [], pause: 0, ...says };
    if (says.text !== undefined) answer.text = filled(says.text, facts, target);
    if (says.pieces) answer.pieces = says.pieces.map((piece) => filled(piece, facts, target));
    if (says.redirect) answer.redirect = filled(says.redirect, facts, target);
    if (says.base64) answer.bytes = Buffer.from(says.base64, "base64");
    return says.ranges && facts.headers.range ? part(answer, facts.headers.range) : answer;
  } finally {
    live--;
  }
}

function part(answer, wanted) {
  const bytes = Buffer.from(answer.text);
  const [first, last] = wanted.replace("bytes=", "").split("-");
  const end = last ? Number(last) + 1 : bytes.length;
  const range = ["Content-Range", `bytes ${first}-${end - 1}/${bytes.length}`];
  return { ...answer, status: 206, text: bytes.subarray(first, end).toString(), headers: [...answer.headers, range] };
}

function filled(text, facts, target) {
  if (!text.includes("%")) return text;
  const query = new URLSearchParams(facts.query);
  return text.replace(/%([a-z.-]+)%/g, (whole, name) => {
    if (["method", "path"].includes(name)) return escaped(facts[name]);
    if (name === "target") return escaped(target);
    if (["cookie", "authorization", "accept-encoding"].includes(name)) return escaped(facts.headers[name] ?? "none");
    if (name === "props") return escaped(JSON.stringify(facts.props));
    if (name === "page") return escaped(facts.page?.path ?? "none");
    if (name === "views") return escaped(JSON.stringify(facts.views?.() ?? []));
    if (name === "argument") return facts.argument === undefined ? "none" : "given";
    if (name === "user") return escaped(facts.session.user ?? "nobody");
    if (name === "csrf") {
      facts.session.csrf ??= randomBytes(16).toString("hex");
      return facts.session.csrf;
    }
    if (name.startsWith("query.") && query.has(name.slice(6))) return escaped(query.get(name.slice(6)));
    return whole;
  });
}

/** The pieces of an answer, in their time. */
export async function* streamed({ pieces, pause }) {
  live++;
  try {
    for (const [number, piece] of pieces.entries()) {
      if (number) await later(pause);
      if (piece === "!") throw new Error("in the middle");
      yield piece;
    }
  } finally {
    live--;
  }
}

export const lengthOf = ({ pieces }) => Buffer.byteLength(pieces.join(""));
export const fileOf = ({ file }) => join(description.files, file);

/** What Node's other views of a request's headers say of its cookies. */
export const viewsOf = ({ headersDistinct, rawHeaders = [] }) => [
  ...(headersDistinct?.cookie ?? []),
  ...rawHeaders.filter((_, place) => rawHeaders[place - 1]?.toLowerCase() === "cookie" && place % 2),
];

/** Whether a header may come more than once, each by itself. */
export const isRepeated = (name) => name.toLowerCase() === "set-cookie";

/** What is known of an opened island. */
export const factsOfIsland = ({ props, page }) => ({ props, page });

/** Headers of a `Headers`, as an object. */
export const headersOf = (headers) => Object.fromEntries(headers);
