// The two stations for the web's Request and Response: what Bun, Deno, Hono and Next's route handlers speak.

import {
  type HeaderPairs,
  headerLines,
  type PageOut,
  type Pending,
  type Policy,
  Reply,
  type Sent,
  uncachedHeaders,
} from "../core";
import type { DeadlineError } from "../errors";
import { PropsError } from "../errors";
import { type Answer, bytesOf, isAnswer, isPieces, isResponse, noAnswer, type Pieces } from "./answer";
import { clientGone, type Island, readIsland, Work } from "./island";
import { isHtmlType, logLeaks, mayBeText } from "./outer";
import { wayOut, whole as wholePage } from "./page";
import type { PolicyFinder } from "./policies";
import type { Registration, Site } from "./site";
import { Station } from "./station";

/** What the outer station needs. */
export interface WebOuter {
  readonly site: Site<Request, unknown>;
  readonly policies: PolicyFinder<Request> | undefined;
}

/** Answers a request as the app does, which gets the request that it may see. */
export type App = (request: Request, station: Station<Request>) => Response | Promise<Response>;

/** The outer station: answers a request, or lets the app and finishes what it answers. */
export async function enter(outer: WebOuter, request: Request, app: App): Promise<Response> {
  const { site } = outer;
  site.followKeys();
  const { mount = "" } = site.options;
  const station = new Station(request, request.method, mount + targetOf(request.url), mount);
  station.isInside = true;
  if (site.mayBeOwn(station.target, station.mount)) {
    const found = site.core.route(station.method, station.target, headersOf(request), station.mount);
    if (found instanceof Reply) return replied(site, station, found);
    if (found) return island(site, station, found, app);
  }
  const policy = outer.policies?.(station.localPath, request);
  return policy ? shell(site, station, policy, app) : app(wantsPage(request) ? unranged(request) : request, station);
}

/** Whether a range of what may be a page is asked for: a page is split as a whole, so its app does not see the range. */
function wantsPage({ headers }: Request): boolean {
  return headers.has("range") && /text\/html/i.test(headers.get("accept") ?? "");
}

/** The same request without its range. */
function unranged(request: Request): Request {
  const headers = new Headers(request.headers);
  headers.delete("range");
  headers.delete("if-range");
  return new Request(request, { headers });
}

/** What the app answers; it is asked again, for the whole, where it answers a part of a page. */
export async function asked(request: Request, app: (request: Request) => Response | Promise<Response>) {
  const answered = await app(request);
  const isPart = answered.status === 206 && isHtmlType(answered.headers.get("content-type"));
  if (!isPart || !request.headers.has("range")) return answered;
  return discarded(answered, await app(unrangedInPlace(request)));
}

/** The same without another object where that can be: a session may be found by the request. */
function unrangedInPlace(request: Request): Request {
  try {
    for (const name of ["range", "if-range"]) request.headers.delete(name);
  } catch {
    // Some runtimes' requests cannot be changed.
  }
  return request.headers.has("range") ? unranged(request) : request;
}

/** The target as it stood on the request line, as far as a URL keeps it. */
function targetOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  if (start < 0) return "/";
  const hash = url.indexOf("#", start);
  return url.slice(start, hash < 0 ? undefined : hash);
}

function headersOf(request: Request): HeaderPairs {
  const headers = [...request.headers];
  if (!request.headers.has("host")) headers.push(["host", new URL(request.url).host]);
  return headers;
}

function replied(site: Site<Request, unknown>, station: Station<Request>, reply: Reply): Response {
  const { headers, body } = site.replied(reply, station.request);
  return response(body, reply.status, new Headers(headers as [string, string][]));
}

/** A response; one without content has no body at all. */
function response(body: BodyInit | Uint8Array | null, status: number, headers: Headers): Response {
  const bodiless = status === 204 || status === 205 || status === 304;
  return new Response(bodiless ? null : (body as BodyInit | null), { status, headers });
}

async function island(
  site: Site<Request, unknown>,
  station: Station<Request>,
  pending: Pending,
  app: App,
): Promise<Response> {
  const body = pending.bodyLimit ? await readBody(station.request, pending.bodyLimit) : new Uint8Array();
  if (!body) return replied(site, station, pending.tooLarge());
  station.pending = pending;
  station.body = body;
  station.shared = site.registration(pending.name).options.shared;
  const answered = await app(
    station.shared === undefined ? station.request : anonymous(station.request, pending),
    station,
  );
  if (station.refusal) return discarded(answered, replied(site, station, station.refusal));
  const headers = new Headers(answered.headers);
  if (station.ownPolicies) setAll(headers, "content-security-policy", station.ownPolicies);
  const { shared, sealedPage: page, isOpened } = station;
  const sent = shared === undefined ? undefined : new Uint8Array(await answered.arrayBuffer());
  const found = pending.finish(answered.status, headers, { shared, page, foreign: !isOpened, body: sent });
  if (found instanceof Reply) return discarded(answered, replied(site, station, found));
  logLeaks(site.log, `the island ${pending.name}`, "a shared island", found.leaks);
  if (found.leaks.length && site.debug)
    return whole(Buffer.from(found.shown ?? ""), 500, new Headers(LEAK), station.request);
  edit(headers, found.edits);
  return found.hasBody
    ? response(sent ?? answered.body, found.status, headers)
    : discarded(answered, response(null, found.status, headers));
}

/** A request for what everybody gets, which does not say who asks. */
function anonymous(request: Request, pending: Pending): Request {
  const headers = new Headers(request.headers);
  for (const name of pending.hiddenHeaders) headers.delete(name);
  return new Request(request.url, { method: request.method, headers, signal: request.signal });
}

function setAll(headers: Headers, name: string, values: readonly string[]): void {
  headers.delete(name);
  for (const value of values) headers.append(name, value);
}

/** Lets the source of a body that is not sent end. */
function discarded(of: Response, instead: Response): Response {
  if (!of.bodyUsed) of.body?.cancel().catch(() => {});
  return instead;
}

/** The body, or nothing when it is longer than the limit. */
async function readBody(request: Request, limit: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    // Leaving the loop cancels the stream.
    if (length > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function shell(
  site: Site<Request, unknown>,
  station: Station<Request>,
  policy: Policy,
  app: App,
): Promise<Response> {
  const { request } = station;
  const visit = policy.incoming(site.core, station.method, station.target, headersOf(request), station.mount);
  if (!visit) return app(request, station);
  station.policy = policy;
  const headers = new Headers(request.headers);
  for (const name of visit.hiddenHeaders) headers.delete(name);
  const url =
    visit.query === undefined ? request.url : request.url.replace(/\?.*$/s, visit.query ? `?${visit.query}` : "");
  // A HEAD is judged by the page that it stands for: its ETag, its length, its leaks.
  const seen = new Request(url, { method: "GET", headers, signal: request.signal, redirect: request.redirect });
  const answered = await app(seen, station);
  const kept = new Headers(answered.headers);
  const streams = !isHtmlType(kept.get("content-type")) || (policy.streams && !kept.has("content-length"));
  const body = streams ? null : new Uint8Array(await answered.arrayBuffer());
  if (station.isFaulty) edit(kept, uncachedHeaders(kept));
  const verdict = visit.finish(answered.status, kept, kept.has("content-encoding") ? (station.shell ?? null) : body);
  logLeaks(site.log, station.path, "a shell", verdict.leaks);
  if (verdict.leaks.length && site.debug && body)
    return whole(Buffer.from(verdict.shown ?? ""), 500, new Headers(LEAK), request);
  edit(kept, verdict.edits);
  if (body) return whole(body, verdict.status, kept, request);
  return request.method === "HEAD"
    ? discarded(answered, response(null, verdict.status, kept))
    : response(answered.body, verdict.status, kept);
}

const LEAK = { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" };

function whole(body: Uint8Array, status: number, headers: Headers, request: Request): Response {
  if (status !== 304 && status !== 204) headers.set("content-length", String(body.length));
  return response(request.method === "HEAD" ? null : body, status, headers);
}

function edit(headers: Headers, edits: readonly (readonly [string, string | undefined])[]): void {
  for (const [name, value] of edits) {
    if (value === undefined) headers.delete(name);
    else headers.set(name, value);
  }
}

/** The inner station: splits what the app answers, if it is HTML. */
export async function split(
  site: Site<Request, unknown>,
  station: Station<Request>,
  answered: Response,
): Promise<Response> {
  const isHead = station.method === "HEAD" && !station.policy;
  const sent = await splitAs(site, station, answered, isHead);
  // Servers would tell the length of a body that they do not send.
  const isPage = isHead && sent !== answered && isHtmlType(sent.headers.get("content-type"));
  return isPage ? discarded(sent, response(null, sent.status, sent.headers)) : sent;
}

async function splitAs(
  site: Site<Request, unknown>,
  station: Station<Request>,
  answered: Response,
  isHead: boolean,
): Promise<Response> {
  if (station.pending && answered.status === 200) {
    const own = answered.headers.get("content-security-policy");
    station.ownPolicies = own === null ? [] : [own];
  }
  if (!site.splits(station.pending?.name) || !mayBeText(answered.headers.get("content-type"))) return answered;
  if (!answered.body && !isHead) return answered;
  const lines = headerLines(answered.headers);
  const out = wayOut(site, station, isHead);
  let step = out.step(answered.status, lines, "unknown");
  station.isFaulty = out.isFaulty;
  if (step.kind === "pass") return answered;
  if (step.kind === "instead" && step.sent) return discarded(answered, sentAs(step.sent, answered, NONE));
  const reader = (answered.body ?? new Blob().stream()).getReader() as ReadableStreamDefaultReader<Uint8Array>;
  let begun = await begin(reader, step.kind !== "wait");
  if (step.kind === "wait") step = out.step(answered.status, lines, begun.isWhole ? "whole" : "more");
  if (step.kind === "stream" && step.sent) return sentAs(step.sent, answered, splitStream(out, reader, begun));
  if (step.kind === "pass") return response(splitStream(UNCHANGED, reader, begun), answered.status, answered.headers);
  if (!begun.isWhole) begun = await begin(reader, true, begun);
  const body = begun.chunks.length === 1 ? (begun.chunks[0] as Uint8Array) : Buffer.concat(begun.chunks);
  const sent = wholePage(site, station, out, answered.status, lines, body, step.coding);
  station.isFaulty = out.isFaulty;
  return sent ? sentAs(sent, answered, body) : response(body, answered.status, answered.headers);
}

/** What core decided, as a response. */
function sentAs(sent: Sent, answered: Response, body: Uint8Array | ReadableStream<Uint8Array>): Response {
  const headers = new Headers((sent.headers as [string, string][] | undefined) ?? answered.headers);
  edit(headers, sent.edits);
  return response(sent.body ?? body, sent.status, headers);
}

const NONE = new Uint8Array();

/** As much of a page's stream as a body needs that passes as it comes. */
const UNCHANGED: Pick<PageOut, "push" | "finish" | "fault" | "isOver"> = {
  push: (chunk) => chunk,
  finish: () => NONE,
  fault: undefined,
  isOver: false,
};

interface Begun {
  readonly chunks: Uint8Array[];
  readonly isWhole: boolean;
  readonly next?: Promise<ReadableStreamReadResult<Uint8Array>>;
}

/** Reads a body as far as it is there: one that was a string is whole at once, a stream lets its reader wait. */
async function begin(reader: ReadableStreamDefaultReader<Uint8Array>, all: boolean, before?: Begun): Promise<Begun> {
  const chunks = before?.chunks ?? [];
  let asked = before?.next;
  for (;;) {
    const next = asked ?? reader.read();
    asked = undefined;
    const found = await (all || chunks.length === 0 ? next : Promise.race([next, soon()]));
    if (!found) return { chunks, isWhole: false, next };
    if (found.done) return { chunks, isWhole: true };
    chunks.push(found.value);
  }
}

function soon(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Pulls a chunk when one is asked for, so that a slow reader slows its source down. */
function splitStream(
  stream: Pick<PageOut, "push" | "finish" | "fault" | "isOver">,
  reader: ReadableStreamDefaultReader<Uint8Array>,
  begun: Begun,
): ReadableStream<Uint8Array> {
  let asked = begun.next;
  const read = async (): Promise<Uint8Array | undefined> => {
    if (begun.chunks.length) return begun.chunks.shift();
    const found = await (asked ?? reader.read());
    asked = undefined;
    return found.done ? undefined : found.value;
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      for (;;) {
        const chunk = await read();
        const shell = chunk ? stream.push(chunk) : stream.finish();
        if (shell.length) controller.enqueue(shell);
        if (stream.fault) {
          controller.error(stream.fault);
          return void reader.cancel(stream.fault).catch(() => {});
        }
        if (!chunk) return controller.close();
        if (stream.isOver) {
          controller.close();
          return void reader.cancel().catch(() => {});
        }
        if (shell.length) return;
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** Opens the token and lets `handle` answer; what it returns becomes a response. */
export async function answer<Handler>(
  site: Site<Request, Handler>,
  station: Station<Request>,
  pending: Pending,
  handle: (registration: Registration<Handler>, island: Island<unknown>) => unknown,
): Promise<Response> {
  const registration = site.registration(pending.name);
  const opened = pending.open(station.body, { audience: site.audience(station.request) });
  if (opened instanceof Reply) {
    station.refusal = opened;
    return new Response(null, { status: opened.status });
  }
  station.shared = registration.options.shared;
  station.isOpened = true;
  station.sealedPage = opened.page;
  const deadline = registration.options.deadline ?? site.options.deadline ?? 30_000;
  let fail: (error: DeadlineError) => void = () => {};
  const late = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const work = new Work(registration.name, deadline, (error) => fail(error));
  const { signal } = station.request;
  const gone = (): void => work.abort(clientGone());
  signal?.addEventListener("abort", gone, { once: true });
  late.catch(() => {});
  try {
    const read = await readIsland(registration.name, opened, registration.read, work);
    const result = await Promise.race([handle(registration, read), late]);
    return toResponse(registration.name, result, work);
  } catch (error) {
    if (!(error instanceof PropsError)) throw error;
    const refusal = { reason: "props-type", explanation: error.message, island: pending.name, status: 400 };
    return new Response(site.refused(refusal, station.request, "bad request\n"), { status: 400 });
  } finally {
    work.done();
  }
}

/** What a handler returned, as a response. */
function toResponse(island: string, result: unknown, work: Work): Response {
  if (typeof result === "object" && result !== null && isResponse(result)) return result;
  if (!isAnswer(result)) throw noAnswer(island, result, "");
  const answer = result as Exclude<Answer, Response | undefined | null | void>;
  const body = typeof answer === "object" && isPieces(answer) ? piecesStream(answer as Pieces, work) : bytesOf(answer);
  return new Response(body as BodyInit, { headers: { "Content-Type": "text/html; charset=utf-8" } });
}

function piecesStream(pieces: Pieces, work: Work): ReadableStream<Uint8Array> {
  const iterator = Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await iterator.next();
      if (next.done) controller.close();
      else controller.enqueue(bytesOf(next.value));
    },
    async cancel(reason) {
      work.abort(reason ?? clientGone());
      await iterator.return?.();
    },
  });
}
