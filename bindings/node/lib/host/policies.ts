// Which route has which shell policy: a table of path patterns, or a function.

import { Policy, type PolicyOptions } from "../core";
import { ConfigError } from "../errors";

/**
 * Policies by pattern: `/p/:sku` matches one segment, `/docs/*` all that follows. The first that matches counts; case
 * and a slash at the end do not, as in Express. A function gets the path, without mount point and query, and the
 * request.
 */
export type Policies<Request> =
  | Readonly<Record<string, PolicyOptions>>
  | ((path: string, request: Request) => PolicyOptions | undefined);

/** Finds the policy of a path. */
export type PolicyFinder<Request> = (path: string, request: Request) => Policy | undefined;

/** Compiles policies; wrong ones throw a `ConfigError` here, before there is a visitor. */
export function policyFinder<Request>(policies: Policies<Request> | undefined): PolicyFinder<Request> | undefined {
  if (policies === undefined) return undefined;
  if (typeof policies === "function") return computed(policies);
  const exact = new Map<string, Policy>();
  const patterns: [RegExp, Policy][] = [];
  for (const [pattern, options] of Object.entries(policies)) {
    const policy = new Policy(options);
    if (/[:*]/.test(pattern)) patterns.push([compiled(pattern), policy]);
    else exact.set(folded(checked(pattern)), policy);
  }
  return (path) => {
    const found = exact.get(folded(path));
    return found ?? patterns.find(([pattern]) => pattern.test(path))?.[1];
  };
}

function computed<Request>(find: (path: string, request: Request) => PolicyOptions | undefined): PolicyFinder<Request> {
  const made = new WeakMap<PolicyOptions, Policy>();
  return (path, request) => {
    const options = find(path, request);
    if (!options) return undefined;
    const policy = made.get(options) ?? new Policy(options);
    made.set(options, policy);
    return policy;
  };
}

function folded(path: string): string {
  return path.toLowerCase().replace(/(.)\/$/, "$1");
}

function checked(pattern: string): string {
  if (pattern.startsWith("/") && !/[?#()\s\\]/.test(pattern)) return pattern;
  const how = "a path from the root, with segments such as :sku, and * for all that follows";
  throw new ConfigError(`shell: ${JSON.stringify(pattern)} is no pattern: write ${how}`, "option");
}

function compiled(pattern: string): RegExp {
  const segments = checked(pattern).slice(1).split("/");
  const parts = segments.map((segment, at) => {
    if (/^:\w+$/.test(segment)) return "[^/]+";
    if (/^\*\w*$/.test(segment) && at === segments.length - 1) return ".+";
    if (/[:*]/.test(segment)) {
      const why = "a parameter is a whole segment, and * stands at the end";
      throw new ConfigError(`shell: ${JSON.stringify(pattern)}: ${why}`, "option");
    }
    return segment.replace(/[.+^${}|[\]]/g, "\\$&");
  });
  return new RegExp(`^/${parts.join("/")}/?$`, "i");
}
