// What a handler may return instead of writing it itself: HTML as text or bytes, in pieces, or a web Response.

import { EyotError } from "../errors";
import { Html } from "../html";
import type { Work } from "./island";
import { cut, type NodeResponse } from "./tap";

/** A piece of HTML. */
export type Piece = string | Html | Uint8Array;

/** HTML as it comes: generators, `ReadableStream`, Node's `Readable`. */
export type Pieces = Iterable<Piece> | AsyncIterable<Piece>;

/** What a handler may return; nothing where it has answered, or will. */
export type Answer = Piece | Pieces | Response | undefined | null | void;

/** Whether a value is something to send. */
export function isAnswer(value: unknown): value is Piece | Pieces | Response {
  if (typeof value === "string" || value instanceof String) return true;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return value instanceof Html || value instanceof Uint8Array || isPieces(value) || isResponse(value);
}

/** The error of a handler that returned something that cannot be sent. */
export function noAnswer(island: string, value: unknown, orWrites: string): EyotError {
  const what = value === undefined ? "nothing" : `what is no HTML (${kindOf(value)})`;
  const may = `HTML (a string, html\`…\`, bytes, a generator or a stream) or a Response${orWrites}`;
  return new EyotError(`the handler of the island ${island} returned ${what}: return ${may}`, "answer");
}

function kindOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "a list" : typeof value;
}

/** Whether a value comes in pieces. */
export function isPieces(value: object): value is Pieces {
  if (value instanceof Uint8Array || value instanceof String) return false;
  return Symbol.asyncIterator in value || Symbol.iterator in value;
}

/** Whether a value is a Response of any realm's or library's making. */
export function isResponse(value: object): value is Response {
  return "headers" in value && "status" in value && "arrayBuffer" in value && "body" in value;
}

/** Whether a value is a promise, of any library's making. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

/** A piece as bytes. */
export function bytesOf(piece: unknown): Uint8Array {
  if (piece instanceof Uint8Array) return piece;
  // Other libraries mark their HTML as objects of String.
  if (typeof piece === "string" || piece instanceof String) return Buffer.from(String(piece));
  if (piece instanceof Html) return Buffer.from(piece.source);
  throw new EyotError(`a piece of HTML is a string, Html or a Uint8Array, not ${typeof piece}`, "answer");
}

/** Sends what a handler returned; rejects while an error page can still be sent, cuts the connection when not. */
export async function send(res: NodeResponse, answer: Piece | Pieces | Response, work: Work): Promise<void> {
  let body: Piece | Pieces | null = answer as Piece | Pieces;
  if (typeof answer === "object" && isResponse(answer)) {
    res.statusCode = answer.status;
    copyHeaders(answer.headers, res);
    body = answer.body as AsyncIterable<Uint8Array> | null;
  } else if (!res.hasHeader("content-type")) {
    res.setHeader("Content-Type", "text/html; charset=utf-8");
  }
  if (body === null) res.end();
  else if (typeof body === "object" && isPieces(body)) await pump(res, body, work);
  else res.end(bytesOf(body));
}

function copyHeaders(headers: Headers, res: NodeResponse): void {
  for (const [name, value] of headers) if (name !== "set-cookie") res.setHeader(name, value);
  const cookies = headers.getSetCookie();
  if (cookies.length) res.setHeader("Set-Cookie", [...asList(res.getHeader("set-cookie")), ...cookies]);
}

function asList(value: number | string | string[] | undefined): string[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [String(value)];
}

/** Writes pieces as fast as the client takes them, and lets their source end when the client is gone. */
async function pump(res: NodeResponse, pieces: Pieces, work: Work): Promise<void> {
  const iterator = Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
  let begun = false;
  try {
    for (;;) {
      const next = await iterator.next();
      if (next.done) break;
      if (res.destroyed || work.isOver) return void (await iterator.return?.());
      begun = true;
      if (!res.write(bytesOf(next.value))) await drained(res);
    }
    if (!work.isOver) res.end();
  } catch (error) {
    if (!begun) throw error;
    await iterator.return?.();
    cut(res);
    throw error;
  }
}

function drained(res: NodeResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      res.off("drain", go).off("close", go);
      resolve();
    };
    res.on("drain", go).on("close", go);
  });
}
