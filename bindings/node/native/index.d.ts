// Written by `npm run build:native` from the Rust sources. Handles are opaque: each stands for an object of core's.
export interface Islands { readonly __islands: never }
export interface KeyRing { readonly __keyRing: never }
export interface Pending { readonly __pending: never }
export interface Prepared { readonly __prepared: never }
export interface PageOut { readonly __pageOut: never }
export interface ShellPolicy { readonly __shellPolicy: never }
export interface Splitter { readonly __splitter: never }
export interface Visit { readonly __visit: never }

export declare class ExternalObject<T> {
  readonly '': {
    readonly '': unique symbol
    [K: symbol]: T
  }
}

/**
 * Which binding artifact the generated loader actually loaded: `'native'` for
 * a native addon, otherwise the `platformArchABI` of the WASI flavor. Every
 * flavor napi-rs can build is listed, because `NAPI_RS_NATIVE_LIBRARY_PATH`
 * can point the loader at a WASI artifact this package does not build itself.
 */
export declare const __napiBindingTarget: 'native' | 'wasm32-wasi' | 'wasm32-wasip1'

/** A placeholder's attributes, for an element that a template writes itself. */
export declare function attributes(islands: ExternalObject<Islands>, name: string, props: string, context: string, options?: Array<string> | undefined | null): string

/** Parses a whole page's shell as a browser does, and tells what is not as it was written, in the shell's order. */
export declare function audit(shell: Uint8Array): Array<Finding>

/** What [`configure`] takes beside the keys. */
export interface Configuration {
  /** Names of islands that this host answers. */
  islands: Array<string>
  /** Names of islands that another host answers. */
  elsewhere: Array<string>
  /** The path below which islands are asked for. */
  prefix?: string
  /** Another origin that answers this host's islands. */
  origin?: string
  /** Origins of shells that this host answers islands for. */
  allowedOrigins: Array<string>
  /** Where a handler's 401 sends the visitor. */
  loginUrl?: string
  /** Origins that a handler may redirect to. */
  locations: Array<string>
  /** The headers that say who the visitor is, where they are not those that proxies are known to send. */
  identityHeaders?: Array<string>
  /** The length above which an island is asked for by POST. */
  urlLimit?: number
  /** Whether split pages get the loader's tags. */
  loader?: boolean
  /** Whether the style sheet's tag is among them. */
  stylesheet?: boolean
  /** Whether both stand in the page itself. */
  inlineLoader?: boolean
  /** Whether the browser's console shows in words what is wrong with an island. */
  debug?: boolean
  /** Whether links ask for islands before the loader runs. */
  preload?: boolean
  /** `stable` or `unlinkable`. */
  seal?: string
  /** Whether the page travels in tokens. */
  page?: boolean
  /** The seconds that tokens stay valid. */
  ttl?: number
  /** The step that expiries are rounded up to. */
  ttlGrid?: number
  /** The most islands on a page. */
  maxIslands?: number
  /** The most bytes of one island in a page. */
  maxIslandBytes?: number
}

/** Checks a configuration. */
export declare function configure(keys: ExternalObject<KeyRing>, options: Configuration): ExternalObject<Islands>

/** What the host does next, or what goes out. */
export interface Decided {
  /** `pass`, `wait`, `collect`, `decode`, `stream`, `instead`, or of a whole body `sent` or `context`. */
  kind: string
  /** The content coding to undo. */
  coding?: string
  /** The head of a stream, or what goes out. */
  sent?: Sent
  /** Whether the page has problems. */
  isFaulty: boolean
  /** What is to be logged. */
  events: Array<Event>
}

/** Derives a ring from a framework's own secrets, the current one first. */
export declare function deriveKeys(secrets: Array<Uint8Array>): ExternalObject<KeyRing>

/** Something that the page's author should know. */
export interface Diagnostic {
  /** A stable, lower-case code. */
  code: string
  /** What it means and what to do. */
  message: string
  /** The line in the page, from 1. */
  line: number
  /** The column, from 1. */
  column: number
}

/** What the page's author should know, as far as the page has been read. */
export declare function diagnostics(splitter: ExternalObject<Splitter>): Array<Diagnostic>

/** The seconds of a time as people write it, such as `10m`. */
export declare function durationSeconds(text: string): number

/** One line for the log. */
export interface Event {
  /** Whether it is an error; otherwise a warning. */
  isError: boolean
  /** A stable, lower-case code. */
  code: string
  /** The line. */
  line: string
}

/** Something in a shell that is not as its author meant it. */
export interface Finding {
  /** A stable, lower-case code. */
  code: string
  /** What a browser does and what to do about it. */
  message: string
  /** The island's name. */
  island: string
  /** The line in the shell, from 1. */
  line: number
  /** The column, from 1. */
  column: number
}

/** Turns what a handler answered into what is sent, or into a refusal. */
export declare function finish(islands: ExternalObject<Islands>, pending: ExternalObject<Pending>, status: number, headers: string, count: number, shared: number | undefined | null, page: string, foreign: boolean, body?: Uint8Array | undefined | null): Outcome

/** Ends the page and returns the rest of it. */
export declare function finishPage(splitter: ExternalObject<Splitter>, context: string): Buffer

/** What goes out after a chunk of a streamed page. */
export interface Flowed {
  /** The bytes; absent for the chunk as it is. */
  bytes?: Buffer
  /** Whether nothing more of the page goes out. */
  isOver: boolean
  /** Why the connection is to be cut after that. */
  fault?: Problem
  /** What is to be logged. */
  events: Array<Event>
}

/** What a request below the prefix is: a whole answer, or an island that waits for its token to be opened. */
export interface Found {
  /** A file, a preflight's answer or a refusal. */
  reply?: Reply
  /** An island's request. */
  pending?: ExternalObject<Pending>
  /** The island's name. */
  name?: string
  /** How many bytes of body to read at most; 0 when the token is in the path. */
  bodyLimit: number
  /** The headers that the handler of a shared island must not see, in lower case. */
  hidden: Array<string>
}

/** Takes in a request on the policy's route; `null` when the policy has nothing to say. */
export declare function incoming(policy: ExternalObject<ShellPolicy>, islands: ExternalObject<Islands>, method: string, target: string, mount: string, headers: string, count: number): ExternalObject<Visit> | null

/** Judges the app's response; `body` is `null` for a streamed one. */
export declare function judge(visit: ExternalObject<Visit>, status: number, headers: string, count: number, body?: Uint8Array | undefined | null): Outcome

/** The keys' ids in hexadecimal, the sealing key's first. */
export declare function keyIds(ring: ExternalObject<KeyRing>): Array<string>

/** Something in a shell that is one visitor's. */
export interface Leak {
  /** A stable, lower-case code. */
  code: string
  /** What it is and what to do. */
  message: string
}

/** The source by which a `Content-Security-Policy` allows the loader in a page. */
export declare function loaderHash(): string

/** The same for the script that the loader fetches when a page needs it. */
export declare function loaderMoreHash(): string

/** The tags that load the loader and the style sheet. */
export declare function loaderTags(islands: ExternalObject<Islands>, context: string): string

/** Opens a token sealed for the island `name`. */
export declare function open(ring: ExternalObject<KeyRing>, name: string, token: string, audience: string, now?: number | undefined | null): Opened

/** A token's content, genuine: props, slots and page as JSON. */
export interface Opened {
  /** One JSON object. */
  props: string
  /** A JSON object of strings, or nothing. */
  slots: string
  /** The page's JSON object, or nothing. */
  page: string
  /** When the token expires, in Unix seconds. */
  expires?: number
  /** Instead of all that: the token is refused. */
  refusal?: Reply
}

/** Opens the token: of `body`, or of the path where `body` is empty. */
export declare function openPending(islands: ExternalObject<Islands>, pending: ExternalObject<Pending>, body: Uint8Array, audience: string, now?: number | undefined | null): Opened

/** What is sent instead of the app's own status and headers. */
export interface Outcome {
  /** The status code; 304 when the client's copy is current. */
  status: number
  /** Changes to the headers, see `headers.rs`. */
  edits: string
  /** Whether the app's body is sent. */
  hasBody: boolean
  /** Whether a policy made the response a shell for shared caches. */
  isShell: boolean
  /** What is one visitor's in the response. */
  leaks?: Array<Leak>
  /** The page that is shown instead of a response with leaks, while debugging. */
  shown?: string
  /** Instead of all that: a handler's answer is refused. */
  refusal?: Reply
}

/** Takes the next chunk of a streamed page, or without one its end. */
export declare function pageFlow(page: ExternalObject<PageOut>, chunk: Uint8Array | undefined | null, context: string): Flowed

/** What a response is to the inner station: `html`, `part`, `compressed`, `text` or `other`. */
export declare function pageKind(status: number, headers: string, count: number): "html" | "part" | "compressed" | "text" | "other"

/**
 * The way out of one page. `flags`: 1 while debugging, 2 for a `HEAD`, 4 where a stream goes out as it comes, 8 where it
 * must be sound.
 */
export declare function pageOut(islands: ExternalObject<Islands>, path: string, flags: number): ExternalObject<PageOut>

/** What to do with a response of which so much is known: `unknown`, `whole` or `more`. */
export declare function pageStep(page: ExternalObject<PageOut>, status: number, headers: string, count: number, size: "unknown" | "whole" | "more"): Decided

/** What goes out of a compressed page that cannot be undone. */
export declare function pageUndecoded(page: ExternalObject<PageOut>, status: number, headers: string, count: number): Decided

/**
 * What goes out of a response with this whole body; nothing is sent where it goes out as the app made it. Without a
 * context the answer may be `context`: it is needed, and the call is to be made again.
 */
export declare function pageWhole(page: ExternalObject<PageOut>, status: number, headers: string, count: number, body: Uint8Array, context?: string | null): Decided

/** Reads a key file's text: one key a line, `#` comments. */
export declare function parseKeyFile(text: string): ExternalObject<KeyRing>

/** Reads the comma separated form of `EYOT_KEYS`. */
export declare function parseKeys(text: string): ExternalObject<KeyRing>

/** A placeholder: what a split makes of the same island in a page. `slots` and `options` are names and values in turn. */
export declare function placeholder(islands: ExternalObject<Islands>, name: string, props: string, context: string, options: Array<string> | undefined | null, fallback: string, error?: string | undefined | null, slots?: Array<string> | undefined | null): string

/** A policy; its times are seconds. */
export declare function policy(cdn: number, browser: number, swr: number, sie: number, cookies: boolean, stream: boolean): ExternalObject<ShellPolicy>

/** How long a shell may live in caches at most, in seconds. */
export declare function policyLife(policy: ExternalObject<ShellPolicy>): number

/** The prefix below which islands are asked for. */
export declare function prefix(islands: ExternalObject<Islands>): string

/** Finds a page's islands, to render it often. */
export declare function prepare(islands: ExternalObject<Islands>, page: Uint8Array): ExternalObject<Prepared>

/** The names of the page's islands. */
export declare function preparedIslands(prepared: ExternalObject<Prepared>): Array<string>

/** Something that is wrong, to be looked at rather than thrown. */
export interface Problem {
  /** `config`, `key`, `props`, `markup` or `seal`. */
  kind: string
  /** A stable, lower-case code. */
  code: string
  /** What happened and what to do. */
  message: string
  /** The line in the page, from 1; 0 where there is no place. */
  line: number
  /** The column, from 1. */
  column: number
}

/** How many problems there are so far, where the splitter is lenient: cheap to ask after each chunk. */
export declare function problemCount(splitter: ExternalObject<Splitter>): number

/** What was wrong with the page so far, where the splitter is lenient. */
export declare function problems(splitter: ExternalObject<Splitter>): Array<Problem>

/** Takes the next chunk and returns what can go out; `null` for the chunk as it is. */
export declare function push(splitter: ExternalObject<Splitter>, chunk: Uint8Array, context: string): Buffer | null

/** The shell, with tokens as they are now. */
export declare function render(prepared: ExternalObject<Prepared>, context: string): Buffer

/** A whole answer: a file, a preflight's, or a refusal's with its reason for the log. */
export interface Reply {
  /** The status code. */
  status: number
  /** A name and a value in a line each. */
  headers: string
  /** The body. */
  body: Buffer
  /** A stable code when this refuses a request. */
  reason?: string
  /** The reason in words, for the log. */
  explanation?: string
  /** The island that was asked for, once its name is known to be one. */
  island?: string
}

/** What a request is to these islands: `null` where it is the app's. */
export declare function route(islands: ExternalObject<Islands>, method: string, target: string, mount: string, headers: string, count: number): Found | null

/**
 * Seals props, slots and page (JSON as tokens hold it) for the island `name`; stable unless a nonce of 24 bytes is
 * given.
 */
export declare function seal(ring: ExternalObject<KeyRing>, name: string, props: string, slots: string, page: string, audience: string, expires?: number | undefined | null, nonce?: Uint8Array | undefined | null): string

/** What goes out instead of the app's own status and headers. */
export interface Sent {
  /** The status code. */
  status: number
  /** Changes to the headers, see `headers.rs`; of a whole response all of its headers. */
  headers: string
  /** Whether it is a whole response, in the place of the app's. */
  isWhole: boolean
  /** The body; absent where the app's own goes out. */
  body?: Buffer
}

/** Replaces the keys. */
export declare function setKeys(islands: ExternalObject<Islands>, keys: ExternalObject<KeyRing>): void

/** Splits a page; `null` for one that goes out as it came. */
export declare function split(islands: ExternalObject<Islands>, page: Uint8Array, context: string): Buffer | null

/** A split page with all that there is to say of it. */
export interface Split {
  /** The shell; absent for a page that goes out as it came. */
  shell?: Buffer
  /** What was wrong, in a lenient split. */
  problems: Array<Problem>
  /** What the page's author should know. */
  diagnostics: Array<Diagnostic>
}

/** Splits a page and tells all that there is to say of it; lenient as in production, or strict. */
export declare function splitFully(islands: ExternalObject<Islands>, page: Uint8Array, context: string, lenient: boolean): Split

/** What a split changes in a page's headers; without a length, of a streamed one. */
export declare function splitHeaders(headers: string, count: number, len?: number | undefined | null): string

/** A splitter for one page. */
export declare function splitter(islands: ExternalObject<Islands>, lenient: boolean): ExternalObject<Splitter>

/** The same for the style sheet. */
export declare function stylesheetHash(): string

/** The refusal of a body that is longer than the limit. */
export declare function tooLarge(pending: ExternalObject<Pending>): Reply

/** What keeps a response out of every cache. */
export declare function uncachedHeaders(headers: string, count: number): string

/** An island's URL, for libraries that fetch fragments by themselves. */
export declare function url(islands: ExternalObject<Islands>, name: string, props: string, context: string, options?: Array<string> | undefined | null): string

/** The headers of the request that the app must not see, in lower case. */
export declare function visitHidden(visit: ExternalObject<Visit>): Array<string>

/** The query that the app sees instead, where `island-fresh` was in it. */
export declare function visitQuery(visit: ExternalObject<Visit>): string | null

/** Whether split pages get the loader's tags. */
export declare function writesLoader(islands: ExternalObject<Islands>): boolean
