// eyot/node: node:http and node:http2 without a framework, and the addon in worker threads.

import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import { after, describe, it } from "node:test";
import { Worker } from "node:worker_threads";

import { KeyRing } from "eyot";
import { html, islands } from "eyot/node";
import { ask, KEYS, log, PREFIX, serve, sourceOf, TOKEN_TYPE } from "./support.mjs";

const PAGE = `<!doctype html><html><head></head><body><Avatar server:defer><i slot="fallback">Guest</i></Avatar></body></html>`;
const seal = (name) => `${PREFIX}/${name}/${KeyRing.parse(KEYS).seal(name, "{}")}`;

function make(app, lines = log()) {
  const isl = islands({ keys: KEYS, logger: lines, debug: false });
  isl.island("Avatar", (req) => html`<b>${req.headers.cookie ?? "nobody"}</b>`);
  isl.island("Fails", async () => {
    throw Object.assign(new Error("no luck"), { status: 418 });
  });
  return isl.listener(app, { "/": { cdn: 600 } });
}

const page = (req, res) => {
  res.setHeader("Content-Type", "text/html");
  res.end(req.url === "/throw" ? undefined.x : PAGE);
};

describe("node:http", () => {
  it("serves shells and islands", async () => {
    const base = await serve(make(page));
    const { text, headers } = await ask(base, "/");
    assert.equal(headers["cache-control"], "public, max-age=0, s-maxage=600");
    assert.equal((await ask(base, sourceOf(text, "Avatar").url)).text, "<b>nobody</b>");
  });

  it("logs what throws, and answers it", async () => {
    const lines = log();
    const base = await serve(make(page, lines));
    assert.equal((await ask(base, "/throw")).status, 500);
    const failed = await ask(base, seal("Fails"));
    assert.deepEqual([failed.status, failed.headers["cache-control"]], [418, "no-store"]);
    assert.match(lines.lines.join(), /no luck/);
  });
});

describe("an audience that throws", () => {
  it("is an error of its request alone, however the token comes", async () => {
    const lines = log();
    const audience = () => {
      throw new Error("no tenant");
    };
    const isl = islands({ keys: KEYS, logger: lines, audience });
    isl.island("Avatar", () => "x");
    const base = await serve(isl.listener(page));
    const url = seal("Avatar");
    const post = { method: "POST", headers: { "Content-Type": TOKEN_TYPE }, body: url.split("/").at(-1) };
    for (const answer of [await ask(base, url), await ask(base, `${PREFIX}/Avatar`, post), await ask(base, "/")]) {
      assert.equal(answer.status, 500);
    }
    assert.equal(lines.lines.filter((line) => line.includes("no tenant")).length, 3);
  });
});

describe("node:http2", () => {
  it("serves shells, islands and refusals", async () => {
    const server = http2.createServer(make(page));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const client = http2.connect(`http://127.0.0.1:${server.address().port}`);
    after(() => {
      client.close();
      server.close();
    });
    const get = async (path, more) => {
      const stream = client.request({ ":path": path, ...more });
      const [headers] = await once(stream, "response");
      const chunks = [];
      for await (const chunk of stream) chunks.push(chunk);
      return { headers, text: Buffer.concat(chunks).toString() };
    };
    const shell = await get("/", { cookie: "a=b" });
    assert.equal(shell.headers["cache-control"], "public, max-age=0, s-maxage=600");
    const again = await get("/", { "if-none-match": shell.headers.etag });
    assert.equal(again.headers[":status"], 304);
    const island = await get(sourceOf(shell.text, "Avatar").url, { cookie: "Ada" });
    assert.deepEqual([island.text, island.headers.island], ["<b>Ada</b>", "Avatar"]);
    assert.equal((await get(`${PREFIX}/Nobody/x`)).headers[":status"], 404);
    assert.equal((await get("/page")).headers["content-length"], String(Buffer.byteLength((await get("/page")).text)));
  });
});

describe("worker threads", () => {
  it("load the addon, each for itself, and seal as the main thread does", async () => {
    const source = `
      const { KeyRing } = require("eyot");
      const { parentPort, workerData } = require("node:worker_threads");
      parentPort.postMessage(KeyRing.parse(workerData).seal("A", '{"a":1}'));`;
    const tokens = await Promise.all(
      [1, 2, 3].map(async () => {
        const worker = new Worker(source, { eval: true, workerData: KEYS });
        const [token] = await once(worker, "message");
        await worker.terminate();
        return token;
      }),
    );
    assert.deepEqual(new Set(tokens), new Set([KeyRing.parse(KEYS).seal("A", '{"a":1}')]));
  });
});
