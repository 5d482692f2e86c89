// What is no page passes both stations untouched: random ways to write a response, with eyot and without.

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { islands } from "eyot/node";
import { ask, KEYS, log, serve } from "./support.mjs";

/** A small generator of numbers, the same in every run. */
function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const TYPES = ["application/json", "text/plain; charset=utf-8", "image/png", "text/css", undefined];
const TEXTS = ["", "x", "<b>é</b>", "a".repeat(70_000), '<Avatar server:defer a="1"/>'];

/** A way to write a response, as a list of steps. */
function script(seed) {
  const pick = random(seed);
  const type = TYPES[pick(TYPES.length)];
  const status = [200, 200, 200, 201, 204, 304, 404, 500][pick(8)];
  const parts = Array.from({ length: pick(4) }, () => TEXTS[pick(TEXTS.length)]);
  return {
    head: pick(5),
    type,
    status,
    parts,
    buffers: pick(2) === 0,
    last: pick(3) ? TEXTS[pick(TEXTS.length)] : undefined,
    callback: pick(2) === 0,
    flush: pick(6) === 0,
    reason: pick(4) === 0 ? "Fine" : undefined,
    cookies: pick(3),
  };
}

const describeScript = (seed) => JSON.stringify(script(seed)).replace(/a{9,}/g, "aaa…");

function play(res, { head, type, status, parts, buffers, last, callback, flush, reason, cookies }) {
  const headers = { "X-One": "1", ...(type && { "Content-Type": type }) };
  const list = Object.entries(headers).flat();
  if (cookies)
    res.setHeader(
      "Set-Cookie",
      Array.from({ length: cookies }, (_, n) => `c${n}=1`),
    );
  if (reason) res.statusMessage = reason;
  if (head === 0) res.writeHead(status, headers);
  else if (head === 1) res.writeHead(status, reason ?? "Said", headers);
  else if (head === 2) res.writeHead(status, list);
  else {
    res.statusCode = status;
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
    if (head === 3) res.writeHead(status);
  }
  if (flush) res.flushHeaders();
  for (const part of parts) {
    if (buffers) res.write(Buffer.from(part));
    else res.write(part, "utf8", () => {});
  }
  const done = callback ? [() => {}] : [];
  if (last === undefined) res.end(...done);
  else res.end(buffers ? Buffer.from(last) : last, ...done);
}

const PATH = /(\d+)$/;
/** A directive in a text is told of, and no cache keeps it. */
const innocent = (seed) => {
  const { parts, last, ...rest } = script(seed);
  if (!rest.type?.startsWith("text/")) return script(seed);
  const plain = (text) => text.replace("server:", "data-");
  return { ...rest, parts: parts.map(plain), last: last && plain(last) };
};
const app = (req, res) => play(res, innocent(Number(PATH.exec(req.url)[1])));

describe("two hundred responses that are no pages", () => {
  it("are the same with eyot and without, for GET and HEAD, with a policy and without", async () => {
    const plain = await serve(app);
    const isl = islands({ keys: KEYS, logger: log(), debug: false });
    const eyot = await serve(isl.listener(app, { "/shell/{rest...}": { cdn: 5 } }));
    for (let seed = 0; seed < 200; seed++) {
      for (const method of ["GET", "HEAD"]) {
        const path = `/${seed}`;
        const [expected, actual] = await Promise.all([ask(plain, path, { method }), ask(eyot, path, { method })]);
        const seen = ({ status, reason, headers: { date, ...headers }, bytes }) => ({
          status,
          reason,
          headers,
          body: bytes.toString("latin1"),
        });
        assert.deepEqual(seen(actual), seen(expected), `${method} ${describeScript(seed)}`);
      }
      const [expected, actual] = await Promise.all([ask(plain, `/shell/${seed}`), ask(eyot, `/shell/${seed}`)]);
      assert.equal(actual.status, expected.status);
      assert.ok(actual.bytes.equals(expected.bytes), describeScript(seed));
    }
  });

  it("and pages without an island keep their status, their bytes and, where it is told, their length", async () => {
    const page = (seed) => ({
      ...script(seed),
      type: "text/html",
      parts: script(seed).parts.map((part) => part.replace("server:", "data-")),
      last: script(seed).last?.replace("server:", "data-"),
    });
    const answer = (req, res) => play(res, page(Number(PATH.exec(req.url)[1])));
    const plain = await serve(answer);
    const eyot = await serve(
      islands({ keys: KEYS, logger: log(), debug: false }).listener(answer, { "/shell/{rest...}": { cdn: 5 } }),
    );
    for (let seed = 0; seed < 200; seed++) {
      for (const path of [`/${seed}`, `/shell/${seed}`]) {
        const [expected, actual] = await Promise.all([ask(plain, path), ask(eyot, path)]);
        assert.deepEqual([actual.status, actual.complete], [expected.status, true], describeScript(seed));
        assert.ok(actual.bytes.equals(expected.bytes), describeScript(seed));
        const { "content-length": length } = actual.headers;
        if (length && actual.status !== 304) assert.equal(Number(length), actual.bytes.length);
      }
    }
  });
});
