// eyot/express, on Express 4 and 5: shells, islands, what goes wrong, and everything that also writes to a response.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, it } from "node:test";
import { gunzipSync } from "node:zlib";

import compression from "compression";
import express5 from "express";
import session from "express-session";
import express4 from "express4";
import { KeyRing, loaderHash, stylesheetHash } from "eyot";
import { html, islands } from "eyot/express";
import { islands as webIslands } from "eyot/web";
import request from "supertest";
import { z } from "zod";
import { ask, KEYS, log, PREFIX, serve, sourceOf, TOKEN_TYPE, until } from "./support.mjs";

const PAGE = `<!doctype html><html><head><title>Shop</title></head><body>
<Avatar server:defer size="40"><i slot="fallback">Guest</i></Avatar></body></html>`;

for (const [version, express] of [
  ["4", express4],
  ["5", express5],
]) {
  describe(`Express ${version}`, () => suite(express));
}

function suite(express) {
  /** An app with both stations; `more` defines islands and routes. */
  function make(more, { policies = { "/": { cdn: 600 } }, between = [], before = [], after = [], ...options } = {}) {
    const app = express();
    const lines = log();
    const isl = islands({ keys: KEYS, logger: lines, debug: false, ...options });
    app.use(...[(req, res, next) => next(), ...before]);
    app.use(isl.outer(policies));
    for (const middleware of between) app.use(middleware);
    isl.island("Avatar", (req) => html`<b>${req.session?.name ?? req.headers.cookie ?? "nobody"}</b>`);
    app.use(isl.inner());
    for (const middleware of after) app.use(middleware);
    app.get("/", (_, res) => res.send(PAGE));
    app.get("/own", (req, res) => res.set("Cache-Control", "private").send(PAGE));
    more?.(app, isl);
    return Object.assign(app, { lines: lines.lines, isl });
  }

  const sessions = () => session({ secret: "x".repeat(32), resave: false, saveUninitialized: true });

  describe("a shell", () => {
    it("is split, sealed and public", async () => {
      const { text, headers } = await request(make()).get("/").expect(200);
      assert.match(text, /<server-island island="Avatar" island-src="\/_server-islands\/Avatar\/[\w-]+"><i>Guest<\/i>/);
      assert.match(text, /loader\.v1\.js"><\/script><\/head>/);
      assert.equal(headers["cache-control"], "public, max-age=0, s-maxage=600");
      assert.match(headers.etag, /^W\/"/);
      assert.equal(headers["content-length"], String(Buffer.byteLength(text)));
    });

    it("holds the loader, and links for its islands, where options say so", async () => {
      const { text } = await request(make(undefined, { preload: true, inlineLoader: true })).get("/");
      assert.match(text, /<link rel="preload" as="fetch" crossorigin href="\/_server-islands\/Avatar\/[\w-]+">/);
      const [, script] =
        /<script data-eyot="loader.v1.js" data-base="\/_server-islands">([^<]+(?:<(?!\/script)[^<]*)*)/.exec(text);
      assert.equal(loaderHash, `'sha384-${createHash("sha384").update(script).digest("base64")}'`);
      const [, style] = /<style>(.*?)<\/style>/.exec(text);
      assert.equal(stylesheetHash, `'sha384-${createHash("sha384").update(style).digest("base64")}'`);
    });

    it("is the same for whoever asks, and sets no cookie, whatever the session does", async () => {
      const app = make(undefined, { between: [sessions()] });
      const [stranger, known] = [
        await request(app).get("/"),
        await request(app).get("/").set("Cookie", "connect.sid=s%3Ax"),
      ];
      assert.equal(stranger.text, known.text);
      assert.equal(stranger.headers.etag, known.headers.etag);
    });

    it("that a session marks with a cookie is kept out of caches, and told of", async () => {
      const app = make(undefined, { between: [sessions()] });
      const { headers } = await request(app).get("/");
      assert.equal(headers["cache-control"], "private, no-store");
      assert.equal(headers.etag, undefined);
      assert.match(app.lines.join(), /kept out of caches: the cookie "connect.sid"/);
    });

    it("that leaks is an error page while debugging", async () => {
      const app = make(undefined, { between: [sessions()], debug: true });
      const { text, headers } = await request(app).get("/").expect(500);
      assert.match(text, /this shell is not the same for everybody/);
      assert.equal(headers["cache-control"], "no-store");
      assert.equal(headers["set-cookie"], undefined);
    });

    it("sees neither cookies nor conditions, and the layers around it see both", async () => {
      const seen = {};
      const before = [
        (req, res, next) => {
          res.on("finish", () =>
            Object.assign(seen, { cookie: req.headers.cookie, raw: req.rawHeaders.includes("a=b") }),
          );
          next();
        },
      ];
      const more = (app) =>
        app.get("/see", (req, res) => res.send(`<p>${JSON.stringify([req.headers, req.rawHeaders])}`));
      const app = make(more, { policies: { "/see": { cdn: 1 } }, before });
      const { text } = await request(app)
        .get("/see")
        .set({ Cookie: "a=b", "If-None-Match": '"x"', Authorization: "Basic eA==" });
      assert.doesNotMatch(text, /a=b|if-none-match|Basic/i);
      assert.deepEqual(seen, { cookie: "a=b", raw: true });
    });

    it("hides a cookie in all of Node's views of headers, where a layer has looked before too", async () => {
      for (const looks of [(req) => req.headersDistinct, () => {}]) {
        const seen = {};
        const before = [
          (req, res, next) => {
            looks(req);
            res.on("finish", () => Object.assign(seen, { distinct: req.headersDistinct.cookie }));
            next();
          },
        ];
        const view = (req, res) => {
          const { headers, headersDistinct, rawHeaders, trailers } = req;
          res.send(`<p>${JSON.stringify([headers, headersDistinct, rawHeaders, trailers])}`);
        };
        const app = make((app) => app.get("/see", view), { policies: { "/see": { cdn: 1 } }, before });
        const { text } = await request(app).get("/see").set({ Cookie: "a=b", "X-Kept": "kept" });
        assert.doesNotMatch(text, /a=b/);
        assert.equal(text.match(/"kept"/g).length, 3);
        assert.deepEqual(seen.distinct, ["a=b"]);
      }
    });

    it("has the policy of its path where the target is in absolute form", async () => {
      const base = await serve(make());
      const { headers, text } = await ask(base, `${base}/`, { headers: { Cookie: "a=b" } });
      assert.equal(headers["cache-control"], "public, max-age=0, s-maxage=600");
      const { url } = sourceOf(text, "Avatar");
      assert.equal((await ask(base, `${base}${url}`)).text, "<b>nobody</b>");
    });

    it("is 304 for a cache that has it, and no more for one that has another", async () => {
      const app = make();
      const { headers } = await request(app).get("/");
      const again = await request(app).get("/").set("If-None-Match", headers.etag).expect(304);
      assert.equal(again.headers["cache-control"], headers["cache-control"]);
      assert.equal(again.headers.etag, headers.etag);
      assert.equal(again.text, "");
      await request(app).get("/").set("If-None-Match", '"other"').expect(200);
    });

    it("answers HEAD with the headers of GET", async () => {
      const app = make();
      const [get, head] = [await request(app).get("/"), await request(app).head("/")];
      for (const name of ["etag", "content-length", "cache-control", "content-type"]) {
        assert.equal(head.headers[name], get.headers[name], name);
      }
      assert.equal(head.text, undefined);
    });

    it("comes fresh and is kept nowhere with island-fresh, which the app does not see", async () => {
      const app = make((app) => app.get("/q", (req, res) => res.send(`<p>${JSON.stringify(req.query)} ${req.url}`)), {
        policies: { "/q": { cdn: 9 } },
      });
      const { text, headers } = await request(app).get("/q?a=1&island-fresh").expect(200);
      assert.equal(text, '<p>{"a":"1"} /q?a=1');
      assert.match(headers["cache-control"], /no-store/);
    });

    it("keeps a Cache-Control of the view's own", async () => {
      const { headers } = await request(make(undefined, { policies: { "/own": { cdn: 60 } } })).get("/own");
      assert.equal(headers["cache-control"], "private");
    });

    it("has a policy by pattern, function or not at all", async () => {
      const more = (app) => app.get("/p/:sku", (_, res) => res.send(PAGE)).get("/docs/a/b", (_, res) => res.send(PAGE));
      const table = make(more, { policies: { "/p/{sku}": { cdn: 1 }, "/docs/{page...}": { cdn: 2, swr: 5 } } });
      assert.match((await request(table).get("/p/x")).headers["cache-control"], /s-maxage=1$/);
      assert.match(
        (await request(table).get("/docs/a/b")).headers["cache-control"],
        /s-maxage=2, stale-while-revalidate=5/,
      );
      assert.equal((await request(table).get("/")).headers["cache-control"], undefined);
      const excepted = { "/docs/{page...}": { cdn: 2 }, "/docs/a/{page}": null };
      assert.equal(
        (await request(make(more, { policies: excepted })).get("/docs/a/b")).headers["cache-control"],
        undefined,
      );
      const computed = make(more, { policies: (path) => (path === "/p/1" ? { cdn: 3 } : undefined) });
      assert.match((await request(computed).get("/p/1")).headers["cache-control"], /s-maxage=3/);
    });

    it("on a streamed page is judged as a whole, unless the policy streams", async () => {
      const more = (app) =>
        app.get("/stream", (_, res) => {
          res.type("html").write(PAGE.slice(0, 60));
          setImmediate(() => res.end(PAGE.slice(60)));
        });
      const whole = await request(make(more, { policies: { "/stream": { cdn: 5 } } })).get("/stream");
      assert.match(whole.headers.etag, /^W/);
      assert.match(whole.text, /island-src/);
      const streamed = await request(make(more, { policies: { "/stream": { cdn: 5, stream: true } } })).get("/stream");
      assert.equal(streamed.headers.etag, undefined);
      assert.match(streamed.headers["cache-control"], /s-maxage=5/);
      assert.match(streamed.text, /island-src/);
    });

    it("is no error page's, redirect's or POST's", async () => {
      const more = (app) =>
        app
          .get("/gone", (_, res) => res.status(500).send("<p>x"))
          .get("/to", (_, res) => res.redirect("/"))
          .post("/", (_, res) => res.send(PAGE));
      const app = make(more, { policies: { "/gone": { cdn: 5 }, "/to": { cdn: 5 }, "/": { cdn: 5 } } });
      assert.equal((await request(app).get("/gone").expect(500)).headers["cache-control"], undefined);
      assert.equal((await request(app).get("/to").expect(302)).headers["cache-control"], undefined);
      assert.equal((await request(app).post("/").expect(200)).headers["cache-control"], undefined);
    });
  });

  describe("a page", () => {
    const get = async (answer, options) => {
      const app = make((app) => app.get("/page", answer), options);
      return { ...(await ask(await serve(app), "/page")), lines: app.lines };
    };

    it("without an island goes out as it came, with its tag", async () => {
      const { text, headers } = await get((_, res) => res.send("<p>plain</p>"));
      assert.equal(text, "<p>plain</p>");
      assert.ok(headers.etag);
    });

    it("with one loses the validators of the page before the split", async () => {
      const { headers, bytes } = await get((_, res) =>
        res.set("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT").send(PAGE),
      );
      assert.equal(headers.etag, undefined);
      assert.equal(headers["last-modified"], undefined);
      assert.equal(headers["content-length"], String(bytes.length));
    });

    it("is split as it comes, chunk by chunk", async () => {
      const answer = (_, res) => {
        res.type("html");
        res.write("<!doctype html><p>first</p>");
        setTimeout(() => res.write('<Avatar server:defer size="4'), 30);
        setTimeout(() => res.end('0"/><p>last</p>'), 60);
      };
      const { chunks, headers } = await get(answer);
      assert.equal(chunks[0], "<!doctype html><p>first</p>");
      assert.match(
        chunks.join(""),
        /<\/script><server-island island="Avatar" island-src="[^"]+"><\/server-island><p>last/,
      );
      assert.equal(headers["content-length"], undefined);
    });

    for (const [kind, write] of [
      ["sendFile", (res, file) => res.sendFile(file)],
      ["a Readable", (res) => Readable.from([PAGE.slice(0, 40), PAGE.slice(40)]).pipe(res.type("html"))],
      ["writeHead with an object", (res) => res.writeHead(200, { "Content-Type": "text/html" }).end(PAGE)],
      [
        "writeHead with a list",
        (res) => res.writeHead(200, ["Content-Type", "text/html", "Content-Length", String(PAGE.length)]).end(PAGE),
      ],
      [
        "flushHeaders",
        (res) => {
          res.type("html").flushHeaders();
          res.end(PAGE);
        },
      ],
      [
        "Latin-1",
        (res) => {
          res.type("html");
          res.end(PAGE, "latin1");
        },
      ],
      [
        "a callback",
        (res) => {
          res.type("html");
          res.write(PAGE, () => res.end(() => {}));
        },
      ],
    ]) {
      it(`is split when it is sent by ${kind}`, async () => {
        const file = join(mkdtempSync(join(tmpdir(), "eyot-")), "page.html");
        writeFileSync(file, PAGE);
        const { text, status, headers, bytes } = await get((_, res) => void write(res, file));
        assert.equal(status, 200);
        assert.match(text, /island="Avatar"/);
        assert.doesNotMatch(text, /server:/);
        if (headers["content-length"]) assert.equal(headers["content-length"], String(bytes.length));
        assert.equal(headers["accept-ranges"], undefined);
      });
    }

    it("is sent whole to a browser that asks for a part, whose range its app does not see", async () => {
      const file = join(mkdtempSync(join(tmpdir(), "eyot-")), "page.html");
      writeFileSync(file, PAGE);
      const base = await serve(make((app) => app.get("/page", (_, res) => res.sendFile(file))));
      const headers = { Range: "bytes=70-120", "If-Range": '"x"', Accept: "text/html,*/*;q=0.1" };
      const answer = await ask(base, "/page", { headers });
      assert.deepEqual([answer.status, answer.headers["content-range"]], [200, undefined]);
      assert.match(answer.text, /island-src.*<\/html>/s);
    });

    it("that is a file without a directive keeps its ranges once it was read, for as long as it is the same", async () => {
      const file = join(mkdtempSync(join(tmpdir(), "eyot-")), "page.html");
      writeFileSync(file, "<!doctype html><p>plain");
      const base = await serve(make((app) => app.get("/page", (_, res) => res.sendFile(file))));
      const part = { headers: { Range: "bytes=0-8" } };
      assert.equal((await ask(base, "/page", part)).status, 416);
      const whole = await ask(base, "/page");
      assert.ok(whole.headers.etag && whole.headers["last-modified"] && whole.headers["accept-ranges"]);
      const { status, text } = await ask(base, "/page", part);
      assert.deepEqual([status, text], [206, "<!doctype"]);
      assert.equal((await ask(base, "/page?other", part)).status, 416);
      writeFileSync(file, `${PAGE} and more`);
      assert.equal((await ask(base, "/page", part)).status, 416);
      assert.match((await ask(base, "/page")).text, /island-src/);
    });

    it("has the headers that writeHead got after a reason that is null, or a reason", async () => {
      for (const reason of [[null], [undefined], ["Fine"], []]) {
        const head = { "Content-Type": "text/html", "X-Written": "yes" };
        const { text, headers } = await get((_, res) => res.writeHead(200, ...reason, head).end(PAGE));
        assert.equal(headers["x-written"], "yes", String(reason));
        assert.match(text, /island-src/);
      }
    });

    it("is not sent in part, since it might begin in the middle of a directive", async () => {
      const file = join(mkdtempSync(join(tmpdir(), "eyot-")), "page.html");
      writeFileSync(file, PAGE);
      const base = await serve(make((app) => app.get("/page", (_, res) => res.sendFile(file))));
      const { status, text, headers } = await ask(base, "/page", { headers: { Range: "bytes=70-120" } });
      assert.deepEqual([status, text, headers["accept-ranges"]], [416, "range not satisfiable\n", "none"]);
      assert.equal(headers["content-range"], undefined);
    });

    it("that is no HTML, or is written by nobody's type, passes untouched", async () => {
      const { text, headers } = await get((_, res) => res.json({ html: PAGE }));
      assert.deepEqual(JSON.parse(text), { html: PAGE });
      assert.ok(headers.etag);
      assert.equal((await get((_, res) => res.end(PAGE))).text, PAGE);
    });

    it("with a fault is a page that shows it while debugging", async () => {
      const { text, status, headers } = await get((_, res) => res.send("<p>\n <Nobody server:defer/>"), {
        debug: true,
      });
      assert.equal(status, 500);
      assert.match(text, /&lt;Nobody server:defer\/&gt;\n {6}\| {2}\^/);
      assert.equal(headers["cache-control"], "no-store");
    });

    const helped = (_, res) =>
      res.send(
        `<html><head></head>${res.locals.island("Avatar")}<i ${res.locals.islandAttrs("Avatar")}>Guest</i></html>`,
      );

    it("whose placeholders all come from helpers has the loader in its head", async () => {
      const { text } = await get(helped, { preload: true });
      const url = /island-src="([^"]+)"/.exec(text)?.[1];
      const link = `<link rel="preload" as="fetch" crossorigin href="${url}">`;
      assert.ok(text.includes(`loader.v1.js"></script>${link}${link}</head>`), text);
      assert.doesNotMatch(text, /server:/);
    });

    it("of helpers has no loader and no mark where it is not split, or the loader is off", async () => {
      for (const options of [{ htmlPass: false }, { loader: false }]) {
        const { text } = await get(helped, options);
        assert.match(text, /<html><head><\/head><server-island island="Avatar"/);
        assert.doesNotMatch(text, /server:|loader\.v1/);
      }
    });

    it("is told of while debugging, if nothing loads its placeholders", async () => {
      const send = (_, res) =>
        res.send(`<html><i island="Avatar" island-src="/_server-islands/Avatar/x">Guest</i></html>`);
      assert.match((await get(send, { debug: true })).lines.join(), /Avatar: the page has no loader/);
      assert.doesNotMatch((await get(send, { debug: true, loader: false })).lines.join(), /loader/);
      assert.doesNotMatch((await get(send)).lines.join(), /loader/);
    });

    it("with a fault is the rest of the page in production, kept nowhere", async () => {
      const source = PAGE + '<Nobody server:defer secret="x"><b slot="fallback">f</b></Nobody>';
      const { text, status, headers, lines } = await get((_, res) =>
        res.set("CDN-Cache-Control", "max-age=9").send(source),
      );
      assert.equal(status, 200);
      assert.match(text, /island="Avatar"[\s\S]*<b>f<\/b>/);
      assert.doesNotMatch(text, /server:|secret/);
      assert.equal(headers["cache-control"], "private, no-store");
      assert.equal(headers["cdn-cache-control"], undefined);
      assert.match(lines.join(), /\/page: .*Nobody/);
    });

    it("with a fault under a policy is kept nowhere either, although the policy is public", async () => {
      const app = make((app) => app.get("/bad", (_, res) => res.send("<Nobody server:defer/>")), {
        policies: { "/bad": { cdn: 9 } },
      });
      assert.equal((await request(app).get("/bad")).headers["cache-control"], "private, no-store");
    });

    it("that streams to caches is cut at its first fault", async () => {
      const more = (app) =>
        app.get("/bad", (_, res) => {
          res.type("html").write("<p>begin</p>".repeat(10));
          setTimeout(() => res.end("<Nobody server:defer/><p>end"), 20);
        });
      const base = await serve(make(more, { policies: { "/bad": { cdn: 9, stream: true } } }));
      const { text, complete } = await ask(base, "/bad");
      assert.equal(complete, false);
      assert.doesNotMatch(text, /Nobody|end/);
    });

    it("in UTF-16 is told of when it holds a directive, whole and streamed", async () => {
      const page = Buffer.from('\ufeff<p>one<Avatar server:defer secret="1" />', "utf16le");
      const app = make((app) => {
        app.get("/whole", (_, res) => res.type("html").end(page));
        app.get("/stream", (_, res) => {
          res.type("html").write(page.subarray(0, 9));
          setTimeout(() => res.end(page.subarray(9)), 20);
        });
      });
      const base = await serve(app);
      const whole = await ask(base, "/whole");
      assert.deepEqual([whole.status, whole.headers["cache-control"]], [200, "private, no-store"]);
      assert.equal((await ask(base, "/stream")).complete, true);
      assert.equal(app.lines.filter((line) => /page-encoding/.test(line)).length, 2, String(app.lines));
    });

    it("over the limits is a 500", async () => {
      const { status, text } = await get((_, res) => res.send(PAGE), { maxIslands: 0 });
      assert.deepEqual([status, text], [500, "internal server error\n"]);
    });

    it("is not split where the HTML pass is off", async () => {
      const { text } = await get((_, res) => res.send(PAGE), { htmlPass: false });
      assert.equal(text, PAGE);
    });

    it("answers HEAD without a length or tag that would be wrong", async () => {
      const base = await serve(make());
      const { status, headers, bytes } = await ask(base, "/own", { method: "HEAD" });
      assert.equal(status, 200);
      assert.equal(bytes.length, 0);
      assert.equal(headers["content-length"], undefined);
      assert.equal(headers.etag, undefined);
    });

    it("keeps the pace of its reader", async () => {
      let writes = 0;
      const chunk = "<p>x</p>".repeat(8192);
      const more = (app) =>
        app.get("/big", async (_, res) => {
          res.type("html");
          for (; writes < 400 && !res.destroyed; writes++) {
            if (!res.write(chunk)) await new Promise((go) => res.once("drain", go).once("close", go));
          }
          res.end();
        });
      const base = new URL(await serve(make(more)));
      const reader = await new Promise((go) =>
        http.get({ host: base.hostname, port: base.port, path: "/big", agent: false }, go),
      );
      reader.pause();
      await new Promise((go) => setTimeout(go, 200));
      assert.ok(writes < 200, `${writes} chunks were written for a reader that reads nothing`);
      reader.destroy();
    });
  });

  describe("compression", () => {
    const zipped = (base, path) => ask(base, path, { headers: { "Accept-Encoding": "gzip" } });

    it("around both stations compresses shells, pages and islands", async () => {
      const base = await serve(
        make((app) => app.get("/page", (_, res) => res.send(PAGE.repeat(20))), {
          before: [compression({ threshold: 0 })],
        }),
      );
      for (const path of ["/", "/page"]) {
        const { headers, bytes } = await zipped(base, path);
        assert.equal(headers["content-encoding"], "gzip", path);
        assert.match(gunzipSync(bytes).toString(), /island="Avatar"/);
      }
      const shell = await ask(base, "/");
      assert.equal(shell.headers.etag, (await zipped(base, "/")).headers.etag);
      const { url } = sourceOf(shell.text, "Avatar");
      const island = await zipped(base, url);
      assert.equal(gunzipSync(island.bytes).toString(), "<b>nobody</b>");
    });

    for (const place of ["between", "after"]) {
      it(`in the wrong place (${place}) still gives whole pages and right tags`, async () => {
        const base = await serve(make(undefined, { [place]: [compression({ threshold: 0 })] }));
        for (const path of ["/", "/own"]) {
          const { headers, bytes } = await zipped(base, path);
          const text = headers["content-encoding"] ? gunzipSync(bytes).toString() : bytes.toString();
          assert.match(text, /island="Avatar"/, path);
          if (!headers["content-encoding"] && headers["content-length"])
            assert.equal(headers["content-length"], String(bytes.length));
        }
        assert.equal((await zipped(base, "/")).headers.etag, (await ask(base, "/")).headers.etag);
      });
    }
  });

  describe("an island", () => {
    const island = async (name, handler, { props = "{}", ...options } = {}) => {
      const app = make((app, isl) => isl.island(name, ...[handler].flat()), options);
      app.use((error, req, res, _next) => res.status(error.status ?? 500).send(`failed: ${error.message}`));
      const base = await serve(app);
      const token = KeyRing.parse(KEYS).seal(name, props);
      return { base, app, url: `${PREFIX}/${name}/${token}` };
    };

    it("answers with the headers of one", async () => {
      const { base, url } = await island("A", (req) => html`<b>${req.island.name}</b>`);
      const { status, text, headers } = await ask(base, url);
      assert.deepEqual([status, text], [200, "<b>A</b>"]);
      assert.equal(headers.island, "A");
      assert.equal(headers["cache-control"], "private, no-store");
      assert.equal(headers["content-type"], "text/html; charset=utf-8");
      assert.equal(headers["content-security-policy"], "default-src 'none'; sandbox");
    });

    it("sees cookies and session, and may change them", async () => {
      const { base, url } = await island(
        "A",
        (req, res) => {
          req.session.n = 1;
          res.send("ok");
        },
        { between: [sessions()] },
      );
      const { headers } = await ask(base, url, { headers: { Cookie: "x=y" } });
      assert.match(headers["set-cookie"][0], /connect\.sid/);
    });

    for (const [kind, answer] of [
      ["res.send", (req, res) => res.send("<i>é</i>")],
      ["res.end", (req, res) => res.type("html").end("<i>é</i>")],
      ["a string", () => "<i>é</i>"],
      ["a string that another library marks", () => Object.assign(new String("<i>é</i>"), { isEscaped: true })],
      ["bytes", () => Buffer.from("<i>é</i>")],
      ["a promise", async () => html`<i>é</i>`],
      [
        "a generator",
        function* () {
          yield "<i>";
          yield "é</i>";
        },
      ],
      [
        "an async generator",
        async function* () {
          yield html`<i>`;
          yield Buffer.from("é</i>");
        },
      ],
      ["a ReadableStream", () => new Blob(["<i>é</i>"]).stream()],
      ["a Readable", () => Readable.from(["<i>", "é</i>"])],
      ["a Response", () => new Response("<i>é</i>", { headers: { "Content-Type": "text/html" } })],
    ]) {
      it(`may answer by ${kind}`, async () => {
        const { base, url } = await island("A", answer);
        const { status, text, headers } = await ask(base, url);
        assert.deepEqual([status, text, headers.island], [200, "<i>é</i>", "A"]);
        assert.match(headers["content-type"], /^text\/html/);
      });
    }

    it("is guarded by the app's own middleware, lists of it and error handlers", async () => {
      const calls = [];
      const guards = [
        [
          (req, res, next) => calls.push(1) && next(),
          async (req, res, next) => {
            calls.push(2);
            next();
          },
        ],
      ];
      const { base, url } = await island(
        "A",
        [...guards, () => "ok"].map((x) => x),
      );
      assert.equal((await ask(base, url)).text, "ok");
      assert.deepEqual(calls, [1, 2]);
      const mended = await island("B", [
        (req, res, next) => next(new Error("x")),
        (error, req, res, next) => res.send(`<p>${error.message}`),
      ]);
      assert.equal((await ask(mended.base, mended.url)).text, "<p>x");
    });

    for (const [kind, handler] of [
      ["nothing, and has no response", () => {}],
      ["nothing in the end", async (_req, _res) => {}],
      ["null", (_req, _res) => null],
      ["null in the end", async () => null],
      ["a number", (_req, _res) => 5],
      ["an object", (_req, _res) => ({ a: 1 })],
      ["a list", () => ["<b>"]],
      ["another object in the end", async () => new Map([["a", 1]]).keys],
    ]) {
      it(`that returns ${kind} is an error at once, which says what it may return`, async () => {
        const { base, url } = await island("A", [{ deadline: "5s" }, handler]);
        const { status, text, headers } = await ask(base, url);
        assert.deepEqual([status, headers.island], [500, undefined]);
        assert.match(text, /the handler of the island A returned .*: return HTML \(a string.*, or write to res/);
      });
    }

    for (const [kind, handler] of [
      ["in a callback", (_req, res) => void setTimeout(() => res.send("<b>late</b>"), 5)],
      ["in a callback, and returns its timer", (_req, res) => setTimeout(() => res.send("<b>late</b>"), 5)],
      [
        "in a callback that it has begun with its response",
        async (_req, res) => {
          res.type("html");
          setTimeout(() => res.end("<b>late</b>"), 5);
        },
      ],
      [
        "by a template that renders later",
        async (_req, res) => {
          res.render("late");
        },
      ],
      ["by a pipe", (_req, res) => Readable.from(["<b>late</b>"]).pipe(res.type("html"))],
      [
        "after a guard that was asynchronous by callbacks",
        [async (_req, _res, next) => void setTimeout(next, 5), () => "<b>late</b>"],
      ],
    ]) {
      it(`may answer ${kind}`, async () => {
        const { app, base, url } = await island("A", handler);
        app.set("views", mkdtempSync(join(tmpdir(), "eyot-"))).set("view engine", "late");
        app.engine("late", (_file, _locals, done) => setTimeout(done, 5, null, "<b>late</b>"));
        writeFileSync(join(app.get("views"), "late.late"), "");
        const { text, headers } = await ask(base, url);
        assert.deepEqual([text, headers.island], ["<b>late</b>", "A"]);
      });
    }

    it("that nobody answers is the app's 404, which is no island", async () => {
      for (const handler of [(req, res, next) => next(), (req, res, next) => next("route")]) {
        const { base, url } = await island("A", handler);
        const { status, headers } = await ask(base, url);
        assert.deepEqual([status, headers.island, headers["cache-control"]], [404, undefined, "no-store"]);
      }
    });

    for (const [kind, handler] of [
      [
        "throws",
        () => {
          throw new Error("no luck");
        },
      ],
      [
        "rejects",
        async () => {
          throw new Error("no luck");
        },
      ],
      ["calls next with an error", (req, res, next) => next(new Error("no luck"))],
      [
        "throws before its first piece",
        async function* () {
          throw new Error("no luck");
        },
      ],
    ]) {
      it(`that ${kind} goes the app's error path, kept nowhere and without its name`, async () => {
        const { base, url } = await island("A", handler);
        const { status, text, headers } = await ask(base, url);
        assert.deepEqual([status, text], [500, "failed: no luck"]);
        assert.equal(headers.island, undefined);
        assert.equal(headers["cache-control"], "no-store");
      });
    }

    it("that throws after its first piece is cut off", async () => {
      const { base, url } = await island("A", async function* () {
        yield "<b>begin";
        await new Promise((go) => setTimeout(go, 20));
        throw new Error("late");
      });
      assert.equal((await ask(base, url)).complete, false);
    });

    it("that never resolves is a 503 at its deadline, and its signal says so", async () => {
      let signal;
      const never = (req) => {
        signal = req.island.signal;
        return new Promise(() => {});
      };
      const { base, url } = await island("A", [{ deadline: 1 }, never]);
      const { status, text } = await ask(base, url);
      assert.deepEqual(
        [status, text],
        [
          503,
          "failed: the handler of the island A has not answered within 1 s: does it return HTML, or write its response?",
        ],
      );
      assert.equal(signal.aborted, true);
      assert.equal(signal.reason.code, "deadline");
    });

    it("that answers after its deadline is not heard", async () => {
      const late = () => new Promise((go) => setTimeout(() => go("<b>late"), 1050));
      const { base, url } = await island("A", [{ deadline: 1 }, late]);
      assert.equal((await ask(base, url)).status, 503);
      await new Promise((go) => setTimeout(go, 60));
    });

    it("stops its work when the client goes away", async () => {
      let signal;
      let returned = false;
      const { base, url } = await island("A", async function* (req) {
        signal = req.island.signal;
        try {
          for (;;) {
            yield "<p>x</p>";
            await new Promise((go) => setTimeout(go, 5));
          }
        } finally {
          returned = true;
        }
      });
      const { hostname, port } = new URL(base);
      const asked = http.get({ hostname, port, path: url, agent: false }, (answer) =>
        answer.once("data", () => asked.destroy()),
      );
      asked.on("error", () => {});
      await until(() => returned && signal.aborted);
      assert.equal(signal.reason.name, "AbortError");
    });

    it("is not what another layer answers in its place, such as a sign-in page", async () => {
      const wall = (req, res, next) => (req.path.startsWith(PREFIX) ? res.send("<form>sign in</form>") : next());
      const app = make(undefined, { between: [wall] });
      const { text } = await request(app).get("/");
      const answer = await request(app).get(sourceOf(text, "Avatar").url).expect(404);
      assert.doesNotMatch(answer.text, /sign in/);
      assert.match(app.lines.join("\n"), /island-unanswered/);
      assert.equal(answer.headers.island, undefined);
      assert.equal(answer.headers["cache-control"], "no-store");
    });

    it("turns a redirect and a 401 into news for the page", async () => {
      const { base, url } = await island("A", (req, res) =>
        res.redirect(`/login?next=${encodeURIComponent(req.originalUrl)}`),
      );
      const { status, headers } = await ask(base, url, { headers: { Referer: `${base}/p/1` } });
      assert.equal(status, 204);
      assert.equal(headers["island-location"], "/login?next=/p/1");
      assert.equal(headers.location, undefined);
      const login = await island("B", (req, res) => res.sendStatus(401), { loginUrl: "/login" });
      assert.equal((await ask(login.base, login.url)).headers["island-location"], "/login");
    });

    it("refuses a redirect to another site", async () => {
      const { base, url, app } = await island("A", (req, res) => res.redirect("https://evil.example/"));
      assert.equal((await ask(base, url)).status, 500);
      assert.match(app.lines.join(), /origin that is not configured.*location-origin/);
    });

    it("that is shared may be kept, and loses a cookie", async () => {
      const shared = await island("A", [{ shared: 60 }, () => "tide"]);
      assert.equal((await ask(shared.base, shared.url)).headers["cache-control"], "public, max-age=60");
      const { base, url, app } = await island("B", [{ shared: 60 }, (req, res) => res.cookie("a", "b").send("<b>x")]);
      const { status, headers, text } = await ask(base, url);
      assert.deepEqual([status, text, headers["set-cookie"]], [200, "<b>x", undefined]);
      assert.equal(headers["cache-control"], "private, no-store");
      assert.match(app.lines.join(), /a shared island was kept out of caches.*leak-cookie/);
    });

    it("that is shared does not see who asks", async () => {
      const seen = (req) => `${req.headers.cookie} ${req.get("X-Forwarded-User")} ${req.headers["x-own"]}`;
      const { base, url } = await island("A", [{ shared: 60 }, seen]);
      const headers = { Cookie: "a=b", "X-Forwarded-User": "ann", "X-Own": "1" };
      assert.equal((await ask(base, url, { headers })).text, "undefined undefined 1");
    });

    it("that is shared loses the cookie that a session sets late", async () => {
      const { base, url } = await island("A", [{ shared: 60 }, () => "tide"], { between: [sessions()] });
      const { status, headers } = await ask(base, url);
      assert.deepEqual(
        [status, headers["set-cookie"], headers["cache-control"]],
        [200, undefined, "private, no-store"],
      );
    });

    it("answers HEAD as GET, without the body", async () => {
      const { base, url } = await island("A", (req, res) => res.send("<b>x"));
      const { status, headers, text } = await ask(base, url, { method: "HEAD" });
      assert.deepEqual([status, headers.island, text], [200, "A", ""]);
    });

    it("is split too, without the loader's tags", async () => {
      const { base, url } = await island("A", () => PAGE);
      const { text } = await ask(base, url);
      assert.match(text, /island="Avatar"/);
      assert.doesNotMatch(text, /loader\.v1/);
    });

    for (const htmlPass of [true, false]) {
      it(`with a helper's placeholder brings no loader (${htmlPass ? "split" : "not split"})`, async () => {
        const { base, url } = await island("A", [
          { htmlPass },
          (_, res) => res.send(String(res.locals.island("Avatar"))),
        ]);
        const { text } = await ask(base, url);
        assert.match(text, /^<server-island island="Avatar" island-src=/);
        assert.doesNotMatch(text, /loader\.v1/);
      });
    }

    it("has eyot's policy, or its own, where the app puts another on every page", async () => {
      const between = [
        (req, res, next) => {
          res.set("Content-Security-Policy", "script-src 'self'");
          next();
        },
      ];
      const plain = await island("A", () => "x", { between });
      assert.equal(
        (await ask(plain.base, plain.url)).headers["content-security-policy"],
        "default-src 'none'; sandbox",
      );
      const own = await island("A", (req, res) => res.set("Content-Security-Policy", "sandbox").send("x"), { between });
      assert.equal((await ask(own.base, own.url)).headers["content-security-policy"], "sandbox");
      assert.equal((await ask(own.base, "/own")).headers["content-security-policy"], "script-src 'self'");
    });

    it("gets props that fit what it declares, and refuses others without saying more", async () => {
      const schema = z.strictObject({ sku: z.string(), qty: z.number().default(1) });
      const handler = [{ props: schema }, (req) => JSON.stringify(req.island.props)];
      const fits = await island("A", handler, { props: '{"sku":"x"}' });
      assert.equal((await ask(fits.base, fits.url)).text, '{"sku":"x","qty":1}');
      const { base, url } = await island("A", handler, {
        props: '{"sku":{"secret":1}}',
        onEvent: (event) => told.push(event),
      });
      const told = [];
      const { status, text } = await ask(base, url);
      assert.deepEqual([status, text], [410, "gone\n"]);
      assert.equal(told[0].code, "props-type");
      assert.match(told[0].message, /\.sku/);
      assert.doesNotMatch(JSON.stringify(told), /secret/);
      const custom = await island(
        "C",
        [
          {
            props: (props) => {
              if (!props.sku) throw new Error(`bad ${props.x}`);
              return props;
            },
          },
          () => "x",
        ],
        { props: '{"x":"value"}' },
      );
      assert.equal((await ask(custom.base, custom.url)).status, 410);
    });

    it("refuses props with __proto__", async () => {
      for (const props of ['{"__proto__":{"admin":true}}', '{"a":{"\\u005f_proto__":1}}']) {
        const { base, url } = await island("A", () => "x", { props });
        assert.equal((await ask(base, url)).status, 410, props);
      }
    });

    it("gets its slots as HTML, and the page where it travels", async () => {
      const { base } = await island(
        "A",
        (req) => html`${req.island.slots.default}|${req.island.page?.path}|${req.island.page?.lang}`,
      );
      const token = KeyRing.parse(KEYS).seal("A", "{}", {
        slots: '{"default":"<i>s</i>"}',
        page: '{"path":"/p","lang":"de"}',
      });
      assert.equal((await ask(base, `${PREFIX}/A/${token}`)).text, "<i>s</i>|/p|de");
    });
  });

  describe("a request", () => {
    const post = (body, headers) => ({ method: "POST", headers: { "Content-Type": TOKEN_TYPE, ...headers }, body });

    it("for the loader and the style sheet is answered", async () => {
      const base = await serve(make());
      for (const file of ["loader.v1.js", "island.v1.css"]) {
        const { status, headers, bytes } = await ask(base, `${PREFIX}/${file}`);
        assert.equal(status, 200);
        assert.equal(headers["content-length"], String(bytes.length));
      }
    });

    it("may post its token, past parsers that take everything", async () => {
      const token = KeyRing.parse(KEYS).seal("Avatar", "{}");
      for (const where of ["before", "between"]) {
        const base = await serve(make(undefined, { [where]: [express.raw({ type: () => true })] }));
        assert.equal((await ask(base, `${PREFIX}/Avatar`, post(token))).text, "<b>nobody</b>", where);
      }
    });

    it("with a body that is too large is refused, announced or not, and the server goes on", async () => {
      const base = await serve(make());
      const big = "A".repeat(1 << 20);
      const chunks = async function* () {
        for (let i = 0; i < 16; i++) yield big.slice(0, 65536);
      };
      const announced = await ask(base, `${PREFIX}/Avatar`, post(big, { "Content-Length": big.length }));
      assert.deepEqual([announced.status, announced.headers["cache-control"]], [413, "no-store"]);
      assert.equal((await ask(base, `${PREFIX}/Avatar`, post(chunks()))).status, 413);
      assert.equal((await ask(base, "/")).status, 200);
    });

    it("whose body never ends is cut off", async () => {
      const base = await serve(make());
      let sent = 0;
      const endless = async function* () {
        for (;;) {
          sent += 65536;
          yield "A".repeat(65536);
          await new Promise((go) => setImmediate(go));
        }
      };
      const { hostname, port } = new URL(base);
      await new Promise((resolve) => {
        const asked = http.request({ hostname, port, path: `${PREFIX}/Avatar`, agent: false, ...post() }, (answer) =>
          answer.resume(),
        );
        asked.on("error", resolve).on("close", resolve);
        Readable.from(endless()).pipe(asked);
      });
      assert.ok(sent < 64 << 20, `${sent} bytes were taken`);
    });

    it("that is cut off in the middle of its body harms nobody", async () => {
      const base = await serve(make());
      const { hostname, port } = new URL(base);
      const asked = http.request({ hostname, port, path: `${PREFIX}/Avatar`, agent: false, ...post() });
      asked.on("error", () => {});
      asked.write("AQ");
      await new Promise((go) => setTimeout(go, 30));
      asked.destroy();
      assert.equal((await ask(base, "/")).status, 200);
    });

    it("with a name of Object's is refused as any other that is not declared", async () => {
      const app = make();
      const base = await serve(app);
      const token = KeyRing.parse(KEYS).seal("Avatar", "{}");
      for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty", "%41vatar"]) {
        assert.equal((await ask(base, `${PREFIX}/${name}/${token}`)).status, 404, name);
      }
    });

    it("with a token that is damaged, stale or another island's is refused and told of", async () => {
      const told = [];
      const base = await serve(
        make((app, isl) => isl.island("B", () => "b"), {
          onEvent: ({ code, island }) => told.push(`${island} ${code}`),
        }),
      );
      const token = KeyRing.parse(KEYS).seal("Avatar", "{}");
      assert.equal((await ask(base, `${PREFIX}/Avatar/${token.slice(0, -4)}AAAA`)).status, 400);
      assert.equal((await ask(base, `${PREFIX}/B/${token}`)).status, 400);
      const stale = await ask(base, `${PREFIX}/Avatar/${token.slice(0, 3)}zzz${token.slice(6)}`);
      assert.deepEqual([stale.status, stale.headers["island-refused"]], [410, "stale"]);
      assert.deepEqual(told, ["Avatar token-tag", "B token-tag", "Avatar token-kid"]);
    });

    it("that is refused is told of: in the log, while debugging with the reason in the body", async () => {
      for (const [debug, level, body] of [
        [false, "info", /^bad request\n$/],
        [true, "warn", /^bad request\n[^\n]+\(token-length\)\n$/],
      ]) {
        const app = make(undefined, { debug });
        const { text, headers } = await ask(await serve(app), `${PREFIX}/Avatar/AAAA`);
        assert.match(text, body);
        assert.equal(headers["content-length"], String(text.length));
        assert.match(app.lines.join("\n"), new RegExp(`^${level} ${PREFIX}/Avatar: refused: .*\\(token-length\\)$`));
      }
    });

    it("that is refused stays so when the app's hook throws or rejects, which is logged", async () => {
      const throws = () => {
        throw new Error("in the hook");
      };
      for (const onEvent of [throws, async () => throws()]) {
        const app = make(undefined, { onEvent });
        const { status, text } = await ask(await serve(app), `${PREFIX}/Avatar/AAAA`);
        assert.deepEqual([status, text], [400, "bad request\n"]);
        assert.match(app.lines.join("\n"), /error onEvent failed: Error: in the hook/);
      }
    });

    it("from another site is refused", async () => {
      const base = await serve(make());
      const url = `${PREFIX}/Avatar/${KeyRing.parse(KEYS).seal("Avatar", "{}")}`;
      assert.equal((await ask(base, url, { headers: { "Sec-Fetch-Site": "cross-site" } })).status, 403);
    });
  });

  describe("an app", () => {
    it("below a mount point has its islands there", async () => {
      const outer = express();
      outer.use("/shop", make());
      const shell = await request(outer).get("/shop/");
      const { url } = sourceOf(shell.text, "Avatar");
      assert.match(url, /^\/shop\/_server-islands\/Avatar\//);
      assert.match(shell.headers["cache-control"], /s-maxage=600/);
      await request(outer).get(url).expect(200, "<b>nobody</b>");
    });

    it("below a mount point that browsers take out of URLs is a 400", async () => {
      const outer = express();
      outer.use("/:tenant", make());
      const { status, headers } = await ask(await serve(outer), "/%2e%2e/");
      assert.deepEqual([status, headers["cache-control"]], [400, "no-store"]);
    });

    it("says what is missing when a station is", async () => {
      const app = express();
      const isl = islands({ keys: KEYS });
      app.use(isl.inner());
      app.use((error, req, res, _next) => res.status(500).send(error.message));
      assert.match((await request(app).get("/").expect(500)).text, /app\.use\(isl\.outer\(\)\) before sessions/);
    });

    it("has helpers in its templates", async () => {
      const app = make((app) =>
        app.get("/t", (req, res) => {
          const { islandAttrs, island, islandUrl, islandLoader } = res.locals;
          res.send(
            `${islandLoader()}<tr ${islandAttrs("Avatar", { a: '"<' })}></tr>${island("Avatar", null, { fallback: html`<i>`, when: "idle" })}${islandUrl("Avatar")}`,
          );
        }),
      );
      const { text } = await request(app).get("/t");
      assert.match(
        text,
        /<tr island="Avatar" island-src="[^"]+"><\/tr><server-island island="Avatar" island-src="[^"]+" island-when="idle"><i><\/server-island>\/_server-islands\/Avatar\//,
      );
    });
  });
}

describe("islands()", () => {
  const refused = (make, code, text) => assert.throws(make, (error) => error.code === code && text.test(error.message));

  it("says which key is missing, and where from", () => {
    const { EYOT_KEYS, EYOT_KEYS_FILE } = process.env;
    delete process.env.EYOT_KEYS;
    delete process.env.EYOT_KEYS_FILE;
    refused(() => islands({ debug: false }), "key-missing", /EYOT_KEYS or EYOT_KEYS_FILE.*eyot keygen/);
    process.env.EYOT_KEYS_FILE = "/nowhere";
    refused(() => islands(), "key-file", /EYOT_KEYS_FILE: \/nowhere cannot be read/);
    for (const [name, value] of Object.entries({ EYOT_KEYS, EYOT_KEYS_FILE })) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    refused(() => islands({ keys: "short" }), "key-encoding", /^the option keys: /);
  });

  it("refuses options, names and policies that cannot be", () => {
    const isl = islands({ keys: KEYS });
    refused(() => islands({ keys: KEYS, prefx: "/x" }), "option", /prefx: there is no such option: prefix is meant/);
    refused(() => islands({ keys: KEYS, prefix: "x" }), "option", /prefix/);
    refused(() => isl.island("bad name", () => "x"), "name-invalid", /bad name/);
    refused(() => isl.island("A"), "handler", /needs a handler: a function of \(req, res, next\)/);
    refused(() => isl.island("A", (_error, _req, _res, _next) => {}), "handler", /takes 4 parameters/);
    refused(() => isl.island("A", { shared: -1 }, () => "x"), "option", /shared/);
    isl.island("A", () => "x");
    refused(() => isl.island("A", () => "x"), "name-twice", /has a handler already/);
    refused(() => isl.outer({ "p/{x}": { cdn: 1 } }), "option", /does not begin with a slash/);
    refused(() => isl.outer({ "/p/:x": { cdn: 1 } }), "option", /perhaps "\/p\/\{x\}" is meant/);
    refused(() => isl.outer({ "/": { cdn: -1 } }), "option", /cdn is a whole number/);
    refused(
      () => isl.outer({ "/": { cdn: 1, cnd: 2 } }),
      "option",
      /^shell: "\/": cnd: there is no such option: cdn is meant/,
    );
    refused(() => isl.island(() => "x"), "name", /an island needs a name: a text, before its handler; not function/);
    refused(
      () => islands({ keys: KEYS, logger: { error() {}, warn() {} } }),
      "option",
      /logger: it has no function info/,
    );
  });

  it("tells while debugging of a pattern that none of the first pages fitted", async () => {
    const lines = log();
    const isl = islands({ keys: KEYS, logger: lines, debug: true });
    const app = express5().use(isl.outer({ "/": { cdn: 1 }, "/products/{sku}": { cdn: 1 } }), isl.inner());
    app.use((_req, res) => res.send("<p>x"));
    for (let at = 0; at < 30; at++) await request(app).get(`/${at || ""}`);
    const told = lines.lines.filter((line) => line.includes("policy-unused"));
    assert.deepEqual(told.length, 1);
    assert.match(told[0], /^warn \/products\/\{sku\}: the pattern of a policy has fitted none/);
  });

  it("takes times as texts, and names the option whose text is no time", async () => {
    const app = express5();
    const isl = islands({ keys: KEYS, ttl: "7d", ttlGrid: "1h" }).island("A", { shared: "2m" }, () => "x");
    app.use(isl.outer({ "/": { cdn: "10m", browser: "30s", swr: "1h", sie: "1d" } })).use(isl.inner());
    app.get("/", (_, res) =>
      res.send(`<!doctype html><A server:defer/>${res.locals.islandUrl("A", {}, { ttl: "2d" })}`),
    );
    const { text, headers } = await request(app).get("/").expect(200);
    assert.equal(
      headers["cache-control"],
      "public, max-age=30, s-maxage=600, stale-while-revalidate=3600, stale-if-error=86400",
    );
    const lives = [sourceOf(text, "A").url, /\/_server-islands\/A\/[\w-]+$/.exec(text)[0]].map((url) => {
      const { expires } = KeyRing.parse(KEYS).open("A", url.split("/").at(-1));
      return expires - Date.now() / 1000;
    });
    assert.ok(lives[0] > 7 * 86_000 && lives[0] < 8 * 86_400, `${lives}`);
    assert.ok(lives[1] > 2 * 86_000 && lives[1] < 3 * 86_400, `${lives}`);
    assert.match((await request(app).get(sourceOf(text, "A").url)).headers["cache-control"], /max-age=120/);
    refused(
      () => isl.outer({ "/": { cdn: "ten minutes" } }),
      "option",
      /^shell: "\/": cdn: "ten minutes" is not a time: /,
    );
    refused(
      () => isl.island("B", { shared: "1w" }, () => "x"),
      "option",
      /^the island "B": shared: "1w" is not a time/,
    );
    refused(() => islands({ keys: KEYS, ttl: "" }), "option", /^ttl: "" is not a time/);
  });

  describe("where NODE_ENV is", () => {
    const under = (environment, make) => {
      const before = { ...process.env };
      for (const name of ["NODE_ENV", "EYOT_KEYS", "EYOT_KEYS_FILE"]) delete process.env[name];
      if (environment !== undefined) process.env.NODE_ENV = environment;
      try {
        return make();
      } finally {
        delete process.env.NODE_ENV;
        Object.assign(process.env, before);
      }
    };
    for (const environment of [undefined, "", "development", "test"]) {
      it(`${environment === undefined ? "unset" : `"${environment}"`}, as Express has it, debugs, with a temporary key and a warning`, async () => {
        const lines = log();
        const isl = under(environment, () => islands({ logger: lines }).island("A", () => "<b>x</b>"));
        assert.equal(lines.lines.length, 1);
        assert.match(lines.lines[0], /^warn no key: set EYOT_KEYS .*eyot keygen.*temporary/);
        const app = express5().use(isl.outer()).use(isl.inner());
        app.get("/", (_, res) => res.send("<A server:defer/>"));
        const { url } = sourceOf((await request(app).get("/")).text, "A");
        assert.equal((await request(app).get(url)).text, "<b>x</b>");
      });
    }
    it("production, or anything else, needs a key", () => {
      for (const environment of ["production", "staging"])
        refused(() => under(environment, () => islands()), "key-missing", /no key/);
    });
    it("unset needs a key where no framework says what that means", () => {
      refused(() => under(undefined, () => webIslands()), "key-missing", /no key/);
    });
  });

  it("notices by itself that its key file has changed, and keeps its keys when the new ones are none", async (context) => {
    const file = join(mkdtempSync(join(tmpdir(), "eyot-")), "keys");
    writeFileSync(file, KEYS);
    process.env.EYOT_KEYS_FILE = file;
    const lines = log();
    const isl = islands({ logger: lines });
    isl.island("Avatar", () => "x");
    const base = await serve(express5().use(isl.outer()).use(isl.inner()));
    const url = `${PREFIX}/Avatar/${KeyRing.parse(KEYS).seal("Avatar", "{}")}`;
    const later = (seconds) => context.mock.method(Date, "now", () => Date.UTC(2030, 0, 1) + seconds * 1000);
    writeFileSync(file, "nonsense\n");
    later(2);
    assert.equal((await ask(base, url)).status, 200);
    assert.match(lines.lines.join(), /the changed key file was not read, the keys before it stay in force/);
    writeFileSync(file, "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY=\n");
    later(4);
    assert.equal((await ask(base, url)).status, 410);
    delete process.env.EYOT_KEYS_FILE;
  });

  it("reads its key file again when it is told to", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "eyot-")), "keys");
    writeFileSync(file, KEYS);
    process.env.EYOT_KEYS_FILE = file;
    const isl = islands();
    isl.island("Avatar", () => "x");
    const app = express5().use(isl.outer()).use(isl.inner());
    const base = await serve(app.get("/", (_, res) => res.send(PAGE)));
    const { url } = sourceOf((await ask(base, "/")).text, "Avatar");
    writeFileSync(file, "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY=\n");
    isl.reloadKeys();
    delete process.env.EYOT_KEYS_FILE;
    assert.equal((await ask(base, url)).status, 410);
  });
});
