// What browsers differ in, once more in Firefox: that a link's answer serves the loader, and that each island is asked for
// once. Firefox is started as it is and reports by asking the site.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { PATIENCE } from "./browser.js";
import { document as html, gate, placeholder, Site, TAG } from "./server.js";

const LOADER = readFileSync(new URL("../dist/loader.v1.js", import.meta.url), "utf8");
const INLINE = `<script data-base="/_server-islands">${LOADER}</script>`;
const LINKS = ["Avatar", "Row"]
  .map((name) => `<link rel="preload" as="fetch" crossorigin href="/_server-islands/${name}/TOKEN">`)
  .join("");

const HEADS = { "a file": TAG, "links and a file": TAG + LINKS, "links and the loader in the page": LINKS + INLINE };

/**
 * Starts Firefox at an address until the test ends.
 * @param {{ after(done: () => void): void }} t
 * @param {string} address
 */
function visit(t, address) {
  const home = mkdtempSync(join(tmpdir(), "eyot-firefox-"));
  const args = ["--headless", "--no-remote", "--profile", home, address];
  const firefox = spawn(process.env.EYOT_FIREFOX ?? "/usr/bin/firefox-esr", args, {
    // A home of its own: it refuses one that belongs to another user.
    env: { ...process.env, HOME: home },
    stdio: "ignore",
    detached: true,
  });
  t.after(async () => {
    const gone = new Promise((resolve) => firefox.once("exit", resolve));
    // Its processes too.
    process.kill(-Number(firefox.pid), "SIGKILL");
    await gone;
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });
  return new Promise((_, reject) => firefox.once("error", reject));
}

for (const [title, head] of Object.entries(HEADS)) {
  it(`in Firefox, with ${title}, each island is asked for once and takes its place`, async (t) => {
    const site = await Site.open(t);
    const { opened, open } = gate();
    site.island("Avatar", "<b>Ada</b>").island("Row", "<td>1</td>").at("/page/text", ({ url = "" }) => {
      open(decodeURIComponent(url.slice("/page/text/".length)));
      return "";
    });
    const tell = `<script>
      let loaded = 0;
      addEventListener("island:load", () => ++loaded == 2 && fetch("/page/text/" + encodeURIComponent(document.body.innerText)));
    </script>`;
    const table = '<table><tr island="Row" island-src="/_server-islands/Row/TOKEN"></tr></table>';
    site.at("/", html(placeholder("Avatar") + table, tell + head));
    const failed = visit(t, site.origin);
    const late = new Promise((_, reject) => setTimeout(reject, 3 * PATIENCE, new Error("Firefox told nothing")).unref());
    assert.match(String(await Promise.race([opened, failed, late])), /^Ada\s*1\s*$/);
    assert.deepEqual(site.asked.sort(), ["Avatar/TOKEN", "Row/TOKEN"]);
  });
}
