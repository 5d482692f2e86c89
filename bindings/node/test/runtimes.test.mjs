// The package in Bun and in Deno, where the tests' own packages bring one: the addon, their servers by eyot/web, and
// Express.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { it } from "node:test";

import { KEYS } from "./support.mjs";

const require = createRequire(import.meta.url);

/** A runtime's program; npm leaves it out on other platforms than this. */
function program(name) {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}

/** A program that serves a page twice, prints what came, and ends; `serve` says how the runtime serves. */
const source = (serve) => `
  import express from "express";
  import { KeyRing } from "eyot";
  import { islands as expressIslands } from "eyot/express";
  import { html, islands } from "eyot/web";
  const keys = "${KEYS}";
  const page = '<!doctype html><head></head><Avatar server:defer/>';
  const log = { error: console.error, warn: console.error, info: console.error };
  const isl = islands({ keys, logger: log });
  isl.island("Avatar", (request, island) => html\`<b>\${island.name}</b>\`);
  const app = () => new Response(page, { headers: { "Content-Type": "text/html" } });
  const fetching = isl.fetch(app, { "/": { cdn: 5 } });
  const port = ${serve};
  const exp = expressIslands({ keys, logger: log });
  exp.island("Avatar", (req) => html\`<b>\${req.island.name}</b>\`);
  const express5 = express().use(exp.outer({ "/": { cdn: 5 } })).use(exp.inner()).get("/", (_, res) => res.send(page));
  const listening = await new Promise((go) => { const s = express5.listen(0, "127.0.0.1", () => go(s)); });
  for (const base of [port, listening.address().port].map((port) => \`http://127.0.0.1:\${port}/\`)) {
    const shell = await fetch(base);
    const text = await shell.text();
    const island = await fetch(new URL(/island-src="([^"]+)"/.exec(text)[1], base));
    const large = { method: "POST", body: "A".repeat(70_000), headers: { "Content-Type": "application/vnd.eyot.token" } };
    const refused = await fetch(new URL("/_server-islands/Avatar", base), large);
    console.log(shell.headers.get("cache-control"), island.headers.get("island"), await island.text(), refused.status);
  }
  process.exit(0);`;

const RUNTIMES = {
  Bun: {
    file: program("@oven/bun-linux-x64/bin/bun"),
    parameters: ["run", "-"],
    serve: 'Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: fetching }).port',
  },
  Deno: {
    file: program("@deno/linux-x64-glibc/deno"),
    parameters: ["run", "--allow-all", "--quiet", "--node-modules-dir=manual", "-"],
    serve: 'Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, fetching).addr.port',
  },
};

for (const [name, { file, parameters, serve }] of Object.entries(RUNTIMES)) {
  it(`serves shells and islands in ${name}`, { skip: file ? false : `there is no ${name} for this platform` }, () => {
    const output = execFileSync(file, parameters, {
      cwd: new URL("..", import.meta.url),
      input: source(serve),
      encoding: "utf8",
      timeout: 30_000,
      stdio: ["pipe", "pipe", "ignore"],
    });
    const line = "public, max-age=0, s-maxage=5 Avatar <b>Avatar</b> 413\n";
    assert.equal(output, line + line);
  });
}
