// Serves the shop, and prints where to look: PORT and BIND are honoured. Keys are made for this run where none are given.

import { randomBytes } from "node:crypto";

process.env.EYOT_KEYS ??= randomBytes(32).toString("base64");
process.env.SHOP_SECRET ??= randomBytes(32).toString("hex");

const { createApp } = await import("./shop/app.js");

const { BIND: host = "127.0.0.1", PORT: port = "8000" } = process.env;
const server = createApp().listen(Number(port), host, (error) => {
  if (error) throw error;
  console.log(`http://${host}:${port}/p/lantern`);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}
