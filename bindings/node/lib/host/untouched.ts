// Whether a handler has had anything to do with its response: one that has not, and returned nothing, never answers.

/** Notices the first use of a response, which is of one of its methods: all of Node's and of frameworks are inherited. */
export class Untouched {
  readonly #response: object;
  readonly #prototype: object;
  readonly #watch: object;
  /** Whether nothing of the response was used. */
  isSo = true;

  constructor(response: object) {
    this.#response = response;
    this.#prototype = Object.getPrototypeOf(response) as object;
    this.#watch = new Proxy(this.#prototype, {
      get: (prototype, name, receiver) => {
        this.end();
        this.isSo = false;
        return Reflect.get(prototype, name, receiver) as unknown;
      },
    });
    Object.setPrototypeOf(response, this.#watch);
  }

  /** Nothing is noticed any more. */
  end(): void {
    if (Object.getPrototypeOf(this.#response) === this.#watch) Object.setPrototypeOf(this.#response, this.#prototype);
  }
}
