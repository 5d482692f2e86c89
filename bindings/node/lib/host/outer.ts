// The outer station for Node's requests and responses: files and refusals, island answers, and shells as caches see
// them.

import type { IncomingMessage } from "node:http";
import { type Leak, type Outcome, type Pending, type Policy, Reply, uncachedHeaders, type Visit } from "../core";
import { Hidden } from "./hidden";
import type { PolicyFinder } from "./policies";
import type { Logger, Site } from "./site";
import { requestLines, Station } from "./station";
import { cut, type Mode, type NodeResponse, Tap } from "./tap";

/** A request as a framework hands it over. */
export type NodeRequest = IncomingMessage & {
  originalUrl?: string;
  baseUrl?: string;
  body?: unknown;
  rawBody?: unknown;
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
 * object than Node's; one that answers by itself is told to `takeOver` its response.
 */
export function enter<Request extends object>(
  outer: Outer<Request>,
  request: Request,
  req: NodeRequest,
  res: NodeResponse,
  next: (error?: unknown) => void,
  takeOver: () => void = () => {},
): void {
  const { site } = outer;
  site.followKeys();
  const { mount = "" } = site.options;
  const target = originForm(req.originalUrl ?? req.url ?? "/");
  const station = new Station(request, req.method ?? "GET", mount + target, mount + (req.baseUrl ?? ""));
  station.isInside = true;
  (request as { [STATION]?: Station<Request> })[STATION] = station;
  if (site.mayBeOwn(station.target, station.mount)) {
    const found = site.core.route(station.method, station.target, requestLines(req), station.mount);
    const refuse = (instead: Reply): void => {
      takeOver();
      reply(site, station, instead, req, res);
    };
    if (found instanceof Reply) return refuse(found);
    if (found) return island(site, station, found, req, res, next, refuse);
  }
  const policy = outer.policies?.(station.localPath, request);
  if (policy) shell(outer, station, policy, req, res);
  if (!station.policy && wantsPartOfPage(req)) new Hidden(req, PART);
  next();
}

/** A target in absolute form without scheme and authority: `Host` tells who is meant. */
function originForm(target: string): string {
  const rest = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "");
  return rest === target || rest.startsWith("/") ? rest : `/${rest}`;
}

const PART = ["range", "if-range"];

/** Whether a range of what may be a page is asked for: a page is split as a whole, so its app does not see the range. */
function wantsPartOfPage(req: IncomingMessage): boolean {
  return req.headers.range !== undefined && /text\/html/i.test(req.headers.accept ?? "");
}

/** Gives a request its policy. */
function shell<Request extends object>(
  outer: Outer<Request>,
  station: Station<Request>,
  policy: Policy,
  req: NodeRequest,
  res: NodeResponse,
): void {
  const visit = policy.incoming(outer.site.core, station.method, station.target, requestLines(req), station.mount);
  if (!visit) return;
  station.policy = policy;
  station.visit = visit;
  station.context = undefined;
  const hidden = new Hidden(req, visit.hiddenHeaders);
  station.hidden = hidden;
  // A HEAD is judged by the page that it stands for: its ETag, its length, its leaks. Node drops the body itself.
  if (req.method === "HEAD") req.method = "GET";
  if (visit.query !== undefined) withoutFresh(req, visit.query);
  new ShellTap(res, outer.site, station, visit, hidden);
}

function reply<Request>(
  site: Site<Request, unknown>,
  station: Station<Request>,
  found: Reply,
  req: NodeRequest,
  res: NodeResponse,
): void {
  const { headers, body } = site.replied(found, station.request);
  for (const [name, value] of headers) res.setHeader(name, value);
  res.statusCode = found.status;
  if (found.reason && !req.complete) discard(req);
  res.end(body);
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

function island<Request extends object>(
  site: Site<Request, unknown>,
  station: Station<Request>,
  pending: Pending,
  req: NodeRequest,
  res: NodeResponse,
  next: (error?: unknown) => void,
  refuse: (instead: Reply) => void,
): void {
  const go = (body: Uint8Array): void => {
    station.pending = pending;
    station.body = body;
    station.shared = site.registration(pending.name).options.shared;
    // Everybody gets what it answers, so it does not see who asks.
    const hidden = station.shared === undefined ? undefined : new Hidden(req, pending.hiddenHeaders);
    new IslandTap(res, site, station, pending, hidden);
    next();
  };
  if (pending.bodyLimit === 0) return go(new Uint8Array());
  readBody(req, pending.bodyLimit)
    .then(
      (body) => (body ? go(body) : refuse(pending.tooLarge())),
      // Cut off in the middle of its body: there is nobody to answer.
      () => cut(res),
    )
    .catch(next);
}

/** The body, or nothing when it is longer than the limit; rejects when it is cut off. */
function readBody(req: NodeRequest, limit: number): Promise<Uint8Array | undefined> {
  const given = [req.body, req.rawBody].find((body) => body instanceof Uint8Array || typeof body === "string");
  // Something before the outer station has read it.
  if (given !== undefined) {
    const body = typeof given === "string" ? Buffer.from(given) : (given as Uint8Array);
    return Promise.resolve(body.length <= limit ? body : undefined);
  }
  if (req.readableEnded) return Promise.resolve(new Uint8Array());
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const end = (): void => done(() => resolve(Buffer.concat(chunks)));
    const cut = (): void => done(() => reject(new Error("the request was cut off")));
    const data = (chunk: Uint8Array): void => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > limit) done(() => resolve(undefined));
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

/** Sends an island's answer with the headers of one, or what core says instead. */
class IslandTap<Request> extends Tap {
  readonly #site: Site<Request, unknown>;
  readonly #station: Station<Request>;
  readonly #pending: Pending;
  readonly #hidden: Hidden | undefined;

  constructor(
    res: NodeResponse,
    site: Site<Request, unknown>,
    station: Station<Request>,
    pending: Pending,
    hidden: Hidden | undefined,
  ) {
    super(res);
    this.#site = site;
    this.#station = station;
    this.#pending = pending;
    this.#hidden = hidden;
  }

  protected override choose(whole: boolean | undefined): Mode | undefined {
    const { refusal } = this.#station;
    if (refusal) return this.#refuse(refusal);
    // All of what everybody gets is judged.
    if (this.#hidden) return whole === undefined ? undefined : "collect";
    const found = this.#finish(undefined);
    if (found instanceof Reply) return this.#refuse(found);
    return found.hasBody ? "pass" : "drop";
  }

  protected override whole(body: Uint8Array): Uint8Array {
    this.#hidden?.show();
    const found = this.#finish(body);
    if (found instanceof Reply) {
      this.#refuse(found);
      return this.instead ?? found.body;
    }
    logLeaks(this.#site.log, `the island ${this.#pending.name}`, "a shared island", found.leaks);
    if (found.leaks.length && this.#site.debug) return leaksInstead(this.res, found.shown);
    if (!found.hasBody) return new Uint8Array();
    this.res.setHeader("Content-Length", body.length);
    return body;
  }

  #finish(body: Uint8Array | undefined): Outcome | Reply {
    const { shared, sealedPage: page, ownPolicies, isOpened } = this.#station;
    if (ownPolicies) this.edit([[CSP, undefined]]);
    if (ownPolicies?.length) this.res.setHeader(CSP, ownPolicies);
    const options = { shared, page, foreign: !isOpened, body };
    const found = this.#pending.finish(this.res.statusCode, this.lines(), options);
    if (!(found instanceof Reply)) {
      this.edit(found.edits);
      this.setStatus(found.status);
    }
    return found;
  }

  #refuse(refusal: Reply): Mode {
    const { headers, body } = this.#site.replied(refusal, this.#station.request);
    // Nothing of the handler's: its cookie may be the reason.
    for (const name of this.res.getHeaderNames()) this.res.removeHeader(name);
    for (const [name, value] of headers) this.res.setHeader(name, value);
    this.setStatus(refusal.status);
    this.instead = body;
    return "drop";
  }
}

const CSP = "Content-Security-Policy";

/** Sends a response of a route with a policy as caches should see it. */
class ShellTap<Request> extends Tap {
  readonly #site: Site<Request, unknown>;
  readonly #station: Station<Request>;
  readonly #visit: Visit;
  readonly #hidden: Hidden;

  constructor(
    res: NodeResponse,
    site: Site<Request, unknown>,
    station: Station<Request>,
    visit: Visit,
    hidden: Hidden,
  ) {
    super(res);
    this.#site = site;
    this.#station = station;
    this.#visit = visit;
    this.#hidden = hidden;
  }

  protected override choose(whole: boolean | undefined): Mode | undefined {
    if (whole === undefined) return undefined;
    const streams = this.#station.policy?.streams && !this.res.hasHeader("content-length");
    if (whole || (!streams && isHtml(this.res))) return "collect";
    return this.#judge(null) ? "drop" : "pass";
  }

  protected override whole(body: Uint8Array): Uint8Array {
    const { res } = this;
    const { shell, method } = this.#station;
    // What a layer between the stations compressed, or left out of a HEAD, is judged by the shell that it was made of.
    const coding = shell && res.getHeader("content-encoding");
    if (coding) res.removeHeader("Content-Encoding");
    const isLeftOut = method === "HEAD" && body.length === 0;
    const page = this.#judge(coding || isLeftOut ? (shell ?? null) : body);
    if (page) return page;
    if (res.statusCode === 304 || res.statusCode === 204) return new Uint8Array();
    if (coding) res.setHeader("Content-Encoding", coding);
    if (!isLeftOut) res.setHeader("Content-Length", body.length);
    else if (shell && !coding) res.setHeader("Content-Length", shell.length);
    return body;
  }

  /** Judges the response; while debugging, the page that shows a leak takes its place. */
  #judge(body: Uint8Array | null): Uint8Array | undefined {
    const { res } = this;
    this.#hidden.show();
    // Said once more: functions of the app that ran after the split may have said otherwise.
    if (this.#station.isFaulty) this.edit(uncachedHeaders(this.lines()));
    const verdict = this.#visit.finish(res.statusCode, this.lines(), body);
    logLeaks(this.#site.log, this.#station.path, "a shell", verdict.leaks);
    if (verdict.leaks.length && this.#site.debug && body) return leaksInstead(res, verdict.shown);
    this.edit(verdict.edits);
    this.setStatus(verdict.status);
    return undefined;
  }
}

/** The page that shows leaks in the place of what everybody would get. */
function leaksInstead(res: NodeResponse, shown: string | undefined): Uint8Array {
  const page = Buffer.from(shown ?? "");
  for (const name of res.getHeaderNames()) res.removeHeader(name);
  res.setHeader("Content-Type", "text/html; charset=utf-8");
  res.setHeader("Cache-Control", "no-store");
  res.setHeader("Content-Length", page.length);
  res.statusCode = 500;
  if (!("stream" in res) && res.statusMessage) res.statusMessage = "";
  return page;
}

/** Says what was found to be one visitor's. */
export function logLeaks(log: Logger, where: string, what: string, leaks: readonly Leak[]): void {
  for (const leak of leaks) log.error(`${where}: ${what} was kept out of caches: ${leak.message} (${leak.code})`);
}

/** Whether a response is HTML. */
export function isHtml(res: NodeResponse): boolean {
  return isHtmlType(res.getHeader("content-type"));
}

/** Whether a media type may be one of text: core tells for certain. */
export function mayBeText(type: unknown): boolean {
  return typeof type === "string" && /^\s*(text\/(?!event-stream)|[^;]*xml)/i.test(type);
}

/** Whether a media type is HTML's. */
export function isHtmlType(type: unknown): boolean {
  return typeof type === "string" && /^\s*text\/html\s*(;|$)/i.test(type);
}

/** Takes `island-fresh` out of the query that the app sees. */
function withoutFresh(req: NodeRequest & { query?: unknown }, query: string): void {
  const rest = query ? `?${query}` : "";
  const without = (url: string): string => url.replace(/\?.*$/s, "") + rest;
  if (req.url) req.url = without(req.url);
  if (req.originalUrl) req.originalUrl = without(req.originalUrl);
  // Express 4 has parsed it by now.
  if (Object.hasOwn(req, "query")) delete (req.query as Record<string, unknown>)["island-fresh"];
}
