// The two stations as middleware of the form (req, res, next), for Express and for Node's own servers.

import type { IncomingMessage } from "node:http";
import { type Exchange, Reply } from "../core";
import { ConfigError, PropsError } from "../errors";
import type { HostOptions } from "../options";
import { isAnswer, isThenable, noAnswer, send } from "./answer";
import { AppIslands } from "./app";
import { InnerTap } from "./inner";
import { clientGone, type Island, readIsland, type Task, Work } from "./island";
import { enter, type NodeRequest, stationOf } from "./outer";
import { CSP } from "./page";
import { type Policies, policyFinder } from "./policies";
import { type Helpers, Site } from "./site";
import { Station } from "./station";
import { cut, type NodeResponse } from "./tap";
import { Untouched } from "./untouched";
import { Watch, watched } from "./watch";

/** Goes on, or reports an error to the framework. */
export type Next = (error?: unknown) => void;

/** Middleware. */
export type Middleware = (req: IncomingMessage, res: NodeResponse, next: Next) => void;

/** What a handler is to this module: (req, res, next), or with an error in front. */
export type Handler = (...parameters: never[]) => unknown;

/** Islands for servers whose middleware is (req, res, next). */
export class ConnectIslands<Req extends IncomingMessage, Res extends NodeResponse> extends AppIslands<
  Req,
  Req,
  Handler
> {
  /** `isDevelopment` tells what an unset `NODE_ENV` means to the framework. */
  constructor(options: HostOptions<Req> = {}, isDevelopment = false) {
    super(new Site(options, { isDevelopment }));
  }

  /** The outer station: stands inside of compression and outside of sessions and authentication. */
  protected outerStation(policies: Policies<Req> | undefined): (req: Req, res: Res, next: Next) => void {
    this.site.has("outer");
    const site = this.site as Site<Req, unknown>;
    const outer = { site, policies: policyFinder(site, policies) };
    return (req, res, next) => enter(outer, req, req as unknown as NodeRequest, res, next);
  }

  /** The inner station: stands after sessions and authentication, before all that answers. */
  protected innerStation(): (req: Req, res: Res, next: Next) => void {
    this.site.has("inner");
    const site = this.site as Site<Req, unknown>;
    return (req, res, next) => {
      const station = stationOf<Req>(req);
      if (!station) return next(this.site.unseen());
      if (station.hasInner) return next();
      station.hasInner = true;
      station.appPolicy = res.getHeader(CSP);
      station.watch = watched(site, station, () => Watch.over(req));
      new InnerTap(res, site, station);
      const { exchange } = station;
      if (exchange?.name !== undefined) answer(this.site, station, exchange, req, res, next);
      else next();
    };
  }

  /** Registers a handler, with whatever guards it. */
  protected register(name: string, rest: readonly unknown[]): void {
    this.site.register(name, rest, { parameters: "req, res, next", most: 3 });
    this.site.expectStations();
  }

  /** Helpers for the templates of one request. */
  helpers(req: Req): Helpers {
    if (!req?.headers) throw new ConfigError("helpers write for a request: isl.helpers(req)", "context");
    return this.site.helpers(this.station(req));
  }

  protected override station(req: Req): Station<Req> {
    return stationOf<Req>(req) ?? new Station(req, req.method ?? "GET", req.url ?? "/", "");
  }
}

/** Opens the token, and lets the handler answer. */
function answer<Req extends IncomingMessage>(
  site: Site<Req, Handler>,
  station: Station<Req>,
  exchange: Exchange,
  req: Req,
  res: NodeResponse,
  next: Next,
): void {
  // The outer station sends what core has refused.
  const refuse = ({ status }: Reply): void => {
    res.statusCode = status;
    res.end();
  };
  const opened = site.open(station, exchange);
  if (opened instanceof Reply) return refuse(opened);
  const registration = site.registration(exchange.name ?? "");
  const work = new Running(
    site.task(station, registration, () => res.writableEnded),
    res,
    next,
  );
  readIsland(registration.name, opened, registration.read, work).then(
    (island) => {
      station.island = island;
      (req as { island?: Island<unknown> }).island = island;
      run(registration.handlers, req, res, work);
    },
    (error: unknown) => (error instanceof PropsError ? refuse(exchange.misfit(error.message)) : work.fail(error)),
  );
}

/** A handler at work, with what it reports to. */
class Running extends Work {
  #isSettled = false;
  readonly name: string;
  readonly #next: Next;
  readonly #res: NodeResponse;

  constructor(task: Task, res: NodeResponse, next: Next) {
    super(task, (error) => this.fail(error));
    this.name = task.name;
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

/** Runs handlers one after the other, as Express runs those of a route, and sends what one of them returns. */
function run(handlers: readonly Handler[], req: IncomingMessage, res: NodeResponse, work: Running): void {
  let at = 0;
  const next = (error?: unknown): void => {
    if (error === "route" || error === "router") return work.pass();
    const isError = error !== undefined && error !== null;
    let handler = handlers[at++];
    // A handler of four parameters takes errors.
    while (handler && (handler.length === 4) !== isError) handler = handlers[at++];
    if (!handler) return isError ? work.fail(error) : work.pass();
    const mine = at;
    const call = { handler, parameters: isError ? [error, req, res, next] : [req, res, next] };
    // What guards an island may call `next` whenever it likes; the handler itself answers.
    const isLast = !handlers.slice(at).some((other) => other.length !== 4);
    settle(call, res, work, next, () => isLast && at === mine);
  };
  next();
}

interface Call {
  readonly handler: Handler;
  readonly parameters: readonly unknown[];
}

/** Calls a handler, and sends what it returns; `mustAnswer` tells whether nobody else will. */
function settle(
  { handler, parameters }: Call,
  res: NodeResponse,
  work: Running,
  next: Next,
  mustAnswer: () => boolean,
) {
  const untouched = new Untouched(res);
  const sent = (value: unknown, isSettled: boolean): void => {
    const isUnanswered = untouched.isSo && !res.writableEnded && mustAnswer();
    if (!isSettled && isUnanswered && mayAnswerLater(handler, value)) return;
    untouched.end();
    if (value === res || res.writableEnded || work.isOver) return;
    if (isAnswer(value)) send(res, value, work).catch((error: unknown) => work.fail(error));
    else if (isUnanswered) work.fail(noAnswer(work.name, value, ", or write to res"));
  };
  const failed = (error: unknown, otherwise: string): void => {
    untouched.end();
    next(error ?? new Error(otherwise));
  };
  try {
    const result: unknown = (handler as (...parameters: unknown[]) => unknown)(...parameters);
    if (!isThenable(result)) return sent(result, false);
    result.then(
      (value: unknown) => sent(value, true),
      (error: unknown) => failed(error, "the handler rejected"),
    );
  } catch (error) {
    failed(error, "the handler threw");
  }
}

/** Whether a handler that has returned may answer in a callback: it has the response, and returned nothing of its own. */
function mayAnswerLater(handler: Handler, value: unknown): boolean {
  if (handler.length < 2 || isAnswer(value)) return false;
  if (typeof value !== "object" || value === null) return value === undefined;
  // Such as a query or a timer, of which Express takes no notice.
  const prototype: unknown = Object.getPrototypeOf(value);
  return !Array.isArray(value) && prototype !== Object.prototype && prototype !== null;
}
