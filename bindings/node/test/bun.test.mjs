// The package in Bun, where the tests' own packages bring one: the addon, Bun.serve by eyot/web, and Express.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { it } from "node:test";

import { KEYS } from "./support.mjs";

const require = createRequire(import.meta.url);

/** Bun's program; npm leaves it out on other platforms than this. */
function bun() {
  try {
    return require.resolve("@oven/bun-linux-x64/bin/bun");
  } catch {
    return undefined;
  }
}

const SOURCE = `
  import express from "express";
  import { KeyRing } from "eyot";
  import { islands as expressIslands } from "eyot/express";
  import { html, islands } from "eyot/web";
  const keys = "${KEYS}";
  const page = '<!doctype html><head></head><Avatar server:defer/>';
  const isl = islands({ keys });
  isl.define("Avatar", (request, island) => html\`<b>\${island.name}</b>\`);
  const app = () => new Response(page, { headers: { "Content-Type": "text/html" } });
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: isl.fetch(app, { "/": { cdn: 5 } }) });
  const exp = expressIslands({ keys });
  exp.define("Avatar", (req) => html\`<b>\${req.island.name}</b>\`);
  const express5 = express().use(exp.shell({ "/": { cdn: 5 } })).use(exp.routes()).get("/", (_, res) => res.send(page));
  const listening = await new Promise((go) => { const s = express5.listen(0, "127.0.0.1", () => go(s)); });
  for (const base of [server.url.href, \`http://127.0.0.1:\${listening.address().port}/\`]) {
    const shell = await fetch(base);
    const text = await shell.text();
    const island = await fetch(new URL(/data-src="([^"]+)"/.exec(text)[1], base));
    const large = { method: "POST", body: "A".repeat(70_000), headers: { "Content-Type": "application/vnd.eyot.token" } };
    const refused = await fetch(new URL("/_server-islands/Avatar", base), large);
    console.log(shell.headers.get("cache-control"), island.headers.get("island"), await island.text(), refused.status);
  }
  process.exit(0);`;

it("serves shells and islands in Bun", { skip: bun() ? false : "there is no Bun for this platform" }, () => {
  const output = execFileSync(bun(), ["-e", SOURCE], {
    cwd: new URL("..", import.meta.url),
    encoding: "utf8",
    timeout: 30_000,
  });
  const line = "public, max-age=0, s-maxage=5 Avatar <b>Avatar</b> 413\n";
  assert.equal(output, line + line);
});
