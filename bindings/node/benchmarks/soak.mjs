// Soaks the Express shop: `node benchmarks/soak.mjs [seconds] [requests a second]`. Good requests, aborts and junk for
// as long as told; every good answer is checked, memory is read from the system, and whatever the shop prints beyond
// what its failing island says counts as a failure. Needs Linux, for /proc.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const seconds = Number(process.argv[2] ?? 600);
const rate = Number(process.argv[3] ?? 200);
const start = fileURLToPath(new URL("../../../examples/start", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "eyot-soak-"));

const port = await new Promise((resolve) => {
  const server = net.createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});
const env = {
  ...process.env,
  PORT: port,
  BIND: "127.0.0.1",
  SHOP_DB: join(folder, "shop.sqlite3"),
  NODE_ENV: "production",
};
env.EYOT_KEYS = randomBytes(32).toString("base64");
const shop = spawn(start, ["express"], { env, stdio: ["ignore", "pipe", "pipe"] });
const printed = [];
const expected = /boathouse at Teddington does not answer|^http:|^$/;
for (const stream of [shop.stdout, shop.stderr]) {
  stream
    .setEncoding("utf8")
    .on("data", (text) => printed.push(...text.split("\n").filter((line) => !expected.test(line))));
}
let exited;
shop.on("exit", (code) => {
  exited = code;
});

const agent = new http.Agent({ keepAlive: true, maxSockets: 100 });
const counts = {};
const wrong = [];
const times = [];

/** One request; resolves with what came of it, never rejects. */
function ask(path, { method = "GET", headers = {}, body, abortAfter } = {}) {
  return new Promise((resolve) => {
    const began = performance.now();
    const request = http.request({ host: "127.0.0.1", port, path, method, headers, agent }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => {
        times.push(performance.now() - began);
        resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() });
      });
      response.on("error", () => resolve({ status: 0 }));
    });
    request.on("error", () => resolve({ status: 0 }));
    if (abortAfter !== undefined) setTimeout(() => request.destroy(), abortAfter);
    request.end(body);
  });
}

const until = Date.now() + 10_000;
while ((await ask("/")).status !== 200) {
  if (Date.now() > until || exited !== undefined) throw new Error(`the shop did not start: ${printed.join("\n")}`);
  await new Promise((resolve) => setTimeout(resolve, 100));
}
const shell = await ask("/p/lantern");
const sources = (name) => new RegExp(`island="${name}" island-src="([^"]+)"`).exec(shell.text)[1];
const letter = /island="MembersLetter" island-src="([^"]+)" island-token="([^"]+)"/.exec(shell.text);

const check = (kind, answer, isRight) => {
  counts[kind] = (counts[kind] ?? 0) + 1;
  if (!isRight && wrong.length < 20) wrong.push(`${kind}: ${answer.status} ${answer.text?.slice(0, 120)}`);
};
const token = { "Content-Type": "application/vnd.eyot.token" };
const kinds = [
  [
    "shell",
    20,
    async () => ask("/p/lantern"),
    (a) => a.status === 200 && a.text === shell.text && a.headers.etag === shell.headers.etag,
  ],
  [
    "304",
    10,
    async () => ask("/p/lantern", { headers: { "If-None-Match": shell.headers.etag } }),
    (a) => a.status === 304,
  ],
  ["home", 5, async () => ask("/"), (a) => a.status === 200 && a.text.includes("island-src")],
  [
    "Avatar",
    20,
    async () => ask(sources("Avatar")),
    (a) => a.status === 200 && a.headers.island === "Avatar" && a.text.includes("Sign in"),
  ],
  ["Price", 10, async () => ask(sources("Price")), (a) => a.text.includes("£48.00")],
  [
    "MembersLetter",
    5,
    async () => ask(letter[1], { method: "POST", headers: token, body: letter[2] }),
    (a) => a.status === 200 && !a.text.includes("rowing"),
  ],
  [
    "redirect",
    3,
    async () => ask(sources("LastPurchase")),
    (a) => a.status === 204 && a.headers["island-location"].startsWith("/login"),
  ],
  [
    "failing",
    2,
    async () => ask(/island="Stock" island-src="([^"]+)" island-key="Teddington"/.exec(shell.text)[1]),
    (a) => a.status === 500 && !a.headers.island,
  ],
  [
    "slow, aborted",
    5,
    async () => ask(sources("DeliveryEstimate"), { abortAfter: 20 + Math.random() * 200 }),
    () => true,
  ],
  ["page, aborted", 5, async () => ask("/p/rope", { abortAfter: Math.random() * 5 }), () => true],
  [
    "junk token",
    5,
    async () => ask(`/_server-islands/Avatar/${randomBytes(90).toString("base64url")}`),
    (a) => [400, 410].includes(a.status),
  ],
  [
    "junk body",
    3,
    async () => ask("/_server-islands/Avatar", { method: "POST", headers: token, body: randomBytes(50_000) }),
    (a) => a.status === 400,
  ],
  [
    "large body",
    1,
    async () => ask("/_server-islands/Avatar", { method: "POST", headers: token, body: "A".repeat(200_000) }),
    (a) => [413, 0].includes(a.status),
  ],
  [
    "body, aborted",
    2,
    async () =>
      ask("/_server-islands/Avatar", {
        method: "POST",
        headers: { ...token, "Content-Length": 60_000 },
        body: "A",
        abortAfter: 10,
      }),
    () => true,
  ],
  [
    "junk path",
    4,
    async () => ask(`/_server-islands/${encodeURIComponent(randomBytes(6).toString("latin1"))}/x`),
    (a) => [400, 404].includes(a.status),
  ],
];
const weighted = kinds.flatMap((kind) => Array(kind[1]).fill(kind));

const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${shop.pid}/status`, "utf8"))[1]) / 1024;
const samples = [];
const began = Date.now();
let sent = 0;
let pending = 0;
while (Date.now() - began < seconds * 1000 && exited === undefined) {
  const due = Math.floor(((Date.now() - began) / 1000) * rate);
  for (; sent < due && pending < 400; sent++) {
    const [name, , send, isRight] = weighted[Math.floor(Math.random() * weighted.length)];
    pending++;
    send().then((answer) => {
      pending--;
      check(name, answer, isRight(answer));
    });
  }
  if (samples.length < (Date.now() - began) / 5000) samples.push(memory());
  await new Promise((resolve) => setTimeout(resolve, 5));
}
while (pending > 0 && exited === undefined) await new Promise((resolve) => setTimeout(resolve, 50));
const after = await ask("/p/lantern");
check("afterwards", after, after.text === shell.text);
agent.destroy();
shop.kill("SIGTERM");
rmSync(folder, { recursive: true });

const mean = (list) => list.reduce((sum, value) => sum + value, 0) / Math.max(list.length, 1);
const quarter = Math.max(1, Math.floor(samples.length / 4));
times.sort((a, b) => a - b);
console.log(`${sent} requests in ${seconds} s:`, counts);
console.log(
  `p50 ${times[times.length >> 1].toFixed(1)} ms, p99 ${times[Math.floor(times.length * 0.99)].toFixed(1)} ms`,
);
console.log(
  `memory, MB: second quarter ${mean(samples.slice(quarter, 2 * quarter)).toFixed(1)}, last ${mean(samples.slice(-quarter)).toFixed(1)}`,
);
console.log(
  `wrong answers: ${wrong.length}; unexpected output: ${printed.length}; exited early: ${exited !== undefined}`,
);
for (const line of [...wrong, ...printed.slice(0, 20)]) console.log(`  ${line}`);
process.exitCode = wrong.length || printed.length || exited !== undefined ? 1 : 0;
