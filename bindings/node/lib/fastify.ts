// eyot for Fastify 5: a plugin with both stations, islands as routes of Fastify's own, policies in routes' `config`.

import { Readable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";

import fp = require("fastify-plugin");

import type {
  FastifyInstance,
  FastifyPluginCallback,
  FastifyReply,
  FastifyRequest,
  RouteShorthandOptions,
} from "fastify";
import { isSame, Reply, type WayOut } from "./core";
import { ConfigError, DeadlineError, PropsError } from "./errors";
import { type Answer, bytesOf, isAnswer, isPieces, isThenable, noAnswer, type Piece, type Pieces } from "./host/answer";
import { AppIslands } from "./host/app";
import { InnerTap } from "./host/inner";
import { clientGone, type Island, readIsland, Work } from "./host/island";
import type { Logger } from "./host/log";
import { enter, type NodeRequest, type Outer, stationOf } from "./host/outer";
import { apply, CSP, type Head, inner, linesOf, noteFile, whole } from "./host/page";
import { MadePolicies, type Policies, type PolicyEntry, policyFinder } from "./host/policies";
import { type Helpers, type IslandOptions, type Registration, Site } from "./host/site";
import type { Station } from "./host/station";
import type { NodeResponse } from "./host/tap";
import { Untouched } from "./host/untouched";
import { Watch, watched } from "./host/watch";
import { Html, html } from "./html";
import type { HostOptions } from "./options";
import type { Props } from "./props";

/** An island's handler: Fastify's own, which may also return its HTML as it is. */
export type IslandHandler<P = Props> = (
  request: FastifyRequest & { island: Island<P> },
  reply: FastifyReply,
) => Answer | FastifyReply | Promise<Answer | FastifyReply>;

/** What an island's registration may say: eyot's options, and those of a route, such as `preHandler`. */
export type IslandRouteOptions<P> = IslandOptions<P> & Omit<RouteShorthandOptions, "handler" | "schema">;

/** What the plugin takes. */
export interface FastifyOptions extends HostOptions<FastifyRequest> {
  /** Shell policies by path, for routes that do not say it in their `config`. */
  readonly policies?: Policies<FastifyRequest> | undefined;
}

type AnyHandler = (request: FastifyRequest, reply: FastifyReply) => unknown;

declare module "fastify" {
  interface FastifyInstance {
    /** Registers the handler of an island, as a route. */
    island<P = Props>(name: string, options: IslandRouteOptions<P>, handler: IslandHandler<P>): FastifyInstance;
    island(name: string, handler: IslandHandler): FastifyInstance;
    islands: FastifyIslands;
  }
  interface FastifyRequest {
    /** The opened island, in an island's handler. */
    island: Island<unknown> | null;
  }
  interface FastifyContextConfig {
    /** The shell policy of the route; `null` where policies by path are not for it. */
    shell?: PolicyEntry;
  }
}

/** What the plugin adds to an app, as `app.islands`. */
export class FastifyIslands extends AppIslands<FastifyRequest, FastifyRequest, AnyHandler> {
  /** Helpers for the templates of one request; @fastify/view finds them in `reply.locals` by itself. */
  helpers(request: FastifyRequest): Helpers {
    if (!request?.raw) throw new ConfigError("helpers write for a request: app.islands.helpers(request)", "context");
    return this.site.helpers(this.station(request));
  }

  protected override station(request: FastifyRequest): Station<FastifyRequest> {
    const station = stationOf<FastifyRequest>(request);
    if (!station) throw new ConfigError("register eyot before all that answers requests", "station-missing");
    return station;
  }
}

const plugin: FastifyPluginCallback<FastifyOptions> = (app, options, done) => {
  try {
    add(app, options);
    done();
  } catch (error) {
    // A key that is missing, above all: an exception of a plugin reaches nobody.
    done(error as Error);
  }
};

function add(app: FastifyInstance, options: FastifyOptions): void {
  const { policies, ...rest } = options;
  // Fastify's own log, of the request where there is one; without `logger: true` it is one that writes nothing.
  const isLogging = app.log.level !== undefined;
  const logger = (request?: FastifyRequest): Logger => (isLogging ? (request?.log ?? app.log) : console);
  const site = new Site<FastifyRequest, AnyHandler>(withoutFastifys(rest), { isDevelopment: true, logger });
  site.has("outer");
  site.has("inner");
  // What compresses is a hook.
  site.keepsCoding = true;
  const made = new MadePolicies();
  const byPath = policyFinder(site as Site<FastifyRequest, unknown>, policies);
  const outer: Outer<FastifyRequest> = {
    site: site as Site<FastifyRequest, unknown>,
    policies: (path, request) => {
      const own = request.routeOptions.config?.shell;
      return own === undefined ? byPath?.(path, request) : made.of(own);
    },
  };
  // @fastify/view would set them anew for each request, after they were set here.
  if (!app.hasReplyDecorator("locals")) app.decorateReply("locals", null);
  app.decorate("islands", new FastifyIslands(site));
  app.decorateRequest("island", null);
  app.decorate("island", function island(this: FastifyInstance, name: string, first: unknown, second?: unknown) {
    addRoutes(this, site, name, first, second);
    return this;
  } as FastifyInstance["island"]);
  app.addHook("onRequest", (request, reply, next) => onRequest(outer, request, reply, next));
  if (site.debug)
    app.addHook("preHandler", async (request) => {
      const station = stationOf<FastifyRequest>(request);
      if (station) station.watch = watched(site as Site<FastifyRequest, unknown>, station, () => Watch.over(request));
    });
  // One that cannot be is told when its route is made.
  app.addHook("onRoute", (route) => void made.of(route.config?.shell));
  app.addHook("onSend", (request, reply, payload, next) => {
    const station = stationOf<FastifyRequest>(request);
    if (!station) return next(null, payload);
    station.isHooked = true;
    station.watch?.tell(site as Site<FastifyRequest, unknown>, station);
    const leave = (error: Error | null, shell?: unknown): void => {
      // What compresses here is a hook too, and reads the request when the page has been made.
      station.reveal?.();
      if (error) next(error);
      else next(null, shell);
    };
    try {
      const shell = split(site as Site<FastifyRequest, unknown>, station, reply, payload);
      // At once where that can be: a handler that sends and returns nothing has answered by then, or Fastify does.
      if (shell instanceof Promise) shell.then((whole: unknown) => leave(null, whole), leave);
      else leave(null, shell);
    } catch (error) {
      leave(error as Error);
    }
  });
}

/** What Fastify adds to the options of every plugin. */
function withoutFastifys(options: HostOptions<FastifyRequest>): HostOptions<FastifyRequest> {
  const { logLevel: _level, logSerializers: _serializers, ...own } = options as Record<string, unknown>;
  return own as HostOptions<FastifyRequest>;
}

function onRequest(
  outer: Outer<FastifyRequest>,
  request: FastifyRequest,
  reply: FastifyReply,
  next: (error?: Error) => void,
): void {
  const go = (error?: unknown): void => {
    const station = stationOf<FastifyRequest>(request);
    if (station) prepare(outer.site, station, request, reply);
    next(error as Error | undefined);
  };
  // A file or a refusal is written at once: Fastify is told to let the response be.
  enter(outer, request, request.raw as NodeRequest, reply.raw as NodeResponse, go, () => void reply.hijack(), {
    ...reply.getHeaders(),
  });
}

/** Prepares a request that goes on: its helpers, its query, and what a handler writes to the raw response. */
function prepare(
  site: Site<FastifyRequest, unknown>,
  station: Station<FastifyRequest>,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const locals = reply as { locals?: object | null };
  locals.locals = { ...site.helpers(station), ...locals.locals };
  // It was parsed before the first hook.
  if (station.exchange?.query !== undefined) delete (request.query as Record<string, unknown>)["island-fresh"];
  new InnerTap(reply.raw as NodeResponse, site, station);
}

/** Makes the routes of an island; what refuses a request has done so before they are looked for. */
function addRoutes(
  app: FastifyInstance,
  site: Site<FastifyRequest, AnyHandler>,
  name: string,
  first: unknown,
  second: unknown,
): void {
  const [given, handler] = (typeof first === "function" ? [{}, first] : [first ?? {}, second]) as [
    IslandRouteOptions<unknown>,
    unknown,
  ];
  const { props, shared, deadline, htmlPass, preValidation, ...route } = given;
  const rest = [{ props, shared, deadline, htmlPass }, handler];
  const registration = site.register(name, rest, { parameters: "request, reply", most: 2 });
  const open = (request: FastifyRequest, reply: FastifyReply): Promise<unknown> =>
    opened(site, registration, request, reply);
  const shape = {
    ...route,
    preValidation: [open, ...[preValidation ?? []].flat()],
    handler: (request: FastifyRequest, reply: FastifyReply) => answered(registration, request, reply),
  };
  const root = withoutPrefix(app);
  // A parameter of more than a hundred characters is a 414 here, a wildcard is not.
  root.route({ ...shape, method: "GET", url: `${site.prefix}/${name}/*` } as Parameters<FastifyInstance["route"]>[0]);
  root.route({ ...shape, method: "POST", url: `${site.prefix}/${name}` } as Parameters<FastifyInstance["route"]>[0]);
}

/**
 * The same context, its hooks and decorators, with routes from the root: islands are asked for below one prefix, which
 * is not that of the plugin that answers them. Fastify makes the contexts of plugins in the same way.
 */
function withoutPrefix(app: FastifyInstance): FastifyInstance {
  if (!app.prefix) return app;
  for (let holder: object | null = app; holder; holder = Object.getPrototypeOf(holder) as object | null) {
    const key = Object.getOwnPropertySymbols(holder).find((symbol) => symbol.description === "fastify.routePrefix");
    if (key) return Object.create(app, { [key]: { value: "" } }) as FastifyInstance;
  }
  throw new ConfigError(`islands of the plugin at ${app.prefix}: register them outside of its prefix`, "option");
}

async function opened(
  site: Site<FastifyRequest, AnyHandler>,
  registration: Registration<AnyHandler>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const station = stationOf<FastifyRequest>(request);
  const exchange = station?.exchange;
  if (!station || exchange?.name === undefined) return reply.code(404).send();
  // The outer station sends what core has refused.
  const refuse = ({ status }: Reply): unknown => reply.code(status).send();
  const token = site.open(station, exchange);
  if (token instanceof Reply) return refuse(token);
  station.appPolicy = reply.getHeader(CSP);
  const work = new Work(
    site.task(station, registration, () => reply.raw.writableEnded),
    () => {},
  );
  reply.raw.once("close", () => (reply.raw.writableFinished ? work.done() : work.abort(clientGone())));
  try {
    request.island = await readIsland(registration.name, token, registration.read, work);
  } catch (error) {
    if (!(error instanceof PropsError)) throw error;
    return refuse(exchange.misfit(error.message));
  }
  return undefined;
}

/** Runs the handler, and makes of what it returns something that Fastify sends. */
function answered(registration: Registration<AnyHandler>, request: FastifyRequest, reply: FastifyReply): unknown {
  const { name } = registration;
  const handler = registration.handlers[0] as AnyHandler;
  const untouched = new Untouched(reply);
  const converts = (value: unknown): unknown => {
    untouched.end();
    const isNothing = value === undefined || value === null;
    // Fastify waits for a reply; nothing it would send, in the place of what hooks are still at work on.
    if (isNothing ? !untouched.isSo : isSent(request, reply)) return reply;
    if (!isAnswer(value)) throw noAnswer(name, value, ", or reply");
    return converted(value, reply);
  };
  const result = handler(request, reply);
  if (result === reply) return reply;
  if (isThenable(result)) return Promise.race([result.then(converts), late(request)]);
  if (result !== undefined || handler.length < 2) return converts(result);
  untouched.end();
  // It will send its reply later, or never.
  late(request).catch((error: unknown) => void (reply.sent || reply.send(error)));
  return undefined;
}

/** Whether the handler has sent its reply, which hooks may still be at work on. */
function isSent(request: FastifyRequest, reply: FastifyReply): boolean {
  return reply.sent || (stationOf<FastifyRequest>(request)?.isHooked ?? false);
}

/** Rejects when the deadline has passed. */
function late(request: FastifyRequest): Promise<never> {
  const { signal } = request.island as Island<unknown>;
  return new Promise((_, reject) => {
    const passed = (): void => {
      if (signal.reason instanceof DeadlineError) reject(signal.reason as Error);
    };
    if (signal.aborted) passed();
    else signal.addEventListener("abort", passed, { once: true });
  });
}

function converted(result: Piece | Pieces | Response, reply: FastifyReply): unknown {
  if (typeof result === "string" || result instanceof Html || result instanceof Uint8Array) {
    if (!reply.hasHeader("content-type")) reply.type("text/html; charset=utf-8");
    return typeof result === "string" ? result : Buffer.from(bytesOf(result));
  }
  if (isPieces(result) && !(result instanceof Readable)) {
    if (!reply.hasHeader("content-type")) reply.type("text/html; charset=utf-8");
    return Readable.from(pieces(result));
  }
  if (result instanceof Readable && !reply.hasHeader("content-type")) reply.type("text/html; charset=utf-8");
  return result;
}

async function* pieces(source: Pieces): AsyncGenerator<Uint8Array> {
  for await (const piece of source) yield bytesOf(piece);
}

/** The inner station: a hook before those of sessions and compression that were registered later. */
function split(
  site: Site<FastifyRequest, unknown>,
  station: Station<FastifyRequest>,
  reply: FastifyReply,
  payload: unknown,
): unknown {
  const isNothing = payload === null || payload === undefined;
  if (isNothing && !station.isOpened) return payload;
  const body = isNothing ? NONE : unwrapped(payload, reply);
  const head = headOf(reply);
  const out = inner(site, station, head);
  if (!out) return body;
  const isStream = body instanceof Readable;
  const { kind, sent, coding } = out.step(head.statusCode, linesOf(head), isStream ? "more" : "whole");
  if (sent) apply(head, sent, station.before);
  if (kind === "stream" && isStream) return Readable.from(shells(out, body), { objectMode: false });
  if (kind === "instead" && isStream) body.destroy();
  if (kind !== "collect" && kind !== "decode") return sent?.body ? Buffer.from(sent.body) : isNothing ? payload : body;
  const finish = (source: Uint8Array): unknown => finished(site, station, reply, out, source, coding);
  return isStream
    ? collected(body).then((source) => finish(source) ?? Buffer.from(source))
    : (finish(bytesOf(body)) ?? body);
}

/** A reply as the head that it is. */
function headOf(reply: FastifyReply): Head {
  return {
    get statusCode() {
      return reply.statusCode;
    },
    set statusCode(status) {
      reply.code(status);
    },
    getHeader: (name) => reply.getHeader(name),
    getHeaders: () => reply.getHeaders(),
    setHeader: (name, value) => reply.header(name, value),
    removeHeader: (name) => reply.removeHeader(name),
  };
}

/** What goes out of a whole body; nothing where it goes out as it is. */
function finished(
  site: Site<FastifyRequest, unknown>,
  station: Station<FastifyRequest>,
  reply: FastifyReply,
  out: WayOut,
  source: Uint8Array,
  coding: string | undefined,
): unknown {
  const head = headOf(reply);
  const sent = whole(site, station, out, head.statusCode, linesOf(head), source, coding);
  noteFile(site, station, head, sent);
  if (sent) apply(head, sent, station.before);
  if (station.policy && station.method === "HEAD") station.leftOut = sent?.body ?? source;
  if (isSame(sent)) return undefined;
  // Fastify's own routes for HEAD tell the length of what they get, unless it is a stream.
  if (reply.raw.req.method === "HEAD") return Readable.from([]);
  const { buffer, byteOffset, byteLength } = sent?.body ?? source;
  return Buffer.from(buffer, byteOffset, byteLength);
}

const NONE = new Uint8Array();

/** A Response's status and headers become the reply's, a web stream one of Node's. */
function unwrapped(payload: unknown, reply: FastifyReply): unknown {
  if (payload instanceof Response) {
    reply.code(payload.status);
    for (const [name, value] of payload.headers) reply.header(name, value);
    return payload.body ? Readable.fromWeb(payload.body as NodeReadableStream) : "";
  }
  if (payload instanceof ReadableStream) return Readable.fromWeb(payload as NodeReadableStream);
  return payload;
}

async function* shells(stream: WayOut, source: Readable): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    const shell = stream.push(bytesOf(chunk));
    if (shell.length) yield shell;
    // Ends the response before its time: caches discard what they have of it.
    if (stream.fault) throw stream.fault;
    if (stream.isOver) return;
  }
  const rest = stream.finish();
  if (rest.length) yield rest;
  if (stream.fault) throw stream.fault;
}

async function collected(source: Readable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(bytesOf(chunk));
  return Buffer.concat(chunks);
}

/** The plugin: `app.register(eyot, options)`, before sessions, compression and all that answers. */
export const eyot: FastifyPluginCallback<FastifyOptions> = fp(plugin, { name: "eyot", fastify: "5.x" });

export default eyot;

/** What {@link csrfIsland} takes. */
export interface CsrfIslandOptions {
  /** The island's name; `CsrfField` unless set. */
  readonly name?: string | undefined;
  /** The name of the form's field; `_csrf`, which @fastify/csrf-protection looks for, unless set. */
  readonly field?: string | undefined;
}

/**
 * An island for forms on cached pages: `app.register(csrfIsland)` after @fastify/csrf-protection, then
 * `<form method="post"><CsrfField server:defer></CsrfField>…` in the page.
 */
export const csrfIsland: FastifyPluginCallback<CsrfIslandOptions> = fp(
  (app: FastifyInstance, { name = "CsrfField", field = "_csrf" }: CsrfIslandOptions, done: (error?: Error) => void) => {
    // Of the visitor's session, which the handler may begin.
    const handler = (_request: unknown, reply: FastifyReply): Html =>
      html`<input type="hidden" name="${field}" value="${(reply as unknown as CsrfReply).generateCsrf()}">`;
    try {
      app.island(name, handler);
      done();
    } catch (error) {
      done(error as Error);
    }
  },
  { name: "eyot-csrf-island", fastify: "5.x", dependencies: ["eyot", "@fastify/csrf-protection"] },
);

interface CsrfReply {
  generateCsrf(): string;
}

export type { PreparedPage } from "./host/app";
export { Island } from "./host/island";
export type { Logger } from "./host/log";
export type { Policies } from "./host/policies";
export type { Helpers, IslandOptions } from "./host/site";
export { Html, html, raw } from "./html";
export type { HostOptions } from "./options";
