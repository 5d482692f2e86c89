// The same pages in Astro: server islands on its node adapter.

import node from "@astrojs/node";
import { defineConfig } from "astro/config";

export default defineConfig({
  output: "server",
  adapter: node({ mode: "standalone" }),
  devToolbar: { enabled: false },
  telemetry: false,
  compressHTML: true,
});
