// The outer station for Node's requests and responses: what is answered at once, what the app does not see, and what
// leaves.

import type { IncomingMessage } from "node:http";
import { type Exchange, MARK, type Reply, type WayOut } from "../core";
import { Hidden } from "./hidden";
import { apply, type Fields, OF_PAGES, visitorOf, wantsPage } from "./page";
import type { PolicyFinder } from "./policies";
import type { Site } from "./site";
import { requestLines, Station } from "./station";
import { cut, type NodeResponse, Tap } from "./tap";

/** A request as a framework hands it over. */
export type NodeRequest = IncomingMessage & {
  originalUrl?: string;
  baseUrl?: string;
  body?: unknown;
  rawBody?: unknown;
  query?: unknown;
};

const STATION = Symbol("eyot.station");

/** What the outer station left for the inner one; `undefined` where it did not act. */
export function stationOf<Request>(request: object): Station<Request> | undefined {
  return (request as { [STATION]?: Station<Request> })[STATION];
}

/** What the outer station needs to know of its framework. */
export interface Outer<Request> {
  readonly site: Site<Request, unknown>;
  readonly policies: PolicyFinder<Request> | undefined;
}

/**
 * Takes in a request: answers it, or prepares the response and calls `next`. The framework's own request may be another
 * object than Node's; one that answers by itself is told to `takeOver` its response, and keeps the headers that were set
 * `before` to itself.
 */
export function enter<Request extends object>(
  outer: Outer<Request>,
  request: Request,
  req: NodeRequest,
  res: NodeResponse,
  next: (error?: unknown) => void,
  takeOver: () => void = () => {},
  before: Fields = {},
): void {
  const { site } = outer;
  site.followKeys();
  const missing = site.missing();
  if (missing) return next(missing);
  const { mount = "" } = site.options;
  const isWithin = stationOf(request) !== undefined;
  const target = originForm(req.originalUrl ?? req.url ?? "/");
  const station = new Station(request, req.method ?? "GET", mount + target, mount + (req.baseUrl ?? ""));
  station.isInside = true;
  station.before = { ...before, ...res.getHeaders() };
  (request as { [STATION]?: Station<Request> })[STATION] = station;
  const refuse = (instead: Reply): void => {
    takeOver();
    reply(station, instead, req, res);
  };
  const found = site.arrive(
    station,
    () => requestLines(req),
    outer.policies?.(station.localPath, request),
    () => visitorOf(VISITOR, (name) => (request as Record<string, unknown>)[name], isWithin),
  );
  if (found) return refuse(found);
  const { exchange } = station;
  const go = (): void => {
    new OuterTap(res, site, station, station.before);
    const hidden = hide(req, exchange);
    station.hidden = hidden;
    station.reveal = () => hidden?.reveal("accept-encoding");
    next();
  };
  if (!exchange?.bodyLimit) return go();
  readBody(req, exchange.bodyLimit)
    .then(
      (body) => {
        const refusal = site.takeBody(station, exchange, body);
        if (refusal) return refuse(refusal);
        seenAsGet(req, station, exchange.path ?? "", mount);
        go();
      },
      // Cut off in the middle of its body: there is nobody to answer.
      () => cut(res),
    )
    .catch(next);
}

const VISITOR = ["session", "user", "cookies", "signedCookies"];

/** A target in absolute form without scheme and authority: `Host` tells who is meant. */
function originForm(target: string): string {
  const rest = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "");
  return rest === target || rest.startsWith("/") ? rest : `/${rest}`;
}

/** Hides what the app must not see. */
function hide(req: NodeRequest, exchange: Exchange | undefined): Hidden | undefined {
  const ofPages = wantsPage(req.headers.accept) ? OF_PAGES : [];
  const names = exchange ? [...exchange.hiddenHeaders, ...ofPages] : ofPages;
  if (exchange?.query !== undefined) withoutFresh(req, exchange.query);
  const isSeenOtherwise = exchange !== undefined && exchange.method !== req.method;
  if (!isSeenOtherwise && !names.some((name) => req.headers[name] !== undefined)) return undefined;
  const hidden = new Hidden(req, names);
  // A HEAD is judged by the page that it stands for: its ETag, its length, its leaks. Node drops the body itself.
  if (isSeenOtherwise) req.method = exchange.method;
  return hidden;
}

/** A posted token is the GET that it stands for, to the app and to all layers between. */
function seenAsGet<Request>(req: NodeRequest, station: Station<Request>, path: string, mount: string): void {
  new Hidden(req, ["content-type", "content-length", "transfer-encoding"]);
  const [, query = ""] = /(\?.*)?$/s.exec(req.url ?? "") ?? [];
  station.method = req.method = "GET";
  req.url = path.slice(station.mount.length) + query;
  if (req.originalUrl !== undefined) req.originalUrl = path.slice(mount.length) + query;
  req.body = undefined;
  req.rawBody = undefined;
}

function reply<Request>({ before }: Station<Request>, found: Reply, req: NodeRequest, res: NodeResponse): void {
  apply(res, { ...found, edits: [], hasBody: true }, before);
  if (found.status >= 400 && !req.complete) discard(req);
  res.end(found.body);
}

/** How much of a refused body is read, so that the client gets to read the refusal. */
const PATIENCE = 2 << 20;

function discard(req: IncomingMessage): void {
  let left = PATIENCE;
  req.on("data", (chunk: Uint8Array) => {
    left -= chunk.length;
    if (left < 0) req.destroy();
  });
  req.on("error", () => {});
}

/** The body, as far as it is longer than the limit; rejects when it is cut off. */
function readBody(req: NodeRequest, limit: number): Promise<Uint8Array> {
  const given = [req.body, req.rawBody].find((body) => body instanceof Uint8Array || typeof body === "string");
  // Something before the outer station has read it.
  if (given !== undefined) return Promise.resolve(Buffer.from(given as Uint8Array));
  if (req.readableEnded) return Promise.resolve(new Uint8Array());
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const end = (): void => done(() => resolve(Buffer.concat(chunks)));
    const cut = (): void => done(() => reject(new Error("the request was cut off")));
    const data = (chunk: Uint8Array): void => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > limit) end();
    };
    const done = (settle: () => void): void => {
      req.off("data", data).off("end", end).off("close", cut).off("error", cut);
      settle();
    };
    req.on("data", data).on("end", end).on("close", cut).on("error", cut);
    // Body parsers ask this before they read.
    (req as { _body?: boolean })._body = true;
  });
}

/** Sends what leaves: what was split inside as it is, an exchange's answer as it was judged, and nothing unsplit. */
class OuterTap<Request> extends Tap<Request> {
  #isMarked = false;

  protected override way(): WayOut | undefined {
    const { res, site, station } = this;
    this.#isMarked = res.hasHeader(MARK);
    return site.outer(station, res);
  }

  /** A compressing layer around reads the request then. */
  protected override leaving(): void {
    this.station.hidden?.leave();
  }

  protected override ending(): void {
    this.station.hidden?.show();
  }

  /** Cuts a stream that the inner station began and did not end, whoever swallowed the reason. */
  protected override mayEnd(): boolean {
    const { res, site, station } = this;
    if (!this.#isMarked || !station.page?.isOpen || res.destroyed) return true;
    site.noteCut(station);
    cut(res);
    return false;
  }
}

/** Takes `island-fresh` out of the query that the app sees. */
function withoutFresh(req: NodeRequest, query: string): void {
  const rest = query ? `?${query}` : "";
  const without = (url: string): string => url.replace(/\?.*$/s, "") + rest;
  if (req.url) req.url = without(req.url);
  if (req.originalUrl) req.originalUrl = without(req.originalUrl);
  // Express 4 has parsed it by now.
  if (Object.hasOwn(req, "query")) delete (req.query as Record<string, unknown>)["island-fresh"];
}
