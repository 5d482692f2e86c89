// eyot for Hono, on every runtime that loads Node's addons: two middlewares, and handlers that are Hono's own.

import type { Context, Env, MiddlewareHandler } from "hono";
import type { Answer } from "./host/answer";
import { AppIslands } from "./host/app";
import type { Island } from "./host/island";
import { visitorOf } from "./host/page";
import { type Policies, policyFinder } from "./host/policies";
import { type Helpers, type IslandOptions, Site } from "./host/site";
import type { Station } from "./host/station";
import { Watch, watched } from "./host/watch";
import { answer, enter, split } from "./host/web";
import type { HostOptions } from "./options";
import type { Props } from "./props";

/** What eyot keeps on a Hono context: `c.var.island` in an island's handler, `c.var.islands` in every other. */
export interface IslandVariables<P = Props> {
  island: Island<P>;
  islands: Helpers;
}

/** The environment of an island's handler, with the app's own around it. */
export type IslandEnv<P = Props, E extends Env = Env> = E & { Variables: IslandVariables<P> };

/** An island's handler: Hono's own, which may also return its HTML, whole or in pieces. */
export type IslandHandler<P = Props> = (
  c: Context<IslandEnv<P>>,
  next: () => Promise<void>,
) => Answer | Promise<Answer>;

type AnyHandler = (c: Context, next: () => Promise<void>) => unknown;

/** Server islands for a Hono app. */
export class HonoIslands extends AppIslands<Context, Request, AnyHandler> {
  readonly #stations = new WeakMap<Context, Station<Request>>();

  constructor(options: HostOptions<Request> = {}) {
    super(new Site(options));
  }

  /**
   * The outer station: `app.use(isl.outer({ "/p/{sku}": { cdn: 600 } }))`, after compression and before sessions.
   */
  outer(policies?: Policies<Request>): MiddlewareHandler {
    this.site.has("outer");
    const site = this.site as Site<Request, unknown>;
    const outer = { site, policies: policyFinder(site, policies) };
    return async (c, next) => {
      const original = c.req.raw;
      const isWithin = c.get("islands") !== undefined;
      const inside = async (seen: Request, station: Station<Request>): Promise<Response> => {
        this.#stations.set(c, station);
        c.req.raw = seen;
        if (seen.url !== original.url) c.req.path = new URL(seen.url).pathname;
        c.set("islands", this.site.helpers(station));
        await next();
        return c.res;
      };
      const answered = await enter(outer, original, inside, {
        visitor: () => visitorOf(["session", "user"], (name) => c.get(name), isWithin),
        headers: () => new Headers(c.res.headers),
      });
      // A compressing layer around reads the request then.
      c.req.raw = original;
      replace(c, answered);
    };
  }

  /** The inner station: `app.use(isl.inner())`, after sessions, before the app's own routes. */
  inner(): MiddlewareHandler {
    this.site.has("inner");
    const site = this.site as Site<Request, unknown>;
    return async (c, next) => {
      const station = this.station(c);
      const { exchange } = station;
      if (exchange?.name) {
        const handle = ({ handlers }: { handlers: readonly AnyHandler[] }, island: Island<unknown>): unknown => {
          c.set("island", island as Island);
          return run(handlers, c);
        };
        replace(c, await answer(this.site, station, exchange, handle));
      } else {
        station.watch = watched(site, station, () => watchedBy(c));
        await next();
        station.watch?.tell(site, station);
      }
      const before = c.res;
      const after = await split(site, station, before);
      if (after !== before) replace(c, after);
    };
  }

  /** Registers the handler of an island, with whatever middleware guards it. */
  island<P = Props>(name: string, options: IslandOptions<P>, ...handlers: IslandHandler<P>[]): this;
  island(name: string, ...handlers: IslandHandler[]): this;
  island(name: string, ...rest: unknown[]): this {
    this.site.register(name, rest, { parameters: "c, next", most: 2 });
    this.site.expectStations();
    return this;
  }

  protected override station(c: Context): Station<Request> {
    const station = this.#stations.get(c);
    if (!station) throw this.site.unseen();
    return station;
  }
}

/** Watches what a context is asked for. */
function watchedBy(c: Context): Watch {
  const get = c.get;
  const watch = new Watch(() => get("session"));
  c.get = ((name: string) => watch.note(name, get(name))) as typeof c.get;
  return watch;
}

/** Runs handlers one inside the other, as Hono does; what the innermost that answers returns is the answer. */
async function run(handlers: readonly AnyHandler[], c: Context): Promise<unknown> {
  const dispatch = async (at: number): Promise<unknown> => {
    const handler = handlers[at];
    if (!handler) return c.notFound();
    let inside: unknown;
    const result = await handler(c, async () => {
      inside = await dispatch(at + 1);
      // Middleware reads and changes the response after `next`.
      if (inside instanceof Response) replace(c, inside);
    });
    if (result !== undefined) return result;
    return inside instanceof Response ? c.res : inside;
  };
  return dispatch(0);
}

/** Puts another response in place; set over an old one, Hono would add that one's headers to it. */
function replace(c: Context, answered: Response): void {
  c.res = undefined;
  c.res = answered;
}

/** Server islands for a Hono app. Keys come from the option `keys`, `EYOT_KEYS` or `EYOT_KEYS_FILE`. */
export function islands(options: HostOptions<Request> = {}): HonoIslands {
  return new HonoIslands(options);
}

export type { PreparedPage } from "./host/app";
export { Island } from "./host/island";
export type { Logger } from "./host/log";
export type { Policies } from "./host/policies";
export type { Helpers, IslandOptions } from "./host/site";
export { Html, html, raw } from "./html";
export type { HostOptions } from "./options";
