// The vectors that every language runs, through this package's public API.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";

import { Islands, KeyRing, Pending, pageKind, Reply, splitHeaders, uncachedHeaders } from "eyot";

const load = (name) =>
  JSON.parse(readFileSync(new URL(`../../../core/tests/vectors/${name}`, import.meta.url), "utf8"));

describe("key rings", () => {
  for (const vector of load("keys.json")) {
    it(vector.title, () => {
      const read = () => {
        if ("keys" in vector) return KeyRing.parse(vector.keys);
        if ("file" in vector) return KeyRing.parseFile(vector.file);
        return KeyRing.derive(vector.secrets);
      };
      if ("error" in vector) assert.throws(read, { name: "KeyError", code: vector.error });
      else assert.deepEqual(read().ids(), vector.ids);
    });
  }
});

describe("tokens that open", () => {
  for (const vector of load("tokens.json")) {
    it(vector.title, () => {
      const { island, props, slots, page, audience, expires, now } = vector;
      const nonce = vector.nonce ? Buffer.from(vector.nonce, "hex") : undefined;
      const sealing = { slots, page, audience, expires: expires ?? undefined, nonce };
      const token = KeyRing.parse(vector.sealing_keys).seal(island, props, sealing);
      assert.equal(token, vector.token);
      const opened = KeyRing.parse(vector.keys).open(island, token, { audience, now });
      assert.deepEqual(opened, { props, slots, page, expires: expires ?? undefined });
    });
  }
});

describe("tokens that do not open", () => {
  for (const { title, keys, island, token, audience, now, code, status } of load("refused.json")) {
    it(title, () => {
      const open = () => KeyRing.parse(keys).open(island, token, { audience, now });
      assert.throws(open, { name: "TokenError", code, message: `${status} token` });
    });
  }
});

// This binding always has the system's randomness.
const withoutRandomness = (vector) => vector.error?.code === "entropy";

describe("pages", () => {
  for (const vector of load("split.json").filter((vector) => !withoutRandomness(vector))) {
    const { loader = false, stylesheet, preload, origin, url_limit: urlLimit, page, ttl } = vector.options;
    const { inline_loader: inlineLoader } = vector.options;
    const { mount, page_context: context } = vector.options;
    const make = () =>
      new Islands(
        {
          ...{ islands: vector.here, elsewhere: vector.elsewhere, origin, urlLimit, page, ttl },
          ...{ loader, stylesheet, inlineLoader, preload },
        },
        vector.keys,
      );
    const at = { now: vector.now, mount, page: context };
    const source = Buffer.from(vector.html);

    it(`${vector.title}: whole`, () => {
      if (vector.error) {
        const { code, line, column } = vector.error;
        assert.throws(() => make().split(source, at), { code, line, column });
        const { shell, problems } = make().splitLenient(source, at);
        assert.equal(shell.toString(), vector.shell);
        assert.deepEqual(
          problems.map((problem) => problem.code),
          [code],
        );
      } else {
        assert.equal(make().split(source, at).toString(), vector.shell);
        assert.equal(make().split(vector.html, at), vector.shell);
        assert.equal(make().prepare(source).render(at).toString(), vector.shell);
        const { diagnostics } = make().splitWithDiagnostics(source, at);
        assert.deepEqual(
          diagnostics.map((diagnostic) => diagnostic.code),
          vector.diagnostics,
        );
      }
    });

    // In chunks the loader's tags stand elsewhere.
    if (loader) continue;
    it(`${vector.title}: byte by byte`, () => {
      const splitter = make().splitter(at, { lenient: true });
      const parts = [...source].map((byte) => Buffer.from(splitter.push(Buffer.of(byte))));
      parts.push(Buffer.from(splitter.finish()));
      assert.equal(Buffer.concat(parts).toString(), vector.shell);
      assert.equal(splitter.isFaulty, vector.error !== undefined);
    });
  }
});

describe("responses", () => {
  for (const { title, status, headers, kind, ...expected } of load("responses.json")) {
    it(title, () => {
      assert.equal(pageKind(status, headers), kind);
      const made = {
        split: splitHeaders(headers, 7),
        streamed: splitHeaders(headers),
        uncached: uncachedHeaders(headers),
      };
      for (const [field, pairs] of Object.entries(expected))
        assert.deepEqual(edited(headers, made[field]), pairs, field);
    });
  }
});

/** Headers, their names in lower case, after changes. */
function edited(headers, edits) {
  let pairs = headers.map(([name, value]) => [name.toLowerCase(), value]);
  for (const [name, value] of edits) {
    pairs = pairs.filter(([known]) => known !== name.toLowerCase());
    if (value !== undefined) pairs.push([name.toLowerCase(), value]);
  }
  return pairs;
}

describe("requests", () => {
  const { keys, here, elsewhere, now, cases } = load("requests.json");
  for (const vector of cases) {
    it(vector.name, () => {
      const islands = new Islands({ islands: here, elsewhere, allowedOrigins: vector.allowed_origins }, keys);
      const target = vector.path + (vector.query ? `?${vector.query}` : "");
      let found = islands.route(vector.method ?? "GET", target, vector.headers ?? [], vector.mount);
      if (found instanceof Pending) {
        const body = Buffer.from((vector.body ?? "").repeat(vector.body_times ?? 1));
        const { name } = found;
        found = found.open(body, { audience: vector.audience, now });
        if (!(found instanceof Reply)) found = { ...found, name };
      }
      assertFound(found, vector.expect);
    });
  }
});

function assertFound(found, expected) {
  if (expected.kind === "app") return assert.equal(found, undefined);
  if (expected.kind === "island") {
    const { props, slots, page, island: name, expires } = expected;
    return assert.deepEqual(found, { props, slots, page, name, expires: expires ?? undefined });
  }
  assert.ok(found instanceof Reply);
  assert.equal(found.status, expected.status);
  assert.equal(found.reason, expected.reason);
  const headers = Object.fromEntries(found.headers);
  for (const [name, value] of Object.entries(expected.headers)) assert.equal(headers[name], value, name);
  assertBody(found, expected);
}

function assertBody(found, expected) {
  if (expected.body !== undefined) assert.equal(Buffer.from(found.body).toString(), expected.body);
}
