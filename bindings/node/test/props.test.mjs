// Props: what JSON would change without a word is an error that names the path.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import vm from "node:vm";

import { encodeProps, escapeHtml, html, Islands, KeyRing, MarkupError, raw } from "eyot";
import { KEYS } from "./support.mjs";

class Money {
  constructor(pence) {
    this.pence = pence;
  }
}
class Priced extends Money {
  toJSON() {
    return { pence: this.pence };
  }
}

const cycle = { list: [] };
cycle.list.push(cycle);
let deep = {};
for (let level = 0; level < 64; level++) deep = { deep };

describe("props that are an error", () => {
  for (const [title, props, path, text] of [
    ["a Map", { a: new Map([[1, 2]]) }, "props.a", "a Map"],
    ["a Set in a list", { a: [1, new Set()] }, "props.a[1]", "a Set"],
    ["an instance of a class", { cart: { total: new Money(1) } }, "props.cart.total", "a Money"],
    ["typed bytes", { a: new Uint8Array(2) }, "props.a", "an Uint8Array"],
    ["a boxed string", { a: new String("x") }, "props.a", "a String"],
    ["a RegExp", { a: /x/ }, "props.a", "a RegExp"],
    ["an Error", { a: new Error("secret") }, "props.a", "an Error"],
    ["a Promise", { a: Promise.resolve() }, "props.a", "a Promise"],
    ["a function", { a: { "b c": () => 1 } }, 'props.a["b c"]', "a function"],
    ["a symbol", { a: Symbol("x") }, "props.a", "a symbol"],
    ["a bigint", { a: 12n }, "props.a", "a bigint"],
    ["NaN", { a: NaN }, "props.a", "NaN"],
    ["Infinity in a list", { a: [[-Infinity]] }, "props.a[0][0]", "infinities"],
    ["undefined in a list", { a: [undefined] }, "props.a[0]", "would become null"],
    ["a hole in a list", { a: [, 1] }, "props.a[0]", "would become null"],
    ["a date that is none", { a: new Date("x") }, "props.a", "an invalid Date"],
    ["a lone surrogate", { a: "\ud800" }, "props.a", "lone surrogate"],
    ["a lone surrogate in a key", { "\udc00": 1 }, "props", "lone surrogate"],
    ["an object within itself", cycle, "props.list[0]", "within itself"],
    ["an object that is too deep", deep, "props.deep.deep", "64 levels"],
    ["a toJSON that returns nothing", { a: { toJSON() {} } }, "props.a", "toJSON returned undefined"],
    ["a toJSON that returns a Map", { a: { toJSON: () => new Map() } }, "props.a", "a Map"],
    ["a key __proto__", JSON.parse('{"a":{"__proto__":{"admin":true}}}'), "props.a.__proto__", "prototype"],
    ["a Map as the whole", new Map(), "props", "not a plain object"],
    ["a list as the whole", [1], "props", "not a plain object"],
    ["a string as the whole", "x", "props", "not a plain object"],
  ]) {
    it(title, () => {
      assert.throws(
        () => encodeProps(props),
        (error) => {
          assert.equal(error.name, "PropsError");
          assert.equal(error.code, "props");
          assert.ok(error.message.startsWith(path), error.message);
          assert.ok(error.message.includes(text), error.message);
          assert.doesNotMatch(error.message, /secret/);
          return true;
        },
      );
    });
  }

  it("in helpers, too, before anything is sealed", () => {
    const islands = new Islands({ islands: ["A"] }, KEYS);
    for (const write of ["attributes", "url", "placeholder"]) {
      assert.throws(() => islands[write]("A", { m: new Map() }), { code: "props", message: /props\.m: a Map/ });
    }
  });
});

describe("props that are JSON", () => {
  for (const [title, props, json] of [
    ["nothing", undefined, "{}"],
    ["null", null, "{}"],
    ["an empty object", {}, "{}"],
    ["members that are undefined, left out", { a: undefined, b: null }, '{"b":null}'],
    ["dates, by their toJSON", { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ["instances, by their toJSON", { a: new Priced(5) }, '{"a":{"pence":5}}'],
    ["objects without a prototype", { a: Object.assign(Object.create(null), { b: 1 }) }, '{"a":{"b":1}}'],
    ["objects of another realm", { a: vm.runInNewContext("({ b: [1] })") }, '{"a":{"b":[1]}}'],
    ["text of any script", { a: "é\u2028💧\u0000" }, '{"a":"é\u2028💧\\u0000"}'],
    ["numbers as JavaScript writes them", { a: [0, -0, 1e21, 0.1] }, '{"a":[0,0,1e+21,0.1]}'],
    ["keys of Object's", { constructor: 1, toString: 2 }, '{"constructor":1,"toString":2}'],
    ["as many levels as core takes", deep.deep, undefined],
  ]) {
    it(title, () => {
      const written = encodeProps(props);
      if (json !== undefined) assert.equal(written, json);
      const ring = KeyRing.parse(KEYS);
      assert.equal(ring.open("A", ring.seal("A", written)).props, written);
    });
  }
});

describe("html", () => {
  it("escapes what is put into it, joins lists, and leaves HTML alone", () => {
    const items = ["<b>", raw("<i>"), html`${"&"}`].map((item) => html`<li title="${item}">${item}</li>`);
    assert.equal(
      String(html`<ul>${items}${null}${undefined}${false}${0}</ul>`),
      '<ul><li title="&lt;b&gt;">&lt;b&gt;</li><li title="<i>"><i></li><li title="&amp;">&amp;</li>0</ul>',
    );
    assert.equal(escapeHtml(`<a href="x" title='y'>&`), "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;");
  });
});

describe("errors", () => {
  it("have a class, a code and, in markup, a place", () => {
    const islands = new Islands({ islands: ["A"] }, KEYS);
    assert.throws(
      () => islands.split("<p>\n <B server:defer/>"),
      (error) => {
        assert.ok(error instanceof MarkupError);
        assert.deepEqual([error.code, error.line, error.column], ["name-unknown", 2, 2]);
        return true;
      },
    );
    assert.throws(() => new Islands({ islands: ["no good"] }, KEYS), { name: "ConfigError", code: "name-invalid" });
    assert.throws(() => islands.placeholder("A", {}, { when: "never" }), { name: "ConfigError", code: "option" });
    assert.throws(() => islands.placeholder("B"), { name: "ConfigError", code: "name-unknown" });
    assert.throws(() => islands.arrive("GET", "/", [["a", "b\nc"]]), { name: "ConfigError", code: "headers" });
    assert.throws(() => islands.split("", { mount: "/a\nb" }), { name: "ConfigError", code: "context" });
    assert.throws(() => KeyRing.parse(KEYS).seal("A", "{}", { nonce: Buffer.alloc(3) }), {
      name: "SealError",
      code: "nonce",
    });
  });

  it("never take the process down, whatever is passed", () => {
    const islands = new Islands({ islands: ["A"] }, KEYS);
    for (const value of [undefined, null, 1, {}, [], Symbol("x"), new ArrayBuffer(8)]) {
      assert.throws(() => islands.split(value));
      assert.throws(() => KeyRing.parse(value));
      assert.throws(() => KeyRing.parse(KEYS).open("A", value));
    }
  });

  it("hold nothing of a key", () => {
    assert.throws(
      () => KeyRing.parse("c2VjcmV0c2VjcmV0"),
      (error) => !error.message.includes("c2VjcmV0"),
    );
    assert.match(String(KeyRing.parse(KEYS)), /^KeyRing\([0-9a-f]{8}\)$/);
  });
});

describe("a page that is not touched", () => {
  it("comes back as the very same object", () => {
    const islands = new Islands({ islands: ["A"] }, KEYS);
    const page = Buffer.from("<p>x</p>");
    assert.equal(islands.split(page), page);
    const splitter = islands.splitter();
    assert.equal(splitter.push(page), page);
  });

  it("may be large, and split in any place", () => {
    const islands = new Islands({ islands: ["A"], loader: false }, KEYS);
    const page = Buffer.from(`${"<p>é</p>".repeat(50_000)}<A server:defer/>${"<p>x</p>".repeat(10)}`);
    const whole = islands.split(page);
    const splitter = islands.splitter();
    const parts = [];
    for (let at = 0; at < page.length; at += 4093) parts.push(Buffer.from(splitter.push(page.subarray(at, at + 4093))));
    parts.push(splitter.finish());
    assert.ok(Buffer.concat(parts).equals(whole));
  });
});
