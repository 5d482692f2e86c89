// While debugging: what a view under a shell policy does in vain with a visitor whom it cannot see.

import { eventOf } from "./log";
import type { Site } from "./site";
import type { Station } from "./station";

/** Where frameworks keep who asks. */
const NAMES = ["session", "user"] as const;

const CURE = "put what depends on the visitor into an island, or take the policy off";

/** Notes what is read of the session and the user, and what is written to the session, until the view has answered. */
export class Watch {
  readonly #read = new Set<string>();
  readonly #before: Readonly<Record<string, unknown>>;
  readonly #session: () => unknown;
  #isOver = false;

  /** `session` gives the session, without being noted. */
  constructor(session: () => unknown) {
    this.#session = session;
    this.#before = { ...(session() as object | undefined) };
  }

  /** Watches properties of a request. */
  static over(request: object): Watch {
    const held = new Map<string, unknown>(NAMES.map((name) => [name, (request as Record<string, unknown>)[name]]));
    const watch = new Watch(() => held.get("session"));
    for (const name of NAMES) {
      Object.defineProperty(request, name, {
        get: () => watch.note(name, held.get(name)),
        set: (value) => void held.set(name, value),
        configurable: true,
        enumerable: held.get(name) !== undefined,
      });
    }
    return watch;
  }

  /** Notes that something was read, and gives it. */
  note<T>(name: string, value: T): T {
    if ((NAMES as readonly string[]).includes(name)) this.#read.add(name);
    return value;
  }

  /** Tells what was noted, once: what comes after is the session layer's own. */
  tell<Request>(site: Site<Request, unknown>, { request, loggedPath: path }: Station<Request>): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const session = { ...(this.#session() as object | undefined) } as Record<string, unknown>;
    const written = Object.keys(session).filter((key) => key !== "cookie" && session[key] !== this.#before[key]);
    const warn = (code: string, text: string): void => site.log.tell(eventOf("warn", code, text, { path }), request);
    if (written.length)
      warn(
        "policy-session-written",
        `the view wrote ${written.join(", ")} to the session, whose cookie no page under a shell policy can set: ${CURE}`,
      );
    else if (this.#read.size)
      warn(
        "policy-session-read",
        `the view asked for the ${[...this.#read].join(" and the ")}, and saw nobody, as it does for every visitor under a shell policy: ${CURE}`,
      );
  }
}

/** Watches where it is of use: while debugging, under a policy that hides the visitor. */
export function watched<Request>(
  site: Site<Request, unknown>,
  station: Station<Request>,
  watch: () => Watch,
): Watch | undefined {
  const isHidden = station.policy && station.exchange?.hiddenHeaders.includes("cookie");
  return site.debug && isHidden ? watch() : undefined;
}
