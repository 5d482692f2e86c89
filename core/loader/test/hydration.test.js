// Frameworks that take over a server's HTML: islands that came before, and after. In Chromium and Firefox.

import { build } from "esbuild";
import { compile } from "svelte/compiler";
import { play } from "./scenarios/run.js";

const PLACE = { island: "Cart", "island-src": "BASE/Cart/TOKEN", "island-keep": "" };
const ATTRIBUTES = Object.entries(PLACE).map(([name, value]) => `${name}="${value}"`).join(" ");
const SHELL = `<main><h1>0</h1><server-island ${ATTRIBUTES}><i>…</i></server-island><button>more</button></main>`;

/** The fallback is plain markup: Svelte does not look into it when it hydrates. */
const SVELTE = `<script>let { place } = $props(); let count = $state(0);</script>
  <main><h1>{count}</h1><server-island {...place}><i>…</i></server-island><button onclick={() => count++}>more</button></main>`;

/** The component, compiled for the server or the browser. @type {import("esbuild").Plugin} */
const svelte = {
  name: "svelte",
  setup(builder) {
    builder.onResolve({ filter: /^(client|server)\.svelte$/ }, ({ path }) => ({ path, namespace: "svelte" }));
    builder.onLoad({ filter: /./, namespace: "svelte" }, ({ path }) => {
      const generate = path.startsWith("client") ? "client" : "server";
      const { js } = compile(SVELTE, { generate, dev: generate == "client", filename: "App.svelte" });
      return { contents: js.code, resolveDir: new URL(".", import.meta.url).pathname };
    });
  },
};

/** What Svelte's server part writes. */
async function svelteHtml() {
  const code = await bundle(
    `import { render } from "svelte/server"; import App from "server.svelte";
     globalThis.rendered = render(App, { props: { place: ${JSON.stringify(PLACE)} } }).body;`,
    "node",
  );
  new Function(code)();
  return /** @type {any} */ (globalThis).rendered;
}

/** @param {string} code @param {"browser" | "node"} [platform] */
async function bundle(code, platform = "browser") {
  const result = await build({
    stdin: { contents: code, resolveDir: new URL(".", import.meta.url).pathname },
    bundle: true,
    write: false,
    format: "iife",
    platform,
    conditions: platform == "node" ? [] : ["browser", "development"],
    define: { "process.env.NODE_ENV": '"development"', __VUE_OPTIONS_API__: "true", __VUE_PROD_DEVTOOLS__: "false", __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "true" },
    plugins: [svelte],
  });
  return result.outputFiles[0].text;
}

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
  "Vue, in an HTML element": {
    html: SHELL.replaceAll("server-island", "div"),
    code: `import { createSSRApp, h, ref } from "vue/dist/vue.runtime.esm-bundler.js";
      const App = { setup() {
        const count = ref(0);
        return () => h("main", null, [h("h1", null, count.value),
          h("div", { ...${JSON.stringify(PLACE)}, innerHTML: "<i>…</i>" }),
          h("button", { onClick: () => count.value++ }, "more")]);
      } };
      window.hydrate = () => createSSRApp(App).mount("#app");`,
  },
  Svelte: {
    html: await svelteHtml(),
    code: `import { hydrate } from "svelte"; import App from "client.svelte";
      window.hydrate = () => hydrate(App, { target: document.querySelector("#app"), props: { place: ${JSON.stringify(PLACE)} } });`,
  },
};

const scenarios = [];
for (const [name, { html, code }] of Object.entries(FRAMEWORKS)) {
  const script = `<script>window.faults = []; ${(await bundle(code)).replaceAll("</script", "<\\/script")}</script>`;
  for (const when of ["before", "after"]) {
    scenarios.push({
      name: `by ${name}, ${when} its island has come, shows the island and works`,
      head: script,
      body: `<div id="app" class="${when}">${html}</div>`,
      ...(when == "before" ? { tag: "" } : {}),
      islands: { Cart: ["<b>3</b>"] },
      /** @param {any} kit */
      async run(kit) {
        const app = kit.one("#app");
        if (app.className == "after") await kit.event("load");
        /** @type {any} */ (window).hydrate();
        if (app.className == "before") {
          document.head.append(Object.assign(document.createElement("script"), { src: "BASE/loader.v1.js" }));
        }
        await kit.until(() => kit.one("b"));
        kit.one("button").click();
        await kit.until(() => kit.text("h1") == "1");
        await kit.pause(200);
        await kit.until(() => kit.one("[island] > b"));
        const said = [...kit.error, ...kit.warn].filter((text) => /hydrat|mismatch/i.test(text));
        return { faults: /** @type {any} */ (window).faults, said, asked: (await kit.asked()).length };
      },
      // Vue puts the fallback back, and the island is loaded again.
      expect: { faults: [], said: [], asked: name == "Vue" && when == "after" ? 2 : 1 },
    });
  }
}

play("a page that is hydrated", scenarios);
