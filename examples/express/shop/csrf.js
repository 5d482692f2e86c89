// Protection against forged forms: a token in the session, and the same one in the form.

import { randomBytes, timingSafeEqual } from "node:crypto";

/**
 * The session's token; it starts a session where there is none.
 *
 * @param {import("express").Request} req
 */
export function tokenOf(req) {
  req.session.csrf ??= randomBytes(32).toString("base64url");
  return req.session.csrf;
}

/** @type {import("express").RequestHandler} */
export function protect(req, _res, next) {
  if (["GET", "HEAD", "OPTIONS"].includes(req.method)) return next();
  const [expected, given] = [req.session.csrf, req.body?.csrf_token];
  const isRight =
    typeof expected === "string" &&
    typeof given === "string" &&
    expected.length === given.length &&
    timingSafeEqual(Buffer.from(expected), Buffer.from(given.padEnd(expected.length)).subarray(0, expected.length));
  next(
    isRight ? undefined : Object.assign(new Error("the CSRF token is missing or wrong"), { code: "csrf", status: 400 }),
  );
}
