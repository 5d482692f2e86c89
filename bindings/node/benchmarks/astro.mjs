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
const VIEWS = 15;

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

async function start(name, script, cwd, options = {}) {
  const port = await freePort();
  const keys = { EYOT_KEYS: randomBytes(32).toString("base64"), ASTRO_KEY: randomBytes(32).toString("base64") };
  const given = { EYOT_OPTIONS: JSON.stringify(options), HOST: "127.0.0.1", PORT: port, NODE_ENV: "production" };
  const env = { ...process.env, ...keys, ...given };
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

/**
 * Milliseconds from navigation until the last island is in, for a visitor's first view, for the next one in the same tab,
 * and for one in a new tab.
 */
async function views(browser, { port }, count, latency) {
  const context = await browser.newContext();
  const times = [];
  let page;
  for (const [view, isNewTab] of [true, false, true].entries()) {
    if (isNewTab) page = await openTab(context, latency);
    await page.goto(`http://127.0.0.1:${port}/p${count}?view=${view}`);
    await page.waitForFunction((count) => globalThis.swapped?.[0] === count, count, { timeout: 20_000 });
    times.push(await page.evaluate(() => globalThis.swapped[1]));
  }
  await context.close();
  return times;
}

/** A tab with that latency for each request, whose pages note when how many islands were in. */
async function openTab(context, latency) {
  const page = await context.newPage();
  // Not by routing requests, which would switch off the browser's cache.
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  const conditions = { offline: false, latency, downloadThroughput: -1, uploadThroughput: -1 };
  await session.send("Network.emulateNetworkConditions", conditions);
  await page.addInitScript(() => {
    const seen = () => {
      const { length } = document.querySelectorAll("p > b");
      if (length) globalThis.swapped = [length, performance.now()];
    };
    new MutationObserver(seen).observe(document, { childList: true, subtree: true });
  });
  return page;
}

/** Prints each server's times, best and median; the servers take turns. */
async function inBrowser(browser, servers, count, latency) {
  const all = new Map(servers.map((server) => [server, []]));
  for (let round = 0; round < VIEWS; round++) {
    for (const server of servers) all.get(server).push(await views(browser, server, count, latency));
  }
  for (const [server, rounds] of all) {
    const shown = ["first view", "next", "in a new tab"].map((name, view) => {
      const list = rounds.map((times) => times[view]).sort((a, b) => a - b);
      return `${name} ${list[0].toFixed(0)} best, ${list[list.length >> 1].toFixed(0)} median`;
    });
    console.log(`  ${server.name.padEnd(24)} ${shown.join("; ")}`);
  }
}

const express = (name, options) => start(name, `${here}express.mjs`, here, options);
const eyot = await express("Express + eyot", {});
const astro = await start("Astro", `${here}astro/dist/server/entry.mjs`, `${here}astro`);
const servers = [eyot, astro];
const early = [
  await express("preload", { preload: true }),
  await express("inlineLoader", { inlineLoader: true }),
  await express("inlineLoader, preload", { inlineLoader: true, preload: true }),
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
    await inBrowser(browser, [eyot, ...early, astro], 20, latency);
  }
  await browser.close();
} finally {
  for (const { child } of [...servers, ...early]) child.kill("SIGTERM");
}
