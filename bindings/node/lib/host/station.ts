// One request between the two stations: what it brought, and what the host found out about it.

import type { IncomingMessage } from "node:http";
import type { Context, Exchange, HeaderLines, Policy, WayOut } from "../core";
import type { Hidden } from "./hidden";
import type { Island } from "./island";
import type { Fields } from "./page";
import type { Watch } from "./watch";

export class Station<Request> {
  readonly request: Request;
  /** The method as it came; of a posted token the GET that it stands for. */
  method: string;
  readonly target: string;
  /** The mount point as it stands in the target. */
  readonly mount: string;
  /** The headers that layers around have set before, which stay whatever goes out, in Node's hosts. */
  before: Fields = {};
  context: Context | undefined;
  /** Where the request is one for an island, or for a page with a policy. */
  exchange: Exchange | undefined;
  policy: Policy | undefined;
  /** What the app does not see, in Node's hosts. */
  hidden: Hidden | undefined;
  /** Shows layers between what codings the visitor takes, once the page is split. */
  reveal: (() => void) | undefined;
  island: Island<unknown> | undefined;
  /** While debugging, under a policy: what a view does in vain. */
  watch: Watch | undefined;
  /** Whether the island's token was opened: what is answered before is another layer's. */
  isOpened = false;
  /** What layers say of scripts on every page, in headers that they share with the island's handler. */
  appPolicy: unknown;
  /** The way out through the inner station. */
  page: WayOut | undefined;
  /** The page of a HEAD that the framework itself leaves out, and that is judged all the same. */
  leftOut: Uint8Array | undefined;
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

  /** The island that is asked for. */
  get name(): string | undefined {
    return this.exchange?.name;
  }

  /** The path without query, as it came. */
  get path(): string {
    const query = this.target.indexOf("?");
    return query < 0 ? this.target : this.target.slice(0, query);
  }

  /** The path as logs may have it: that of an island would hold its token. */
  get loggedPath(): string {
    const { path, name } = this;
    const end = name === undefined ? -1 : path.lastIndexOf(`/${name}/`);
    return end < 0 ? path : path.slice(0, end + 1 + (name as string).length);
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
