// What caches, crawlers and attackers see: headers and refusals, without a browser.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import http from "node:http";
import { describe, it } from "node:test";

import { shopUrl } from "./browser.js";
import { seal, xaes } from "./token.js";

const PRODUCT = "/p/lantern";
const ISLANDS = "/_server-islands";
const POST = { "Content-Type": "application/vnd.eyot.token" };

describe("the shell", () => {
  it("is the same to the byte for two customers and a stranger", async () => {
    const cookies = [await session("ada@example.com", "lock-keeper"), await session("bram@example.com", "weir-pool")];
    const pages = [await ask("GET", PRODUCT)];
    for (const cookie of cookies) pages.push(await ask("GET", PRODUCT, { Cookie: cookie }));
    assert.equal(pages[0]?.status, 200);
    assert.equal(new Set(pages.map((page) => page.body)).size, 1);
    assert.equal(new Set(pages.map((page) => page.headers.etag)).size, 1);
  });

  it("may be kept by shared caches for ten minutes, and by no browser", async () => {
    const { headers } = await ask("GET", PRODUCT);
    assert.match(headers["cache-control"] ?? "", /^public, max-age=0, s-maxage=600$/);
  });

  it("sets no cookie and does not vary by cookie, whoever asks", async () => {
    for (const headers of [{}, { Cookie: await session("ada@example.com", "lock-keeper") }]) {
      const page = await ask("GET", PRODUCT, headers);
      assert.equal(page.headers["set-cookie"], undefined);
      assert.doesNotMatch(page.headers.vary ?? "", /cookie|\*/i);
    }
  });

  it("is not sent again to a cache that has it", async () => {
    const first = await ask("GET", PRODUCT);
    const etag = first.headers.etag ?? "";
    assert.match(etag, /^W\/"[^"]{16,}"$/);
    const again = await ask("GET", PRODUCT, { "If-None-Match": `"other", ${etag}` });
    assert.equal(again.status, 304);
    assert.equal(again.body, "");
    assert.equal(again.headers.etag, etag);
    assert.equal(again.headers["cache-control"], first.headers["cache-control"]);
  });

  it("is sent in full to a cache that has another one", async () => {
    const page = await ask("GET", PRODUCT, { "If-None-Match": '"other"' });
    assert.equal(page.status, 200);
  });

  it("comes fresh, and is kept nowhere, with island-fresh", async () => {
    const page = await ask("GET", `${PRODUCT}?island-fresh`);
    assert.equal(page.status, 200);
    assert.match(page.headers["cache-control"] ?? "", /no-store/);
    assert.match(page.body, /island="Avatar"/);
  });

  it("holds no directive, no prop and no slot in clear", async () => {
    const { body } = await ask("GET", PRODUCT);
    assert.doesNotMatch(body, /server:(defer|props|key|when|refresh)/);
    assert.doesNotMatch(body, /rowing boat|sku="lantern"/);
  });

  it("lets the script of the shared island run, whichever host answers that", async () => {
    const { headers } = await ask("GET", PRODUCT);
    const allowed = String(headers["content-security-policy"]).match(/'sha256-[^']+'/g);
    const { body } = await ask("GET", await placed("Tide"));
    const script = /<script>([^]*)<\/script>/.exec(body)?.[1] ?? "";
    assert.deepEqual(allowed, [`'sha256-${createHash("sha256").update(script).digest("base64")}'`]);
    assert.deepEqual(allowed, ["'sha256-Y1sQ8T1kKtkCgheKPQE4oemv0vWQedxQLNiBZs2s4lM='"]);
  });

  it("is never what an account page is", async () => {
    const cookie = await session("ada@example.com", "lock-keeper");
    const page = await ask("GET", "/account", { Cookie: cookie });
    assert.equal(page.status, 200);
    assert.match(page.body, /Hello, Ada Lock/);
    assert.match(page.headers["cache-control"] ?? "", /private|no-store/);
    assert.doesNotMatch(page.headers["cache-control"] ?? "", /public|s-maxage/);
  });
});

describe("an island", () => {
  it("is private, named, typed and not for crawlers", async () => {
    const { status, headers } = await ask("GET", await placed("Avatar"));
    assert.equal(status, 200);
    assert.equal(headers.island, "Avatar");
    assert.equal(headers["content-type"], "text/html; charset=utf-8");
    assert.equal(headers["cache-control"], "private, no-store");
    assert.equal(headers["x-robots-tag"], "noindex");
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["cross-origin-resource-policy"], "same-origin");
    assert.equal(headers["content-security-policy"], "default-src 'none'; sandbox");
  });

  it("reads the cookies of whoever asks", async () => {
    const address = await placed("Avatar");
    const ada = await ask("GET", address, { Cookie: await session("ada@example.com", "lock-keeper") });
    assert.match(ada.body, /Ada Lock/);
    assert.match((await ask("GET", address)).body, /Sign in/);
  });

  it("answers HEAD as GET, without the body", async () => {
    const answer = await ask("HEAD", await placed("Avatar"));
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.island, "Avatar");
    assert.equal(answer.body, "");
  });

  it("starts a session where it needs one", async () => {
    const answer = await ask("GET", await placed("CsrfField"));
    assert.match(answer.body, /name="csrf\w*" value="[^"]{20,}"/);
    assert.match(String(answer.headers["set-cookie"]), /; HttpOnly/i);
  });

  it("turns a redirect to the sign-in page into a location that leads back to the page", async () => {
    const answer = await ask("GET", await placed("LastPurchase"), { Referer: shopUrl() + PRODUCT });
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.island, "LastPurchase");
    assert.match(String(answer.headers["island-location"]), /\/login\?next=(%2F|\/)p(%2F|\/)lantern$/);
    assert.equal(answer.headers.location, undefined);
  });

  it("that fails does so in the open: 500, kept nowhere, without its name", async () => {
    const answer = await ask("GET", await placed("Stock", "Teddington"));
    assert.equal(answer.status, 500);
    assert.match(answer.headers["cache-control"] ?? "", /no-store/);
    assert.equal(answer.headers.island, undefined);
  });
});

describe("an address that the shop does not have", () => {
  it("is answered with the shop's own page, whose islands work, and which no cache keeps", async () => {
    for (const path of ["/nothing/here", "/p/no-such-product", `${PRODUCT}/more`]) {
      const page = await ask("GET", path);
      assert.equal(page.status, 404, path);
      assert.match(page.headers["content-type"] ?? "", /^text\/html/);
      assert.match(page.body, /Nothing here/);
      assert.match(page.body, /island="Avatar"/);
      assert.doesNotMatch(page.body, /server:/);
      assert.doesNotMatch(page.headers["cache-control"] ?? "", /public/);
    }
  });
});

describe("a refusal", () => {
  /** @param {Answer} answer @param {number} status */
  const refused = (answer, status) => {
    assert.equal(answer.status, status);
    assert.match(answer.headers["cache-control"] ?? "", /no-store/);
    assert.equal(answer.headers.island, undefined);
    assert.match(answer.headers["content-type"] ?? "", /^text\/plain/);
  };

  it("meets a token with one bit turned", async () => {
    const address = await placed("Avatar");
    const bytes = Buffer.from(address.split("/").at(-1) ?? "", "base64url");
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    refused(await ask("GET", `${ISLANDS}/Avatar/${bytes.toString("base64url")}`), 400);
  });

  it("meets a token of another island", async () => {
    const token = (await placed("Avatar")).split("/").at(-1);
    refused(await ask("GET", `${ISLANDS}/CartCount/${token}`), 400);
  });

  it("meets a token of a key that is gone, and calls it stale", async () => {
    const bytes = Buffer.from((await placed("Avatar")).split("/").at(-1) ?? "", "base64url");
    bytes[2] = (bytes[2] ?? 0) ^ 0xff;
    const answer = await ask("GET", `${ISLANDS}/Avatar/${bytes.toString("base64url")}`);
    refused(answer, 410);
    assert.equal(answer.headers["island-refused"], "stale");
  });

  it("meets a name that the shop does not have", async () => {
    const token = (await placed("Avatar")).split("/").at(-1);
    for (const name of ["Nobody", "__proto__", "avatar", "%41vatar"]) {
      refused(await ask("GET", `${ISLANDS}/${name}/${token}`), 404);
    }
  });

  it("meets a segment too many", async () => {
    const address = await placed("Avatar");
    for (const tail of ["/", "/a.css", ";a.css"]) {
      assert.ok([400, 404].includes((await ask("GET", address + tail)).status), tail);
    }
  });

  it("meets a query", async () => {
    refused(await ask("GET", `${await placed("Avatar")}?a=1`), 400);
  });

  it("meets a method that no island has", async () => {
    for (const method of ["PUT", "DELETE", "POST"]) {
      const answer = await ask(method, await placed("Avatar"));
      refused(answer, 405);
      assert.match(answer.headers.allow ?? "", /GET/);
    }
  });

  it("meets a request from another site", async () => {
    refused(await ask("GET", await placed("Avatar"), { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "empty" }), 403);
    refused(await ask("POST", `${ISLANDS}/Avatar`, { ...POST, Origin: "https://evil.example" }, "AAAA"), 403);
  });

  it("meets a POST of another type", async () => {
    refused(await ask("POST", `${ISLANDS}/Avatar`, { "Content-Type": "text/plain" }, "AAAA"), 415);
  });

  it("meets a body of one megabyte, by its announced length and without one", async () => {
    const body = "A".repeat(1 << 20);
    refused(await ask("POST", `${ISLANDS}/Avatar`, { ...POST, "Content-Length": String(body.length) }, body), 413);
    refused(await ask("POST", `${ISLANDS}/Avatar`, { ...POST, "Transfer-Encoding": "chunked" }, body), 413);
  });
});

describe("a token from elsewhere", { skip: process.env.EYOT_KEYS ? false : "needs the shop's EYOT_KEYS" }, () => {
  const keys = process.env.EYOT_KEYS ?? "";
  const now = Math.floor(Date.now() / 1000);
  const address = (/** @type {import("./token.js").Options} */ options) =>
    `${ISLANDS}/Price/${seal(keys, "Price", { props: { sku: "kettle" }, ...options })}`;

  it("is sealed as C2SP says", () => {
    const sealed = xaes(Buffer.alloc(32, 1), Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWX"), Buffer.from("XAES-256-GCM"), Buffer.alloc(0));
    assert.equal(sealed.toString("hex"), "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
  });

  it("opens", async () => {
    const answer = await ask("GET", address({}));
    assert.equal(answer.status, 200);
    assert.match(answer.body, /£36\.00/);
  });

  it("opens until it expires, and is stale from then on", async () => {
    assert.equal((await ask("GET", address({ expires: now + 60 }))).status, 200);
    const late = await ask("GET", address({ expires: now - 1 }));
    assert.equal(late.status, 410);
    assert.equal(late.headers["island-refused"], "stale");
  });

  it("is stale when its props are not those of the island: the page is of another version", async () => {
    for (const props of [{}, { sku: 1 }, { sku: "kettle", more: true }]) {
      const { status, headers } = await ask("GET", address({ props }));
      assert.deepEqual([status, headers["island-refused"]], [410, "stale"], JSON.stringify(props));
    }
  });

  it("gives no other visitor's data, whoever had it sealed", async () => {
    const sealed = `${ISLANDS}/Avatar/${seal(keys, "Avatar", { props: { size: "small" } })}`;
    assert.match((await ask("GET", sealed, { Cookie: await session("bram@example.com", "weir-pool") })).body, /Bram/);
  });
});

/**
 * @typedef {{ status: number, headers: http.IncomingHttpHeaders, body: string }} Answer
 */

/**
 * One request, its path sent as it is; a server that answers before it has read the whole body is listened to.
 *
 * @param {string} method
 * @param {string} path
 * @param {http.OutgoingHttpHeaders} [headers]
 * @param {string} [body]
 * @returns {Promise<Answer>}
 */
function ask(method, path, headers = {}, body) {
  const { hostname, port } = new URL(shopUrl());
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, method, path, headers, agent: false }, (answer) => {
      const parts = /** @type {Buffer[]} */ ([]);
      const done = () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts).toString() });
      answer.on("data", (part) => parts.push(part));
      answer.on("end", done);
      answer.on("error", done);
    });
    request.on("error", reject);
    request.end(body);
  });
}

/**
 * The address of an island on the product page; where it has namesakes, of the one with that key.
 *
 * @param {string} name
 * @param {string} [key]
 */
async function placed(name, key) {
  const { body } = await ask("GET", PRODUCT);
  const pattern = new RegExp(`island="${name}" island-src="([^"]+)"${key ? ` island-key="${key}"` : ""}`);
  const found = pattern.exec(body)?.[1];
  if (!found) throw new Error(`no island ${name} on ${PRODUCT}`);
  return found;
}

/**
 * Signs in over HTTP.
 *
 * @param {string} email
 * @param {string} password
 * @returns {Promise<string>} the session's cookies
 */
async function session(email, password) {
  const form = await ask("GET", "/login");
  const [, name = "", token = ""] = /name="(csrf\w*)" value="([^"]+)"/.exec(form.body) ?? [];
  const cookie = (/** @type {Answer} */ answer) =>
    (answer.headers["set-cookie"] ?? []).map((field) => field.split(";")[0]).join("; ");
  const fields = new URLSearchParams({ [name]: token, email, password, next: PRODUCT }).toString();
  const headers = { "Content-Type": "application/x-www-form-urlencoded", Cookie: cookie(form) };
  const answer = await ask("POST", "/login", { ...headers, "Content-Length": fields.length }, fields);
  if (answer.status !== 303) throw new Error(`signing in as ${email} answered ${answer.status}`);
  return cookie(answer);
}
