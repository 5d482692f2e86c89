// Owns the requests: one in flight for each URL, a deadline for each attempt, and the retries.

import { astro, option } from "./origin.js";

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
  return /^text\/html *(;|$)/i.test(headers.get("Content-Type") + "");
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
    // In seconds or as a date; NaN where there is none.
    const after = response.headers.get("Retry-After") + "";
    const asked = Math.min(parseInt(after) * 1000 || Date.parse(after) - Date.now(), 60000);
    const wait = asked || Math.random() * 500 * 2 ** attempt;
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
  try {
    const link = attempt < 2 && document.querySelector(`link[href="${option(element, "src")}"]`);
    const response = await fetch(url, {
      signal: deadline(option(element, "timeout")),
      priority: option(element, "when") == "idle" ? "low" : "auto",
      // As the link asked: else Firefox asks again.
      redirect: link ? undefined : "manual",
      credentials: link ? undefined : "include",
      method: token ? "POST" : "GET",
      // A blob brings its type as the Content-Type.
      body: token && new Blob([token], { type: astro ? "application/json" : "application/vnd.eyot.token" }),
    });
    if (link) link.remove();
    // Asked again, the redirect shows as what it is.
    if (response.redirected) throw response;
    return { response, html: await response.text(), attempt, reason: reasonAgainst(response) };
  } catch (error) {
    const reason = /** @type {Error} */ (error).name == "TimeoutError" ? "timeout" : "network";
    return { response: Response.error(), html: "", attempt, reason };
  }
}

/**
 * What `island:error` says should the answer not be taken.
 * @param {Response} response
 */
function reasonAgainst({ status, ok, headers }) {
  if (status == 410 && headers.get("Island-Refused") == "stale") return "stale";
  // Only the answer to a redirect, which the browser hides, has no status.
  return ok ? "answer" : status ? "status" : "redirect";
}

/**
 * Aborts after that many seconds, 10 unless told; where the browser has no such signal, never.
 * @param {string} [seconds]
 */
export function deadline(seconds) {
  return AbortSignal.timeout?.((Number(seconds) || 10) * 1000);
}
