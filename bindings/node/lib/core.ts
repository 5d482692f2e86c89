// Core as JavaScript has it: key rings, islands, splitters, policies. Each method is one call of the native part.

import type { ExternalObject } from "../native/index.js";
import { ConfigError, type EyotError, KeyError, made } from "./errors";
import { Html } from "./html";

import native = require("./native");

import type { CoreOptions } from "./options";
import { encodeProps, type Props, parsed } from "./props";

/** Pairs of name and value, repeated names as often as they came. */
export type HeaderPairs = Iterable<readonly [name: string, value: string]>;

/** Headers in the form in which they cross: a name and a value in a line each. */
export interface HeaderLines {
  readonly text: string;
  readonly count: number;
}

/** Puts pairs into lines; that no value breaks its line is checked where they are read. */
export function headerLines(headers: HeaderPairs): HeaderLines {
  let text = "";
  let count = 0;
  for (const [name, value] of headers) {
    text += `${name}\n${value}\n`;
    count++;
  }
  return { text, count };
}

/** The pairs of lines that the native part wrote. */
export function headerPairs(lines: string): [string, string][] {
  const parts = lines.split("\n");
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) pairs.push([parts[at] as string, parts[at + 1] as string]);
  return pairs;
}

/** A span of time: seconds, or a text such as `30s`, `10m`, `2h`, `1d`. */
export type Duration = number | string;

/** The seconds of a span of time; an error names the option that it was given for. */
export function secondsOf(option: string, time: Duration): number {
  if (typeof time !== "string") {
    if (Number.isInteger(time) && time >= 0 && time <= 0x7fff_ffff) return time;
    throw new ConfigError(`${option} is a whole number of seconds, from 0, or a text such as "10m"`, "option");
  }
  try {
    return native.durationSeconds(time);
  } catch (error) {
    throw new ConfigError(`${option}: ${(error as Error).message}`, "option");
  }
}

/** What one page brings to its islands. */
export interface ContextOptions {
  /** The app's mount point as it stands in URLs: empty, or `/shop`. */
  readonly mount?: string | undefined;
  /** Path and language of the page, for tokens that ask for them. */
  readonly page?: { readonly path: string; readonly lang?: string | undefined } | undefined;
  /** A string that sealing and opening must agree on, such as a tenant. */
  readonly audience?: string | undefined;
  /** Whether the page answers something else than a GET, so that it cannot be fetched again. */
  readonly isPost?: boolean | undefined;
  /** Whether a split page gets the loader's tags; an island's own HTML does without. */
  readonly loader?: boolean | undefined;
  /**
   * Whether what is written with it is split on its way out. Placeholders then bring their page the loader's tags: each
   * has the attribute `server:placed`, which the split removes.
   */
  readonly split?: boolean | undefined;
  /** How many seconds caches may keep the shell. */
  readonly shellLife?: number | undefined;
  /** Whether tokens can be sealed; without, what holds an island becomes its fallback. */
  readonly seals?: boolean | undefined;
  /** The Unix time in seconds; the system's, when it is not given. */
  readonly now?: number | undefined;
}

/** What one page brings to its islands, put into the form in which it crosses. */
export class Context {
  /** @internal */
  readonly text: string;

  constructor(options: ContextOptions = {}) {
    const { mount = "", page, audience = "", isPost = false, loader = true, split = false, shellLife, now } = options;
    const lines = [
      (isPost ? 1 : 0) + (loader ? 0 : 2) + (split ? 4 : 0) + (options.seals === false ? 8 : 0),
      shellLife ?? "",
      now ?? "",
      mount,
      page?.path ?? "",
      page?.lang ?? "",
    ];
    if (lines.some((line) => typeof line === "string" && line.includes("\n"))) {
      throw new ConfigError("a mount point, path or language holds a line break", "context");
    }
    this.text = `${lines.join("\n")}\n${audience}`;
  }
}

const NOTHING = "";

function contextText(context: Context | ContextOptions | undefined): string {
  if (context === undefined) return NOTHING;
  return context instanceof Context ? context.text : new Context(context).text;
}

/** How tokens are sealed: the same content gives the same token, or never does. */
export type SealMode = "stable" | "unlinkable";

/** A token's content, genuine. */
export interface OpenedToken {
  /** One JSON object, as it was sealed. */
  readonly props: string;
  /** A JSON object of strings, or nothing. */
  readonly slots: string;
  /** The page's JSON object, or nothing. */
  readonly page: string;
  /** When the token expires, in Unix seconds. */
  readonly expires: number | undefined;
}

/** One or more keys: the first seals, all open. */
export class KeyRing {
  /** @internal */
  readonly handle: ExternalObject<native.KeyRing>;

  private constructor(handle: ExternalObject<native.KeyRing>) {
    this.handle = handle;
  }

  /** Reads the comma separated form of `EYOT_KEYS`. */
  static parse(text: string): KeyRing {
    return new KeyRing(native.parseKeys(text));
  }

  /** Reads a key file's text: one key a line, `#` comments. */
  static parseFile(text: string): KeyRing {
    return new KeyRing(native.parseKeyFile(text));
  }

  /** Derives a ring from a framework's own secrets, the current one first. */
  static derive(secrets: readonly (string | Uint8Array)[]): KeyRing {
    const bytes = secrets.map((secret) => (typeof secret === "string" ? Buffer.from(secret) : secret));
    return new KeyRing(native.deriveKeys(bytes));
  }

  /** The keys' ids in hexadecimal, the sealing key's first. */
  ids(): string[] {
    return native.keyIds(this.handle);
  }

  /**
   * Seals JSON as tokens hold it for the island `name`; the same content gives the same token unless a nonce is given.
   */
  seal(
    name: string,
    props: string,
    options: { slots?: string; page?: string; audience?: string; expires?: number; nonce?: Uint8Array } = {},
  ): string {
    const { slots, page, audience, expires, nonce } = options;
    return native.seal(this.handle, name, props, slots, page, audience, expires, nonce);
  }

  /** Opens a token sealed for the island `name`; throws a `TokenError`. */
  open(name: string, token: string, options: { audience?: string; now?: number } = {}): OpenedToken {
    const { props, slots, page, expires } = native.open(this.handle, name, token, options.audience ?? "", options.now);
    return { props, slots, page, expires };
  }

  /** Says which keys these are, by their ids. */
  toString(): string {
    return `KeyRing(${this.ids().join(", ")})`;
  }
}

/** What an island does beyond its name and props: the options of the directive. */
export interface PlaceholderOptions {
  /** `load`, `idle`, `visible`, `visible 200px`, `media (…)`, `interaction`, `manual`. */
  readonly when?: string | undefined;
  /** Tells namesakes apart, such as a product's id. */
  readonly key?: string | number | undefined;
  /** The placeholder stays, so that the island can be fetched again. */
  readonly keep?: boolean | undefined;
  /** `30s`, or an event's name. */
  readonly refresh?: string | undefined;
  /** What a redirect of the handler does. */
  readonly redirect?: "event" | "follow" | undefined;
  /** Seconds for each attempt. */
  readonly timeout?: number | undefined;
  /** The page's path and language travel in the token. */
  readonly page?: boolean | undefined;
  readonly seal?: SealMode | undefined;
  /** How long the token stays valid. */
  readonly ttl?: Duration | undefined;
  readonly deliver?: "fetch" | undefined;
}

/** What stands in a placeholder, each as HTML. */
export interface Parts {
  readonly fallback?: string | Html | undefined;
  readonly error?: string | Html | undefined;
  /** Travel sealed. */
  readonly slots?: Readonly<Record<string, string | Html>> | undefined;
}

/** What stands in a placeholder, which is no option. */
const PARTS = ["fallback", "error", "slots"];

/** Refuses an option that does not exist, with the one that may be meant. */
export function checkNames(where: string, given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const nearest = native.nearest(unknown, [...known]);
  const cure = nearest ? `: ${nearest} is meant` : `; there are ${known.join(", ")}`;
  throw new ConfigError(`${where}${unknown}: there is no such option${cure}`, "option");
}

/** The options that are set, names and values in turn, as directives hold them. */
function optionList(options: PlaceholderOptions | undefined): string[] | null {
  if (options === undefined) return null;
  const list: string[] = [];
  for (const name in options) {
    const value = (options as Record<string, unknown>)[name];
    if (PARTS.includes(name)) continue;
    if (value === undefined || value === null || value === false) continue;
    if (name === "ttl") list.push(name, String(secondsOf(name, value as Duration)));
    else list.push(name, value === true ? "" : String(value));
  }
  return list.length ? list : null;
}

/** What {@link Islands} takes. */
export interface IslandsOptions extends CoreOptions {
  /** Names of the islands that this host answers. */
  readonly islands?: readonly string[] | undefined;
}

/** Something that is no error and that the page's author should know. */
export interface Diagnostic {
  readonly code: string;
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** A split page with all that there is to say of it. */
export interface Split {
  readonly shell: Uint8Array;
  readonly problems: readonly EyotError[];
  readonly diagnostics: readonly Diagnostic[];
}

/** A whole answer of eyot's: a file, a preflight's, or a refusal's. */
export class Reply {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;

  /** @internal */
  constructor(reply: native.Reply) {
    this.status = reply.status;
    this.headers = headerPairs(reply.headers);
    this.body = reply.body;
  }
}

/**
 * One line for the log. `status` is there in refusals alone: what the client gets; `ms` in those of slow handlers. Never
 * holds anything of a token.
 */
export interface Event extends native.Event {
  readonly ms?: number;
}

/** A change to a response's headers: a value to set in place of all of that name, or none of it. */
export type Edit = readonly [name: string, value: string | undefined];

function edits(text: string): Edit[] {
  const list: Edit[] = [];
  for (const [marked, value] of headerPairs(text))
    list.push([marked.slice(1), marked.startsWith("=") ? value : undefined]);
  return list;
}

/** What a request is to the outer station: answered at once, an exchange, or with neither the app's own. */
export interface Arrived {
  readonly reply: Reply | undefined;
  readonly exchange: Exchange | undefined;
  readonly events: readonly Event[];
}

function arrived(found: native.Arrived): Arrived {
  return {
    reply: found.reply && new Reply(found.reply),
    exchange: found.exchange && new Exchange(found.exchange, found),
    events: found.event ? [found.event] : [],
  };
}

/** A request for an island, or for a page with a policy, between its way in and its way out. */
export class Exchange {
  readonly #handle: ExternalObject<native.Exchange>;
  /** The island that is asked for; `undefined` of a page. */
  readonly name: string | undefined;
  /** The method that the app sees. */
  readonly method: string;
  /** How many bytes of body to read at most, for `takeBody`; 0 when there is nothing to read. */
  readonly bodyLimit: number;
  /** The headers that the app must not see, in lower case. */
  hiddenHeaders: readonly string[];
  /** The query that the app sees instead, where `island-fresh` was in it. */
  readonly query: string | undefined;

  /** @internal */
  constructor(handle: ExternalObject<native.Exchange>, found: native.Arrived) {
    this.#handle = handle;
    this.name = found.name;
    this.method = found.method;
    this.bodyLimit = found.bodyLimit;
    this.hiddenHeaders = found.hidden;
    this.query = found.query;
  }

  /** Says that caches keep the island for so many seconds, for everyone: its handler does not see who asks. */
  share(seconds: number): void {
    this.hiddenHeaders = native.exchangeShare(this.#handle, seconds);
  }

  /** Takes a body that was read, up to one byte beyond the limit, or refuses it. */
  takeBody(body: Uint8Array): Arrived | undefined {
    const refused = native.exchangeTakeBody(this.#handle, body);
    return refused ? arrived(refused) : undefined;
  }

  /** The path that the app sees where a token was posted: with the mount point, and with the token. Not to be logged. */
  get path(): string | undefined {
    return native.exchangePath(this.#handle) ?? undefined;
  }

  /** Opens the token, or says what is answered in the handler's place. */
  open(options: { audience?: string; now?: number } = {}): OpenedToken | Reply {
    const opened = native.exchangeOpen(this.#handle, options.audience ?? "", options.now);
    if (opened.refusal) return new Reply(opened.refusal);
    const { props, slots, page, expires } = opened;
    return { props, slots, page, expires };
  }

  /** Says that the props do not fit, and why; returns what is answered in the handler's place. */
  misfit(why: string): Reply {
    return new Reply(native.exchangeMisfit(this.#handle, why));
  }

  /** Notes what the handler itself says of scripts, where layers say what holds for pages in the same headers. */
  notePolicies(values: readonly string[]): void {
    native.exchangePolicies(this.#handle, [...values]);
  }

  /** The way out through the inner station; `splits` says whether HTML is split. */
  page(splits: boolean, host: WayHost): WayOut {
    return new WayOut(native.exchangePage(this.#handle, splits), host);
  }

  /** The way out through the outer station; `keepsCoding`: what was compressed between the two leaves compressed. */
  out(host: WayHost, keepsCoding = false): WayOut {
    return new WayOut(native.exchangeOut(this.#handle, keepsCoding), host);
  }
}

const EMPTY = new Uint8Array();

/** An option's value, as it crosses; core says what is wrong with one of another type. */
function crossing(value: unknown): boolean | number | string | string[] | { kind: string } {
  if (typeof value === "boolean" || typeof value === "number" || typeof value === "string") return value;
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  if (Array.isArray(value)) return { kind: "a list of other things than texts" };
  return { kind: typeof value === "object" ? "an object" : `a ${typeof value}` };
}

function asLines(headers: HeaderPairs | HeaderLines): HeaderLines {
  return "text" in headers ? headers : headerLines(headers);
}

/** A host's configuration: its islands, its keys, where islands are asked for. */
export class Islands {
  /** @internal */
  readonly handle: ExternalObject<native.Islands>;

  /** Takes a key ring, or the text of `EYOT_KEYS`; without either, that variable is read. */
  constructor(options: IslandsOptions = {}, keys?: KeyRing | string) {
    const ring = keys instanceof KeyRing ? keys : KeyRing.parse(keys ?? environmentKeys());
    const { islands = [], ...rest } = options;
    const given = Object.entries(rest).filter(([, value]) => value !== undefined && value !== null);
    const names = given.map(([name]) => name);
    const values = given.map(([, value]) => crossing(value));
    this.handle = native.configure(ring.handle, [...islands], names, values);
  }

  /** Whether HTML is searched for directives. */
  get htmlPass(): boolean {
    return native.htmlPass(this.handle);
  }

  /** How many seconds a handler may take; 0 for no limit. */
  get deadline(): number {
    return native.deadline(this.handle);
  }

  /** Whether split pages get the loader's tags; a site without has a loader of its own. */
  get writesLoader(): boolean {
    return native.writesLoader(this.handle);
  }

  /** The path below which islands are asked for. */
  get prefix(): string {
    return native.prefix(this.handle);
  }

  /** Replaces the keys. */
  setKeys(keys: KeyRing | string): void {
    native.setKeys(this.handle, (keys instanceof KeyRing ? keys : KeyRing.parse(keys)).handle);
  }

  /** Splits a page; one without an island comes back as the very same object. Throws a `MarkupError`. */
  split(page: Uint8Array, context?: Context | ContextOptions): Uint8Array;
  split(page: string, context?: Context | ContextOptions): string;
  split(page: Uint8Array | string, context?: Context | ContextOptions): Uint8Array | string {
    if (typeof page !== "string") return native.split(this.handle, page, contextText(context)) ?? page;
    return native.split(this.handle, Buffer.from(page), contextText(context))?.toString() ?? page;
  }

  /** Splits a page as in production: a faulty island becomes its fallback. Says what was wrong, too. */
  splitLenient(page: Uint8Array, context?: Context | ContextOptions): Split {
    return this.#splitFully(page, context, true);
  }

  /** Splits a page as `split` does. Says what the page's author should know, too. */
  splitWithDiagnostics(page: Uint8Array, context?: Context | ContextOptions): Split {
    return this.#splitFully(page, context, false);
  }

  #splitFully(page: Uint8Array, context: Context | ContextOptions | undefined, lenient: boolean): Split {
    const found = native.splitFully(this.handle, page, contextText(context), lenient);
    return { shell: found.shell ?? page, problems: found.problems.map(problem), diagnostics: found.diagnostics };
  }

  /** A splitter for one page that comes in chunks. */
  splitter(context?: Context | ContextOptions, options: { lenient?: boolean } = {}): Splitter {
    return new Splitter(native.splitter(this.handle, options.lenient ?? false), contextText(context));
  }

  /** Finds a page's islands once, to render it often: only what changes is sealed anew. */
  prepare(page: Uint8Array | string): Prepared {
    return new Prepared(native.prepare(this.handle, typeof page === "string" ? Buffer.from(page) : page));
  }

  /** A placeholder: what `split` makes of the same island in a page. */
  placeholder(
    name: string,
    props?: object | null,
    options?: PlaceholderOptions & Parts,
    context?: Context | ContextOptions,
  ): Html {
    const json = encodeProps(props);
    const { fallback = "", error = null, slots } = options ?? {};
    const sealed = slots ? Object.entries(slots).flatMap(([slot, html]) => [slot, String(html)]) : null;
    const list = optionList(options);
    const [inner, instead] = [String(fallback), error === null ? null : String(error)];
    return new Html(native.placeholder(this.handle, name, json, contextText(context), list, inner, instead, sealed));
  }

  /** A placeholder's attributes, for an element that a template writes itself. */
  attributes(
    name: string,
    props?: object | null,
    options?: PlaceholderOptions,
    context?: Context | ContextOptions,
  ): string {
    const json = encodeProps(props);
    return native.attributes(this.handle, name, json, contextText(context), optionList(options));
  }

  /** An island's URL, for libraries that fetch fragments by themselves. */
  url(
    name: string,
    props?: object | null,
    options?: Pick<PlaceholderOptions, "page" | "seal" | "ttl">,
    context?: Context | ContextOptions,
  ): string {
    const json = encodeProps(props);
    return native.url(this.handle, name, json, contextText(context), optionList(options));
  }

  /** The tags that load the loader and the style sheet, for pages that are not split. */
  loaderTags(context?: Context | ContextOptions): Html {
    return new Html(native.loaderTags(this.handle, contextText(context)));
  }

  /**
   * Tells what becomes of a request. `target` is the raw request target, `mount` the mount point as it stands in it,
   * `policy` that of its route, `visitor` names what layers around have put there that says who the visitor is.
   */
  arrive(
    method: string,
    target: string,
    headers: HeaderPairs | HeaderLines,
    options: { mount?: string; policy?: Policy | undefined; visitor?: string | undefined } = {},
  ): Arrived {
    const { text, count } = asLines(headers);
    const { mount = "", policy, visitor } = options;
    return arrived(native.arrive(this.handle, method, target, mount, text, count, policy?.handle, visitor));
  }

  /** The way out through the inner station of a request that is no exchange. */
  page(rules: PageRules, host: WayHost): WayOut {
    const flags = [rules.debug, rules.isHead, rules.splits ?? true, rules.isMarked];
    const bits = flags.reduce((all: number, flag, bit) => all | (flag ? 1 << bit : 0), 0);
    return new WayOut(native.pageOut(this.handle, rules.path, bits), host);
  }

  /** The way out of such a request through the outer station. */
  out(rules: Pick<PageRules, "path" | "isHead">, host: WayHost): WayOut {
    return new WayOut(native.outerOut(this.handle, rules.path, rules.isHead ?? false), host);
  }
}

function environmentKeys(): string {
  const text = process.env.EYOT_KEYS;
  if (!text) throw new KeyError("no key: set EYOT_KEYS; npx eyot keygen prints a key", "key-missing");
  return text;
}

function problem(found: native.Problem): EyotError {
  return made(found.kind, found.code, found.message, found.line, found.column);
}

/** What a page's way out depends on, beside the page. */
export interface PageRules {
  /** The request's path, without a query. */
  readonly path: string;
  /** Whether faults are shown to the visitor. */
  readonly debug?: boolean;
  /** Whether the app answers a `HEAD`. */
  readonly isHead?: boolean;
  /** Whether HTML is split; it is unless set. */
  readonly splits?: boolean;
  /** Whether an outer station is there. */
  readonly isMarked?: boolean;
}

/** The header in which the inner station tells the outer one that it has dealt with a response. It never leaves. */
export const MARK: string = native.mark();

/** What goes out instead of the app's own status and headers. */
export interface Sent {
  readonly status: number;
  /** All headers of a whole response, in the place of the app's. */
  readonly headers: readonly (readonly [string, string])[] | undefined;
  /** Changes to the app's headers otherwise. */
  readonly edits: readonly Edit[];
  /** Whether a body goes out. */
  readonly hasBody: boolean;
  /** The body; `undefined` where the app's own goes out. */
  readonly body: Uint8Array | undefined;
}

/** Whether what goes out is what the app made, but for a mark. */
export function isSame(sent: Sent | undefined): boolean {
  return !sent || (!sent.headers && !sent.body && sent.hasBody && sent.edits.every(([name]) => name === MARK));
}

/**
 * What to do with a response: send it as it is; keep the head and ask again; collect the body for `whole`, with its
 * coding undone for `decode`; send the head of `sent` and then the body as it comes, or what `push` and `finish` return;
 * or send `sent` instead.
 */
export interface Step {
  readonly kind: "pass" | "wait" | "collect" | "decode" | "edited" | "stream" | "instead";
  readonly coding: string | undefined;
  readonly sent: Sent | undefined;
}

/** What a way out asks of its host. */
export interface WayHost {
  /** What the page brings to its islands; called once there is something to seal. */
  readonly context: () => Context;
  /** Told of what is to be logged. */
  readonly tell: (events: readonly Event[]) => void;
}

/** The way out of one response through a station: what becomes of what may be a page to split. */
export class WayOut {
  readonly #handle: ExternalObject<native.WayOut>;
  readonly #host: WayHost;
  #context: string | undefined;
  /** Whether a stream has begun and not come to its end. */
  isOpen = false;
  /** Whether nothing more of a streamed page goes out. */
  isOver = false;
  /** Why the connection is to be cut, once what the last call returned has gone out. */
  fault: EyotError | undefined;

  /** @internal */
  constructor(handle: ExternalObject<native.WayOut>, host: WayHost) {
    this.#handle = handle;
    this.#host = host;
  }

  /** Decides what to do with a response of which so much is known. */
  step(status: number, headers: HeaderPairs | HeaderLines, size: "unknown" | "whole" | "more"): Step {
    const { text, count } = asLines(headers);
    const decided = native.wayStep(this.#handle, status, text, count, size);
    this.isOpen = decided.kind === "stream";
    return { kind: decided.kind as Step["kind"], coding: decided.coding, sent: this.#decided(decided) };
  }

  /** What goes out of a response with this whole body; `undefined` where it goes out as the app made it. */
  whole(status: number, headers: HeaderPairs | HeaderLines, body: Uint8Array): Sent | undefined {
    const { text, count } = asLines(headers);
    let decided = native.wayWhole(this.#handle, status, text, count, body, this.#context ?? null);
    // Most pages have nothing to seal.
    if (decided.kind === "context")
      decided = native.wayWhole(this.#handle, status, text, count, body, this.#contextText());
    return this.#decided(decided);
  }

  /** What goes out of a compressed page that cannot be undone. */
  undecoded(status: number, headers: HeaderPairs | HeaderLines): Sent | undefined {
    const { text, count } = asLines(headers);
    return this.#decided(native.wayUndecoded(this.#handle, status, text, count));
  }

  /** Takes the next chunk of a streamed page and returns what can go out, often nothing. */
  push(chunk: Uint8Array): Uint8Array {
    return this.isOver ? EMPTY : this.#flow(chunk);
  }

  /** Ends a streamed page and returns the rest of it. */
  finish(): Uint8Array {
    return this.isOver ? EMPTY : this.#flow(undefined);
  }

  /** Says that a stream ended before its end, and is cut. */
  noteCut(): void {
    this.#tell(native.wayCut(this.#handle) ?? undefined);
  }

  #flow(chunk: Uint8Array | undefined): Uint8Array {
    const flowed = native.wayFlow(this.#handle, chunk, this.#contextText());
    this.isOver = flowed.isOver;
    if (flowed.fault) this.fault = problem(flowed.fault);
    this.isOpen = !flowed.isOver || flowed.fault !== undefined;
    this.#tell(flowed.events);
    return flowed.bytes ?? chunk ?? EMPTY;
  }

  #decided({ sent, events }: native.Decided): Sent | undefined {
    this.#tell(events);
    if (!sent) return undefined;
    const { status, headers, isWhole, hasBody, body } = sent;
    return isWhole
      ? { status, headers: headerPairs(headers), edits: [], hasBody, body }
      : { status, headers: undefined, edits: edits(headers), hasBody, body };
  }

  #tell(events: readonly Event[] | undefined): void {
    if (events) this.#host.tell(events);
  }

  #contextText(): string {
    this.#context ??= contextText(this.#host.context());
    return this.#context;
  }
}

/** A page that is split once and rendered often. */
export class Prepared {
  readonly #handle: ExternalObject<native.Prepared>;

  /** @internal */
  constructor(handle: ExternalObject<native.Prepared>) {
    this.#handle = handle;
  }

  /** The names of the page's islands. */
  get islands(): string[] {
    return native.preparedIslands(this.#handle);
  }

  /** The shell, with tokens as they are now. Throws a `MarkupError` where an island cannot be sealed. */
  render(context?: Context | ContextOptions): Uint8Array {
    return native.render(this.#handle, contextText(context));
  }
}

/** Splits one page chunk by chunk. However it is cut, what comes out is the same. */
export class Splitter {
  readonly #handle: ExternalObject<native.Splitter>;
  readonly #context: string;

  /** @internal */
  constructor(handle: ExternalObject<native.Splitter>, context: string) {
    this.#handle = handle;
    this.#context = context;
  }

  /** Takes the next chunk and returns what can go out, often nothing. */
  push(chunk: Uint8Array): Uint8Array {
    return native.push(this.#handle, chunk, this.#context) ?? chunk;
  }

  /** Ends the page and returns the rest of it. */
  finish(): Uint8Array {
    return native.finishPage(this.#handle, this.#context);
  }

  /** Whether something was wrong with the page so far, where the splitter is lenient. */
  get isFaulty(): boolean {
    return native.problemCount(this.#handle) > 0;
  }

  /** What was wrong with the page so far, where the splitter is lenient. */
  get problems(): EyotError[] {
    return native.problems(this.#handle).map(problem);
  }

  /** What the page's author should know, as far as the page has been read. */
  get diagnostics(): Diagnostic[] {
    return native.diagnostics(this.#handle);
  }
}

/** How long caches keep a route's shells, and what shapes them. */
export interface PolicyOptions {
  /** How long shared caches keep a shell. */
  readonly cdn: Duration;
  /** How long browsers keep it; 0 unless set. */
  readonly browser?: Duration | undefined;
  /** How long a stale shell may be served while a new one is fetched. */
  readonly swr?: Duration | undefined;
  /** How long a stale shell may be served when fetching a new one fails. */
  readonly sie?: Duration | undefined;
  /** The app sees cookies and authorisation; what it makes of them must not reach the shell. */
  readonly cookies?: boolean | undefined;
  /** A streamed page goes out as it comes, without an ETag and with no guard on its body. */
  readonly stream?: boolean | undefined;
}

const POLICY_OPTIONS: readonly string[] = ["cdn", "browser", "swr", "sie", "cookies", "stream"];

/** A shell policy. */
export class Policy {
  /** @internal */
  readonly handle: ExternalObject<native.ShellPolicy>;
  /** How long a shell may live in caches at most, in seconds. */
  readonly life: number;

  /** `where` says in errors whose policy it is. */
  constructor(options: PolicyOptions, where = "shell") {
    if (typeof options !== "object" || options === null)
      throw new ConfigError(`${where}: a policy is an object such as { cdn: 600 }, not ${options}`, "option");
    checkNames(`${where}: `, options, POLICY_OPTIONS);
    if (options.cdn === undefined)
      throw new ConfigError(`${where}: a policy says how long caches keep the shell: { cdn: 600 }`, "option");
    const { cdn, browser = 0, swr = 0, sie = 0, cookies = false, stream = false } = options;
    const [shared, own, stale, failing] = Object.entries({ cdn, browser, swr, sie }).map(([name, time]) =>
      secondsOf(`${where}: ${name}`, time),
    ) as [number, number, number, number];
    this.handle = native.policy(shared, own, stale, failing, cookies, stream);
    this.life = native.policyLife(this.handle);
  }
}

/** What a browser would not leave as it was written, in a whole page's shell. For debugging and tests. */
export interface Finding extends Diagnostic {
  readonly island: string;
}

/** Parses a whole page's shell as a browser does, and tells what is not as it was written, in the shell's order. */
export function audit(shell: Uint8Array): Finding[] {
  return native.audit(shell);
}

/** The source by which a `Content-Security-Policy` allows the loader in a page, in `script-src`. */
export const loaderHash: string = native.loaderHash();

/** The source by which it allows the script that the loader fetches when a page needs it, in `script-src`. */
export const loaderMoreHash: string = native.loaderMoreHash();

/** The source by which it allows the style sheet in a page, in `style-src`. */
export const stylesheetHash: string = native.stylesheetHash();

/** The path and language of the page that holds an island, as it was sealed. */
export interface Page {
  readonly path: string;
  readonly lang: string;
}

/** Slots and page of an opened token, parsed. */
export function openedParts(opened: OpenedToken): { slots: Record<string, Html>; page: Page | undefined } {
  const slots: Record<string, Html> = Object.create(null) as Record<string, Html>;
  if (opened.slots) {
    for (const [name, html] of Object.entries(parsed(opened.slots))) slots[name] = new Html(String(html));
  }
  const page: Props | undefined = opened.page ? parsed(opened.page) : undefined;
  return { slots, page: page && { path: String(page.path), lang: String(page.lang ?? "") } };
}
