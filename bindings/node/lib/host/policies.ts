// Which path has which shell policy: a table of patterns, which core matches, or a function.

import native = require("../native");

import { Policy, type PolicyOptions } from "../core";
import type { Site } from "./site";

/** A policy, or none: an entry of a table without one excepts its paths from wider patterns. */
export type PolicyEntry = PolicyOptions | null | false | undefined;

/**
 * Policies by pattern: `/p/{sku}` fits one segment, `/docs/{page...}` all that follows; the most specific pattern counts,
 * and `null` excepts paths from a wider one. A function gets the path, below the mount point and without query, and the
 * request.
 */
export type Policies<Request> =
  | Readonly<Record<string, PolicyEntry>>
  | ((path: string, request: Request) => PolicyEntry);

/** Finds the policy of a path. */
export type PolicyFinder<Request> = (path: string, request: Request) => Policy | undefined;

/** How many paths are kept with what was found for them. */
const KEPT = 1000;

/** Compiles policies; wrong ones throw a `ConfigError` here, before there is a visitor. */
export function policyFinder<Request>(
  site: Site<Request, unknown>,
  policies: Policies<Request> | undefined,
): PolicyFinder<Request> | undefined {
  if (policies === undefined) return undefined;
  if (typeof policies === "function") {
    const made = new MadePolicies();
    return (path, request) => made.of(policies(path, request));
  }
  const patterns = Object.keys(policies);
  const found = Object.entries(policies).map(([pattern, options]) =>
    options ? new Policy(options, `shell: ${JSON.stringify(pattern)}`) : undefined,
  );
  const isExcepted = found.map((policy) => policy === undefined);
  const paths = native.paths(patterns, isExcepted);
  const known = new Map<string, Policy | undefined>();
  return (path, request) => {
    if (known.has(path)) return known.get(path);
    const policy = found[native.pathsFind(paths, path)];
    if (site.debug) site.tell(native.pathsUnused(paths), request);
    if (known.size === KEPT) known.clear();
    known.set(path, policy);
    return policy;
  };
}

/** The policies of options that were seen before. */
export class MadePolicies {
  readonly #made = new WeakMap<PolicyOptions, Policy>();

  /** The policy of options; `undefined` for none. */
  of(options: PolicyEntry): Policy | undefined {
    if (!options) return undefined;
    const policy = this.#made.get(options) ?? new Policy(options);
    this.#made.set(options, policy);
    return policy;
  }
}
