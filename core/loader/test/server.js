// A small site whose pages and islands a test controls, and a log of what was asked of it.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";

/** What the hosts serve beside islands, by name. @type {Record<string, string>} */
const FILES = {
  "loader.v1.js": "text/javascript",
  "loader.more.v1.js": "text/javascript",
  "loader.debug.v1.js": "text/javascript",
  "island.v1.css": "text/css",
};

export const TAG = '<script async src="/_server-islands/loader.v1.js"></script>';

/**
 * @typedef {{
 *   status?: number, headers?: Record<string, string>, body?: string, wait?: Promise<unknown>, cut?: boolean,
 * }} Reply
 * @typedef {Reply | string | ((request: import("node:http").IncomingMessage) => Reply | string)} Answer
 * @typedef {{
 *   method: string, path: string, headers: import("node:http").IncomingHttpHeaders, body: string,
 * }} Seen
 */

export class Site {
  /** @type {Seen[]} */
  log = [];
  /** @type {Map<string, Answer[]>} */
  #answers = new Map();
  /** @type {Map<string, (response: import("node:http").ServerResponse) => void>} */
  #streams = new Map();
  #server = createServer((request, response) => this.#serve(request, response));

  /**
   * A site that listens on a port of its own until the test ends.
   * @param {{ after(done: () => void): void }} t
   */
  static async open(t) {
    const site = new Site();
    await new Promise((resolve) => site.#server.listen(0, "127.0.0.1", () => resolve(undefined)));
    t.after(() => {
      site.#server.closeAllConnections();
      site.#server.close();
    });
    return site;
  }

  get origin() {
    const address = /** @type {import("node:net").AddressInfo} */ (this.#server.address());
    return `http://127.0.0.1:${address.port}`;
  }

  /**
   * Answers a path with one reply after the other, the last one again and again.
   * @param {string} path
   * @param {Answer[]} answers
   */
  at(path, ...answers) {
    this.#answers.set(path, answers);
    return this;
  }

  /**
   * Answers a page with the loader's tag in its head.
   * @param {string} body
   * @param {Record<string, string>} [headers]
   * @param {string} [head]
   */
  page(body, headers = {}, head = TAG) {
    return this.at("/", { headers, body: document(body, head) });
  }

  /**
   * Answers the requests of an island, whatever their token.
   * @param {string} name
   * @param {Answer[]} answers
   */
  island(name, ...answers) {
    const named = answers.map((answer) => (/** @type {import("node:http").IncomingMessage} */ request) => {
      const reply = typeof answer == "function" ? answer(request) : answer;
      const { headers, ...rest } = typeof reply == "string" ? { body: reply, headers: {} } : reply;
      return { ...rest, headers: { "Cache-Control": "private, no-store", Island: name, ...headers } };
    });
    return this.at(`/_server-islands/${name}`, ...named);
  }

  /**
   * Hands the response of a path to the test.
   * @param {string} path
   * @param {(response: import("node:http").ServerResponse) => void} write
   */
  stream(path, write) {
    this.#streams.set(path, write);
    return this;
  }

  /** Requests for islands, as name and token. */
  get asked() {
    return this.log.flatMap(({ path }) => (/^\/_server-islands\/(?!loader|island\.)(.*)/.exec(path) ?? []).slice(1));
  }

  /**
   * @param {import("node:http").IncomingMessage} request
   * @param {import("node:http").ServerResponse} response
   */
  async #serve(request, response) {
    const path = request.url ?? "";
    let body = "";
    for await (const chunk of request) body += chunk;
    this.log.push({ method: request.method ?? "", path, headers: request.headers, body });
    const file = path.split("/").at(-1) ?? "";
    if (FILES[file] && !this.#answers.has(path)) return response.setHeader("Content-Type", FILES[file]).end(fileOf(file));
    const stream = this.#streams.get(path);
    if (stream) return stream(response.setHeader("Content-Type", "text/html; charset=utf-8"));
    const answers = this.#answers.get(path) ?? this.#answers.get(path.split("/").slice(0, 3).join("/"));
    const answer = answers && answers.length > 1 ? answers.shift() : answers?.[0];
    const reply = typeof answer == "function" ? answer(request) : (answer ?? { status: 404 });
    const { status = 200, headers = {}, body: html = "", wait, cut } = typeof reply == "string" ? { body: reply } : reply;
    await wait;
    if (cut) return response.destroy();
    response.writeHead(status, { "Content-Type": "text/html; charset=utf-8", ...headers }).end(html);
  }
}

/**
 * A file's bytes as built.
 * @param {string} name
 */
export function fileOf(name) {
  return readFileSync(new URL(`../dist/${name}`, import.meta.url));
}

/**
 * A whole page.
 * @param {string} body
 * @param {string} [head]
 */
export function document(body, head = TAG) {
  const style = '<link rel="stylesheet" href="/_server-islands/island.v1.css">';
  return `<!DOCTYPE html><html lang="en"><head><title>t</title>${style}${head}</head><body>${body}</body></html>`;
}

/**
 * A component's placeholder.
 * @param {string} name
 * @param {string} [fallback]
 * @param {string} [attributes]
 */
export function placeholder(name, fallback = "…", attributes = "") {
  const source = `/_server-islands/${name}/TOKEN`;
  return `<server-island island="${name}" island-src="${source}" ${attributes}>${fallback}</server-island>`;
}

/** A promise with its key outside. */
export function gate() {
  /** @type {(value?: unknown) => void} */
  let open = () => {};
  const opened = new Promise((resolve) => (open = resolve));
  return { opened, open };
}
