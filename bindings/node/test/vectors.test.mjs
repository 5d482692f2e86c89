// The vectors that every language runs, through this package's public API.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";

import { Context, Islands, KeyRing, Policy, Reply } from "eyot";
import * as web from "eyot/web";

// The key of core/tests/support/mod.rs.
const VECTOR_KEYS = "p3Qm0Wv9yJ5sT1xL8bN4eR7uA2dF6gH0kC3iZ5oVqXM=";

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

const HOST = { context: () => new Context(), tell: () => {} };

describe("requests", () => {
  const { keys, here, elsewhere, now, cases } = load("requests.json");
  for (const vector of cases) {
    it(vector.name, () => {
      const islands = new Islands({ islands: here, elsewhere, allowedOrigins: vector.allowed_origins }, keys);
      const target = vector.path + (vector.query ? `?${vector.query}` : "");
      const { method = "GET", headers = [], mount } = vector;
      const { reply, exchange, events } = islands.arrive(method, target, headers, { mount });
      if (!exchange) return assertFound(reply, events[0], vector.expect);
      const body = Buffer.from((vector.body ?? "").repeat(vector.body_times ?? 1));
      const refused = exchange.bodyLimit ? exchange.takeBody(body) : undefined;
      if (refused) return assertFound(refused.reply, refused.events[0], vector.expect);
      const opened = exchange.open({ audience: vector.audience, now });
      if (!(opened instanceof Reply)) return assertFound({ ...opened, name: exchange.name }, undefined, vector.expect);
      // What is sent leaves through the outer station.
      const told = [];
      const out = exchange.out({ ...HOST, tell: (events) => told.push(...events) });
      const { sent } = out.step(opened.status, [], "whole");
      assertFound(sent, told[0], vector.expect);
    });
  }
});

function assertFound(found, event, expected) {
  if (expected.kind === "app") return assert.equal(found, undefined);
  if (expected.kind === "island") {
    const { props, slots, page, island: name, expires } = expected;
    return assert.deepEqual(found, { props, slots, page, name, expires: expires ?? undefined });
  }
  assert.equal(found.status, expected.status);
  assert.equal(event?.code, expected.reason);
  const headers = Object.fromEntries(found.headers);
  for (const [name, value] of Object.entries(expected.headers)) assert.equal(headers[name], value, name);
  if (expected.body !== undefined) assert.equal(Buffer.from(found.body).toString(), expected.body);
}

const NAMES = ["Avatar", "CartRow", "Cart", "Price", "Outer", "Inner", "Title"];

/** Run in a host: `eyot/web`, which needs no server. */
describe("exchanges", () => {
  for (const vector of load("exchanges.json")) {
    it(vector.title, async () => {
      const { method = "GET", headers = [], policy, visitor, misfit, leaves, hidden, query, arrives } = vector;
      const [site, log] = [siteOf(vector), []];
      const target = targetOf(vector.target);
      assertArrives(vector, target, { arrives, hidden, query });
      const request = new Request(`http://localhost${target}`, { method, headers });
      if (visitor) request.session = {};
      const app = () => responseOf(vector.inside, target);
      const between = (inside) => async (asked) => added(vector, target, vector.between ?? (await inside(asked)));
      const fetch = site(log).outer(between(site(log).inner(app)), policy && { "/{rest...}": policy });
      const left = await fetch(request);
      // A host's own words never hold a value.
      const said = leaves.body?.replace(misfit, "props do not fit: the props function threw AssertionError");
      await assertLeaves(left, { ...leaves, body: said });
      assert.deepEqual(new Set(log), new Set(vector.events ?? []));
    });
  }
});

/** A site as a vector has it, once; its log takes codes. */
function siteOf({ debug = false, shared, misfit, inside }) {
  let made;
  return (log) => {
    if (made) return made;
    const line = (text) => log.push(/\(([\w-]+)\)$/.exec(text)[1]);
    // With a function for the language nothing is sealed outside of the inner station.
    const options = { keys: VECTOR_KEYS, loader: false, lang: () => "", debug, htmlPass: inside?.splits };
    made = web.islands({ ...options, logger: { error: line, warn: line, info: line } });
    const props = misfit && (() => assert.fail(misfit));
    for (const name of NAMES) made.island(name, { shared, props }, (request) => responseOf(inside, request.url));
    return made;
  };
}

function targetOf(written) {
  const [kind, name] = written.split(":");
  if (!["island", "wrong"].includes(kind)) return written;
  const islands = new Islands({ islands: NAMES }, VECTOR_KEYS);
  return islands.url(kind === "island" ? name : "Avatar").replace(/\w+\/(?=[^/]+$)/, `${name}/`);
}

function assertArrives({ method = "GET", headers = [], policy, visitor, shared, debug }, target, expected) {
  const islands = new Islands({ islands: NAMES, debug }, VECTOR_KEYS);
  const of = { policy: policy && new Policy(policy), visitor };
  const { reply, exchange } = islands.arrive(method, target, headers, of);
  assert.equal(exchange ? (exchange.name ? "island" : "page") : reply ? "reply" : "app", expected.arrives);
  if (shared !== undefined) exchange?.share(shared);
  if (expected.hidden)
    assert.deepEqual(
      exchange.hiddenHeaders,
      expected.hidden.map((name) => name.toLowerCase()),
    );
  assert.equal(exchange?.query, expected.query);
}

function responseOf({ status = 200, headers = [], body = "", chunks } = {}, target) {
  const pairs = headers.map(([name, value]) => [name, value.replace("{target}", target)]);
  const bodiless = [204, 304].includes(status);
  return new Response(bodiless ? null : chunks ? inPieces([...chunks]) : Buffer.from(body), { status, headers: pairs });
}

function inPieces(chunks) {
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (chunks.length) controller.enqueue(Buffer.from(chunks.shift()));
      else controller.close();
    },
  });
}

function added({ adds = [] }, target, answer) {
  const response = answer instanceof Response ? answer : responseOf(answer, target);
  for (const [name] of adds) response.headers.delete(name);
  for (const [name, value] of adds) response.headers.append(name, value);
  return response;
}

async function assertLeaves(left, { status, headers, body, cut = false }) {
  assert.equal(left.status, status);
  assert.equal(left.headers.get("eyot-split"), null);
  for (const [name, value] of Object.entries(headers)) assert.equal(left.headers.get(name), value, name);
  const chunks = [];
  let isCut = false;
  try {
    for await (const chunk of left.body ?? []) chunks.push(chunk);
  } catch {
    isCut = true;
  }
  assert.equal(isCut, cut);
  const text = Buffer.concat(chunks)
    .toString()
    .replace(/"\/_server-islands\/[^"]*"/g, '"…"');
  if (body !== undefined) assert.equal(text, body);
}
