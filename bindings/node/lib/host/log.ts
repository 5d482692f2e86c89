// What a host has to say: an event at a time, to its log and to whoever listens.

import type { Event } from "../core";
import { ConfigError } from "../errors";
import { isThenable } from "./answer";

/** Where events are written: the console, or a logger such as pino's, winston's, or Fastify's own. */
export interface Logger {
  readonly error: (...given: never[]) => unknown;
  readonly warn: (...given: never[]) => unknown;
  /** Requests that were refused in production: what clients send is their business. */
  readonly info: (...given: never[]) => unknown;
}

/** Told of each event; what it throws or rejects with is logged, and changes nothing. */
type OnEvent = (event: Event) => unknown;

type Level = Event["level"];
type Write = (level: Level, line: string, fields?: object) => void;

const LEVELS = ["error", "warn", "info"] as const;

/** The log of one set of islands. */
export class Log<Request> {
  readonly #write: (request: Request | undefined) => Write;
  readonly #listener: OnEvent | undefined;

  /** `logger` may be a function that tells the logger of a request. */
  constructor(logger: Logger | ((request?: Request) => Logger), listener: OnEvent | undefined) {
    if (typeof logger === "function") {
      this.#write = (request) => writerOf(logger(request));
    } else {
      checkLogger(logger);
      const write = writerOf(logger);
      this.#write = () => write;
    }
    if (listener !== undefined && typeof listener !== "function")
      throw new ConfigError(`onEvent is a function of an event, not ${typeof listener}`, "option");
    this.#listener = listener;
  }

  /** Writes an event, and tells it. */
  tell(event: Event, request?: Request): void {
    const { line, ...fields } = event;
    const write = this.#write(request);
    write(event.level, line, fields);
    const failed = (error: unknown): void => write("error", `onEvent failed: ${described(error)}`);
    try {
      const told: unknown = this.#listener?.(event);
      if (isThenable(told)) told.then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  }

  /** Tells what the app threw, and nobody else has answered. */
  failed(error: unknown, path: string, request: Request): void {
    const { line, ...event } = eventOf("error", "app-failed", String(error), { path });
    this.tell({ ...event, line: error instanceof Error && error.stack ? `${path}: ${error.stack}` : line }, request);
  }
}

function checkLogger(logger: Logger): void {
  const missing = LEVELS.find((level) => typeof logger?.[level] !== "function");
  if (missing) throw new ConfigError(`logger: it has no function ${missing}: give it console, or pino's`, "option");
}

/** An event of the host's own. */
export function eventOf(level: Level, code: string, message: string, more: Partial<Event> = {}): Event {
  const path = more.path ?? "";
  return { ...more, level, code, message, path, line: `${path && `${path}: `}${message} (${code})` };
}

/** How a logger is written to: those like pino take fields and a text, others a text and what is beside it. */
function writerOf(logger: Logger): Write {
  const levels = logger as unknown as Record<Level, (...given: unknown[]) => unknown>;
  if (logger === console) return (level, line) => void levels[level](`eyot: ${line}`);
  const isLikePino = "child" in logger && !("transports" in logger);
  return (level, line, fields) => {
    const beside = fields && { eyot: fields };
    if (isLikePino) levels[level](beside ?? {}, line);
    else levels[level](line, beside);
  };
}

/** An error as the log has it. */
export function described(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
