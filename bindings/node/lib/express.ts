// eyot for Express 4 and 5: two middlewares, handlers that are Express's own; helpers are in `res.locals`.

import type { NextFunction, Request, RequestHandler, Response } from "express";
import { ConnectIslands } from "./host/connect";
import type { Island } from "./host/island";
import { stationOf } from "./host/outer";
import type { Policies } from "./host/policies";
import type { IslandOptions } from "./host/site";
import type { HostOptions } from "./options";
import type { Props } from "./props";

/** A request for an island: an Express request with the opened island on it. */
export type IslandRequest<P = Props> = Request & { readonly island: Island<P> };

/**
 * An island's handler: Express's own, which may also return its HTML (a string, `html`, bytes, a generator, a stream or
 * a web Response), or a promise of it.
 */
export type IslandHandler<P = Props> = (req: IslandRequest<P>, res: Response, next: NextFunction) => unknown;

/** Handlers, the app's own middleware among them, one by one or in lists. */
export type Handlers<P> = (IslandHandler<P> | readonly IslandHandler<P>[])[];

/** Server islands for an Express app. */
export class ExpressIslands extends ConnectIslands<Request, Response> {
  constructor(options: HostOptions<Request> = {}) {
    super(options, true);
  }

  /**
   * The outer station, with the shell policies of paths: `app.use(isl.outer({ "/p/{sku}": { cdn: 600 } }))`, after
   * compression and before sessions.
   */
  outer(policies?: Policies<Request>): RequestHandler {
    const outer = this.outerStation(policies);
    return (req, res, next) => {
      outer(req, res, (error?: unknown) => {
        if (error) return next(error);
        const station = stationOf<Request>(req);
        if (station) Object.assign(res.locals, this.site.helpers(station));
        next();
      });
    };
  }

  /** The inner station: `app.use(isl.inner())`, after sessions and authentication, before the app's own routes. */
  inner(): RequestHandler {
    const inner = this.innerStation();
    const prefix = this.site.prefix;
    return (req, res, next) => {
      // What APM and access logs name a request by.
      const name = stationOf<Request>(req)?.name;
      if (name) (req as { route?: unknown }).route = { path: `${prefix}/${name}/:token` };
      inner(req, res, next);
    };
  }

  /**
   * Registers the handler of an island: `isl.island("Avatar", requireUser, (req, res) => res.render("avatar"))`.
   */
  island<P = Props>(name: string, options: IslandOptions<P>, ...handlers: Handlers<P>): this;
  island(name: string, ...handlers: Handlers<Props>): this;
  island(name: string, ...rest: unknown[]): this {
    this.register(name, rest);
    return this;
  }
}

/** Server islands for an Express app. Keys come from the option `keys`, `EYOT_KEYS` or `EYOT_KEYS_FILE`. */
export function islands(options: HostOptions<Request> = {}): ExpressIslands {
  return new ExpressIslands(options);
}

export { EyotError, MarkupError, PropsError } from "./errors";
export type { PreparedPage } from "./host/app";
export { Island } from "./host/island";
export type { Logger } from "./host/log";
export type { Policies } from "./host/policies";
export type { Helpers, IslandOptions } from "./host/site";
export { Html, html, raw } from "./html";
export type { HostOptions } from "./options";
