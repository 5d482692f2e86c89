// The inner station for Node's responses: splits the HTML that the app answers, before anything else touches it.

import { pageKind, splitHeaders } from "../core";
import { mayBeText } from "./outer";
import type { Site } from "./site";
import { decoded, lookedAt, type PageStream, Splitting } from "./splitting";
import type { Station } from "./station";
import { cut, type Mode, type NodeResponse, Tap } from "./tap";

/** Splits what the app answers to one request. */
export class SplitTap<Request> extends Tap {
  readonly #station: Station<Request>;
  readonly #splitting: () => Splitting;
  #stream: PageStream | undefined;
  #isText = false;
  #hasHead = false;
  readonly #site: Site<Request, unknown>;

  /** What the app puts on every page, before a handler has its say. */
  readonly #appPolicy: unknown;

  constructor(res: NodeResponse, site: Site<Request, unknown>, station: Station<Request>) {
    super(res);
    this.#appPolicy = res.getHeader(CSP);
    this.#station = station;
    this.#site = site;
    this.#splitting = () => splittingOf(site, station);
  }

  protected override choose(whole: boolean | undefined): Mode | undefined {
    const { res } = this;
    // An error that the handler forwards is no island, and keeps what the app puts on its pages.
    if (this.#station.pending && (res.statusCode === 200 || res.statusCode === 304)) {
      this.#station.ownPolicies = ownPolicies(res.getHeader(CSP), this.#appPolicy);
    }
    if (!mayBeText(res.getHeader("content-type"))) return "pass";
    const kind = pageKind(res.statusCode, this.lines());
    if (kind === "other") return "pass";
    if (kind === "text" && res.req.method === "HEAD") return "pass";
    if (kind === "text") {
      this.#isText = whole === true;
      this.#hasHead ||= whole === undefined;
      return whole === undefined ? undefined : whole ? "collect" : "pass";
    }
    if (kind === "part") return this.#part();
    if (whole === undefined) return undefined;
    if (res.req.method === "HEAD" && whole) return this.#head();
    if (whole || kind === "compressed") return "collect";
    const { policy, shared } = this.#station;
    // Caches would keep a page whose problems are found when its head has gone.
    if (policy && !policy.streams) return "collect";
    this.#stream = this.#splitting().stream(policy !== undefined || shared !== undefined);
    this.edit(splitHeaders(this.lines()));
    return "filter";
  }

  #part(): Mode {
    const { instead, body } = this.#splitting().part();
    this.#replaceHead(instead.status, instead.headers);
    this.instead = body;
    return "drop";
  }

  /** Without the page nobody knows what its shell's length and tag are. */
  #head(): Mode {
    for (const name of ["Content-Length", "ETag", "Last-Modified"]) this.res.removeHeader(name);
    return "pass";
  }

  protected override whole(body: Uint8Array): Uint8Array {
    if (this.#isText) return this.#told(body);
    const coding = String(this.res.getHeader("content-encoding") ?? "");
    const page = coding && coding.toLowerCase() !== "identity" ? decoded(body, coding) : body;
    if (!page) {
      this.#splitting().compressed(coding);
      this.#station.isFaulty = true;
      return body;
    }
    if (page !== body) {
      this.res.removeHeader("Content-Encoding");
      this.res.removeHeader("Content-Length");
    }
    const outcome = this.#splitting().whole(this.lines(), page);
    if (outcome.instead) this.#replaceHead(outcome.instead.status, outcome.instead.headers);
    this.edit(outcome.edits);
    this.#station.isFaulty = outcome.isFaulty;
    return outcome.body;
  }

  #told(body: Uint8Array): Uint8Array {
    const { path, policy, pending } = this.#station;
    const outcome = lookedAt({ path, debug: this.#site.debug, log: this.#site.log }, this.lines(), body);
    if (!outcome) {
      // Node does not tell the length either of what comes after its head.
      const isFramed = this.res.hasHeader("content-length") || "stream" in this.res;
      if (this.#hasHead && !isFramed && !policy && !pending) this.res.setHeader("Transfer-Encoding", "chunked");
      return body;
    }
    if (outcome.instead) this.#replaceHead(outcome.instead.status, outcome.instead.headers);
    this.edit(outcome.edits);
    this.#station.isFaulty = outcome.isFaulty;
    return outcome.body;
  }

  #replaceHead(status: number, headers: readonly (readonly [string, string])[]): void {
    for (const name of this.res.getHeaderNames()) if (name !== "set-cookie") this.res.removeHeader(name);
    for (const [name, value] of headers) this.res.setHeader(name, value);
    this.setStatus(status);
  }

  protected override filtered(chunk: Uint8Array): Uint8Array {
    return this.#checked(this.#stream?.push(chunk) ?? chunk);
  }

  protected override rest(): Uint8Array {
    return this.#checked(this.#stream?.finish() ?? new Uint8Array());
  }

  /** Cuts the connection where the page cannot go on. */
  #checked(shell: Uint8Array): Uint8Array {
    if (this.#stream?.fault) cut(this.res);
    return shell;
  }
}

/** What splits the page of one request. */
export function splittingOf<Request>(site: Site<Request, unknown>, station: Station<Request>): Splitting {
  return new Splitting(site.core, site.context(station), station.path, site.debug, site.log);
}

const CSP = "content-security-policy";

/** A handler's own policies; none where it left those of the app, which are for pages. */
export function ownPolicies(now: unknown, before: unknown): string[] {
  if (now === undefined || String(now) === String(before ?? "")) return [];
  return Array.isArray(now) ? now.map(String) : [String(now)];
}
