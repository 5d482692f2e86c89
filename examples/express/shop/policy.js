// The shop's Content-Security-Policy: strict, the same on every page, and the islands live under it.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/**
 * Adds the policy to every page. The one inline script, the tide's, is allowed by its hash. Islands are not touched by
 * this: opened by itself, one may do nothing at all, which is eyot's own policy.
 *
 * @param {string} views
 * @returns {import("express").RequestHandler}
 */
export function policy(views) {
  const script = readFileSync(`${views}/islands/tide.js`, "utf8").trimEnd();
  const digest = createHash("sha256").update(script).digest("base64");
  const value = [
    "default-src 'self'",
    `script-src 'self' 'sha256-${digest}'`,
    "require-trusted-types-for 'script'",
    "trusted-types eyot",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
  return (_req, res, next) => {
    res.set("Content-Security-Policy", value);
    next();
  };
}
