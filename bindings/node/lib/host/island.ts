// The opened island that a handler gets, and the clock that runs while it works.

import { type OpenedToken, openedParts, type Page } from "../core";
import { DeadlineError } from "../errors";
import type { Html } from "../html";
import type { Props, Reader } from "../props";

/**
 * An island whose token was genuine. Its props are not claims about the visitor: who asks, the handler finds out from
 * the session, as everywhere.
 */
export class Island<P = Props> {
  readonly name: string;
  readonly props: P;
  /** The slots that travelled sealed, as HTML. */
  readonly slots: Readonly<Record<string, Html>>;
  /** The page that holds the island, where it was sealed. */
  readonly page: Page | undefined;
  /** When the token expires, in Unix seconds. */
  readonly expires: number | undefined;
  readonly #work: Work;

  /** @internal */
  constructor(name: string, props: P, opened: OpenedToken, work: Work) {
    this.name = name;
    this.props = props;
    ({ slots: this.slots, page: this.page } = openedParts(opened));
    this.expires = opened.expires;
    this.#work = work;
  }

  /** Aborted when the client goes away, and when the deadline has passed: hand it to `fetch` and to the database. */
  get signal(): AbortSignal {
    return this.#work.signal;
  }
}

/** Reads an opened token's props, through what the handler declared, and makes the island of it. */
export async function readIsland<P>(
  name: string,
  opened: OpenedToken,
  read: Reader<P>,
  work: Work,
): Promise<Island<P>> {
  return new Island(name, await read(opened.props), opened, work);
}

/** What a handler is at work for. */
export interface Task {
  readonly name: string;
  /** Seconds, 0 for as long as it likes. */
  readonly deadline: number;
  /** Told when the deadline has passed. */
  readonly tell: (error: DeadlineError) => void;
  /** Whether the answer is there: a response that nobody closes does not end the work. */
  readonly isAnswered: () => boolean;
}

/** One handler at work: its signal, made when it is asked for, and its deadline. */
export class Work {
  #controller: AbortController | undefined;
  #reason: unknown;
  #timer: NodeJS.Timeout | undefined;

  /** Begins; `late` is called when the deadline passes. */
  constructor({ name, deadline, tell, isAnswered }: Task, late: (error: DeadlineError) => void) {
    if (deadline <= 0) return;
    const took = `the handler of the island ${name} has not answered within ${deadline} s`;
    this.#timer = setTimeout(() => {
      if (isAnswered()) return;
      const error = new DeadlineError(`${took}: does it return HTML, or write its response?`, "deadline");
      this.abort(error);
      tell(error);
      late(error);
    }, deadline * 1000);
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Whether nobody waits for the work any more. */
  get isOver(): boolean {
    return this.#reason !== undefined;
  }

  /** Ends the work before it is done. */
  abort(reason: unknown): void {
    this.done();
    this.#reason ??= reason;
    this.#controller?.abort(this.#reason);
  }

  /** The work is done: nobody waits for its deadline. */
  done(): void {
    clearTimeout(this.#timer);
  }
}

/** Why a signal is aborted when nobody waits for the answer any more. */
export function clientGone(): Error {
  const error = new Error("the client has gone away");
  error.name = "AbortError";
  return error;
}
