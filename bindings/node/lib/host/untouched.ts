// Whether a handler has had anything to do with its response: one that has not, and returned nothing, never answers.

import type { NodeResponse } from "./tap";

/** Notices the first use of a response, which is of one of its methods, as all of Node's and Express's are inherited. */
export class Untouched {
  readonly #res: NodeResponse;
  readonly #prototype: object;
  readonly #watch: object;
  /** Whether nothing of the response was used. */
  isSo = true;

  constructor(res: NodeResponse) {
    this.#res = res;
    this.#prototype = Object.getPrototypeOf(res) as object;
    this.#watch = new Proxy(this.#prototype, {
      get: (prototype, name, receiver) => {
        this.end();
        this.isSo = false;
        return Reflect.get(prototype, name, receiver) as unknown;
      },
    });
    Object.setPrototypeOf(res, this.#watch);
  }

  /** Nothing is noticed any more. */
  end(): void {
    if (Object.getPrototypeOf(this.#res) === this.#watch) Object.setPrototypeOf(this.#res, this.#prototype);
  }
}
