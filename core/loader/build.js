// Builds the loader's files into dist/, or with --size prints what they weigh.

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";
import { minify } from "terser";

/** Each file: its source, and most bytes of it, compressed with brotli at quality 11. */
export const FILES = [
  { name: "loader.v1.js", source: "src/main.js", budget: 3000 },
  { name: "loader.more.v1.js", source: "src/more/main.js", budget: 4000 },
  { name: "loader.debug.v1.js", source: "src/debug/main.js", budget: 2000 },
];

/** Names of the loader's own records, in all files, that no browser interface has. */
const OWN = [
  ["admit", "inFlight", "islands", "islandUrl", "load", "parents"],
  ["parsed", "present", "send", "settle", "tag", "take", "trusted", "element", "signature", "kept"],
  ["filled", "first", "last", "run", "again", "next", "html", "live", "fallback", "unstored", "restore", "token", "response"],
  ["empty", "fail", "follow", "hold", "merge", "healed"],
].flat();

/** The same short name in all files. */
const SHORT = Object.fromEntries(OWN.map((name, index) => [name, short(index)]));

/** @param {string} name */
export function output(name) {
  return new URL(`dist/${name}`, import.meta.url);
}

/**
 * A file's bytes as built from src/.
 * @param {{ source: string }} file
 */
export async function bundle({ source }) {
  const result = await build({
    absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
    entryPoints: [source],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2021",
    charset: "utf8",
    legalComments: "none",
    tsconfigRaw: {},
    mangleProps: new RegExp(`^(${Object.keys(SHORT).join("|")})$`),
    mangleCache: { ...SHORT },
    write: false,
  });
  // It finds what esbuild's own minifier leaves: some 60 bytes with brotli.
  const { code } = await minify(result.outputFiles[0].text, { ecma: 2020, compress: { passes: 3, booleans_as_integers: true, unsafe_arrows: true } });
  return Buffer.from(`${code}\n`);
}

/** @param {Uint8Array} bytes */
export function brotliSize(bytes) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return brotliCompressSync(bytes, { params }).length;
}

/** @param {number} index */
function short(index) {
  const letters = "abcdefghijklmnopqrstuvwxyz";
  return letters[index % 26] + (index < 26 ? "" : letters[Math.floor(index / 26) - 1]);
}

if (process.argv[1] == fileURLToPath(import.meta.url)) {
  for (const file of FILES) {
    if (process.argv[2] == "--size") {
      const bytes = await readFile(output(file.name));
      console.log(`${file.name}: ${bytes.length} bytes, ${brotliSize(bytes)} with brotli, of ${file.budget}`);
    } else {
      await writeFile(output(file.name), await bundle(file));
    }
  }
}
