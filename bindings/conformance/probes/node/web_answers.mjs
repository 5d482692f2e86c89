// What the probes of `eyot/web` and `eyot/hono` share: an answer as a Response of the web.

import { readFile, stat } from "node:fs/promises";
import * as probe from "./probe.mjs";
import { sessionOf } from "./web_layers.mjs";

export function factsOf(request, more) {
  const { pathname, search } = new URL(request.url);
  const path = pathname.slice(probe.stack.mount.length);
  const headers = probe.headersOf(request.headers);
  return { method: request.method, path, query: search.slice(1), headers, session: sessionOf(request), ...more };
}

/** What was said, as a view answers it that returns a Response. */
export async function respond(says, facts) {
  if (says.nothing) return undefined;
  const answer = await probe.said(says, facts);
  const headers = new Headers(answer.headers);
  const { status } = answer;
  if (answer.file) return fileResponse(probe.fileOf(answer));
  if (answer.json !== undefined) return Response.json(answer.json, { status, headers });
  if (answer.redirect) {
    headers.set("Location", answer.redirect);
    return new Response(null, { status: status === 200 ? 302 : status, headers });
  }
  headers.set("Content-Type", answer.type);
  if (!answer.pieces) return new Response(answer.bytes ?? answer.text ?? null, { status, headers });
  if (answer.length) headers.set("Content-Length", String(probe.lengthOf(answer)));
  return new Response(ReadableStream.from(encoded(answer)), { status, headers });
}

async function* encoded(answer) {
  const encoder = new TextEncoder();
  for await (const piece of probe.streamed(answer)) yield encoder.encode(piece);
}

async function fileResponse(path) {
  const type = path.endsWith(".html") ? probe.HTML : "text/plain; charset=utf-8";
  const modified = (await stat(path)).mtime.toUTCString();
  return new Response(await readFile(path), { headers: { "Content-Type": type, "Last-Modified": modified } });
}
