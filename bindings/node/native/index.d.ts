// Written by `npm run build:native` from the Rust sources. Handles are opaque: each stands for an object of core's.
export interface Assembly { readonly __assembly: never }
export interface Exchange { readonly __exchange: never }
export interface Islands { readonly __islands: never }
export interface KeyRing { readonly __keyRing: never }
export interface Paths<T> { readonly __paths: T }
export interface Prepared { readonly __prepared: never }
export interface ShellPolicy { readonly __shellPolicy: never }
export interface Splitter { readonly __splitter: never }
export interface WayOut { readonly __wayOut: never }

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

/**
 * What a request is to the outer station. `policy` is that of its route, `visitor` what outer layers have put there that
 * says who the visitor is.
 */
export declare function arrive(islands: ExternalObject<Islands>, method: string, target: string, mount: string, headers: string, count: number, policy?: ExternalObject<ShellPolicy> | undefined | null, visitor?: string | undefined | null): Arrived

/** What a request is: answered at once, an exchange, or with neither the app's own. */
export interface Arrived {
  /** A file, a preflight's answer or a refusal. */
  reply?: Reply
  /** What is to be logged. */
  event?: Event
  /** A request for an island, or for a page with a policy. */
  exchange?: ExternalObject<Exchange>
  /** The name of the island; absent of a page. */
  name?: string
  /** The method that the app sees. */
  method: string
  /** How many bytes of body to read at most; 0 when there is nothing to read. */
  bodyLimit: number
  /** The headers that the app must not see, in lower case. */
  hidden: Array<string>
  /** The query that the app sees instead, if it sees another. */
  query?: string
}

/** An island to ask for, as the loader does. */
export interface Ask {
  /** The island's name. */
  island: string
  /** Its address. */
  url: string
  /** The token to post there, where it is too long for the address. */
  token?: string
  /** Whether another host answers. */
  isElsewhere: boolean
}

/** A page whose placeholders are filled one after the other, those in islands' answers too. */
export declare function assembly(page: Uint8Array): ExternalObject<Assembly>

/** Puts the answer to the last ask in the page; an error says why it is none that the loader would take. */
export declare function assemblyAnswer(assembly: ExternalObject<Assembly>, status: number, lines: string, count: number, body: Uint8Array): void

/** The page as it is now; nothing is left of it here. */
export declare function assemblyFinish(assembly: ExternalObject<Assembly>): Buffer

/** The next island to ask for; `null` once there is none. */
export declare function assemblyNext(assembly: ExternalObject<Assembly>): Ask | null

/** Leaves the placeholder of the last ask as it is. */
export declare function assemblySkip(assembly: ExternalObject<Assembly>): void

/** A placeholder's attributes, for an element that a template writes itself. */
export declare function attributes(islands: ExternalObject<Islands>, name: string, props: string, context: string, options?: Array<string> | undefined | null): string

/** Parses a whole page's shell as a browser does, and tells what is not as it was written, in the shell's order. */
export declare function audit(shell: Uint8Array): Array<Finding>

/** Checks a configuration: the names of the islands that this host answers, and options by their names. */
export declare function configure(keys: ExternalObject<KeyRing>, islands: Array<string>, names: Array<string>, values: Array<boolean | number | string | Array<string> | Odd>): ExternalObject<Islands>

/** How many seconds a handler may take that has no deadline of its own; 0 for no limit. */
export declare function deadline(islands: ExternalObject<Islands>): number

/** What the host does next, or what goes out. */
export interface Decided {
  /** `pass`, `wait`, `collect`, `decode`, `edited`, `stream`, `instead`, or of a whole body `sent` or `context`. */
  kind: string
  /** The content coding to undo. */
  coding?: string
  /** The head, or what goes out. */
  sent?: Sent
  /** What is to be logged. */
  events?: Array<Event>
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
  /** `error`, `warn` or `info`. */
  level: "error" | "warn" | "info"
  /** A stable, lower-case code. */
  code: string
  /** The line. */
  line: string
  /** What happened, without the path. */
  message: string
  /** The path, without a query and without a token. */
  path: string
  /** Where in the page, as `line:column`. */
  place?: string
  /** The island that was asked for, once its name is known to be one. */
  island?: string
  /** Of a refusal: the status that the client gets. */
  status?: number
}

/** Says that the island's props do not fit, and why; returns what is sent. */
export declare function exchangeMisfit(exchange: ExternalObject<Exchange>, why: string): Reply

/** Opens the island's token. */
export declare function exchangeOpen(exchange: ExternalObject<Exchange>, audience: string, now?: number | undefined | null): Opened

/** The way out through the outer station. `keeps_coding`: what was compressed between the stations leaves compressed. */
export declare function exchangeOut(exchange: ExternalObject<Exchange>, keepsCoding: boolean): ExternalObject<WayOut>

/** The way out through the inner station. */
export declare function exchangePage(exchange: ExternalObject<Exchange>, splits: boolean): ExternalObject<WayOut>

/** The path that the app sees where a token was posted. */
export declare function exchangePath(exchange: ExternalObject<Exchange>): string | null

/** Notes the `Content-Security-Policy` headers of the handler's own. */
export declare function exchangePolicies(exchange: ExternalObject<Exchange>, values: Array<string>): void

/** Says that the island is shared, and for how many seconds; returns the headers that its handler must not see. */
export declare function exchangeShare(exchange: ExternalObject<Exchange>, seconds: number): Array<string>

/** Takes the body that was read, one byte beyond the limit at most, or answers what refuses it. */
export declare function exchangeTakeBody(exchange: ExternalObject<Exchange>, body: Uint8Array): Arrived | null

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
  events?: Array<Event>
}

/** Whether HTML is searched for directives where no view says otherwise. */
export declare function htmlPass(islands: ExternalObject<Islands>): boolean

/** The keys' ids in hexadecimal, the sealing key's first. */
export declare function keyIds(ring: ExternalObject<KeyRing>): Array<string>

/** The source by which a `Content-Security-Policy` allows the loader in a page. */
export declare function loaderHash(): string

/** The same for the script that the loader fetches when a page needs it. */
export declare function loaderMoreHash(): string

/** The tags that load the loader and the style sheet. */
export declare function loaderTags(islands: ExternalObject<Islands>, context: string): string

/** The header in which the inner station tells the outer one that it has dealt with a response. */
export declare function mark(): string

/** The known name that may be meant by one that does not exist. */
export declare function nearest(name: string, known: Array<string>): string | null

/** An option's value that is of no type that options have. */
export interface Odd {
  /** What it is, with its article: `a function`. */
  kind: string
}

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

/** The way out of such a request through the outer station. */
export declare function outerOut(islands: ExternalObject<Islands>, path: string, isHead: boolean): ExternalObject<WayOut>

/**
 * The way out through the inner station, of a request that is neither an island's nor one with a policy. `flags`: 1 while
 * debugging, 2 for a `HEAD`, 4 where HTML is split, 8 where an outer station is there.
 */
export declare function pageOut(islands: ExternalObject<Islands>, path: string, flags: number): ExternalObject<WayOut>

/** Reads a key file's text: one key a line, `#` comments. */
export declare function parseKeyFile(text: string): ExternalObject<KeyRing>

/** Reads the comma separated form of `EYOT_KEYS`. */
export declare function parseKeys(text: string): ExternalObject<KeyRing>

/** Patterns; the most specific one that fits a path counts. Those that `excepted` says have no policy. */
export declare function paths(patterns: Array<string>, excepted: Array<boolean>): ExternalObject<Paths<number>>

/** The place in the list of the pattern that fits a raw path below the mount point; -1 for none, or one without a policy. */
export declare function pathsFind(paths: ExternalObject<Paths<number>>, path: string): number

/** An event for each pattern that none of the first 25 paths fitted, once. */
export declare function pathsUnused(paths: ExternalObject<Paths<number>>): Array<Event>

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

/** A whole answer: a file, a preflight's, or a refusal's. */
export interface Reply {
  /** The status code. */
  status: number
  /** A name and a value in a line each. */
  headers: string
  /** The body. */
  body: Buffer
}

/**
 * Seals props, slots and page (JSON as tokens hold it) for the island `name`; stable unless a nonce of 24 bytes is
 * given.
 */
export declare function seal(ring: ExternalObject<KeyRing>, name: string, props: string, slots?: string | undefined, page?: string | undefined, audience?: string | undefined, expires?: number | undefined | null, nonce?: Uint8Array | undefined | null): string

/** What goes out instead of the app's own status and headers. */
export interface Sent {
  /** The status code. */
  status: number
  /** Changes to the headers, see `headers.rs`; of a whole response all of its headers. */
  headers: string
  /** Whether it is a whole response, in the place of the app's. */
  isWhole: boolean
  /** Whether a body goes out. */
  hasBody: boolean
  /** The body; absent where the app's own goes out. */
  body?: Buffer
}

/** Replaces the keys. */
export declare function setKeys(islands: ExternalObject<Islands>, keys: ExternalObject<KeyRing>): void

/** What is wrong with a response that is to be a shell which shared caches keep. */
export declare function shellFaults(islands: ExternalObject<Islands>, status: number, lines: string, count: number, body: Uint8Array): Array<string>

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

/** A splitter for one page. */
export declare function splitter(islands: ExternalObject<Islands>, lenient: boolean): ExternalObject<Splitter>

/** The same for the style sheet. */
export declare function stylesheetHash(): string

/** An island's URL, for libraries that fetch fragments by themselves. */
export declare function url(islands: ExternalObject<Islands>, name: string, props: string, context: string, options?: Array<string> | undefined | null): string

/** Says of a stream that ended before its end that it is cut, for the log. */
export declare function wayCut(way: ExternalObject<WayOut>): Array<Event> | null

/** Takes the next chunk of a streamed page, or without one its end. */
export declare function wayFlow(way: ExternalObject<WayOut>, chunk: Uint8Array | undefined | null, context: string): Flowed

/** What to do with a response of which so much is known: `unknown`, `whole` or `more`. */
export declare function wayStep(way: ExternalObject<WayOut>, status: number, headers: string, count: number, size: "unknown" | "whole" | "more"): Decided

/** What goes out of a compressed page that cannot be undone. */
export declare function wayUndecoded(way: ExternalObject<WayOut>, status: number, headers: string, count: number): Decided

/**
 * What goes out of a response with this whole body; nothing is sent where it goes out as the app made it. Without a
 * context the answer may be `context`: there is something to seal, and the call is to be made again.
 */
export declare function wayWhole(way: ExternalObject<WayOut>, status: number, headers: string, count: number, body: Uint8Array, context?: string | null): Decided

/** Whether split pages get the loader's tags. */
export declare function writesLoader(islands: ExternalObject<Islands>): boolean
