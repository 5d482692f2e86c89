// The file for debugging: the console has one line in words for each island that failed, was slow or was healed.

/** Milliseconds from which an island counts as slow. */
const SLOW = 1000;

/** What is wrong, by status or reason, and what to do about it. @type {Record<string, string>} */
const CAUSES = {
  answer:
    "The answer is not this island's HTML. A handler must return HTML (not JSON), and nothing between it and the browser may answer in its place.",
  nested: "It is inside itself, or more than eight islands deep. Does its template extend the page's layout?",
  network: "There was no answer. Is the server running, and does the page's connect-src allow the address?",
  redirect: "The answer is a redirect, which islands do not follow. Does a login or a language redirect catch their addresses?",
  stale: "Its token is stale: the key is gone, or its time is up. A fresh copy of the page had no other for it.",
  status: "The server's log has the reason; open the address to see the answer.",
  timeout: "There was no answer in time. Make the handler faster, or raise server:timeout.",
  400: "The server refused the token or a prop; its log has the reason.",
  403: "The server takes the request for another site's, or the handler forbids it; the server's log has the reason.",
  404: "No handler has this name. Is it registered, and spelt as on the page?",
  429: "The server says that there were too many requests.",
  500: "The handler failed. Open the address for its error page.",
};

window.eyot?.more?.(({ present }) => {
  for (const type of ["island:load", "island:error"]) addEventListener(type, tell, true);
  const { eyot } = window;
  if (eyot) {
    const { refresh } = eyot;
    eyot.refresh = (name) => {
      const names = [...new Set([...present].map((island) => island.name))];
      if (!names.includes(name)) {
        console.warn(`eyot: refresh("${name}"): the page has no island of this name. It has: ${names.join(", ") || "none"}.`);
      }
      return refresh(name);
    };
  }
  return { healed: (name) => console.warn(`eyot: island ${name} had a stale token. A fresh copy of the page healed it.`) };
});

/** @param {any} event */
function tell({ detail: { name, url, status, attempt, reason } }) {
  const cause = (reason == "status" && CAUSES[status]) || CAUSES[reason];
  if (reason) console.error(`eyot: island ${name} failed (${status || reason}, attempt ${attempt}). ${cause} ${url}`);
  // Browsers note what a request took a little later.
  else setTimeout(tellIfSlow, 200, name, url);
}

/** @param {string} name @param {string} url */
function tellIfSlow(name, url) {
  const { duration = 0 } = performance.getEntriesByName(url).at(-1) ?? {};
  if (duration > SLOW) console.warn(`eyot: island ${name} took ${Math.round(duration)} ms. Make its handler faster. ${url}`);
}
