// What the islands of every host have in common: their keys, and pages that are rendered often.

import type { Islands, Prepared } from "../core";
import type { Site } from "./site";
import type { Station } from "./station";

/** The islands of an app. `Asked` is what the framework hands its views: a request, or a context. */
export abstract class AppIslands<Asked, Request, Handler> {
  /** @internal */
  readonly site: Site<Request, Handler>;

  constructor(site: Site<Request, Handler>) {
    this.site = site;
  }

  /** The station of a request. */
  protected abstract station(asked: Asked): Station<Request>;

  /**
   * Finds a page's islands once, to render it often: `const page = isl.prepare(html)`, then `page.render(request)` for each
   * request, which seals anew only what changes. Throws a `MarkupError` for what is wrong with it.
   */
  prepare(page: Uint8Array | string): PreparedPage<Asked> {
    return new PreparedPage<Asked>(page, this.site, (prepared, asked) =>
      prepared.render(this.site.contextOf(this.station(asked), false)),
    );
  }

  /** Reads the keys again. A changed `EYOT_KEYS_FILE` is noticed by itself, within a second of the next request. */
  reloadKeys(): void {
    this.site.reloadKeys();
  }
}

/** A page that is split once and rendered for each request. */
export class PreparedPage<Asked> {
  readonly #page: Uint8Array | string;
  readonly #site: { readonly core: Islands };
  readonly #render: (prepared: Prepared, asked: Asked) => Uint8Array;
  #core: Islands;
  #prepared: Prepared;

  /** @internal */
  constructor(
    page: Uint8Array | string,
    site: { readonly core: Islands },
    render: (prepared: Prepared, asked: Asked) => Uint8Array,
  ) {
    this.#page = page;
    this.#site = site;
    this.#render = render;
    this.#core = site.core;
    this.#prepared = this.#core.prepare(page);
  }

  /** The names of the page's islands. */
  get islands(): string[] {
    return this.#prepared.islands;
  }

  /** The shell, with tokens as they are now, for the request that asks. */
  render(asked: Asked): Uint8Array {
    // An island was registered since.
    if (this.#core !== this.#site.core) {
      this.#core = this.#site.core;
      this.#prepared = this.#core.prepare(this.#page);
    }
    return this.#render(this.#prepared, asked);
  }
}
