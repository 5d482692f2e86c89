// The two stations as middleware of the form (req, res, next), for Express and for Node's own servers.

import type { IncomingMessage } from "node:http";
import { Reply } from "../core";
import { ConfigError, PropsError } from "../errors";
import { type Answer, isAnswer, isThenable, send } from "./answer";
import { SplitTap } from "./inner";
import { clientGone, type Island, readIsland, Work } from "./island";
import { enter, type NodeRequest, stationOf } from "./outer";
import { type Policies, policyFinder } from "./policies";
import { type Helpers, type HostOptions, type IslandOptions, type Registration, Site } from "./site";
import { Station } from "./station";
import { cut, type NodeResponse } from "./tap";

/** Goes on, or reports an error to the framework. */
export type Next = (error?: unknown) => void;

/** Middleware. */
export type Middleware = (req: IncomingMessage, res: NodeResponse, next: Next) => void;

/** What a handler is to this module: (req, res, next), or with an error in front. */
export type Handler = (...parameters: never[]) => unknown;

/** Islands for servers whose middleware is (req, res, next). */
export class ConnectIslands<Req extends IncomingMessage, Res extends NodeResponse> {
  /** @internal */
  readonly site: Site<Req, readonly Handler[]>;

  constructor(options: HostOptions<Req> = {}) {
    this.site = new Site(options);
  }

  /** The outer station: stands inside of compression and outside of sessions and authentication. */
  protected outer(policies: Policies<Req> | undefined): (req: Req, res: Res, next: Next) => void {
    const outer = { site: this.site as Site<Req, unknown>, policies: policyFinder(policies) };
    return (req, res, next) => enter(outer, req, req as unknown as NodeRequest, res, next);
  }

  /** The inner station: stands after sessions and authentication, before all that answers. */
  protected inner(): (req: Req, res: Res, next: Next) => void {
    const site = this.site as Site<Req, unknown>;
    return (req, res, next) => {
      const station = stationOf<Req>(req);
      if (!station) return next(new ConfigError(MISSING, "station-missing"));
      if (station.hasInner) return next();
      station.hasInner = true;
      const registration = station.pending && this.site.registration(station.pending.name);
      if (site.splits(station.pending?.name)) new SplitTap(res, site, station);
      if (registration) answer(this.site, station, registration, req, res, next);
      else next();
    };
  }

  /** Registers a handler, with whatever guards it. */
  protected register(name: string, rest: readonly unknown[]): void {
    const [first] = rest;
    const options =
      typeof first === "object" && first !== null && !Array.isArray(first) ? (first as IslandOptions<unknown>) : {};
    const handlers = (options === first ? rest.slice(1) : rest).flat() as Handler[];
    if (!handlers.length || handlers.some((handler) => typeof handler !== "function")) {
      throw new ConfigError(
        `the island ${JSON.stringify(name)} needs handlers: functions of (req, res, next)`,
        "option",
      );
    }
    this.site.define(name, handlers, options);
  }

  /** Helpers for the templates of one request. */
  helpers(req: Req): Helpers {
    return this.site.helpers(stationOf<Req>(req) ?? new Station(req, req.method ?? "GET", req.url ?? "/", ""));
  }

  /** Reads the keys again. A changed `EYOT_KEYS_FILE` is noticed by itself, within a second of the next request. */
  reloadKeys(): void {
    this.site.reloadKeys();
  }
}

const MISSING =
  "the outer station did not see this request: app.use(islands.shell()) before sessions, and routes() after";

/** Opens the token, and lets the handler answer. */
function answer<Req extends IncomingMessage>(
  site: Site<Req, readonly Handler[]>,
  station: Station<Req>,
  registration: Registration<readonly Handler[]>,
  req: Req,
  res: NodeResponse,
  next: Next,
): void {
  const { pending } = station;
  if (!pending) return next();
  const opened = pending.open(station.body, { audience: site.audience(req) });
  if (opened instanceof Reply) {
    station.refusal = opened;
    res.statusCode = opened.status;
    res.end();
    return;
  }
  station.shared = registration.options.shared;
  station.isOpened = true;
  station.sealedPage = opened.page;
  const deadline = registration.options.deadline ?? site.options.deadline ?? DEADLINE;
  const work = new Running(registration.name, deadline, res, next);
  readIsland(registration.name, opened, registration.read, work).then(
    (island) => {
      station.island = island;
      (req as { island?: Island<unknown> }).island = island;
      run(registration.handler, req, res, work);
    },
    (error: unknown) =>
      error instanceof PropsError ? misfit(site, registration.name, error, req, res) : work.fail(error),
  );
}

/** A handler at work, with what it reports to. */
class Running extends Work {
  #isSettled = false;
  readonly #next: Next;
  readonly #res: NodeResponse;

  constructor(name: string, deadline: number, res: NodeResponse, next: Next) {
    super(name, deadline, (error) => this.fail(error));
    this.#next = next;
    this.#res = res;
    res.once("close", () => {
      if (res.writableFinished) return this.done();
      this.abort(clientGone());
      // Nobody waits for an answer, nor for an error page.
      this.#isSettled = true;
    });
  }

  /** The framework takes over: nobody has answered. */
  pass(): void {
    this.#settle(() => this.#next());
  }

  /** Reports an error to the framework, once. */
  fail(error: unknown): void {
    this.#settle(() => (this.#res.headersSent ? cut(this.#res) : this.#next(error ?? new Error("the handler failed"))));
  }

  #settle(how: () => void): void {
    this.done();
    if (this.#isSettled || this.#res.writableEnded) return;
    this.#isSettled = true;
    how();
  }
}

/** Milliseconds that a handler may take unless something else is said. */
export const DEADLINE = 30_000;

function misfit<Req extends IncomingMessage>(
  site: Site<Req, readonly Handler[]>,
  name: string,
  error: PropsError,
  req: Req,
  res: NodeResponse,
): void {
  site.refused({ reason: "props-type", explanation: error.message, island: name, status: 400 }, req);
  res.statusCode = 400;
  res.setHeader("Content-Type", "text/plain; charset=utf-8");
  res.end("bad request\n");
}

/** Runs handlers one after the other, as Express runs those of a route, and sends what one of them returns. */
function run(handlers: readonly Handler[], req: IncomingMessage, res: NodeResponse, work: Running): void {
  let at = 0;
  const next = (error?: unknown): void => {
    if (error === "route" || error === "router") return work.pass();
    let handler = handlers[at++];
    // A handler of four parameters takes errors.
    while (handler && (handler.length === 4) !== (error !== undefined && error !== null)) handler = handlers[at++];
    if (!handler) return error === undefined || error === null ? work.pass() : work.fail(error);
    call(handler, error === undefined || error === null ? [req, res, next] : [error, req, res, next], res, work, next);
  };
  next();
}

function call(handler: Handler, parameters: unknown[], res: NodeResponse, work: Running, next: Next): void {
  const sent = (value: Answer): void => {
    if (!isAnswer(value) || (value as unknown) === res || res.writableEnded || work.isOver) return;
    send(res, value, work).catch((error: unknown) => work.fail(error));
  };
  try {
    const result: unknown = (handler as (...parameters: unknown[]) => unknown)(...parameters);
    if (isThenable(result)) {
      result.then(sent as (value: unknown) => void, (error: unknown) =>
        next(error ?? new Error("the handler rejected")),
      );
    } else sent(result as Answer);
  } catch (error) {
    next(error ?? new Error("the handler threw"));
  }
}
