// Owns failures that a later attempt may not meet, and what the others are called.

import { healer } from "./heal.js";

/** Statuses, and what an attempt without an answer has. */
const PASSING = [0, 429, 502, 503, 504];

/**
 * @param {Tools} tools
 * @returns {NonNullable<More["retry"]>}
 */
export function retrier(tools) {
  const { send } = tools;
  const heal = healer(tools);

  // The last answer: the first that cannot be bettered, or that of the fourth attempt.
  return async function retry(island, answer) {
    while (answer.attempt < 4 && answer.response.type != "opaqueredirect" && PASSING.includes(answer.response.status)) {
      // In seconds or as a date; NaN where there is none.
      const after = answer.response.headers.get("Retry-After") + "";
      const asked = Math.min(parseInt(after) * 1000 || Date.parse(after) - Date.now(), 60000);
      await pause(asked || Math.random() * 500 * 2 ** answer.attempt);
      if (!navigator.onLine) await new Promise((resolve) => addEventListener("online", resolve));
      answer = await send(island, answer.attempt + 1);
    }
    const { type, status, headers } = answer.response;
    if (type == "opaqueredirect") answer.reason = "redirect";
    else if (!status) answer.reason = answer.reason == "TimeoutError" ? "timeout" : "network";
    else if (status == 410 && headers.get("Island-Refused") == "stale") {
      answer.reason = "stale";
      if (await heal(island)) {
        tools.healed?.(island.name);
        return retry(island, await send(island, 1));
      }
    } else if (!answer.response.ok) answer.reason = "status";
    return answer;
  };
}

/** @param {number} milliseconds */
function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
