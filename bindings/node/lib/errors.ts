// What eyot throws: one class for each kind of error, each error with a stable code.

/** An error of eyot: `code` is stable, the message says what happened, where, and what to do. */
export class EyotError extends Error {
  /** A stable, lower-case code, such as `island-unclosed`. */
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.name = new.target.name;
    this.code = code;
  }
}

/** An option, a name or a call that cannot be used. */
export class ConfigError extends EyotError {}

/** A key that is missing, badly written or can be guessed. Never holds anything of the key. */
export class KeyError extends EyotError {}

/** Props that JSON cannot hold, or that do not fit what a handler declared. Never holds a value. */
export class PropsError extends EyotError {}

/** Sealing that failed. */
export class SealError extends EyotError {}

/** A token that does not open. Its text is the same for all damage. */
export class TokenError extends EyotError {}

/** A handler that took longer than the deadline. Its `status` is what frameworks answer. */
export class DeadlineError extends EyotError {
  readonly status = 503;
  readonly statusCode = 503;
}

/** Something wrong in a page's markup, with its place there. */
export class MarkupError extends EyotError {
  /** The line in the page, from 1. */
  readonly line: number;
  /** The column, from 1. */
  readonly column: number;

  constructor(message: string, code: string, line: number, column: number) {
    super(message, code);
    this.line = line;
    this.column = column;
  }
}

const KINDS: Readonly<Record<string, new (message: string, code: string) => EyotError>> = {
  config: ConfigError,
  key: KeyError,
  props: PropsError,
  seal: SealError,
  token: TokenError,
};

/** The error that a native call threw, as a class of this file. */
export function raised(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const [kind = "", code = "", line, column] = String((error as { code?: unknown }).code).split("/");
  return code ? made(kind, code, error.message, Number(line), Number(column)) : error;
}

/** An error by its kind, as the native part tells it. */
export function made(kind: string, code: string, message: string, line: number, column: number): EyotError {
  if (kind === "markup") return new MarkupError(message, code, line, column);
  const Kind = KINDS[kind] ?? EyotError;
  return new Kind(message, code);
}
