// The committed files: current, and within their budget.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { FILES, brotliSize, bundle, output } from "../build.js";

for (const file of FILES) {
  it(`the committed ${file.name} is what its source builds`, async () => {
    assert.deepEqual(readFileSync(output(file.name)), await bundle(file));
  });

  it(`${file.name} is within its budget`, () => {
    const size = brotliSize(readFileSync(output(file.name)));
    assert.ok(size <= file.budget, `${size} bytes of ${file.budget}`);
  });

  it(`${file.name} holds no script end tag, so that it can stand inline`, () => {
    assert.doesNotMatch(readFileSync(output(file.name), "utf8"), /<\/script|<!--/i);
  });
}

it("the lock file names no registry", () => {
  const lock = readFileSync(new URL("../package-lock.json", import.meta.url), "utf8");
  assert.doesNotMatch(lock, /"resolved"/);
});
