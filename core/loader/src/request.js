// Owns the requests: one in flight for each URL, a deadline for each attempt, and the retries.

import { astro } from "./origin.js";

/** Failures that a later attempt may not meet. @type {(string | number)[]} */
const PASSING = ["network", "timeout", 429, 502, 503, 504];

/** Requests under way; taken out of here, they are not shared any more. @type {Map<string, Promise<Answer>>} */
export const inFlight = new Map();

/**
 * The answer to an island's request; islands with the same URL and token share one.
 * @param {Island} island
 */
export function request(island) {
  const key = requestKey(island);
  let answer = inFlight.get(key);
  if (!answer) {
    answer = sendUntilAnswered(island);
    inFlight.set(key, answer);
    answer.then(() => inFlight.get(key) == answer && inFlight.delete(key));
  }
  return answer;
}

/** @param {Island} island */
export function requestKey({ url, token }) {
  return url + " " + token;
}

/** @param {Headers} headers */
export function isHtml(headers) {
  return /^text\/html\b/i.test(headers.get("Content-Type") + "");
}

/**
 * @param {Island} island
 * @returns {Promise<Answer>}
 */
async function sendUntilAnswered(island) {
  for (let attempt = 1; ; attempt++) {
    const answer = await send(island, attempt);
    const { response, reason } = answer;
    if (attempt > 3 || !PASSING.includes(response.status || reason)) return answer;
    const wait = retryAfter(response.headers.get("Retry-After")) || Math.random() * 500 * 2 ** attempt;
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (!navigator.onLine) await new Promise((resolve) => addEventListener("online", resolve, { once: true }));
  }
}

/**
 * @param {Island} island
 * @param {number} attempt
 * @returns {Promise<Answer>}
 */
async function send({ element, url, token }, attempt) {
  const { timeout, when } = element.dataset;
  try {
    const response = await fetch(url, {
      signal: deadline(timeout),
      priority: when == "idle" ? "low" : "auto",
      redirect: "manual",
      credentials: "include",
      method: token ? "POST" : "GET",
      // A blob brings its type as the Content-Type.
      body: token && new Blob([token], { type: astro ? "application/json" : "application/vnd.eyot.token" }),
    });
    // Only the answer to a redirect, which the browser hides, has no status.
    const reason = response.headers.get("Island-Refused") ?? (response.ok ? "answer" : response.status ? "status" : "redirect");
    return { response, html: await response.text(), attempt, reason };
  } catch (error) {
    const reason = /** @type {Error} */ (error).name == "TimeoutError" ? "timeout" : "network";
    return { response: Response.error(), html: "", attempt, reason };
  }
}

/**
 * Aborts after that many seconds, 10 unless told; where the browser has no such signal, never.
 * @param {string | number | undefined} [seconds]
 */
export function deadline(seconds) {
  return AbortSignal.timeout?.((Number(seconds) || 10) * 1000);
}

/**
 * Milliseconds that the server asks for, in seconds or as a date, at most a minute; NaN when it does not.
 * @param {string | null} value
 */
function retryAfter(value) {
  return Math.min(Number(value) * 1000 || Date.parse(value + "") - Date.now(), 60000);
}
