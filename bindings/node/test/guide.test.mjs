// The quick starts of docs/node.md and the first blocks of the READMEs, each run as it is printed, in a folder of its own.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { ask, KEYS, sourceOf } from "./support.mjs";

const guide = readFileSync(new URL("../../../docs/node.md", import.meta.url), "utf8");
const modules = fileURLToPath(new URL("../node_modules", import.meta.url));
const bun = join(modules, "@oven/bun-linux-x64/bin/bun");

const folder = mkdtempSync(join(tmpdir(), "eyot-"));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, "node_modules"));
for (const name of readdirSync(modules)) symlinkSync(join(modules, name), join(folder, "node_modules", name));
symlinkSync(fileURLToPath(new URL("..", import.meta.url)), join(folder, "node_modules/eyot"));

/** The first block of a section. */
function block(section) {
  const start = guide.indexOf(`\n## ${section}\n`);
  const found = /```js\n([\s\S]*?)```/.exec(guide.slice(start));
  assert.ok(start > 0 && found, section);
  return found[1];
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Runs a program until the test is over; resolves with its address once it answers. */
async function run(program, name, source) {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, source);
  const port = await freePort();
  const { PATH } = process.env;
  const child = spawn(program, [file], { env: { PATH, PORT: String(port), EYOT_KEYS: KEYS } });
  after(() => child.kill());
  let printed = "";
  child.stdout.on("data", (text) => (printed += text));
  child.stderr.on("data", (text) => (printed += text));
  const base = `http://127.0.0.1:${port}`;
  for (let turn = 0; turn < 100; turn++) {
    const isThere = await ask(base, "/p/lantern").catch(() => undefined);
    if (isThere) return { base, printed: () => printed };
    if (child.exitCode !== null) break;
    await new Promise((go) => setTimeout(go, 100));
  }
  throw new Error(`it did not answer: ${printed}`);
}

describe("the quick start", () => {
  for (const [section, island, expected] of [
    ["Express", "CartCount", "<b>0 in the cart</b>"],
    ["Fastify", "CartCount", "<b>0 in the cart</b>"],
    ["Hono", "CartCount", "<b>0 in the cart</b>"],
    ["Request and Response", "Greeting", "<b>Hello stranger</b>"],
    ["node:http and node:http2", "Greeting", "<b>Hello stranger</b>"],
  ]) {
    const program = section === "Request and Response" ? bun : process.execPath;
    it(`of ${section} runs as printed`, { skip: !existsSync(program) }, async () => {
      const { base } = await run(program, section.replaceAll(/\W/g, ""), block(section));
      const { text, headers } = await ask(base, "/p/lantern");
      assert.equal(headers["cache-control"], "public, max-age=0, s-maxage=600");
      assert.equal(headers["set-cookie"], undefined);
      const { url } = sourceOf(text, island);
      const found = await ask(base, url, { headers: { "Sec-Fetch-Site": "same-origin" } });
      assert.deepEqual([found.status, found.headers.island, found.text], [200, island, expected]);
    });
  }

  for (const [name, file] of [
    ["repository", "../../../README.md"],
    ["package", "../README.md"],
  ]) {
    it(`in the README of the ${name} runs as printed`, async () => {
      const text = readFileSync(new URL(file, import.meta.url), "utf8");
      const found = [...text.matchAll(/```js\n([\s\S]*?)```/g)].find(([, source]) => source.includes("eyot/express"));
      const { base } = await run(process.execPath, `readme-${name}`, found[1]);
      const page = await ask(base, "/");
      assert.equal(page.headers["cache-control"], "public, max-age=0, s-maxage=600");
      const { url } = sourceOf(page.text, "CartCount");
      assert.equal(
        (await ask(base, url, { headers: { "Sec-Fetch-Site": "same-origin" } })).text,
        "<b>0 in the cart</b>",
      );
    });
  }

  it("counts what is put into the cart, in Express", async () => {
    const { base } = await run(process.execPath, "counts", block("Express"));
    const cookie = String((await ask(base, "/add")).headers["set-cookie"]).split(";")[0];
    const { url } = sourceOf((await ask(base, "/p/lantern", { headers: { cookie } })).text, "CartCount");
    assert.equal((await ask(base, url, { headers: { cookie } })).text, "<b>1 in the cart</b>");
  });
});
