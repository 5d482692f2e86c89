// What the two stations tell each other about one request, and the request as it came.

import type { IncomingMessage } from "node:http";
import type { Context, HeaderLines, Pending, Policy, Reply, Visit } from "../core";
import type { Hidden } from "./hidden";
import type { Island, Work } from "./island";
import type { Scene } from "./site";

/** One request between the two stations. */
export class Station<Request> implements Scene<Request> {
  readonly request: Request;
  readonly method: string;
  readonly target: string;
  readonly mount: string;
  context: Context | undefined;
  policy: Policy | undefined;
  visit: Visit | undefined;
  /** What the app does not see, in Node's hosts. */
  hidden: Hidden | undefined;
  pending: Pending | undefined;
  /** The token that was posted. */
  body: Uint8Array | undefined;
  /** Set where the token was opened: what is answered before is another layer's, and no island. */
  isOpened = false;
  refusal: Reply | undefined;
  island: Island<unknown> | undefined;
  work: Work | undefined;
  shared: number | undefined;
  sealedPage = "";
  /** Set by the inner station for a page with problems. */
  isFaulty = false;
  /** The handler's own Content-Security-Policy, before app-wide functions add that of pages. */
  ownPolicies: string[] | undefined;
  /** What the app puts on every page, before a handler has its say; where its framework does not tell it otherwise. */
  appPolicy: unknown;
  /** The shell, where something between the stations compresses it. */
  shell: Uint8Array | undefined;
  /** Whether the request came through the outer station. */
  isInside = false;
  /** Whether the inner station has taken its place. */
  hasInner = false;
  /** Whether a hook of the framework has split the answer, so that what is written is not split once more. */
  isHooked = false;

  constructor(request: Request, method: string, target: string, mount: string) {
    this.request = request;
    this.method = method;
    this.target = target;
    this.mount = mount;
  }

  /** The path without query, as it came. */
  get path(): string {
    const query = this.target.indexOf("?");
    return query < 0 ? this.target : this.target.slice(0, query);
  }

  /** The path below the mount point, as routes see it. */
  get localPath(): string {
    return this.path.slice(this.mount.length) || "/";
  }
}

/** The headers of a Node request, as they came. */
export function requestLines(request: IncomingMessage): HeaderLines {
  const { rawHeaders, headers } = request;
  // In HTTP/2 the authority counts, and a field beside it says nothing (RFC 9113, 8.3.1).
  const counted = headers[":authority"] === undefined ? rawHeaders : withoutHost(rawHeaders);
  return { text: counted.length ? `${counted.join("\n")}\n` : "", count: counted.length / 2 };
}

function withoutHost(raw: readonly string[]): string[] {
  return raw.filter((_, at) => raw[at & ~1]?.toLowerCase() !== "host");
}
