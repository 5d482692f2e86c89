// One page on its way through the inner station: split as a whole, or as it comes, and its problems shown or logged.
// Knows no framework: headers come as lines, and go as edits.

import * as zlib from "node:zlib";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import {
  audit,
  type Context,
  type Diagnostic,
  type Edit,
  type Finding,
  type HeaderLines,
  type Islands,
  type Splitter,
  splitHeaders,
  uncachedHeaders,
  unsplit,
} from "../core";
import { EyotError } from "../errors";
import { markupBlock, markupPage, unsplitPage } from "./debug";
import type { Logger } from "./site";

/** What becomes of a whole page. */
export interface Outcome {
  /** Instead of the page's own status and all its headers. */
  readonly instead?: { readonly status: number; readonly headers: readonly (readonly [string, string])[] };
  readonly edits: readonly Edit[];
  readonly body: Uint8Array;
  /** A page with problems: the outer station keeps it out of caches once more, when all else has had its say. */
  readonly isFaulty: boolean;
}

/** Splits one page of `path`. While debugging the first problem is shown, in production all are logged. */
export class Splitting {
  constructor(
    readonly core: Islands,
    readonly context: Context,
    readonly path: string,
    readonly debug: boolean,
    readonly log: Logger,
  ) {}

  /**
   * Splits a whole page. A page with problems is an error page while debugging. In production its faulty islands become
   * their fallbacks, and no cache keeps it.
   */
  whole(headers: HeaderLines, page: Uint8Array): Outcome {
    const told = this.unsplit(headers, page);
    if (told) return told;
    let shell: Uint8Array;
    try {
      shell = this.debug ? this.#withWarnings(page) : this.core.split(page, this.context);
    } catch (error) {
      if (!(error instanceof EyotError)) throw error;
      return this.debug ? instead(markupPage(error, page), "text/html") : this.#lenient(headers, page);
    }
    if (shell === page) return { edits: [], body: page, isFaulty: false };
    return { edits: splitHeaders(headers, shell.length), body: shell, isFaulty: false };
  }

  /**
   * What is sent of text that is not split, where something is to be told of it: it is logged, and no cache keeps it;
   * where a directive would go out there is an error page while debugging.
   */
  unsplit(headers: HeaderLines, body: Uint8Array): Outcome | undefined {
    return lookedAt(this, headers, body);
  }

  #withWarnings(page: Uint8Array): Uint8Array {
    const { shell, diagnostics } = this.core.splitWithDiagnostics(page, this.context);
    this.warn(diagnostics, shell);
    return shell;
  }

  #lenient(headers: HeaderLines, page: Uint8Array): Outcome {
    try {
      const { shell, problems } = this.core.splitLenient(page, this.context);
      for (const problem of problems) this.problem(problem);
      const edits = [...splitHeaders(headers, shell.length), ...uncachedHeaders(headers)];
      return { edits, body: shell, isFaulty: true };
    } catch (error) {
      if (!(error instanceof EyotError)) throw error;
      // A page over the limits: there is nothing of it that could go out.
      this.problem(error);
      return instead(Buffer.from("internal server error\n"), "text/plain");
    }
  }

  /** What splits the page as it comes. */
  stream(mustBeSound: boolean): PageStream {
    return new PageStream(this, mustBeSound);
  }

  /**
   * Refuses a part of a page: it may begin in the middle of a directive, and whoever asked gets the whole page without
   * a range.
   */
  part(): Required<Pick<Outcome, "instead" | "body">> {
    this.log.warn(`${this.path}: a range of a page was refused: it cannot be split; answer the whole page`);
    const body = Buffer.from("range not satisfiable\n");
    const headers = [["Content-Type", "text/plain; charset=utf-8"], ["Accept-Ranges", "none"], ...ends(body)] as const;
    return { instead: { status: 416, headers }, body };
  }

  /** Says that a page goes out unsplit, since it was compressed in a way that is not known. */
  compressed(coding: string): void {
    this.log.warn(
      `${this.path} was not split: it is compressed already (${coding}); compress outside of eyot's stations`,
    );
  }

  problem(error: EyotError): void {
    this.log.error(`${this.path}: ${error.message} (${error.code})`);
  }

  warn(diagnostics: readonly Diagnostic[], shell: Uint8Array): void {
    for (const { line, column, message, code } of diagnostics) {
      this.log.warn(`${this.path}: line ${line}, column ${column}: ${message} (${code})`);
    }
    for (const found of findings(shell, this.core)) this.log.warn(`${this.path}: ${found}`);
  }
}

/** The same for text whose context nobody needs to know. */
export function lookedAt(
  { path, debug, log }: Pick<Splitting, "path" | "debug" | "log">,
  headers: HeaderLines,
  body: Uint8Array,
): Outcome | undefined {
  const told = unsplit(headers, body);
  if (!told) return undefined;
  log.error(`${path}: ${told.message} (${told.code})`);
  if (told.isError && debug) return instead(unsplitPage(told), "text/html");
  return { edits: uncachedHeaders(headers), body, isFaulty: true };
}

/**
 * Splits one page chunk by chunk.
 *
 * Where it must be sound its head has told caches to keep the page, so that the first problem ends it. What ends a page
 * is its `fault`, at which the host cuts the connection, so that caches discard what they have of it; while debugging
 * the page ends with the problem instead, unless it must be sound.
 */
export class PageStream {
  readonly #page: Splitting;
  readonly #mustBeSound: boolean;
  readonly #splitter: Splitter;
  // The audit needs the whole of it.
  readonly #sent: Uint8Array[] = [];
  #isOver = false;
  /** What has ended the page before its time. */
  fault: EyotError | undefined;

  constructor(page: Splitting, mustBeSound: boolean) {
    this.#page = page;
    this.#mustBeSound = mustBeSound;
    this.#splitter = page.core.splitter(page.context, { lenient: !page.debug });
  }

  /** Takes the next chunk and returns what can go out, often nothing. */
  push(chunk: Uint8Array): Uint8Array {
    return this.#isOver ? NONE : this.#step(() => this.#splitter.push(chunk));
  }

  /** Ends the page and returns the rest of it. */
  finish(): Uint8Array {
    if (this.#isOver) return NONE;
    const rest = this.#step(() => this.#splitter.finish());
    if (!this.#isOver) this.#end();
    return rest;
  }

  #step(step: () => Uint8Array): Uint8Array {
    let shell: Uint8Array;
    try {
      shell = step();
    } catch (error) {
      if (!(error instanceof EyotError)) throw error;
      return this.#stop(error);
    }
    if (this.#mustBeSound && this.#splitter.isFaulty) {
      this.fault = this.#splitter.problems[0];
      this.#end();
      return NONE;
    }
    if (this.#page.debug) this.#sent.push(shell);
    return shell;
  }

  #stop(error: EyotError): Uint8Array {
    this.#isOver = true;
    for (const problem of [...this.#splitter.problems, error]) this.#page.problem(problem);
    if (this.#mustBeSound || !this.#page.debug) this.fault = error;
    return this.#page.debug ? markupBlock(error) : NONE;
  }

  #end(): void {
    this.#isOver = true;
    if (this.#splitter.isFaulty) for (const problem of this.#splitter.problems) this.#page.problem(problem);
    if (this.#page.debug && !this.fault) this.#page.warn(this.#splitter.diagnostics, Buffer.concat(this.#sent));
  }
}

const NONE = new Uint8Array();

function ends(body: Buffer): readonly (readonly [string, string])[] {
  return [
    ["Cache-Control", "no-store"],
    ["Content-Length", String(body.length)],
  ];
}

function instead(body: Buffer, type: string): Outcome {
  const headers = [["Content-Type", `${type}; charset=utf-8`], ...ends(body)] as const;
  return { instead: { status: 500, headers }, edits: [], body, isFaulty: true };
}

/** What is misplaced in a shell, in words. Parts of pages are not audited: only where they are put in tells. */
function findings(shell: Uint8Array, { writesLoader }: Islands): string[] {
  const applies = ({ code }: Finding) => writesLoader || code !== "loader-missing";
  return isDocument(shell) ? audit(shell).filter(applies).map(described) : [];
}

/** What does not stand where it was written; the rest of an audit is advice. */
export function misplaced(shell: Uint8Array): string[] {
  const serious = /^(placeholder-|fallback-moved|fallback-swallows)/;
  return isDocument(shell)
    ? audit(shell)
        .filter(({ code }) => serious.test(code))
        .map(described)
    : [];
}

function isDocument(shell: Uint8Array): boolean {
  return /<!doctype|<html/i.test(Buffer.from(shell.subarray(0, 1024)).toString("latin1"));
}

function described(found: { line: number; column: number; island: string; message: string; code: string }): string {
  return `line ${found.line}, column ${found.column} of the shell: ${found.island}: ${found.message} (${found.code})`;
}

type Decoder = (body: Uint8Array) => Uint8Array;

const DECODERS: Readonly<Record<string, Decoder | undefined>> = {
  gzip: gunzipSync,
  "x-gzip": gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
  // Node 22.15 and later.
  zstd: (zlib as { zstdDecompressSync?: Decoder }).zstdDecompressSync,
};

/** A compressed page as it was; `undefined` for codings that are not known, or several. */
export function decoded(body: Uint8Array, coding: string): Uint8Array | undefined {
  return DECODERS[coding.trim().toLowerCase()]?.(body);
}
