// The personal pages: cart, sign-in, account, reviews. No cache keeps them.

import { Router } from "express";
import { escapeHtml } from "eyot";

import { tokenOf } from "./csrf.js";
import * as db from "./db.js";
import { addToCart, cartOwner, fresh, loginRequired, pays, signIn } from "./visitor.js";

export const personal = Router();

personal.use((_req, res, next) => {
  res.set("Cache-Control", "private, no-store");
  next();
});

personal.get("/cart", (req, res) => {
  const query = "SELECT * FROM cart_line JOIN product USING (sku) WHERE owner = ? ORDER BY place";
  const lines = db.many(query, cartOwner(req));
  const total = lines.reduce((sum, line) => sum + pays(line.price, res.locals.customer) * line.count, 0);
  res.render("cart", { lines, total, csrfToken: lines.length ? tokenOf(req) : "" });
});

// The target of the form on every product page, sent by the browser or by shop.js.
personal.post("/cart/add", (req, res) => {
  const { sku = "", count: text = "1" } = req.body;
  const count = Number(text);
  const isThere = db.one("SELECT sku FROM product WHERE sku = ?", String(sku));
  if (!isThere || !Number.isInteger(count) || count < 1 || count > 99) return void res.sendStatus(400);
  addToCart(req, sku, count);
  if (req.accepts(["html", "json"]) === "json") res.json({ added: sku });
  else res.redirect(303, "/cart");
});

// Takes everything out again.
personal.post("/cart/empty", (req, res) => {
  db.write("DELETE FROM cart_line WHERE owner = ?", cartOwner(req));
  res.redirect(303, "/cart");
});

personal.get("/login", (req, res) => {
  res.render("login", { failed: false, next: String(req.query.next ?? ""), csrfToken: tokenOf(req) });
});

// Signs in and goes back to where the visitor came from.
personal.post("/login", async (req, res) => {
  const { email = "", password = "", next = "" } = req.body;
  if (await signIn(req, String(email), String(password))) return res.redirect(303, local(String(next)));
  res.status(403).render("login", { failed: true, next, csrfToken: tokenOf(req) });
});

// Forgets the visitor.
personal.post("/logout", async (req, res) => {
  await fresh(req);
  res.redirect(303, "/");
});

// The customer's own page.
personal.get("/account", loginRequired, (req, res) => {
  const query = "SELECT * FROM purchase JOIN product USING (sku) WHERE customer = ? ORDER BY day DESC";
  res.render("account", { bought: db.many(query, res.locals.customer.id), csrfToken: tokenOf(req) });
});

// Keeps a review; its text becomes one escaped paragraph.
personal.post("/p/:sku/reviews", loginRequired, (req, res) => {
  const sku = String(req.params.sku);
  const text = String(req.body.text ?? "").trim();
  const stars = Number(req.body.stars ?? 5);
  const isThere = db.one("SELECT sku FROM product WHERE sku = ?", sku);
  if (!isThere || !text || !Number.isInteger(stars) || stars < 1 || stars > 5) return void res.sendStatus(400);
  const body = `<p>${escapeHtml(text)}</p>`;
  db.write("INSERT INTO review VALUES (NULL, ?, ?, ?, ?)", sku, res.locals.customer.name, stars, body);
  res.redirect(303, `/p/${encodeURIComponent(sku)}#reviews`);
});

/**
 * The path to go to after signing in: one of this shop, or the front page.
 *
 * @param {string} target
 */
function local(target) {
  return /^\/(?![/\\])[^\\]*$/.test(target) ? target : "/";
}
