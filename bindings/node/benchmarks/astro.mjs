// Whole pages beside Astro's server islands: the same rows in Express with eyot and in Astro on its node adapter, each
// in a process of its own. CPU for a request and for an island, requests a second, bytes, and in Chromium the time
// until the last island is in. `npm ci` here first; Node 22.12 or later; Linux, for /proc; EYOT_CHROMIUM names the
// browser.

import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";

const here = fileURLToPath(new URL(".", import.meta.url));
const COUNTS = [1, 20, 100];
const ROUNDS = 8;

if (!existsSync(`${here}astro/dist/server/entry.mjs`)) {
  const cli = `${here}node_modules/astro/bin/astro.mjs`;
  execFileSync(process.execPath, [cli, "build", "--silent"], { cwd: `${here}astro`, stdio: "inherit" });
}

const freePort = () =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

async function start(name, script, cwd) {
  const port = await freePort();
  const keys = { EYOT_KEYS: randomBytes(32).toString("base64"), ASTRO_KEY: randomBytes(32).toString("base64") };
  const env = { ...process.env, ...keys, HOST: "127.0.0.1", PORT: port, NODE_ENV: "production" };
  const child = spawn(process.execPath, [script], { cwd, env, stdio: ["ignore", "ignore", "inherit"] });
  const agent = new http.Agent({ keepAlive: true, maxSockets: 20 });
  const server = { name, port, child, get: (path) => get(port, path, agent) };
  for (const end = Date.now() + 15_000; ; ) {
    if ((await server.get("/p1").catch(() => undefined))?.status === 200) return server;
    if (Date.now() > end) throw new Error(`${name} did not start`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function get(port, path, agent) {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: "127.0.0.1", port, path, agent }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode, body: Buffer.concat(chunks) }));
      response.on("error", reject);
    });
    request.on("error", reject);
  });
}

/** Nanoseconds that all threads of a process have run. */
function cpu({ child }) {
  const folder = `/proc/${child.pid}/task`;
  return readdirSync(folder).reduce(
    (sum, task) => sum + Number(readFileSync(`${folder}/${task}/schedstat`, "utf8").split(" ")[0]),
    0,
  );
}

/** Microseconds of CPU for one request, the least of several rounds. */
async function cost(server, path, turns) {
  for (let turn = 0; turn < turns; turn++) await server.get(path);
  const before = cpu(server);
  for (let turn = 0; turn < turns; turn++) await server.get(path);
  return (cpu(server) - before) / 1000 / turns;
}

async function perSecond(server, path, seconds = 1.5) {
  const end = performance.now() + seconds * 1000;
  let done = 0;
  const worker = async () => {
    while (performance.now() < end) {
      await server.get(path);
      done++;
    }
  };
  await Promise.all(Array.from({ length: 10 }, worker));
  return done / seconds;
}

/** Milliseconds from navigation until the last island is in. */
async function lastIsland(context, server, count, latency) {
  const page = await context.newPage();
  // Not by routing requests, which would switch off the browser's cache.
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  const conditions = { offline: false, latency, downloadThroughput: -1, uploadThroughput: -1 };
  await session.send("Network.emulateNetworkConditions", conditions);
  await page.addInitScript(() => {
    const seen = () => {
      if (document.querySelectorAll("p > b").length)
        globalThis.swapped = [document.querySelectorAll("p > b").length, performance.now()];
    };
    new MutationObserver(seen).observe(document, { childList: true, subtree: true });
  });
  await page.goto(`http://127.0.0.1:${server.port}/p${count}`);
  await page.waitForFunction((count) => globalThis.swapped?.[0] === count, count, { timeout: 20_000 });
  const [, at] = await page.evaluate(() => globalThis.swapped);
  await page.close();
  return at;
}

async function inBrowser(browser, server, count, latency) {
  const times = { first: [], second: [] };
  for (let round = 0; round < 7; round++) {
    const context = await browser.newContext();
    times.first.push(await lastIsland(context, server, count, latency));
    times.second.push(await lastIsland(context, server, count, latency));
    await context.close();
  }
  const show = (list) => {
    list.sort((a, b) => a - b);
    return `${list[0].toFixed(0)} best, ${list[list.length >> 1].toFixed(0)} median`;
  };
  return `first view ${show(times.first)}; second ${show(times.second)}`;
}

const servers = [
  await start("Express + eyot", `${here}express.mjs`, here),
  await start("Astro", `${here}astro/dist/server/entry.mjs`, `${here}astro`),
];
try {
  const costs = new Map(servers.map((server) => [server, COUNTS.map(() => Number.POSITIVE_INFINITY)]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, count] of COUNTS.entries()) {
      for (const server of servers) {
        const turns = server.name === "Astro" ? Math.ceil(200 / count) : 400;
        costs.get(server)[at] = Math.min(costs.get(server)[at], await cost(server, `/p${count}`, turns));
      }
    }
  }
  const perIsland = servers.map((server) => {
    const [one, , hundred] = costs.get(server);
    return (hundred - one) / 99;
  });
  for (const [at, count] of COUNTS.entries()) {
    console.log(`\n${count} island${count > 1 ? "s" : ""}`);
    for (const server of servers) {
      const { body } = await server.get(`/p${count}`);
      const rate = await perSecond(server, `/p${count}`);
      const cpu = costs.get(server)[at].toFixed(0).padStart(7);
      const size = `${String(body.length).padStart(7)} bytes, ${String(gzipSync(body).length).padStart(6)} gzipped`;
      console.log(
        `  ${server.name.padEnd(16)} ${cpu} µs of CPU a request, ${rate.toFixed(0).padStart(6)} requests/s, ${size}`,
      );
    }
  }
  console.log(
    `\nCPU for each further island: ${perIsland.map((each) => `${each.toFixed(2)} µs`).join(" against ")}: ${(perIsland[1] / perIsland[0]).toFixed(0)} x less`,
  );
  const browser = await chromium.launch({ executablePath: process.env.EYOT_CHROMIUM ?? "/usr/bin/chromium" });
  for (const latency of [0, 50]) {
    console.log(`\nlast of 20 islands in, ms, ${latency} ms of latency for each request`);
    for (const server of servers)
      console.log(`  ${server.name.padEnd(16)} ${await inBrowser(browser, server, 20, latency)}`);
  }
  await browser.close();
} finally {
  for (const { child } of servers) child.kill("SIGTERM");
}
