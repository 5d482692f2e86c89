// The two stations for the web's Request and Response: what Bun, Deno, Hono and Next's route handlers speak.

import { type Exchange, type HeaderPairs, headerLines, MARK, Reply, type Sent, type WayOut } from "../core";
import { type DeadlineError, EyotError, PropsError } from "../errors";
import { type Answer, bytesOf, isAnswer, isPieces, isResponse, noAnswer, type Pieces } from "./answer";
import { clientGone, type Island, readIsland, Work } from "./island";
import { isHtmlType, mayBeText, OF_PAGES, wantsPage, whole } from "./page";
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

/** What layers around have put there before the outer station was called. */
export interface Around {
  /** What says who the visitor is. */
  readonly visitor: () => string | undefined;
  /** Headers of the response, which stay whatever is answered; asked for where something may be answered instead. */
  readonly headers?: () => Headers;
}

/** The outer station: answers a request, or lets the app and finishes what it answers. */
export async function enter(outer: WebOuter, request: Request, app: App, around: Around): Promise<Response> {
  const { site } = outer;
  site.followKeys();
  const missing = site.missing();
  if (missing) throw missing;
  const { mount = "" } = site.options;
  const station = new Station(request, request.method, mount + targetOf(request.url), mount);
  station.isInside = true;
  const policy = outer.policies?.(station.localPath, request);
  const found = site.arrive(station, () => headersOf(request), policy, around.visitor);
  const { exchange } = station;
  const before = found || exchange ? around.headers?.() : undefined;
  const replied = ({ status, headers, body }: Reply): Response =>
    sentAs({ status, headers, body, edits: [], hasBody: true }, undefined, NONE, before);
  if (found) return replied(found);
  if (exchange?.bodyLimit) {
    const refusal = site.takeBody(station, exchange, await readBody(request, exchange.bodyLimit));
    if (refusal) return replied(refusal);
    station.method = "GET";
  }
  const hidden = new HiddenOf(request, wantsPage(request.headers.get("accept")) ? OF_PAGES : []);
  station.reveal = () => hidden.show();
  let answered: Response;
  try {
    answered = await app(exchange ? seenBy(exchange, hidden.seen, mount) : hidden.seen, station);
  } finally {
    hidden.show();
  }
  return leaving(site, station, answered, before);
}

/** The request of an exchange as the app sees it. */
function seenBy(exchange: Exchange, request: Request, mount: string): Request {
  const { path, hiddenHeaders, method } = exchange;
  // The island of one visitor: a session may be found by the request.
  if (exchange.name !== undefined && path === undefined && !hiddenHeaders.length) return request;
  const headers = new Headers(request.headers);
  for (const name of hiddenHeaders) headers.delete(name);
  if (path !== undefined) for (const name of ["content-type", "content-length"]) headers.delete(name);
  const url = new URL(request.url);
  if (exchange.query !== undefined) url.search = exchange.query;
  if (path !== undefined) url.pathname = path.slice(mount.length);
  return new Request(url, { method, headers, signal: request.signal, redirect: request.redirect });
}

/** Hides headers of a request: in place where that can be, since layers may find a session by the request. */
class HiddenOf {
  readonly seen: Request;
  readonly #request: Request;
  readonly #held: [string, string][];

  constructor(request: Request, names: readonly string[]) {
    this.#request = request;
    this.#held = names.flatMap((name) => {
      const value = request.headers.get(name);
      return value === null ? [] : [[name, value] as [string, string]];
    });
    this.seen = this.#held.length ? without(request, names) : request;
  }

  /** Layers that compress read the request then. */
  show(): void {
    if (this.seen === this.#request) for (const [name, value] of this.#held) this.#request.headers.set(name, value);
  }
}

function without(request: Request, names: readonly string[]): Request {
  try {
    for (const name of names) request.headers.delete(name);
  } catch {
    // Some runtimes' requests cannot be changed.
  }
  if (!names.some((name) => request.headers.has(name))) return request;
  const headers = new Headers(request.headers);
  for (const name of names) headers.delete(name);
  return new Request(request, { headers });
}

/** What the app answers; it is asked again, for the whole, where it answers a part of a page. */
export async function asked(request: Request, app: (request: Request) => Response | Promise<Response>) {
  const answered = await app(request);
  const isPart = answered.status === 206 && isHtmlType(answered.headers.get("content-type"));
  if (!isPart || !request.headers.has("range")) return answered;
  return discarded(answered, await app(without(request, ["range", "if-range"])));
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

/** A response; one without content has no body at all. */
function response(body: BodyInit | Uint8Array | null, status: number, headers: Headers): Response {
  const bodiless = status === 204 || status === 205 || status === 304;
  return new Response(bodiless ? null : (body as BodyInit | null), { status, headers });
}

/** Lets the source of a body that is not sent end. */
function discarded(of: Response, instead: Response): Response {
  if (!of.bodyUsed) of.body?.cancel().catch(() => {});
  return instead;
}

/** The body, as far as it is longer than the limit. */
async function readBody(request: Request, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.length;
    // Leaving the loop cancels the stream.
    if (length > limit) break;
  }
  return Buffer.concat(chunks);
}

/** Sends a response through the outer station. */
async function leaving(
  site: Site<Request, unknown>,
  station: Station<Request>,
  answered: Response,
  before: Headers | undefined,
): Promise<Response> {
  let left = answered;
  const isMarked = answered.headers.has(MARK);
  // A stream that the inner station began and did not end, whoever swallowed the reason.
  const isCut = (): boolean => isMarked && station.page?.isOpen === true;
  const cut = (): EyotError => {
    site.noteCut(station);
    return new EyotError("the page ended before its end", "stream-cut");
  };
  const out = site.outer(station, {
    getHeader: (name) => answered.headers.get(name) ?? undefined,
    removeHeader: (name) => {
      left = withoutHeader(answered, name);
    },
  });
  if (out) left = await through(site, station, out, answered, before, () => isCut() && cut());
  if (!isCut() || !left.body) return left;
  const guard: Flowing = {
    push: (chunk) => chunk,
    finish: () => {
      if (isCut()) guard.fault = cut();
      return NONE;
    },
    fault: undefined,
    isOver: false,
  };
  return response(flowing(guard, left.body.getReader(), { chunks: [], isWhole: false }), left.status, left.headers);
}

/** The same without a header: in place where that can be, since servers tell the length of a body that is not touched. */
function withoutHeader(answered: Response, name: string): Response {
  try {
    answered.headers.delete(name);
    return answered;
  } catch {
    return sentAs({ ...UNCHANGED, status: answered.status, edits: [[name, undefined]] }, answered, answered.body);
  }
}

/** The inner station: splits what the app answers, if it is HTML. */
export async function split(
  site: Site<Request, unknown>,
  station: Station<Request>,
  answered: Response,
): Promise<Response> {
  if (!station.policy) station.reveal?.();
  if (!station.isOpened && !mayBeText(answered.headers.get("content-type"))) return answered;
  station.page = site.inner(station);
  return through(site, station, station.page, answered);
}

/** Sends a response through a station. `ended` says of a whole body that it is none. */
async function through(
  site: Site<Request, unknown>,
  station: Station<Request>,
  out: WayOut,
  answered: Response,
  before?: Headers,
  ended: () => EyotError | false = () => false,
): Promise<Response> {
  const sent = await throughAs(site, station, out, answered, before, ended);
  // Servers would tell the length of a body that they do not send.
  const isHead = station.method === "HEAD" && !station.policy && isHtmlType(sent.headers.get("content-type"));
  return isHead && sent.body ? discarded(sent, response(null, sent.status, sent.headers)) : sent;
}

async function throughAs(
  site: Site<Request, unknown>,
  station: Station<Request>,
  out: WayOut,
  answered: Response,
  before: Headers | undefined,
  ended: () => EyotError | false,
): Promise<Response> {
  const { status } = answered;
  const lines = headerLines(answered.headers);
  let step = out.step(status, lines, "unknown");
  if (step.kind === "pass") return answered;
  if (step.sent && step.kind !== "stream") return sentAs(step.sent, answered, answered.body, before);
  const reader = (answered.body ?? new Blob().stream()).getReader() as ReadableStreamDefaultReader<Uint8Array>;
  let begun = await begin(reader, step.kind !== "wait");
  if (step.kind === "wait") step = out.step(status, lines, begun.isWhole ? "whole" : "more");
  const { kind, sent = { ...UNCHANGED, status } } = step;
  if (kind !== "collect" && kind !== "decode")
    return sentAs(sent, answered, flowing(kind === "stream" ? out : PASSING, reader, begun), before);
  if (!begun.isWhole) begun = await begin(reader, true, begun);
  const fault = ended();
  if (fault) throw fault;
  const body = begun.chunks.length === 1 ? (begun.chunks[0] as Uint8Array) : Buffer.concat(begun.chunks);
  const done = whole(site, station, out, status, lines, body, step.coding);
  return sentAs(done ?? { ...UNCHANGED, status }, answered, body, before);
}

const NONE = new Uint8Array();
const UNCHANGED = { headers: undefined, edits: [], hasBody: true, body: undefined } as const;

/** What core decided, as a response. What stood `before` the station was entered stays in any case. */
function sentAs(
  sent: Sent,
  answered: Response | undefined,
  body: Uint8Array | ReadableStream<Uint8Array> | null,
  before?: Headers,
): Response {
  const headers = new Headers(sent.headers ? before : answered?.headers);
  for (const [name, value] of sent.headers ?? sent.edits) {
    if (value === undefined) headers.delete(name);
    else headers.set(name, value);
  }
  const content = sent.hasBody ? (sent.body ?? body) : null;
  const made = response(content, sent.status, headers);
  return answered && content !== body ? discarded(answered, made) : made;
}

/** As much of a way out as a stream needs. */
type Flowing = { -readonly [K in "push" | "finish" | "fault" | "isOver"]: WayOut[K] };

/** A body that passes as it comes. */
const PASSING: Flowing = { push: (chunk) => chunk, finish: () => NONE, fault: undefined, isOver: false };

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
    // What fails after its first bytes fails again when it is read on.
    const found = await (all || chunks.length === 0 ? next : Promise.race([next, soon()]).catch(() => undefined));
    if (!found) return { chunks, isWhole: false, next };
    if (found.done) return { chunks, isWhole: true };
    chunks.push(found.value);
  }
}

function soon(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Pulls a chunk when one is asked for, so that a slow reader slows its source down. */
function flowing(
  stream: Flowing,
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
  exchange: Exchange,
  handle: (registration: Registration<Handler>, island: Island<unknown>) => unknown,
): Promise<Response> {
  // The outer station sends what core has refused.
  const refused = ({ status }: Reply): Response => new Response(null, { status });
  const opened = site.open(station, exchange);
  if (opened instanceof Reply) return refused(opened);
  const registration = site.registration(exchange.name ?? "");
  let fail: (error: DeadlineError) => void = () => {};
  const late = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const work = new Work(site.task(station, registration), (error) => fail(error));
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
    return refused(exchange.misfit(error.message));
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
