// The options of islands, as types. Written by `cargo run -p eyot --example options -- --write` from core/src/options:
// change it there.

import type { Duration, Event, KeyRing } from "./core";
import type { Logger } from "./host/log";

/** The options that core obeys. */
export interface CoreOptions {
  /** The path below which islands are asked for. Default: `/_server-islands`. */
  readonly prefix?: string | undefined;
  /** Names of islands that pages may hold and another host answers. Default: none. */
  readonly elsewhere?: readonly string[] | undefined;
  /**
   * Another origin that answers the islands of this host's shells, such as `https://islands.example`. Default: this
   * host.
   */
  readonly origin?: string | undefined;
  /** Origins whose shells this host answers islands for. Default: none. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Where a handler's 401 sends the visitor: a path from the root, or an http(s) URL. Default: nowhere. */
  readonly loginUrl?: string | undefined;
  /** Origins, other than the host's own, that a handler may redirect to. Default: none. */
  readonly locations?: readonly string[] | undefined;
  /**
   * The headers that say who the visitor is, beside `Cookie` and `Authorization`. Views under a policy without
   * cookies, and shared islands, do not see them. A `*` at a name's end stands for any ending. Default: those that
   * proxies are known to send.
   */
  readonly identityHeaders?: readonly string[] | undefined;
  /** How long tokens stay valid that do not say. Default: for ever. */
  readonly ttl?: Duration | undefined;
  /** The step that expiries are rounded up to, so that tokens stay the same inside it. Default: the time to live. */
  readonly ttlGrid?: Duration | undefined;
  /**
   * How tokens are sealed that do not say: `stable` (the same content gives the same token) or `unlinkable` (no two
   * tokens can be linked). Default: `stable`.
   */
  readonly seal?: "stable" | "unlinkable" | undefined;
  /** Whether the page's path and language travel in tokens that do not say. Default: off. */
  readonly page?: boolean | undefined;
  /** The length in bytes above which an island is asked for by POST. Default: 2,000. */
  readonly urlLimit?: number | undefined;
  /** The most islands on a page. Default: 1,000. */
  readonly maxIslands?: number | undefined;
  /** The most bytes of one island in a page. Default: 1 MiB. */
  readonly maxIslandBytes?: number | undefined;
  /** How long the handler of an island may take; 0 for no limit. Default: 30 seconds. */
  readonly deadline?: Duration | undefined;
  /** Whether HTML is searched for directives. Without it, the template helpers write placeholders. Default: on. */
  readonly htmlPass?: boolean | undefined;
  /** Whether split pages get the loader's tags. Default: on. */
  readonly loader?: boolean | undefined;
  /**
   * Whether the style sheet's tag is among the loader's tags. A site that turns it off says
   * `server-island{display:contents}` in its own. Default: on.
   */
  readonly stylesheet?: boolean | undefined;
  /**
   * Whether the loader and the style sheet stand in the page itself, instead of in files of their own. It saves a
   * visitor's first page a round trip, and costs each page 3 kB. A `Content-Security-Policy` allows them by their
   * hashes. Default: off.
   */
  readonly inlineLoader?: boolean | undefined;
  /**
   * Whether the head of a page that is split whole gets a `<link rel="preload">` for each island that is loaded at
   * once, so that the browser asks for them before the loader runs. Islands of another origin, that are asked for by
   * POST, or that stand in a `template` or an error slot get none. Default: off.
   */
  readonly preload?: boolean | undefined;
  /**
   * Whether faults are shown to the visitor: in place of a page, in a refusal's body, and in the browser's console,
   * where the loader says what is wrong with an island that fails or is slow. For development. Default: as the
   * framework has it.
   */
  readonly debug?: boolean | undefined;
}

/** The options of a host's islands. */
export interface HostOptions<Request> extends CoreOptions {
  /**
   * The text of the key ring, as in `EYOT_KEYS`, or a ring that is there already. Without keys an app does not start;
   * while debugging it gets a temporary one, with a warning. Default: `EYOT_KEYS`, else `EYOT_KEYS_FILE`.
   */
  readonly keys?: string | KeyRing | undefined;
  /** Tells a text that sealing and opening must agree on, such as the tenant. Default: none. */
  readonly audience?: ((request: Request) => string) | undefined;
  /**
   * Tells the language of the page, for tokens that hold the page. Default: the language that the framework has
   * activated, where it has one.
   */
  readonly lang?: ((request: Request) => string) | undefined;
  /**
   * The path that the app is mounted at, where a proxy took it off; in Go a function that tells it. Default: what the
   * request shows.
   */
  readonly mount?: string | undefined;
  /** What events are logged with. Default: the framework's, else the language's. */
  readonly logger?: Logger | undefined;
  /**
   * Is called with each event: refusals, leaks, faults, keys that changed, handlers that took too long. Never with a
   * token or a prop. Default: none.
   */
  readonly onEvent?: ((event: Event) => unknown) | undefined;
}
