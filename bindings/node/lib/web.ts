// eyot for servers of the web's Request and Response: Bun, Deno, Next's route handlers, and whatever speaks `fetch`.

import { AsyncLocalStorage } from "node:async_hooks";
import type { Answer } from "./host/answer";
import { AppIslands } from "./host/app";
import type { Island } from "./host/island";
import { visitorOf } from "./host/page";
import { type Policies, policyFinder } from "./host/policies";
import { type Helpers, type IslandOptions, Site } from "./host/site";
import { Station } from "./host/station";
import { Watch, watched } from "./host/watch";
import { answer, asked, enter, split } from "./host/web";
import type { HostOptions } from "./options";
import type { Props } from "./props";

/** An app, or anything around one; `More` is what a runtime passes beside the request, such as `env` and `ctx`. */
export type Fetch<More extends unknown[] = []> = (request: Request, ...more: More) => Response | Promise<Response>;

/**
 * An island's handler: it returns a Response, or its HTML, whole or in pieces. After the island it gets what the runtime
 * passed beside the request.
 */
export type IslandHandler<P = Props> = (
  request: Request,
  island: Island<P>,
  ...more: never[]
) => Answer | Promise<Answer>;

/** An app with a station around it. */
type Around<More extends unknown[]> = (request: Request, ...more: More) => Promise<Response>;

/** Server islands for an app of Request and Response. */
export class WebIslands extends AppIslands<Request, Request, IslandHandler<never>> {
  // A session layer may hand another request to what is inside of it.
  readonly #stations = new AsyncLocalStorage<Station<Request>>();

  constructor(options: HostOptions<Request> = {}) {
    const setup = "isl.fetch(app), or isl.outer(sessions(isl.inner(app))) where there are sessions";
    super(new Site(options, { setup }));
  }

  /** Registers the handler of an island. */
  island(name: string, handler: IslandHandler): this;
  island<P = Props>(name: string, options: IslandOptions<P>, handler: IslandHandler<P>): this;
  island(name: string, ...rest: unknown[]): this {
    this.site.register(name, rest, { parameters: "request, island", most: Number.POSITIVE_INFINITY });
    return this;
  }

  /** Both stations around an app, with the shell policies of paths: `Bun.serve({ fetch: islands.fetch(app) })`. */
  fetch<More extends unknown[]>(app: Fetch<More>, policies?: Policies<Request>): Around<More> {
    return this.outer(this.inner(app), policies);
  }

  /** The outer station alone: stands outside of sessions, around them and the inner one. */
  outer<More extends unknown[]>(app: Fetch<More>, policies?: Policies<Request>): Around<More> {
    this.site.has("outer");
    const site = this.site as Site<Request, unknown>;
    const outer = { site, policies: policyFinder(site, policies) };
    return (request, ...more) =>
      enter(
        outer,
        request,
        (seen, station) => this.#stations.run(station, () => this.#guarded((asked) => app(asked, ...more), seen)),
        {
          visitor: () =>
            visitorOf(["session", "user"], (name) => (request as unknown as Record<string, unknown>)[name]),
        },
      );
  }

  /** The inner station alone: stands inside of sessions, around the app. */
  inner<More extends unknown[]>(app: Fetch<More>): Around<More> {
    this.site.has("inner");
    const site = this.site as Site<Request, unknown>;
    return async (request, ...more) => {
      const station = this.#stations.getStore();
      if (!station) throw this.site.unseen();
      const { exchange } = station;
      station.watch = watched(site, station, () => Watch.over(request));
      const answered = exchange?.name
        ? await answer(this.site, station, exchange, ({ handlers: [handler] }, island) =>
            (handler as IslandHandler)(request, island as Island, ...(more as unknown as never[])),
          )
        : await asked(request, (seen) => app(seen, ...more));
      station.watch?.tell(site, station);
      return split(site, station, answered);
    };
  }

  /** Helpers for the templates of one request; without one, for pages that are made ahead of time. */
  helpers(request?: Request): Helpers {
    return request ? this.site.helpers(this.station(request)) : this.site.helpersAhead();
  }

  protected override station(request: Request): Station<Request> {
    const { pathname, search } = new URL(request.url);
    return (
      this.#stations.getStore() ??
      new Station(request, request.method, pathname + search, this.site.options.mount ?? "")
    );
  }

  /** An island's failure must stay out of caches, so it is answered here. */
  async #guarded(app: Fetch, request: Request): Promise<Response> {
    try {
      return await app(request);
    } catch (error) {
      this.site.log.failed(error, this.station(request).loggedPath, request);
      const { status } = (error ?? {}) as { status?: unknown };
      const code = typeof status === "number" && status >= 400 && status < 600 ? status : 500;
      return new Response("internal server error\n", {
        status: code,
        headers: { "Content-Type": "text/plain; charset=utf-8" },
      });
    }
  }
}

/**
 * Server islands for an app of Request and Response. Keys come from the option `keys`, `EYOT_KEYS` or `EYOT_KEYS_FILE`.
 */
export function islands(options: HostOptions<Request> = {}): WebIslands {
  return new WebIslands(options);
}

export type { PreparedPage } from "./host/app";
export { Island } from "./host/island";
export type { Logger } from "./host/log";
export type { Policies } from "./host/policies";
export type { Helpers, IslandOptions } from "./host/site";
export { Html, html, raw } from "./html";
export type { HostOptions } from "./options";
