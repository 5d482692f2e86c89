// The inner station for Node's responses: splits the HTML that the app answers, before anything else touches it.

import type { PageOut, Sent } from "../core";
import { mayBeText } from "./outer";
import { wayOut, whole } from "./page";
import type { Site } from "./site";
import type { Station } from "./station";
import { cut, type Mode, type NodeResponse, Tap } from "./tap";

/** Puts the inner station on a response, unless nothing of it is eyot's. */
export function tap<Request>(res: NodeResponse, site: Site<Request, unknown>, station: Station<Request>): void {
  if (station.pending || site.splits(undefined)) new SplitTap(res, site, station);
}

/** Splits what the app answers to one request. */
class SplitTap<Request> extends Tap {
  readonly #station: Station<Request>;
  readonly #site: Site<Request, unknown>;
  #out: PageOut | undefined;
  #coding: string | undefined;
  /** Whether the head was written before the first bytes came: Node does not tell a length then. */
  #hasHead = false;

  /** What the app puts on every page, before a handler has its say. */
  readonly #appPolicy: unknown;

  constructor(res: NodeResponse, site: Site<Request, unknown>, station: Station<Request>) {
    super(res);
    this.#appPolicy = res.getHeader(CSP);
    this.#station = station;
    this.#site = site;
  }

  protected override choose(isWhole: boolean | undefined): Mode | undefined {
    const { res } = this;
    if (this.#station.isHooked) return "pass";
    // An error that the handler forwards is no island, and keeps what the app puts on its pages.
    if (this.#station.pending && (res.statusCode === 200 || res.statusCode === 304)) {
      this.#station.ownPolicies = ownPolicies(res.getHeader(CSP), this.#appPolicy);
    }
    if (!this.#site.splits(this.#station.pending?.name) || !mayBeText(res.getHeader("content-type"))) return "pass";
    if (this.#isKnownFile()) return "pass";
    this.#hasHead ||= isWhole === undefined;
    this.#out ??= wayOut(this.#site, this.#station, res.req.method === "HEAD");
    const size = isWhole === undefined ? "unknown" : isWhole ? "whole" : "more";
    const step = this.#out.step(res.statusCode, this.lines(), size);
    this.#station.isFaulty = this.#out.isFaulty;
    this.#coding = step.coding;
    switch (step.kind) {
      case "pass":
        return "pass";
      case "wait":
        return undefined;
      case "stream":
        this.edit(step.sent?.edits ?? []);
        return "filter";
      case "instead":
        this.instead = this.#sent(step.sent, NONE);
        return "drop";
      default:
        return "collect";
    }
  }

  protected override whole(body: Uint8Array): Uint8Array {
    const { res } = this;
    const sent =
      this.#out && whole(this.#site, this.#station, this.#out, res.statusCode, this.lines(), body, this.#coding);
    this.#station.isFaulty = this.#out?.isFaulty ?? false;
    if (!sent) {
      this.#site.files.add(this.#station.target, res.statusCode, (name) => res.getHeader(name));
      this.#frameAsNode();
    }
    return this.#sent(sent, body);
  }

  #isKnownFile(): boolean {
    const { pending, target } = this.#station;
    return !pending && this.#site.files.has(target, this.res.statusCode, (name) => this.res.getHeader(name));
  }

  /** Node does not tell the length either of what comes after its head. */
  #frameAsNode(): void {
    const { res } = this;
    const { policy, pending } = this.#station;
    const isFramed = res.hasHeader("content-length") || "stream" in res || res.req.method === "HEAD";
    if (this.#hasHead && !isFramed && !policy && !pending) res.setHeader("Transfer-Encoding", "chunked");
  }

  #sent(sent: Sent | undefined, body: Uint8Array): Uint8Array {
    if (!sent) return body;
    if (sent.headers) {
      for (const name of this.res.getHeaderNames()) if (name !== "set-cookie") this.res.removeHeader(name);
      for (const [name, value] of sent.headers) this.res.setHeader(name, value);
    }
    this.edit(sent.edits);
    this.setStatus(sent.status);
    return sent.body ?? body;
  }

  protected override filtered(chunk: Uint8Array): Uint8Array {
    return this.#checked(this.#out?.push(chunk) ?? chunk);
  }

  protected override rest(): Uint8Array {
    return this.#checked(this.#out?.finish() ?? NONE);
  }

  /** Cuts the connection where the page cannot go on. */
  #checked(shell: Uint8Array): Uint8Array {
    if (this.#out?.fault) cut(this.res);
    return shell;
  }
}

const NONE = new Uint8Array();
const CSP = "content-security-policy";

/** A handler's own policies; none where it left those of the app, which are for pages. */
export function ownPolicies(now: unknown, before: unknown): string[] {
  if (now === undefined || String(now) === String(before ?? "")) return [];
  return Array.isArray(now) ? now.map(String) : [String(now)];
}
