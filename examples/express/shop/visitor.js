// Who is asking: the customer, the segment, the owner of the cart; signing in and out.

import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";

import * as db from "./db.js";

/** @typedef {import("express").Request} Request */

/**
 * What the shop keeps in a session.
 *
 * @typedef {object} Kept
 * @property {number} [customer]
 * @property {string} [cart] the name of a stranger's cart
 * @property {string} [csrf]
 */

/**
 * Puts the signed-in customer, if there is one, where views find it.
 *
 * @param {Request} req
 * @param {import("express").Response} res
 * @param {import("express").NextFunction} next
 */
export function visitor(req, res, next) {
  const query = "SELECT customer.*, percent FROM customer JOIN segment ON segment.name = segment WHERE id = ?";
  const { customer } = req.session;
  res.locals.customer = customer === undefined ? undefined : db.one(query, customer);
  next();
}

/**
 * What somebody pays for something with that list price, in pence.
 *
 * @param {number} price
 * @param {db.Row} [customer]
 */
export function pays(price, customer) {
  return Math.floor((price * (customer?.percent ?? 100)) / 100);
}

/**
 * The name under which the visitor's cart is kept.
 *
 * @param {Request} req
 * @param {db.Row} [customer]
 * @returns {string | null}
 */
export function cartOwner(req, customer = req.res?.locals.customer) {
  return customer ? `customer ${customer.id}` : (req.session.cart ?? null);
}

/**
 * Puts a product into a cart.
 *
 * @param {string} owner
 * @param {string} sku
 * @param {number} count
 */
function put(owner, sku, count) {
  const query = "INSERT INTO cart_line VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count";
  db.write(query, owner, sku, count);
}

/**
 * Puts a product into the visitor's cart, which begins with it if there was none.
 *
 * @param {Request} req
 * @param {string} sku
 * @param {number} count
 */
export function addToCart(req, sku, count) {
  let owner = cartOwner(req);
  if (!owner) {
    owner = `stranger ${randomBytes(16).toString("base64url")}`;
    req.session.cart = owner;
  }
  put(owner, sku, count);
}

/**
 * Starts a fresh session for the customer; a stranger's cart comes along.
 *
 * @param {Request} req
 * @param {string} email
 * @param {string} password
 */
export async function signIn(req, email, password) {
  const known = db.one("SELECT * FROM customer WHERE email = ?", email);
  if (!known || !isRight(password, known.password)) return false;
  const stranger = req.session.cart;
  await fresh(req);
  req.session.customer = known.id;
  for (const line of stranger ? db.many("SELECT * FROM cart_line WHERE owner = ?", stranger) : []) {
    put(`customer ${known.id}`, line.sku, line.count);
  }
  if (stranger) db.write("DELETE FROM cart_line WHERE owner = ?", stranger);
  return true;
}

/**
 * Forgets the visitor.
 *
 * @param {Request} req
 * @returns {Promise<void>}
 */
export function fresh(req) {
  return new Promise((resolve, reject) => req.session.regenerate((error) => (error ? reject(error) : resolve())));
}

/** @param {string} password @param {string} kept */
function isRight(password, kept) {
  const [salt = "", digest = ""] = kept.split(":");
  return timingSafeEqual(scryptSync(password, salt, 32), Buffer.from(digest, "hex"));
}

/**
 * Sends a stranger to the sign-in page, and from there back.
 *
 * @param {Request} req
 * @param {import("express").Response} res
 * @param {import("express").NextFunction} next
 */
export function loginRequired(req, res, next) {
  if (res.locals.customer) next();
  else res.redirect(`/login?next=${encodeURIComponent(req.originalUrl)}`);
}
