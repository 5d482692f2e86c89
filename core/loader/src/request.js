// Owns the requests: one in flight for each URL, and a deadline for each attempt.

import { later } from "./more.js";
import { astro } from "./origin.js";
import { deadline, option, page, requestKey } from "./plain.js";

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

/**
 * @param {Island} island
 * @returns {Promise<Answer>}
 */
async function sendUntilAnswered(island) {
  const answer = await send(island, 1);
  return answer.response.ok ? answer : ((await later("retry", island, answer)) ?? answer);
}

/**
 * @param {Island} island
 * @param {number} attempt
 * @returns {Promise<Answer>}
 */
export async function send({ element, url, token }, attempt) {
  try {
    /** @type {Element | false | null} */
    const link = attempt < 2 && page.querySelector(`link[href="${option(element, "src")}"]`);
    const response = await fetch(url, {
      signal: deadline(option(element, "timeout")),
      // Or as the link asked: else Firefox asks again. Its element has nothing of its own.
      ...(link || { redirect: "manual", credentials: "include" }),
      method: token && "POST",
      // A blob brings its type as the Content-Type.
      body: token && new Blob([token], { type: astro ? "application/json" : "application/vnd.eyot.token" }),
    });
    if (link) link.remove();
    // Asked again, the redirect shows as what it is.
    if (response.redirected) throw response;
    return { response, html: await response.text(), attempt, reason: "answer" };
  } catch (error) {
    return { response: Response.error(), html: "", attempt, reason: /** @type {Error} */ (error).name };
  }
}
