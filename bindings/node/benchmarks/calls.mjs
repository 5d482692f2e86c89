// Single calls beside what Node sites use for the same work: sealing and opening 200 bytes of props, and splitting a
// page of 100 kB. `npm ci` here first, and Node 22.12 or later, for Astro.

import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

import iron from "@hapi/iron";
import { HTMLRewriter } from "html-rewriter-wasm";
import { Parser } from "htmlparser2";
import { parse, serialize } from "parse5";
import { encodeProps, Islands, KeyRing } from "../dist/index.mjs";
import { createKey, decryptString, encryptString } from "./node_modules/astro/dist/core/encryption.js";
import { fastest, table } from "./rounds.mjs";

const ring = KeyRing.parse(randomBytes(32).toString("base64"));
const islands = new Islands({ islands: ["Row"], loader: false }, ring);

// -- sealing and opening ------------------------------------------------------------------------------------------------

const props = {
  sku: "halliford-lantern",
  place: 3,
  name: "A storm lantern that stays lit in a gale",
  tags: ["light", "boat", "tin"],
  listed: 4800,
  sold: true,
  text: "Hang it from the bow or set it on the table; it looks right.",
};
const json = JSON.stringify(props);
const key = await createKey();
const aes = randomBytes(32);
const password = randomBytes(32).toString("hex");

function gcmSeal() {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", aes, iv).setAAD(Buffer.from("Row"));
  return Buffer.concat([iv, cipher.update(JSON.stringify(props)), cipher.final(), cipher.getAuthTag()]).toString(
    "base64url",
  );
}

function gcmOpen(token) {
  const bytes = Buffer.from(token, "base64url");
  const decipher = createDecipheriv("aes-256-gcm", aes, bytes.subarray(0, 12)).setAAD(Buffer.from("Row"));
  decipher.setAuthTag(bytes.subarray(-16));
  return JSON.parse(decipher.update(bytes.subarray(12, -16), undefined, "utf8") + decipher.final("utf8"));
}

const sealed = {
  eyot: ring.seal("Row", json),
  astro: await encryptString(key, json, "props:Row"),
  gcm: gcmSeal(),
  iron: await iron.seal(props, password, iron.defaults),
};
for (const found of [
  ring.open("Row", sealed.eyot).props,
  await decryptString(key, sealed.astro, "props:Row"),
  JSON.stringify(gcmOpen(sealed.gcm)),
  JSON.stringify(await iron.unseal(sealed.iron, password, iron.defaults)),
]) {
  if (found !== json) throw new Error("a candidate does not do the work");
}

table(
  `seal an object of ${json.length} bytes of JSON, the encoding included`,
  await fastest([
    ["eyot KeyRing.seal(encodeProps(…))", () => ring.seal("Row", encodeProps(props))],
    ["eyot Islands.attributes: the whole placeholder", () => islands.attributes("Row", props)],
    ["Astro encryptString(JSON.stringify(…))", () => encryptString(key, JSON.stringify(props), "props:Row")],
    ["node:crypto AES-256-GCM", gcmSeal],
    ["@hapi/iron", () => iron.seal(props, password, iron.defaults)],
  ]),
  { "Astro encryptString(JSON.stringify(…))": 12, "node:crypto AES-256-GCM": 3 },
);
table(
  "open it, parsing included",
  await fastest([
    ["eyot KeyRing.open", () => JSON.parse(ring.open("Row", sealed.eyot).props)],
    ["Astro decryptString", async () => JSON.parse(await decryptString(key, sealed.astro, "props:Row"))],
    ["node:crypto AES-256-GCM", () => gcmOpen(sealed.gcm)],
    ["@hapi/iron", () => iron.unseal(sealed.iron, password, iron.defaults)],
  ]),
);

// -- splitting ----------------------------------------------------------------------------------------------------------

const LENGTH = 100_000;
const ISLAND = `<tr server:defer="Row" server:props='{"sku":"lantern-2","place":3}'><td slot="fallback">…</td></tr>\n`;
const row = (n) =>
  `<tr class="item row-${n}"><td><a href="/p/${n}?from=list&amp;page=2">Item ${n}</a></td><td>£${n}.50</td></tr>\n`;

/** A page of a table, with `count` islands spread over it. */
function page(count) {
  const rows = Array.from({ length: Math.floor(LENGTH / row(1000).length) }, (_, n) => row(n));
  for (let place = 0; place < count; place++)
    rows.splice(Math.floor(((place + 1) * rows.length) / (count + 1)), 0, ISLAND);
  return Buffer.from(
    `<!doctype html><html><head><title>t</title></head><body><table>${rows.join("")}</table></body></html>`,
  );
}

const encoder = new TextEncoder();

/** A rewriter for the web's platforms, lol_html as WebAssembly. */
async function htmlRewriter(source) {
  const chunks = [];
  const rewriter = new HTMLRewriter((chunk) => chunks.push(chunk.slice()));
  rewriter.on("tr[server\\:defer]", {
    element(element) {
      element.setAttribute("island", element.getAttribute("server:defer"));
      element.removeAttribute("server:defer");
      element.removeAttribute("server:props");
    },
  });
  try {
    await rewriter.write(source);
    await rewriter.end();
  } finally {
    rewriter.free();
  }
  return Buffer.concat(chunks);
}

function htmlparser2(source) {
  const text = source.toString();
  let out = "";
  let at = 0;
  const parser = new Parser({
    onopentag(name, attributes) {
      if (!("server:defer" in attributes)) return;
      out += `${text.slice(at, parser.startIndex)}<${name} island="${attributes["server:defer"]}">`;
      at = parser.endIndex + 1;
    },
  });
  parser.end(text);
  return encoder.encode(out + text.slice(at));
}

function parse5(source) {
  const document = parse(source.toString());
  const visit = (node) => {
    for (const attribute of node.attrs ?? []) if (attribute.name === "server:defer") attribute.name = "island";
    if (node.attrs) node.attrs = node.attrs.filter(({ name }) => name !== "server:props");
    for (const child of node.childNodes ?? []) visit(child);
  };
  visit(document);
  return encoder.encode(serialize(document));
}

for (const count of [0, 5]) {
  const source = page(count);
  const candidates = [
    ["eyot Islands.split, sealing included", () => islands.split(source)],
    ["htmlparser2, without sealing", () => htmlparser2(source)],
    ["html-rewriter-wasm, without sealing", () => htmlRewriter(source)],
    ["parse5, without sealing", () => parse5(source)],
  ];
  for (const [name, call] of candidates) {
    const text = Buffer.from(await call()).toString();
    const done = text.split('island="Row"').length - 1 === count && !text.includes("server:");
    if (!done) throw new Error(`${name} did not rewrite the page`);
  }
  const required = { "htmlparser2, without sealing": 12, "html-rewriter-wasm, without sealing": 20 };
  table(`split ${source.length} bytes, ${count} islands`, await fastest(candidates), required);
}
