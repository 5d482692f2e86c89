// How a shop's pages are tested without a browser: `assemble` puts every island into its place, in process.

import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";

import { assemble, assertShell } from "eyot/test";
import request from "supertest";

process.env.SHOP_DB = join(mkdtempSync(join(tmpdir(), "shop-")), "shop.sqlite3");
process.env.SHOP_SECRET = "a secret for tests only, long enough";
process.env.EYOT_KEYS = "dGhlIHNob3AncyBvd24ga2V5LCBmb3IgdGVzdHMgISE=";
const { createApp } = await import("../shop/app.js");
const app = createApp();

/** A visitor, who has the shop's cookies and its CSRF token. */
async function visit() {
  const agent = request.agent(app);
  const token = async () => /name="csrf_token" value="([^"]+)"/.exec((await agent.get("/login")).text)?.[1];
  const post = async (/** @type {string} */ path, /** @type {Record<string, string>} */ fields) => {
    const form = { csrf_token: await token(), ...fields };
    return agent.post(path).type("form").send(form);
  };
  const page = async (/** @type {string} */ path) => assemble(agent, await agent.get(path), { failed });
  return { agent, post, page };
}

/**
 * One boathouse does not answer; whatever else fails is an error.
 *
 * @param {Error} error
 */
function failed(error) {
  if (!error.message.startsWith("the island Stock ")) throw error;
}

const ADA = { email: "ada@example.com", password: "lock-keeper" };

it("shows a stranger the list price and a way to sign in", async () => {
  const page = await (await visit()).page("/p/lantern");
  assert.match(page, /£48\.00 <small>list price<\/small>/);
  assert.match(page, /<span class="who-name">Sign in<\/span>/);
});

it("has two pages that caches may keep", async () => {
  const { agent } = await visit();
  for (const path of ["/", "/p/lantern"]) await assertShell(await agent.get(path));
});

it("shows a member name, price and letter on the same shell", async () => {
  const { agent, post, page } = await visit();
  const shell = (await agent.get("/p/lantern")).text;
  assert.equal((await post("/login", ADA)).status, 303);
  assert.equal((await agent.get("/p/lantern")).text, shell);
  const whole = await page("/p/lantern");
  for (const text of ["Ada Lock", "£43.20", "left behind a rowing boat"]) assert.ok(whole.includes(text), text);
});

it("counts what is in the cart", async () => {
  const { post, page } = await visit();
  assert.equal((await post("/cart/add", { sku: "rope", count: "2" })).status, 303);
  assert.match(await page("/"), /<span class="count some">2<\/span>/);
});

it("shows the error slot of a boathouse that does not answer", async () => {
  assert.match(await (await visit()).page("/p/lantern"), /No answer\. Ring 020 7946 0185\./);
});

it("puts nothing into the cart that is not in the shop", async () => {
  const { post } = await visit();
  assert.equal((await post("/cart/add", { sku: "gold", count: "1" })).status, 400);
  assert.equal((await post("/cart/add", { sku: "rope", count: "-1" })).status, 400);
});

it("asks once more when a form comes without its CSRF token", async () => {
  const { agent } = await visit();
  const answer = await agent.post("/cart/add").type("form").send({ sku: "rope", count: "1" });
  assert.equal(answer.status, 400);
  assert.match(answer.text, /Yes, add it/);
});

for (const next of ["https://evil.example/", "//evil.example/", "/\\evil.example/", "evil"]) {
  it(`leads to no other site after signing in: ${next}`, async () => {
    const { post } = await visit();
    assert.equal((await post("/login", { ...ADA, next })).headers.location, "/");
  });
}
