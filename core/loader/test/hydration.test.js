// Frameworks that take over a server's HTML: islands that came before, and after.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { build } from "esbuild";
import { event, openPage, quiet } from "./browser.js";
import { document as html, Site, TAG } from "./server.js";

const PLACE = { island: "Cart", "island-src": "/_server-islands/Cart/TOKEN", "island-keep": "" };
const ATTRIBUTES = Object.entries(PLACE).map(([name, value]) => `${name}="${value}"`).join(" ");
const SHELL = `<main><h1>0</h1><server-island ${ATTRIBUTES}><i>…</i></server-island><button>more</button></main>`;

/** @type {Record<string, { html: string, code: string }>} */
const FRAMEWORKS = {
  React: {
    html: SHELL,
    code: `import { createElement as h, useState } from "react"; import { hydrateRoot } from "react-dom/client";
      function App() {
        const [count, set] = useState(0);
        return h("main", null, h("h1", null, count),
          h("server-island", { ...${JSON.stringify(PLACE)}, suppressHydrationWarning: true, dangerouslySetInnerHTML: { __html: "<i>…</i>" } }),
          h("button", { onClick: () => set(count + 1) }, "more"));
      }
      window.hydrate = () => hydrateRoot(document.querySelector("#app"), h(App), { onRecoverableError: (error) => window.faults.push(String(error)) });`,
  },
  Preact: {
    html: SHELL,
    code: `import { h, hydrate } from "preact"; import { useState } from "preact/hooks";
      function App() {
        const [count, set] = useState(0);
        return h("main", null, h("h1", null, count),
          h("server-island", { ...${JSON.stringify(PLACE)}, dangerouslySetInnerHTML: { __html: "<i>…</i>" } }),
          h("button", { onClick: () => set(count + 1) }, "more"));
      }
      window.hydrate = () => hydrate(h(App), document.querySelector("#app"));`,
  },
  Vue: {
    html: SHELL.replace("<server-island", '<server-island data-allow-mismatch=""'),
    code: `import { createSSRApp, h, ref } from "vue/dist/vue.runtime.esm-bundler.js";
      const App = { setup() {
        const count = ref(0);
        return () => h("main", null, [h("h1", null, count.value),
          h("server-island", { ...${JSON.stringify(PLACE)}, "data-allow-mismatch": "", innerHTML: "<i>…</i>" }),
          h("button", { onClick: () => count.value++ }, "more")]);
      } };
      window.hydrate = () => createSSRApp(App).mount("#app");`,
  },
};

/** @param {string} code */
async function bundle(code) {
  const result = await build({
    stdin: { contents: code, resolveDir: new URL(".", import.meta.url).pathname },
    bundle: true,
    write: false,
    format: "iife",
    define: { "process.env.NODE_ENV": '"development"', __VUE_OPTIONS_API__: "true", __VUE_PROD_DEVTOOLS__: "false", __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "true" },
  });
  return result.outputFiles[0].text;
}

describe("a page that is hydrated", { concurrency: 2 }, () => {
  for (const [name, { html: shell, code }] of Object.entries(FRAMEWORKS)) {
    for (const when of ["before", "after"]) {
      it(`by ${name}, ${when} its island has come, shows the island and works`, async (t) => {
        const [site, page] = [await Site.open(t), await openPage(t)];
        /** @type {string[]} */
        const said = [];
        page.on("console", (message) => ["error", "warning"].includes(message.type()) && !/404/.test(message.text()) && said.push(message.text()));
        site.at("/app.js", { headers: { "Content-Type": "text/javascript" }, body: await bundle(`window.faults = []; ${code}`) });
        site.island("Cart", "<b>3</b>").at("/", html(`<div id="app">${shell}</div>`, `${when == "before" ? "" : TAG}<script defer src="/app.js"></script>`));
        await page.goto(site.origin, { waitUntil: "load" });
        if (when == "after") await event(page, "island:load");
        await page.evaluate("hydrate()");
        if (when == "before") await page.addScriptTag({ url: `${site.origin}/_server-islands/loader.v1.js` });
        await page.waitForSelector("b");
        await page.click("button");
        await page.waitForFunction(() => document.querySelector("h1")?.textContent == "1");
        await quiet(200);
        await page.waitForSelector("server-island > b");
        assert.deepEqual(await page.evaluate("faults"), []);
        assert.deepEqual(said.filter((text) => /hydrat|mismatch/i.test(text)), []);
        // Vue puts the fallback back, and the island is loaded again.
        assert.equal(site.asked.length, name == "Vue" && when == "after" ? 2 : 1);
      });
    }
  }
});
