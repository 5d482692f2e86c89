// The islands: what is personal, slow, or not to be cached on an otherwise cached page.
//
// Each handler is an ordinary one of Express: it reads the session and the database, and renders. The props say *what* to
// show; *to whom* is the session's business alone, so every handler asks it again.

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { islands as eyot } from "eyot/express";

import { tokenOf } from "./csrf.js";
import * as db from "./db.js";
import { cartOwner, loginRequired, pays } from "./visitor.js";

// Most islands are in sight at once: the browser asks for them before the loader is there.
export const islands = eyot({ preload: true });

const MINUTE = 60_000;
const TIDE = (12 * 60 + 25) * MINUTE; // from one high water to the next
const A_HIGH_WATER = Date.UTC(2026, 0, 3, 2, 40);

/**
 * Something that is not there.
 *
 * @param {string} what
 */
const missing = (what) => Object.assign(new Error(`there is no ${what}`), { status: 404 });

/**
 * Props that are exactly these: names and the types that `typeof` gives. A schema of zod, valibot or arktype would do too.
 *
 * @template {Record<string, "string" | "number">} S
 * @param {S} shape
 * @returns {(props: Record<string, unknown>) => { [K in keyof S]: S[K] extends "string" ? string : number }}
 */
function shaped(shape) {
  return (props) => {
    const fits = Object.entries(shape).every(([name, type]) => typeof props[name] === type);
    if (!fits || Object.keys(props).some((name) => !Object.hasOwn(shape, name)))
      throw new TypeError("props do not fit");
    return /** @type {any} */ (props);
  };
}

const Product = shaped({ sku: "string" });

/**
 * The product itself; an island of a product that is no longer sold is a 404.
 *
 * @param {string} sku
 */
function product(sku) {
  const found = db.one("SELECT * FROM product WHERE sku = ?", sku);
  if (!found) throw missing(`product ${sku}`);
  return found;
}

// The customer's initials and name, or a way to sign in.
islands.island("Avatar", { props: (props) => shaped({ size: "string" })({ size: "small", ...props }) }, (req, res) => {
  res.render("islands/avatar", { size: req.island.props.size });
});

// How many things are in the cart. Kept on the page, and fetched again when the cart changes.
islands.island("CartCount", (req, res) => {
  const count = db.count("SELECT sum(count) FROM cart_line WHERE owner = ?", cartOwner(req));
  res.render("islands/cart_count", { count });
});

// The hidden input that a form on a cached page needs. It starts a session only now.
islands.island("CsrfField", (req, res) => res.render("islands/csrf_field", { csrfToken: tokenOf(req) }));

// The price for the visitor's segment.
islands.island("Price", { props: Product }, (req, res) => {
  const { customer } = res.locals;
  const listed = product(req.island.props.sku).price;
  res.render("islands/price", { listed, yours: pays(listed, customer), segment: customer?.segment });
});

// What one boathouse has. One of them does not answer: its island fails, and the page shows the error slot.
islands.island("Stock", { props: shaped({ sku: "string", boathouse: "string" }) }, (req, res) => {
  const { sku, boathouse: name } = req.island.props;
  const boathouse = db.one("SELECT * FROM boathouse WHERE name = ?", name);
  if (!boathouse) throw missing(`boathouse ${name}`);
  if (!boathouse.answers) throw new Error(`the boathouse at ${boathouse.name} does not answer`);
  res.render("islands/stock", {
    count: db.count("SELECT count FROM stock WHERE sku = ? AND boathouse = ?", sku, name),
  });
});

// When it would arrive. The carrier takes its time to say so; nothing else on the page waits for it.
islands.island("DeliveryEstimate", { props: Product }, async (req, res) => {
  await sleep(1500, undefined, { signal: req.island.signal });
  const day = new Date(Date.now() + 2 * 24 * 60 * MINUTE);
  while (day.getUTCDay() % 6 === 0) day.setUTCDate(day.getUTCDate() + 1);
  res.render("islands/delivery_estimate", { day: dated(day, { weekday: "long", day: "numeric", month: "long" }) });
});

// When the customer last bought this. A stranger is redirected to sign in: the page then keeps the fallback.
islands.island("LastPurchase", { props: Product }, loginRequired, (req, res) => {
  const query = "SELECT max(day) AS day FROM purchase WHERE customer = ? AND sku = ?";
  const day = db.one(query, res.locals.customer.id, req.island.props.sku)?.day;
  const words = day && dated(new Date(day), { day: "numeric", month: "long", year: "numeric" });
  res.render("islands/last_purchase", { day: words });
});

// The cells of a table row: the n-th of what goes well with the product and is not in the cart yet.
islands.island("RecommendationRow", { props: shaped({ sku: "string", place: "number" }) }, (req, res) => {
  const { sku, place } = req.island.props;
  const other = db.one(
    `SELECT product.*, reason FROM pairing JOIN product ON product.sku = other
     WHERE pairing.sku = ? AND other NOT IN (SELECT sku FROM cart_line WHERE owner = ?)
     ORDER BY pairing.place LIMIT 1 OFFSET ?`,
    sku,
    cartOwner(req),
    place,
  );
  res.render("islands/recommendation_row", { other });
});

// The letter that the page holds sealed: for customers its slot, for strangers an invitation.
islands.island("MembersLetter", (req, res) =>
  res.render("islands/members_letter", { letter: req.island.slots.default }),
);

// All reviews, fetched when the visitor comes near them. It holds an island of its own: the review form.
islands.island("Reviews", { props: Product }, (req, res) => {
  const { sku } = req.island.props;
  res.render("islands/reviews", { sku, reviews: db.many("SELECT * FROM review WHERE sku = ? ORDER BY id DESC", sku) });
});

// A form for customers, with its CSRF input; a way to sign in for strangers.
islands.island("ReviewForm", { props: Product }, (req, res) => {
  const { sku } = req.island.props;
  res.render("islands/review_form", { sku, csrfToken: res.locals.customer && tokenOf(req) });
});

// The next high water, and an inline script that counts down to it. It is the same for all: caches keep it.
const script = readFileSync(new URL("../views/islands/tide.js", import.meta.url), "utf8").trimEnd();
islands.island("Tide", { shared: 60 }, (_req, res) => {
  const now = Date.now();
  const high = new Date(now + TIDE - ((now - A_HIGH_WATER) % TIDE));
  res.render("islands/tide", { high: high.toISOString(), time: high.toISOString().slice(11, 16), script });
});

/**
 * A day in words.
 *
 * @param {Date} day
 * @param {Intl.DateTimeFormatOptions} how
 */
function dated(day, how) {
  const parts = new Intl.DateTimeFormat("en-GB", { ...how, timeZone: "UTC" }).formatToParts(day);
  const part = (/** @type {string} */ type) => parts.find((found) => found.type === type)?.value ?? "";
  const date = [part("day"), part("month"), part("year")].filter(Boolean).join(" ");
  return how.weekday ? `${part("weekday")}, ${date}` : date;
}
