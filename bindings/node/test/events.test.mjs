// What a host tells: to which log, in which form, and to `onEvent`.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";

import { KeyRing } from "eyot";
import { islands } from "eyot/web";
import { KEYS, log, PREFIX, until } from "./support.mjs";

const seal = (name) => `${PREFIX}/${name}/${KeyRing.parse(KEYS).seal(name, "{}")}`;
const HTML = { "Content-Type": "text/html" };

/** An app that tells its events. */
function telling({ answer = () => new Response("<p>x", { headers: HTML }), policies, ...options } = {}) {
  const events = [];
  const isl = islands({ keys: KEYS, debug: false, logger: log(), onEvent: (event) => events.push(event), ...options });
  isl.island("Avatar", () => "<b>x</b>");
  isl.island("Slow", { deadline: 1 }, () => new Promise(() => {}));
  const fetch = isl.fetch(answer, policies);
  return { events, isl, get: (path, init) => fetch(new Request(`http://shop.test${path}`, init)) };
}

describe("onEvent", () => {
  it("is told of a refusal, with its island and status and without its token", async () => {
    const { events, get } = telling();
    await get(`${PREFIX}/Avatar/AAAA`);
    const [{ code, level, path, island, status }] = events;
    assert.deepEqual([code, level, path, island, status], ["token-length", "info", `${PREFIX}/Avatar`, "Avatar", 400]);
    assert.doesNotMatch(JSON.stringify(events), /AAAA/);
  });

  it("is told of a leak and of a fault in the markup", async () => {
    const answer = () => new Response("<Nobody server:defer/>", { headers: { ...HTML, "Set-Cookie": "a=b" } });
    const { events, get } = telling({ answer, policies: { "/": { cdn: 5 } } });
    await get("/");
    assert.deepEqual(events.map(({ code }) => code).sort(), ["leak-cookie", "name-unknown"]);
    assert.ok(events.every(({ path, level }) => path === "/" && level === "error"));
    assert.equal(events.find(({ code }) => code === "name-unknown").place, "1:1");
  });

  it("is told of a handler that is too slow, with the milliseconds that it had", async () => {
    const { events, get } = telling();
    assert.equal((await get(seal("Slow"))).status, 503);
    const [{ code, island, ms, path }] = events;
    assert.deepEqual([code, island, ms, path], ["deadline", "Slow", 1000, `${PREFIX}/Slow`]);
  });

  it("is told of an error that nobody else answers, by a path without the token", async () => {
    const { events, isl, get } = telling();
    isl.island("Bad", () => {
      throw new Error("broken");
    });
    await get(seal("Bad"));
    assert.deepEqual(
      [events[0].code, events[0].path, events[0].message],
      ["app-failed", `${PREFIX}/Bad`, "Error: broken"],
    );
  });

  it("is told of keys: temporary ones, those that changed, and those that cannot be read", async () => {
    const folder = mkdtempSync(join(tmpdir(), "eyot-"));
    after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "keys");
    const before = { ...process.env };
    delete process.env.EYOT_KEYS;
    delete process.env.EYOT_KEYS_FILE;
    const temporary = telling({ keys: undefined, debug: true });
    assert.equal(temporary.events[0].code, "key-temporary");
    writeFileSync(file, `${KEYS}\n`);
    process.env.EYOT_KEYS_FILE = file;
    const { events, get } = telling({ keys: undefined });
    for (const [text, code] of [
      [`${KEYS}\n# another\n`, "keys-changed"],
      ["nonsense", "keys-unreadable"],
    ]) {
      writeFileSync(file, text);
      utimesSync(file, new Date(), new Date(Date.now() + text.length * 1000));
      await new Promise((go) => setTimeout(go, 1050));
      await get("/");
      assert.equal(events.at(-1)?.code, code);
    }
    delete process.env.EYOT_KEYS_FILE;
    Object.assign(process.env, before);
  });

  it("that rejects is logged, and changes nothing", async () => {
    const logger = log();
    const { get } = telling({ logger, onEvent: async () => Promise.reject(new Error("in the hook")) });
    assert.equal((await get(`${PREFIX}/Avatar/AAAA`)).status, 400);
    await until(() => logger.lines.some((line) => /^error onEvent failed: Error: in the hook/.test(line)));
  });
});

describe("an option that is a function", () => {
  for (const name of ["onEvent", "audience", "lang"]) {
    it(`is refused where ${name} is something else`, () => {
      const wrong = { name: "ConfigError", message: new RegExp(`^${name} is a function of .*, not string$`) };
      assert.throws(() => islands({ keys: KEYS, [name]: "shop" }), wrong);
    });
  }
});

describe("logger", () => {
  const told = async (logger) => {
    await telling({ logger }).get(`${PREFIX}/Avatar/AAAA`);
  };
  const recorder = (more) => {
    const calls = [];
    const at = (...given) => calls.push(given);
    return { calls, error: at, warn: at, info: at, ...more };
  };

  it("that is like pino gets the event's fields, and then its line", async () => {
    const logger = recorder({ child: () => {} });
    await told(logger);
    const [[{ eyot }, line]] = logger.calls;
    assert.deepEqual([eyot.code, eyot.status, eyot.line], ["token-length", 400, undefined]);
    assert.match(line, /refused: /);
  });

  it("that is like winston, or is no such thing, gets the line first", async () => {
    for (const more of [{ child: () => {}, transports: [] }, {}]) {
      const logger = recorder(more);
      await told(logger);
      const [[line, { eyot }]] = logger.calls;
      assert.match(line, /refused: /);
      assert.equal(eyot.code, "token-length");
    }
  });

  it("that is the console gets a line alone", async (t) => {
    const info = t.mock.method(console, "info", () => {});
    await told(console);
    assert.equal(info.mock.calls[0].arguments.length, 1);
    assert.match(info.mock.calls[0].arguments[0], /^eyot: /);
  });
});
