// A tap on a Node response: holds back its head until core has said what becomes of the body, then lets through,
// collects, filters or drops it. Both stations are taps; everything about `writeHead`, `write` and `end` that they need
// is here.

import type { IncomingMessage, OutgoingHttpHeader, ServerResponse } from "node:http";
import { isSame, type Sent, type WayOut } from "../core";
import { apply, type Fields, linesOf, whole } from "./page";
import type { Site } from "./site";
import type { Station } from "./station";

/** What a tap does with a body: goes out as it comes, is collected, is filtered chunk by chunk, or does not go out. */
type Mode = "pass" | "collect" | "filter" | "drop";

/** As much of a Node response as a tap needs; HTTP/2's compatibility response has it too. */
export type NodeResponse = ServerResponse<IncomingMessage>;

type Callback = (error?: Error | null) => void;
type HeaderList = Record<string, OutgoingHttpHeader> | OutgoingHttpHeader[] | readonly (readonly [string, string])[];

interface Below {
  writeHead(status: number): NodeResponse;
  write(chunk: Uint8Array, callback?: Callback): boolean;
  end(chunk?: Uint8Array, callback?: Callback): NodeResponse;
  flushHeaders(): void;
}

/** Where a tap stands: its head is not seen, was seen from all layers above, or is on its way. */
enum Phase {
  Open,
  Above,
  Seen,
  Sent,
}

export abstract class Tap<Request> {
  protected readonly res: NodeResponse;
  protected readonly site: Site<Request, unknown>;
  protected readonly station: Station<Request>;
  /** What was there when the tap was put on, which stays whatever goes out instead. */
  readonly #before: Fields;
  readonly #below: Below;
  #phase = Phase.Open;
  #mode: Mode | undefined;
  #chunks: Uint8Array[] = [];
  #ended = false;
  #out: WayOut | undefined;
  #coding: string | undefined;
  /** What goes out in the place of a body that is dropped. */
  #instead: Uint8Array | undefined;
  /** Whether the head was written before the first bytes came: Node does not tell a length then. */
  #hasHead = false;

  constructor(
    res: NodeResponse,
    site: Site<Request, unknown>,
    station: Station<Request>,
    before: Fields = { ...res.getHeaders() },
  ) {
    this.res = res;
    this.site = site;
    this.station = station;
    this.#before = before;
    this.#below = {
      writeHead: res.writeHead.bind(res),
      write: res.write.bind(res) as Below["write"],
      end: res.end.bind(res) as Below["end"],
      flushHeaders: res.flushHeaders.bind(res),
    };
    res.writeHead = this.#writeHead as NodeResponse["writeHead"];
    res.write = this.#write as NodeResponse["write"];
    res.end = this.#end as NodeResponse["end"];
    res.flushHeaders = this.#flushHeaders;
  }

  /** The way out, asked for when the head is there; without one the response passes as it is. */
  protected abstract way(): WayOut | undefined;

  /** Told what became of a whole body, before it goes out. */
  protected sent(_sent: Sent | undefined): void {}

  /** Told when the head leaves. */
  protected leaving(): void {}

  /** Told when the app has ended its answer, before the last of it goes out. */
  protected ending(): void {}

  /** Whether a body that ends is all of it; one that is not has been cut. */
  protected mayEnd(): boolean {
    return true;
  }

  /**
   * Asks core what becomes of the body; all layers above have had their say in the head. `isWhole`: whether the bytes
   * that have come are all there is, or `undefined` when the head alone is there, and the answer may wait.
   */
  #decide(isWhole: boolean | undefined): Mode | undefined {
    this.#out ??= this.way();
    if (!this.#out) return "pass";
    this.#hasHead ||= isWhole === undefined;
    const size = isWhole === undefined ? "unknown" : isWhole ? "whole" : "more";
    const { kind, coding, sent } = this.#out.step(this.res.statusCode, linesOf(this.res), size);
    this.#coding = coding;
    if (kind === "pass") return "pass";
    if (kind === "wait") return undefined;
    if (!sent) return "collect";
    this.#apply(sent);
    if (sent.hasBody && kind !== "instead") return kind === "stream" ? "filter" : "pass";
    this.#instead = sent.body;
    return "drop";
  }

  /** What a collected body goes out as. */
  #whole(body: Uint8Array): Uint8Array {
    const { res, site, station } = this;
    const all = body.length ? body : (station.leftOut ?? body);
    const sent = this.#out && whole(site, station, this.#out, res.statusCode, linesOf(res), all, this.#coding);
    this.sent(sent);
    if (isSame(sent)) this.#frameAsNode();
    if (sent) this.#apply(sent);
    return sent && !sent.hasBody ? NONE : (sent?.body ?? body);
  }

  #apply(sent: Sent): void {
    const { statusCode } = this.res;
    apply(this.res, sent, this.#before);
    // Another status has another reason. HTTP/2 has no reasons, and warns of them.
    if (sent.status !== statusCode && !("stream" in this.res) && this.res.statusMessage) this.res.statusMessage = "";
  }

  /** Node does not tell the length either of what comes after its head. */
  #frameAsNode(): void {
    const { res } = this;
    const isFramed = res.hasHeader("content-length") || "stream" in res || res.req.method === "HEAD";
    if (this.#hasHead && !isFramed && !this.station.exchange) res.setHeader("Transfer-Encoding", "chunked");
  }

  /** What a chunk goes out as. */
  #filtered(chunk: Uint8Array): Uint8Array {
    return this.#checked(this.#out?.push(chunk) ?? chunk);
  }

  /** Cuts the connection where a page cannot go on. */
  #checked(shell: Uint8Array): Uint8Array {
    if (this.#out?.fault) cut(this.res);
    return shell;
  }

  /** Lets all layers that were put on after this one have their say in the head: they listen to `writeHead`. */
  #above(): void {
    if (this.#phase !== Phase.Open) return;
    this.#phase = Phase.Above;
    this.res.writeHead(this.res.statusCode);
    this.#phase = Phase.Seen;
  }

  #begin(): void {
    if (this.#phase === Phase.Sent) return;
    this.#phase = Phase.Sent;
    this.leaving();
    this.#below.writeHead(this.res.statusCode);
  }

  /** Sends the head of a body that is there as a whole; Node alone would have told its length too. */
  #beginWhole(body: Uint8Array | undefined): void {
    if (this.#phase === Phase.Sent) return;
    const { res } = this;
    const length = body?.length ?? 0;
    const told = res.hasHeader("content-length") || res.hasHeader("transfer-encoding") || res.hasHeader("trailer");
    const bodiless = res.statusCode === 204 || res.statusCode === 304 || res.req.method === "HEAD";
    if (!told && !bodiless) res.setHeader("Content-Length", length);
    this.#begin();
  }

  readonly #writeHead = (status: number, ...rest: (string | HeaderList | null | undefined)[]): NodeResponse => {
    if (this.#phase === Phase.Sent) return this.#below.writeHead(status);
    // As Node does: a reason that was set before stays.
    this.res.statusCode = status;
    const [reason, headers] = rest;
    if (typeof reason === "string" && !("stream" in this.res)) this.res.statusMessage = reason;
    this.#setHeaders(typeof reason === "string" ? headers : (headers ?? reason));
    if (this.#phase === Phase.Open) {
      this.#phase = Phase.Seen;
      this.#mode = this.#orGiveUp(() => this.#decide(undefined));
      if (this.#mode !== undefined && this.#mode !== "collect") this.#begin();
    }
    return this.res;
  };

  readonly #flushHeaders = (): void => {
    if (this.#phase === Phase.Sent) return this.#below.flushHeaders();
    this.#above();
    this.#mode ??= this.#orGiveUp(() => this.#decide(undefined));
    if (this.#mode === undefined || this.#mode === "collect") return;
    this.#begin();
    this.#below.flushHeaders();
  };

  #setHeaders(headers: string | HeaderList | null | undefined): void {
    if (!headers || typeof headers === "string") return;
    if (!Array.isArray(headers)) {
      for (const [name, value] of Object.entries(headers))
        if (value !== undefined) this.res.setHeader(name, value as string);
      return;
    }
    const flat = headers.flat() as string[];
    const seen = new Set<string>();
    for (let at = 0; at + 1 < flat.length; at += 2) {
      const [name, value] = [flat[at] as string, flat[at + 1] as string];
      if (seen.has(name.toLowerCase())) this.res.appendHeader(name, value);
      else this.res.setHeader(name, value);
      seen.add(name.toLowerCase());
    }
  }

  readonly #write = (chunk: unknown, encoding?: unknown, callback?: unknown): boolean => {
    const bytes = asBytes(chunk, encoding);
    const done = asCallback(encoding, callback);
    if (this.#ended) return this.#below.write(bytes, done);
    this.#orGiveUp(() => this.#choose(false));
    if (this.#mode === "collect") {
      if (!this.#chunks.length) this.#sayThatHeadIsSent();
      this.#chunks.push(bytes);
      if (done) process.nextTick(done);
      return true;
    }
    this.#begin();
    return this.#put(this.#mode === "filter" ? this.#filtered(bytes) : bytes, done);
  };

  #put(bytes: Uint8Array, done: Callback | undefined): boolean {
    if (this.#mode !== "drop" && bytes.length > 0) return this.#below.write(bytes, done);
    if (done) process.nextTick(done);
    return !this.res.writableNeedDrain;
  }

  readonly #end = (chunk?: unknown, encoding?: unknown, callback?: unknown): NodeResponse => {
    const done = asCallback(chunk, encoding, callback);
    const bytes =
      chunk === undefined || chunk === null || typeof chunk === "function" ? NONE : asBytes(chunk, encoding);
    if (this.#ended) return this.#below.end(bytes, done);
    if (!this.mayEnd()) return this.res;
    this.#ended = true;
    const out = this.#orGiveUp(() => {
      this.#choose(true);
      return this.#last(bytes);
    });
    this.ending();
    this.#beginWhole(out);
    return out?.length ? this.#below.end(out, done) : this.#below.end(undefined, done);
  };

  #choose(isWhole: boolean): void {
    if (this.#mode !== undefined) return;
    this.#above();
    this.#mode = this.#decide(isWhole) ?? "pass";
  }

  /** Where a choice fails, by a function of the app's above all, the app's error page passes, and is kept nowhere. */
  #orGiveUp<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      this.#mode = "pass";
      this.#ended = false;
      this.#chunks = [];
      Reflect.deleteProperty(this.res, "headersSent");
      if (this.#phase !== Phase.Sent) this.res.setHeader("Cache-Control", "no-store");
      throw error;
    }
  }

  /** What goes out at the end, be it all that does. */
  #last(bytes: Uint8Array): Uint8Array | undefined {
    switch (this.#mode) {
      case "collect": {
        const body = joined([...this.#chunks, bytes]);
        this.#chunks = [];
        return this.#whole(body);
      }
      case "filter":
        return joined([this.#filtered(bytes), this.#checked(this.#out?.finish() ?? NONE)]);
      case "drop":
        return this.#instead;
      default:
        return bytes;
    }
  }

  /** A body that has begun cannot be followed by an error page: frameworks ask this before they send one. */
  #sayThatHeadIsSent(): void {
    Object.defineProperty(this.res, "headersSent", { value: true, configurable: true });
  }
}

const NONE = new Uint8Array();

function asBytes(chunk: unknown, encoding: unknown): Uint8Array {
  if (typeof chunk === "string")
    return Buffer.from(chunk, (typeof encoding === "string" ? encoding : "utf8") as BufferEncoding);
  if (chunk instanceof Uint8Array) return chunk;
  const error = new TypeError(
    `a body is made of strings and Uint8Arrays, not of ${chunk === null ? "null" : typeof chunk}`,
  );
  throw Object.assign(error, { code: "ERR_INVALID_ARG_TYPE" });
}

function asCallback(...candidates: unknown[]): Callback | undefined {
  return candidates.find((candidate) => typeof candidate === "function") as Callback | undefined;
}

function joined(parts: Uint8Array[]): Uint8Array {
  const filled = parts.filter((part) => part.length > 0);
  return filled.length === 1 ? (filled[0] as Uint8Array) : filled.length === 0 ? NONE : Buffer.concat(filled);
}

/** Cuts the connection, or HTTP/2's stream: a client then knows that what it has is not all. */
export function cut(res: NodeResponse): void {
  const { stream } = res as { stream?: { close(code: number): void } };
  if (stream) stream.close(INTERNAL_ERROR);
  else res.destroy();
}

/** HTTP/2's code (RFC 9113, 7). */
const INTERNAL_ERROR = 2;
