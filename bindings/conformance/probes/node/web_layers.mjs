// Layers of a stack of (Request) => Response, as they are found around real apps; and a session.

import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { CSP, HTML, layout } from "./probe.mjs";

const page = (status, text) => new Response(text, { status, headers: { "Content-Type": HTML } });

/** The response with another body. */
async function changed(response, change) {
  const headers = new Headers(response.headers);
  const bytes = await change(Buffer.from(await response.arrayBuffer()), headers);
  if (!bytes.length && [204, 304].includes(response.status))
    return new Response(null, { status: response.status, headers });
  headers.set("Content-Length", String(bytes.length));
  return new Response(bytes, { status: response.status, headers });
}

const kept = new Map();

export const layers = {
  csp: (app) => async (request) => {
    const response = await app(request);
    const headers = new Headers(response.headers);
    headers.set("Content-Security-Policy", CSP);
    return new Response(response.body, { status: response.status, headers });
  },
  language: (app) => (request) => {
    if (!request.headers.has("probe-language")) return app(request);
    return new Response(null, { status: 302, headers: { Location: `/en${new URL(request.url).pathname}` } });
  },
  limiter: (app) => (request) => (request.headers.has("probe-limit") ? page(429, layout) : app(request)),
  "error page": (app) => async (request) => {
    try {
      const response = await app(request);
      return response.status === 500 ? page(500, layout) : response;
    } catch {
      return page(500, layout);
    }
  },
  gzip: (app) => async (request) => {
    const response = await app(request);
    const isText = response.headers.get("content-type")?.startsWith("text/");
    if (!isText || request.method === "HEAD" || !request.headers.get("accept-encoding")?.includes("gzip"))
      return response;
    return changed(response, (bytes, headers) => {
      headers.set("Content-Encoding", "gzip");
      headers.append("Vary", "Accept-Encoding");
      return gzipSync(bytes);
    });
  },
  toolbar: (app) => async (request) => {
    const response = await app(request);
    if (request.method === "HEAD") return response;
    return changed(response, (bytes) =>
      Buffer.from(bytes.toString("latin1").replace("</body>", "<p>toolbar</p></body>"), "latin1"),
    );
  },
  cache: (app) => async (request) => {
    if (request.method !== "GET" || request.url.includes("/_")) return app(request);
    if (!kept.has(request.url)) {
      const response = await app(request);
      kept.set(request.url, {
        status: response.status,
        headers: [...response.headers],
        bytes: await response.arrayBuffer(),
      });
    }
    const { status, headers, bytes } = kept.get(request.url);
    return new Response(status === 304 ? null : bytes, { status, headers });
  },
  timeout: (app) => (request) => {
    const late = new Promise((resolve) => setTimeout(resolve, 400, page(503, layout)));
    return Promise.race([app(request), late]);
  },
  recover: (app) => async (request) => {
    const response = await app(request);
    if (!response.body) return response;
    const reader = response.body.getReader();
    const quiet = new ReadableStream({
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch {
          controller.close();
        }
      },
      cancel: () => reader.cancel(),
    });
    return new Response(quiet, response);
  },
};

const held = new Map();
const sessions = new WeakMap();

/** A session in memory: begun by `load`, its cookie set by `save` where something was written. */
export function load(request) {
  const key = /(?:^|; )session=([^;]+)/.exec(request.headers.get("cookie") ?? "")?.[1];
  const known = held.get(key);
  const session = { key: known ? key : undefined, values: { ...known }, before: JSON.stringify(known ?? {}) };
  sessions.set(request, session);
  return session;
}

export function save(session, response) {
  if (JSON.stringify(session.values) === session.before) return response;
  session.key ??= randomBytes(16).toString("hex");
  held.set(session.key, session.values);
  const headers = new Headers(response.headers);
  headers.append("Set-Cookie", `session=${session.key}; Path=/; HttpOnly`);
  return new Response(response.body, { status: response.status, headers });
}

/** The session of a request, as a layer around the app. */
export const withSession =
  (app) =>
  async (request, ...more) =>
    save(load(request), await app(request, ...more));

/** Fixed by `load`, which a layer called further out. */
export const sessionOf = (request) => sessions.get(request)?.values ?? {};

/** The app inside of these layers; the first one is the outermost. */
export const stacked = (app, names) => names.reduceRight((inside, name) => layers[name](inside), app);
