// What of a request the app does not see, in all of Node's views of its headers.

import type { IncomingMessage } from "node:http";

type Value = string | string[];

/** Hides headers of a request until its response has left. */
export class Hidden {
  readonly #req: IncomingMessage;
  readonly #method: string | undefined;
  readonly #headers: [string, Value][] = [];
  readonly #raw: string[];

  constructor(req: IncomingMessage, names: readonly string[]) {
    this.#req = req;
    this.#method = req.method;
    this.#raw = [...req.rawHeaders];
    for (const name of names) {
      const value = req.headers[name];
      if (value === undefined) continue;
      this.#headers.push([name, value]);
      delete req.headers[name];
    }
    // In place: HTTP/2's requests take no other list.
    const visible = this.#raw.filter((_, at) => !names.includes((this.#raw[at & ~1] ?? "").toLowerCase()));
    req.rawHeaders.splice(0, Number.POSITIVE_INFINITY, ...visible);
    hideDistinct(req, visible);
  }

  /** Shows one header again. */
  reveal(name: string): void {
    const found = this.#headers.find(([hidden]) => hidden === name);
    if (found) this.#req.headers[name] = found[1];
  }

  /** Shows what layers that compress ask for, when the head leaves. */
  leave(): void {
    this.reveal("accept-encoding");
    if (this.#method !== undefined) this.#req.method = this.#method;
  }

  /** Shows everything again. */
  show(): void {
    for (const [name, value] of this.#headers) this.#req.headers[name] = value;
    this.#req.rawHeaders.splice(0, Number.POSITIVE_INFINITY, ...this.#raw);
    Reflect.deleteProperty(this.#req, "headersDistinct");
  }
}

/** Node makes this view of the raw headers when it is first read, and keeps it; HTTP/2's requests have none. */
function hideDistinct(req: IncomingMessage, visible: readonly string[]): void {
  if (!("headersDistinct" in req)) return;
  let made: Record<string, string[]> | undefined;
  const get = (): Record<string, string[]> => {
    made ??= distinct(visible);
    return made;
  };
  Object.defineProperty(req, "headersDistinct", { get, configurable: true, enumerable: true });
}

function distinct(raw: readonly string[]): Record<string, string[]> {
  const made = Object.create(null) as Record<string, string[]>;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] as string).toLowerCase();
    made[name] ??= [];
    made[name].push(raw[at + 1] as string);
  }
  return made;
}
