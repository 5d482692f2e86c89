// Builds the loader into dist/, or with --size prints what it weighs.

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";
import { minify } from "terser";

/** Most bytes of the loader, compressed with brotli at quality 11. */
export const BUDGET = 3000;

export const output = new URL("dist/loader.v1.js", import.meta.url);

/** The loader's bytes as built from src/. */
export async function bundle() {
  const result = await build({
    absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
    entryPoints: ["src/main.js"],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2021",
    charset: "utf8",
    legalComments: "none",
    tsconfigRaw: {},
    // Names of the loader's own records that no browser interface has.
    mangleProps: /^(element|kept|filled|first|last|fallback|unstored|returned|run|html)$/,
    write: false,
  });
  // It finds what esbuild's own minifier leaves: some 60 bytes with brotli.
  const { code } = await minify(result.outputFiles[0].text, { ecma: 2020, compress: { passes: 3 } });
  return Buffer.from(`${code}\n`);
}

/** @param {Uint8Array} bytes */
export function brotliSize(bytes) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return brotliCompressSync(bytes, { params }).length;
}

if (process.argv[1] == fileURLToPath(import.meta.url)) {
  if (process.argv[2] == "--size") {
    const bytes = await readFile(output);
    console.log(`${bytes.length} bytes, ${brotliSize(bytes)} with brotli, of ${BUDGET}`);
  } else {
    await writeFile(output, await bundle());
  }
}
