// eyot for Node's own servers, `node:http` and `node:http2`: a listener around yours, or the two stations as
// middleware.

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { type Answer, isThenable } from "./host/answer";
import { ConnectIslands, type Next } from "./host/connect";
import type { Island } from "./host/island";
import { stationOf } from "./host/outer";
import type { Policies } from "./host/policies";
import type { IslandOptions } from "./host/site";
import type { NodeResponse } from "./host/tap";
import type { HostOptions } from "./options";
import type { Props } from "./props";

/** A request of `node:http`, or of `node:http2`'s compatibility API. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;

/** What `createServer` takes. */
export type Listener = (req: IncomingMessage, res: ServerResponse) => void;

/** A request for an island. */
export type IslandRequest<P = Props> = IncomingMessage & { readonly island: Island<P> };

/** An island's handler: it writes to `res`, or returns its HTML, whole or in pieces. */
export type IslandHandler<P = Props> = (
  req: IslandRequest<P>,
  res: ServerResponse,
  next: Next,
) => Answer | Promise<Answer>;

/** Middleware of the form that connect made known. */
export type Middleware = (req: IncomingMessage, res: ServerResponse, next: Next) => void;

/** Server islands for Node's own servers. */
export class NodeIslands extends ConnectIslands<IncomingMessage, NodeResponse> {
  /** The outer station, with the shell policies of paths; stands outside of sessions. */
  outer(policies?: Policies<IncomingMessage>): Middleware {
    return this.outerStation(policies);
  }

  /** The inner station; stands inside of sessions, around the app. */
  inner(): Middleware {
    return this.innerStation();
  }

  /** Registers the handler of an island. */
  island<P = Props>(name: string, options: IslandOptions<P>, ...handlers: IslandHandler<P>[]): this;
  island(name: string, ...handlers: IslandHandler[]): this;
  island(name: string, ...rest: unknown[]): this {
    this.register(name, rest);
    return this;
  }

  /**
   * A listener with both stations around `app`: `createServer(islands.listener(app, { "/": { cdn: 600 } }))`. What
   * `app` or a handler throws or rejects with is logged, and answered with 500. For HTTP/2 too.
   */
  listener(app: Listener, policies?: Policies<IncomingMessage>): Listener & Http2Listener;
  listener(app: Http2Listener, policies?: Policies<IncomingMessage>): Listener & Http2Listener;
  listener(app: Listener | Http2Listener, policies?: Policies<IncomingMessage>): Listener & Http2Listener {
    const [outer, inner] = [this.outerStation(policies), this.innerStation()];
    const listener = (req: IncomingMessage, res: NodeResponse): void => {
      const failed = (error: unknown): void => this.#failed(error, req, res);
      const last = (error?: unknown): void => {
        if (error) return failed(error);
        attempt(() => (app as (req: unknown, res: unknown) => unknown)(req, res), failed);
      };
      const within = (error?: unknown): void => {
        if (error) failed(error);
        else attempt(() => inner(req, res, last), failed);
      };
      attempt(() => outer(req, res, within), failed);
    };
    return listener as Listener & Http2Listener;
  }

  #failed(error: unknown, req: IncomingMessage, res: NodeResponse): void {
    this.site.log.failed(error, stationOf(req)?.loggedPath ?? "", req);
    if (res.headersSent) return void res.destroy();
    const status = (error as { status?: unknown } | undefined)?.status;
    for (const name of res.getHeaderNames()) res.removeHeader(name);
    res.statusCode = typeof status === "number" && status >= 400 && status < 600 ? status : 500;
    res.setHeader("Content-Type", "text/plain; charset=utf-8");
    res.end("internal server error\n");
  }
}

/** A listener of HTTP/2's compatibility API. */
export type Http2Listener = (req: Http2ServerRequest, res: Http2ServerResponse) => void;

function attempt(call: () => unknown, failed: (error: unknown) => void): void {
  try {
    const result = call();
    if (isThenable(result)) result.then(undefined, failed);
  } catch (error) {
    failed(error);
  }
}

/** Server islands for Node's own servers. Keys come from the option `keys`, `EYOT_KEYS` or `EYOT_KEYS_FILE`. */
export function islands(options: HostOptions<IncomingMessage> = {}): NodeIslands {
  return new NodeIslands(options);
}

export type { PreparedPage } from "./host/app";
export { Island } from "./host/island";
export type { Logger } from "./host/log";
export type { Policies } from "./host/policies";
export type { Helpers, IslandOptions } from "./host/site";
export { Html, html, raw } from "./html";
export type { HostOptions } from "./options";
