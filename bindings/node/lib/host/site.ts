// One host's islands: options, keys, core's configuration, handlers by name, and what the current request brings.

import { randomBytes } from "node:crypto";
import {
  Context,
  type ContextOptions,
  checkNames,
  type Duration,
  type Event,
  type Exchange,
  type HeaderLines,
  type HeaderPairs,
  Islands,
  MARK,
  type OpenedToken,
  type Parts,
  type PlaceholderOptions,
  type Policy,
  Reply,
  secondsOf,
  type WayHost,
  type WayOut,
} from "../core";
import { ConfigError, type DeadlineError, type EyotError } from "../errors";
import { Html } from "../html";
import type { HostOptions } from "../options";
import { type PropsType, type Reader, reader } from "../props";
import { IslandAttributes } from "./attributes";
import { PlainFiles } from "./files";
import type { Task } from "./island";
import { KeySource } from "./keys";
import { eventOf, Log, type Logger } from "./log";
import { type Head, isHtmlType } from "./page";
import type { Station } from "./station";

/** What an island's registration may say. */
export interface IslandOptions<P> {
  /** What its props are read into: a Standard Schema (zod, valibot, arktype), or a function. A misfit is a page of another version. */
  readonly props?: PropsType<P> | undefined;
  /** The island is the same for everybody: caches may keep it for so long. */
  readonly shared?: Duration | undefined;
  /** How long the handler may take, instead of what the option of all says; 0 for no limit. */
  readonly deadline?: Duration | undefined;
  /** Whether the island's own HTML is split, instead of what the host says. */
  readonly htmlPass?: boolean | undefined;
}

/** A handler as it was registered. */
export interface Registration<Handler> {
  readonly name: string;
  /** The handlers, one after the other: what guards it first. */
  readonly handlers: readonly Handler[];
  readonly read: Reader<unknown>;
  /** What the registration said, its times in seconds. */
  readonly options: IslandOptions<unknown> & Readonly<Record<"shared" | "deadline", number | undefined>>;
}

/** Helpers for templates, bound to one request. */
export interface Helpers {
  /** A placeholder's attributes, for an element that the template writes itself; to be spread in JSX. */
  islandAttrs(name: string, props?: object | null, options?: PlaceholderOptions): IslandAttributes;
  /** A whole placeholder. */
  island(name: string, props?: object | null, options?: PlaceholderOptions & Parts): Html;
  /** An island's URL, for libraries that fetch fragments by themselves (htmx, Turbo). */
  islandUrl(name: string, props?: object | null, options?: Pick<PlaceholderOptions, "page" | "seal" | "ttl">): string;
  /** The tags of loader and style sheet, for pages that are not split; a split page gets them by itself. */
  islandLoader(): Html;
}

/** A mount point that needs no second look. */
const PLAIN_MOUNT = /^(\/[\w.~-]*[\w~-])*$/;

const ISLAND_OPTIONS = ["props", "shared", "deadline", "htmlPass"];

/** How long a host that is being developed has to put its stations in place, in milliseconds. */
const PATIENCE = 1000;

const COMPRESSED =
  "something inside of the outer station compresses pages: pages with a policy leave uncompressed, others are undone " +
  "to be split. Put compression outside of the outer station; in Fastify, register it after eyot";

/** The sets of islands that this process has made, for tests. */
const SITES: WeakRef<Site<unknown, unknown>>[] = [];

/** The islands that were made last, and have one of this name. */
export function newestSite(name?: string): Site<unknown, unknown> | undefined {
  const sites = SITES.map((site) => site.deref());
  return sites.findLast((site) => site !== undefined && (name === undefined || site.answers(name)));
}

/** The islands of one app. */
export class Site<Request, Handler> {
  readonly options: HostOptions<Request>;
  readonly debug: boolean;
  readonly log: Log<Request>;
  /** Whether the framework compresses between the stations alone. */
  keepsCoding = false;
  /** Files that need no second look. */
  readonly files = new PlainFiles();
  readonly #keys: KeySource;
  readonly #registrations = new Map<string, Registration<Handler>>();
  #core: Islands | undefined;
  readonly #prefix: string;
  readonly #splits: boolean;
  readonly #deadline: number;
  /** Which stations the app has. */
  readonly #stations = { outer: false, inner: false };
  readonly #setup: string;
  readonly #told = new Set<string>();

  constructor(options: HostOptions<Request> = {}, { isDevelopment, logger, setup }: Framework<Request> = {}) {
    const { mount = "" } = options;
    if (!PLAIN_MOUNT.test(mount)) {
      throw new ConfigError(`mount: ${JSON.stringify(mount)} is no prefix: write it as "/shop"`, "option");
    }
    this.options = options;
    this.#setup = setup ?? SETUP;
    this.debug = options.debug ?? isDebugged(isDevelopment ?? false);
    this.log = new Log(options.logger ?? logger ?? console, options.onEvent);
    const warn = (text: string): void => this.log.tell(eventOf("warn", "key-temporary", text));
    this.#keys = new KeySource(options.keys, this.debug ? warn : undefined);
    // Keys and options that cannot be used are told before there is a visitor.
    this.#core = this.#configured();
    this.#prefix = this.#core.prefix;
    this.#splits = this.#core.htmlPass;
    this.#deadline = this.#core.deadline;
    SITES.push(new WeakRef(this as Site<unknown, unknown>));
  }

  /** Notes that the app has a station. */
  has(station: "outer" | "inner"): void {
    this.#stations[station] = true;
  }

  /** The error of a request that the outer station did not see. */
  unseen(): ConfigError {
    return new ConfigError(`the outer station did not see this request: ${this.#setup}`, "station-missing");
  }

  /** While debugging, the error of an app without an inner station; in production it is logged once. */
  missing(): ConfigError | undefined {
    if (this.#stations.inner) return undefined;
    const text = `the inner station is missing: ${this.#setup}`;
    this.#tellOnce("error", "station-missing", text);
    return this.debug ? new ConfigError(text, "station-missing") : undefined;
  }

  #tellOnce(level: Event["level"], code: string, text: string): void {
    if (this.#told.has(code)) return;
    this.#told.add(code);
    this.log.tell(eventOf(level, code, text));
  }

  /** Tells an app that forgot its stations. */
  expectStations(): void {
    if (!this.debug || this.#registrations.size !== 1) return;
    setTimeout(() => {
      const text = `islands are registered, and no request comes to them: ${this.#setup}`;
      if (!this.#stations.outer && !this.#stations.inner) this.#tellOnce("warn", "station-missing", text);
    }, PATIENCE).unref();
  }

  /** Tells that pages are compressed too early. */
  tellCompressed(): void {
    if (this.debug) this.#tellOnce("warn", "compressed-inside", COMPRESSED);
  }

  /** Core's configuration; made anew when an island was declared. */
  get core(): Islands {
    this.#core ??= this.#configured();
    return this.#core;
  }

  get prefix(): string {
    return this.#prefix;
  }

  #configured(): Islands {
    // What is left is core's to obey, or to say that there is no such option.
    const { keys, audience, lang, mount, logger, onEvent, ...configuration } = this.options;
    for (const [name, tells] of Object.entries({ audience, lang })) {
      if (tells !== undefined && typeof tells !== "function")
        throw new ConfigError(`${name} is a function of the request, not ${typeof tells}`, "option");
    }
    const islands = [...this.#registrations.keys()];
    return new Islands({ ...configuration, debug: this.debug, islands }, this.#keys.read());
  }

  /**
   * Registers what `island(name, [options], ...handlers)` was given. `takes` says what handlers are called with, and how
   * many of these there may be.
   */
  register(name: unknown, rest: readonly unknown[], takes: Takes): Registration<Handler> {
    if (typeof name !== "string")
      throw new ConfigError(`an island needs a name: a text, before its handler; not ${typeof name}`, "name");
    const [first] = rest;
    const hasOptions = typeof first === "object" && first !== null && !Array.isArray(first);
    const handlers = (hasOptions ? rest.slice(1) : rest).flat() as Handler[];
    const where = `the island ${JSON.stringify(name)}`;
    if (!handlers.length || handlers.some((handler) => typeof handler !== "function"))
      throw new ConfigError(`${where} needs a handler: a function of (${takes.parameters})`, "handler");
    const least = Math.min(...handlers.map((handler) => (handler as { readonly length: number }).length));
    if (least > takes.most)
      throw new ConfigError(
        `${where}: its handler takes ${least} parameters, and is called with (${takes.parameters})`,
        "handler",
      );
    return this.#define(name, handlers, hasOptions ? (first as IslandOptions<unknown>) : {});
  }

  #define(name: string, handlers: readonly Handler[], options: IslandOptions<unknown>): Registration<Handler> {
    if (this.#registrations.has(name)) {
      throw new ConfigError(
        `the island ${JSON.stringify(name)} has a handler already: remove one of the two`,
        "name-twice",
      );
    }
    const where = `the island ${JSON.stringify(name)}:`;
    checkNames(`${where} `, options, ISLAND_OPTIONS);
    const seconds = (option: "shared" | "deadline"): number | undefined => {
      const time = options[option];
      return time === undefined ? undefined : secondsOf(`${where} ${option}`, time);
    };
    const times = { shared: seconds("shared"), deadline: seconds("deadline") };
    const registration = { name, handlers, read: reader(options.props), options: { ...options, ...times } };
    this.#registrations.set(name, registration);
    try {
      this.#core = this.#configured();
    } catch (error) {
      this.#registrations.delete(name);
      throw error;
    }
    return registration;
  }

  /** Whether an island has a handler here. */
  answers(name: string): boolean {
    return this.#registrations.has(name);
  }

  /** The handler of an island that core says is answered here. */
  registration(name: string): Registration<Handler> {
    const found = this.#registrations.get(name);
    if (!found) throw new ConfigError(`the island ${JSON.stringify(name)} has no handler`, "name-unknown");
    return found;
  }

  /** Reads the keys again, from where they were read. */
  reloadKeys(): void {
    this.core.setKeys(this.#keys.read());
  }

  /** Reads the keys again if their file changed; keys that cannot be read leave those in force. */
  followKeys(): void {
    if (!this.#keys.haveChanged()) return;
    try {
      this.reloadKeys();
      this.log.tell(eventOf("info", "keys-changed", "the key file has changed, and was read again"));
    } catch (error) {
      const why = (error as Error).message;
      const text = `the changed key file was not read, the keys before it stay in force: ${why}`;
      this.log.tell(eventOf("error", "keys-unreadable", text));
    }
  }

  /** Whether a target may be one of eyot's: core decides. */
  mayBeOwn(target: string, mount: string): boolean {
    // Core refuses a mount point that is none.
    return target.startsWith(this.#prefix, mount.length) || !PLAIN_MOUNT.test(mount);
  }

  /** The string that sealing and opening must agree on. */
  audience(request: Request): string {
    return this.options.audience ? this.options.audience(request) : "";
  }

  /** Whether what is answered to a request is split: a page, or the island of this name. */
  splits(island: string | undefined): boolean {
    const own = island === undefined ? undefined : this.registration(island).options.htmlPass;
    return own ?? this.#splits;
  }

  /** Tells what becomes of a request: one that is answered at once has its answer here. */
  arrive(
    station: Station<Request>,
    headers: () => HeaderPairs | HeaderLines,
    policy: Policy | undefined,
    visitor: () => string | undefined,
  ): Reply | undefined {
    const { method, target, mount } = station;
    if (!policy && !this.mayBeOwn(target, mount)) return undefined;
    const options = { mount, policy, visitor: policy && visitor() };
    const { reply, exchange, events } = this.core.arrive(method, target, headers(), options);
    this.tell(events, station.request);
    station.exchange = exchange;
    if (exchange?.name === undefined) station.policy = exchange && policy;
    else {
      const { shared } = this.registration(exchange.name).options;
      if (shared !== undefined) exchange.share(shared);
    }
    return reply;
  }

  /** Hands over the body that was read; the answer where it is refused. */
  takeBody(station: Station<Request>, exchange: Exchange, body: Uint8Array): Reply | undefined {
    const refused = exchange.takeBody(body);
    if (refused) this.tell(refused.events, station.request);
    return refused?.reply;
  }

  /** Opens an island's token, or says what is answered in the handler's place. */
  open(station: Station<Request>, exchange: Exchange): OpenedToken | Reply {
    const opened = exchange.open({ audience: this.audience(station.request) });
    station.isOpened = !(opened instanceof Reply);
    return opened;
  }

  /** The handler's task, with the time that it has. */
  task(
    { request, loggedPath }: Station<Request>,
    { name, options }: Registration<Handler>,
    isAnswered: () => boolean = () => false,
  ): Task {
    const deadline = options.deadline ?? this.#deadline;
    const tell = ({ message, code }: DeadlineError): void =>
      this.log.tell(eventOf("error", code, message, { path: loggedPath, island: name, ms: deadline * 1000 }), request);
    return { name, deadline, tell, isAnswered };
  }

  /** The way out of a response through the inner station. */
  inner(station: Station<Request>): WayOut {
    const { exchange, name, path, method, isInside } = station;
    const host = { context: () => this.context(station), tell: this.#teller(station) };
    const splits = this.splits(name);
    if (exchange) return exchange.page(splits, host);
    return this.core.page({ path, debug: this.debug, isHead: method === "HEAD", splits, isMarked: isInside }, host);
  }

  /** The way out through the outer one; `undefined` where nothing is to be done: the inner one has dealt with it. */
  outer(station: Station<Request>, head: Pick<Head, "getHeader" | "removeHeader">): WayOut | undefined {
    const { exchange } = station;
    const isCompressed = head.getHeader("content-encoding") !== undefined && head.getHeader(MARK) !== undefined;
    if (isCompressed && !this.keepsCoding) this.tellCompressed();
    if (exchange) return exchange.out(this.#outside(station), this.keepsCoding);
    if (head.getHeader(MARK) !== undefined) return void head.removeHeader(MARK);
    return isHtmlType(head.getHeader("content-type")) ? this.#out(station) : undefined;
  }

  /** Says that a stream is cut, which ended before its end. */
  noteCut(station: Station<Request>): void {
    (station.exchange?.out(this.#outside(station)) ?? this.#out(station)).noteCut();
  }

  #out(station: Station<Request>): WayOut {
    const { path, method } = station;
    return this.core.out({ path, isHead: method === "HEAD" }, this.#outside(station));
  }

  /** Outside of the session nobody knows what the functions of the app would say. */
  #outside(station: Station<Request>): WayHost {
    const { audience, lang } = this.options;
    const context = (): Context => new Context({ ...this.#brings(station), seals: !audience && !lang });
    return { context, tell: this.#teller(station) };
  }

  #teller({ request }: Station<Request>): (events: readonly Event[]) => void {
    return (events) => this.tell(events, request);
  }

  /** What a request brings to its islands. */
  context(station: Station<Request>): Context {
    station.context ??= this.contextOf(station, station.isInside && this.splits(station.name));
    return station.context;
  }

  /** The same, where it is known whether what is written is split on its way out. */
  contextOf(station: Station<Request>, split: boolean): Context {
    const { request } = station;
    const brings = this.#brings(station);
    const page = brings.page && { ...brings.page, lang: this.options.lang?.(request) ?? "" };
    return new Context({ ...brings, page, audience: this.audience(request), split });
  }

  #brings({ name, path, method, mount, policy }: Station<Request>): ContextOptions {
    return {
      mount,
      // An island within an island belongs to no page of its own, and the page around it has the loader.
      page: name === undefined ? { path } : undefined,
      isPost: method !== "GET" && method !== "HEAD",
      loader: name === undefined,
      shellLife: policy?.life,
    };
  }

  /** Helpers for the templates of one request. */
  helpers(station: Station<Request>): Helpers {
    return this.#helpers(() => this.context(station), station);
  }

  /** Helpers for pages that are made ahead of time, for whoever will ask: they have no request, hence no page. */
  helpersAhead(): Helpers {
    if (this.options.audience) {
      throw new ConfigError("helpers need the request, since the option audience reads it: pass it to them", "option");
    }
    const context = new Context({ mount: this.options.mount ?? "" });
    return this.#helpers(() => context);
  }

  #helpers(context: () => Context, station?: Station<Request>): Helpers {
    const written = <T>(name: string, props: object | null | undefined, write: () => T, otherwise: () => T): T => {
      if (this.debug) this.#tellUndefined(name, props, station);
      try {
        return write();
      } catch (error) {
        // In production a page does without an island that does not exist, as it does where markup names one.
        if (this.debug || (error as EyotError).code !== "name-unknown") throw error;
        this.#tellOf(station, "error", "name-unknown", (error as Error).message);
        return otherwise();
      }
    };
    return {
      islandAttrs: (name, props, options) =>
        written(
          name,
          props,
          () => new IslandAttributes(this.core.attributes(name, props, options, context())),
          () => new IslandAttributes(""),
        ),
      island: (name, props, options) =>
        written(
          name,
          props,
          () => this.core.placeholder(name, props, options, context()),
          () => new Html(String(options?.fallback ?? "")),
        ),
      islandUrl: (name, props, options) =>
        written(
          name,
          props,
          () => this.core.url(name, props, options, context()),
          () => "about:blank",
        ),
      islandLoader: () => this.core.loaderTags(context()),
    };
  }

  #tellUndefined(name: string, props: object | null | undefined, station: Station<Request> | undefined): void {
    const missing = Object.entries(props ?? {}).find(([, value]) => value === undefined)?.[0];
    if (missing === undefined) return;
    const text = `${name}: the prop ${missing} is undefined, and left out: does the template have such a variable?`;
    this.#tellOf(station, "warn", "props-undefined", text);
  }

  #tellOf(station: Station<Request> | undefined, level: Event["level"], code: string, text: string): void {
    this.log.tell(eventOf(level, code, text, station && { path: station.loggedPath }), station?.request);
  }

  /** Tells what happened to the log, and to whoever listens. */
  tell(events: readonly Event[], request: Request): void {
    for (const event of events) this.log.tell(event, request);
  }
}

/** How a framework is. */
export interface Framework<Request> {
  /** What an unset `NODE_ENV` means to it. */
  readonly isDevelopment?: boolean;
  /** Where it logs; the console unless set. */
  readonly logger?: (request?: Request) => Logger;
  /** How its stations are put in place. */
  readonly setup?: string;
}

const SETUP = "app.use(isl.outer()) before sessions, app.use(isl.inner()) after them and before the app's own routes";

/** What a framework calls handlers with. */
export interface Takes {
  readonly parameters: string;
  readonly most: number;
}

/** Whether faults are shown, as `NODE_ENV` has it. */
function isDebugged(isDevelopment: boolean): boolean {
  const { NODE_ENV: environment } = process.env;
  return environment ? ["development", "test"].includes(environment) : isDevelopment;
}

/** A key as `EYOT_KEYS` holds it. */
export function generateKey(): string {
  return randomBytes(32).toString("base64");
}
