// Builds dist/: CommonJS and types by tsc, and for each module of the package a thin ES module around it, so that both
// kinds of import share one instance.

import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const root = new URL("../", import.meta.url);
const dist = new URL("dist/", root);

rmSync(dist, { recursive: true, force: true });
const tsc = require.resolve("typescript/bin/tsc");
execFileSync(process.execPath, [tsc, "-p", new URL("tsconfig.json", root).pathname], { stdio: "inherit" });

const { exports } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
for (const { import: esm } of Object.values(exports)) {
  const name = esm && /\/dist\/(.+)\.mjs$/.exec(esm.default)?.[1];
  if (!name) continue;
  const names = Object.keys(require(new URL(`${name}.js`, dist).pathname)).sort();
  const values = names.length ? `export const { ${names.join(", ")} } = module;\n` : "export {};\n";
  writeFileSync(new URL(`${name}.mjs`, dist), `import module from "./${name}.js";\n\n${values}`);
  writeFileSync(new URL(`${name}.d.mts`, dist), `export * from "./${name}.js";\n`);
}
