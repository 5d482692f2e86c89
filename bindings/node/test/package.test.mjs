// The package as it is published: both tarballs installed into an empty folder, without scripts and without a network,
// and used from there by ES modules, by CommonJS and by the command.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { KEYS } from "./support.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "eyot-package-"));
const run = (...parameters) =>
  execFileSync(process.execPath, parameters, { cwd: folder, encoding: "utf8", stdio: "pipe" });

before(() => {
  execFileSync(process.execPath, [join(root, "scripts/pack.mjs"), folder], { stdio: "pipe" });
  writeFileSync(join(folder, "package.json"), '{"private":true}');
  const tarballs = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  assert.equal(tarballs.length, 2);
  const install = [
    "install",
    "--offline",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    ...tarballs.map((name) => `./${name}`),
  ];
  execFileSync("npm", install, { cwd: folder, stdio: "pipe" });
});
after(() => rmSync(folder, { recursive: true }));

describe("the installed package", () => {
  it("has no script that runs at installation, and nothing but what it needs", () => {
    const manifest = JSON.parse(readFileSync(join(folder, "node_modules/eyot/package.json"), "utf8"));
    assert.equal(manifest.scripts, undefined);
    assert.deepEqual(Object.keys(manifest.dependencies), ["fastify-plugin"]);
    assert.equal(Object.keys(manifest.optionalDependencies).length, 8);
    assert.deepEqual(new Set(Object.values(manifest.optionalDependencies)), new Set([manifest.version]));
    const files = readdirSync(join(folder, "node_modules/eyot")).sort();
    assert.deepEqual(files, ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "dist", "native", "package.json"]);
  });

  it("has one instance for both kinds of import", () => {
    writeFileSync(
      join(folder, "both.mjs"),
      `import { createRequire } from "node:module";
       import * as esm from "eyot";
       import { islands, html } from "eyot/express";
       const cjs = createRequire(import.meta.url)("eyot");
       for (const name of Object.keys(cjs)) if (cjs[name] !== esm[name]) throw new Error(name);
       const token = cjs.KeyRing.parse("${KEYS}").seal("A", "{}");
       console.log(token.length, typeof islands, String(html\`\${"<"}\`), new cjs.MarkupError("x", "y", 1, 1) instanceof esm.EyotError);`,
    );
    assert.equal(run("both.mjs").trim(), "80 function &lt; true");
  });

  it("loads every module that needs no framework, or says which is missing", () => {
    for (const name of [
      "eyot",
      "eyot/express",
      "eyot/fastify",
      "eyot/hono",
      "eyot/web",
      "eyot/node",
      "eyot/handlebars",
      "eyot/jsx",
    ]) {
      run("-e", `require(${JSON.stringify(name)})`);
    }
    const missing = spawnSync(process.execPath, ["-e", 'require("eyot/react")'], { cwd: folder, encoding: "utf8" });
    assert.match(missing.stderr, /Cannot find module 'react'/);
  });

  it("prints a key that can be used", () => {
    const key = execFileSync("npx", ["--offline", "eyot", "keygen"], { cwd: folder, encoding: "utf8" }).trim();
    assert.equal(Buffer.from(key, "base64").length, 32);
    run("-e", `require("eyot").KeyRing.parse(${JSON.stringify(key)})`);
    const wrong = spawnSync(process.execPath, ["node_modules/eyot/dist/cli.js", "keygn"], {
      cwd: folder,
      encoding: "utf8",
    });
    assert.deepEqual(
      [wrong.status, wrong.stderr.split("\n")[0]],
      [2, "usage: eyot keygen    prints a key for EYOT_KEYS: 32 random bytes in base64"],
    );
  });

  it("says what is missing where there is no addon for the platform", () => {
    rmSync(join(folder, "node_modules/eyot-linux-x64-gnu"), { recursive: true });
    const { stderr, status } = spawnSync(process.execPath, ["-e", 'require("eyot")'], {
      cwd: folder,
      encoding: "utf8",
    });
    assert.equal(status, 1);
    assert.match(stderr, /eyot has no native part for linux x64.*optional/s);
  });
});
