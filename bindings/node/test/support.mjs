// What the tests share: keys, a server that closes, and requests as they are on the wire.

import { once } from "node:events";
import http from "node:http";
import { after } from "node:test";

export const KEYS = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
export const TOKEN_TYPE = "application/vnd.eyot.token";
export const PREFIX = "/_server-islands";

/** A log that is looked at instead of printed. */
export function log() {
  const lines = [];
  const at = (level) => (text) => lines.push(`${level} ${text}`);
  return { lines, error: at("error"), warn: at("warn"), info: at("info") };
}

/** Serves a listener, or a server, until the tests of its file are over. */
export async function serve(listener) {
  const server = typeof listener === "function" ? http.createServer(listener) : listener;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => {
    server.closeAllConnections?.();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

/** One request, sent as it is; `body` may be an async iterable, which goes out in chunks. */
export function ask(base, path, { method = "GET", headers = {}, body } = {}) {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, method, path, headers, agent: false }, (response) => {
      const chunks = [];
      const times = [];
      response.on("data", (chunk) => chunks.push(chunk) && times.push(performance.now()));
      const answer = () => {
        const bytes = Buffer.concat(chunks);
        const { statusCode: status, headers, complete } = response;
        resolve({
          status,
          reason: response.statusMessage,
          headers,
          complete,
          bytes,
          text: bytes.toString(),
          chunks: chunks.map(String),
          times,
        });
      };
      response.on("end", answer);
      response.on("error", answer);
    });
    request.on("error", reject);
    if (body && typeof body === "object" && Symbol.asyncIterator in body) {
      (async () => {
        for await (const chunk of body) request.write(chunk);
        request.end();
      })().catch(() => request.destroy());
    } else request.end(body);
  });
}

/** Where an island's placeholder on a page asks. */
export function sourceOf(page, name) {
  const found = new RegExp(`island="${name}" island-src="([^"]+)"(?: island-token="([^"]+)")?`).exec(page);
  if (!found) throw new Error(`no island ${name} in ${page}`);
  return { url: found[1], token: found[2] };
}

/** Resolves when `condition` holds; rejects after two seconds. */
export async function until(condition) {
  const end = Date.now() + 2000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`still not: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
