// Layers of a connect stack (req, res, next), as they are found around real apps.

import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { CSP, HTML, layout } from "./probe.mjs";

function page(res, status, text) {
  res.writeHead(status, { "Content-Type": HTML, "Content-Length": Buffer.byteLength(text) });
  res.end(text);
}

/** Collects what is written, and hands it to `change` when it ends: (bytes, headers set so far) => bytes. */
function collecting(res, change) {
  const { write, end, writeHead } = res;
  const parts = [];
  const keep = (chunk, encoding) => {
    if (chunk && typeof chunk !== "function")
      parts.push(Buffer.from(chunk, typeof encoding === "string" ? encoding : "utf8"));
  };
  res.writeHead = (status, ...more) => {
    res.statusCode = status;
    const headers = more.find((value) => value && typeof value === "object") ?? {};
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
    return res;
  };
  res.write = (chunk, encoding) => {
    keep(chunk, encoding);
    return true;
  };
  res.end = (chunk, encoding) => {
    keep(chunk, encoding);
    Object.assign(res, { write, end, writeHead });
    const bytes = change(Buffer.concat(parts));
    if (bytes) {
      if (bytes.length || res.hasHeader("content-length")) res.setHeader("Content-Length", bytes.length);
      res.end(bytes);
    }
    return res;
  };
}

const kept = new Map();

export const layers = {
  csp(_req, res, next) {
    res.setHeader("Content-Security-Policy", CSP);
    next();
  },
  language(req, res, next) {
    if (!req.headers["probe-language"]) return next();
    res.writeHead(302, { Location: `/en${req.originalUrl ?? req.url}` });
    res.end();
  },
  limiter: (req, res, next) => (req.headers["probe-limit"] ? page(res, 429, layout) : next()),
  gzip(req, res, next) {
    if (!(req.headers["accept-encoding"] ?? "").includes("gzip")) return next();
    collecting(res, (bytes) => {
      if (!String(res.getHeader("content-type")).startsWith("text/") || !bytes.length) return bytes;
      res.setHeader("Content-Encoding", "gzip");
      res.appendHeader("Vary", "Accept-Encoding");
      return gzipSync(bytes);
    });
    next();
  },
  toolbar(_req, res, next) {
    collecting(res, (bytes) =>
      Buffer.from(bytes.toString("latin1").replace("</body>", "<p>toolbar</p></body>"), "latin1"),
    );
    next();
  },
  cache(req, res, next) {
    const key = req.originalUrl ?? req.url;
    if (req.method !== "GET" || key.includes("/_")) return next();
    const found = kept.get(key);
    if (found) {
      for (const [name, value] of Object.entries(found.headers)) res.setHeader(name, value);
      res.statusCode = found.status;
      return res.end(found.bytes);
    }
    collecting(res, (bytes) => {
      kept.set(key, { status: res.statusCode, headers: { ...res.getHeaders() }, bytes });
      return bytes;
    });
    next();
  },
  timeout(_req, res, next) {
    let late = false;
    const { end, write, writeHead } = res;
    const timer = setTimeout(() => {
      late = true;
      Object.assign(res, { end, write, writeHead });
      page(res, 503, layout);
    }, 400);
    collecting(res, (bytes) => {
      clearTimeout(timer);
      return late ? undefined : bytes;
    });
    next();
  },
};

/** Something far out that looks at the headers, and makes Node keep what it saw. */
export function looks(req, _res, next) {
  if (req.headers["probe-look"]) void req.headersDistinct;
  next();
}

/** The layer of an error page: connect's error handlers, which stand last. */
export const errorPage = (error, _req, res, next) => (res.headersSent ? next(error) : page(res, 500, layout));
/** A layer that swallows what it gets. */
export const recover = (_error, _req, res, _next) => {
  if (!res.headersSent) page(res, 500, "recovered");
  else res.end();
};

const sessions = new Map();

/** A session in memory, for HTTP/2 too, which express-session does not know. Its cookie is set before the head goes. */
export function session(req, res, next) {
  const sent = /(?:^|; )session=([^;]+)/.exec(req.headers.cookie ?? "")?.[1];
  const known = sessions.get(sent);
  const before = JSON.stringify(known ?? {});
  req.session = { ...known };
  let isSaved = false;
  const save = () => {
    if (isSaved || JSON.stringify(req.session) === before) return;
    isSaved = true;
    const key = known ? sent : randomBytes(16).toString("hex");
    sessions.set(key, req.session);
    res.appendHeader("Set-Cookie", `session=${key}; Path=/; HttpOnly`);
  };
  for (const name of ["writeHead", "write", "end"]) {
    const inside = res[name];
    res[name] = (...given) => {
      save();
      return inside.apply(res, given);
    };
  }
  next();
}
