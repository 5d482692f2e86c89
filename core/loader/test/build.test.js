// The committed files: current, and within their budget.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { BUDGET, brotliSize, bundle, output } from "../build.js";

it("the committed loader is what its source builds", async () => {
  assert.deepEqual(readFileSync(output), await bundle());
});

it("the loader is within its budget", () => {
  const size = brotliSize(readFileSync(output));
  assert.ok(size <= BUDGET, `${size} bytes of ${BUDGET}`);
});

it("the loader holds no script end tag, so that it can stand inline", () => {
  assert.doesNotMatch(readFileSync(output, "utf8"), /<\/script|<!--/i);
});

it("the lock file names no registry", () => {
  const lock = readFileSync(new URL("../package-lock.json", import.meta.url), "utf8");
  assert.doesNotMatch(lock, /"resolved"/);
});
