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
  const all = Object.keys(require(new URL(`${name}.js`, dist).pathname)).sort();
  const names = all.filter((one) => one !== "default");
  const values = names.length ? `export const { ${names.join(", ")} } = module;\n` : "export {};\n";
  // Of a plugin: what `import plugin from` and `app.register(import(…))` take.
  const [value, type] = all.includes("default")
    ? [
        "export default module.default;\n",
        `import module from "./${name}.js";\ndeclare const value: typeof module.default;\nexport default value;\n`,
      ]
    : ["", ""];
  writeFileSync(new URL(`${name}.mjs`, dist), `import module from "./${name}.js";\n\n${values}${value}`);
  writeFileSync(new URL(`${name}.d.mts`, dist), `export * from "./${name}.js";\n${type}`);
}
