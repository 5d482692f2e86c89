// The SQLite file: made and filled at first start.

import { randomBytes, scryptSync } from "node:crypto";
import { existsSync, readFileSync, renameSync } from "node:fs";

import Database from "better-sqlite3";

/**
 * A row.
 *
 * @typedef {Record<string, any>} Row
 */

/** @type {import("better-sqlite3").Database} */
let db;

/**
 * Statements that were prepared.
 *
 * @type {Map<string, import("better-sqlite3").Statement>}
 */
const prepared = new Map();

/**
 * Opens the database, which is made if there is none.
 *
 * @param {string} path
 * @param {string} shared the folder of schema and seed
 */
export function open(path, shared) {
  if (!existsSync(path)) build(path, shared);
  prepared.clear();
  db = new Database(path);
  db.pragma("journal_mode = WAL");
  db.pragma("busy_timeout = 5000");
}

/**
 * Every row of a query.
 *
 * @param {string} query
 * @param {unknown[]} values
 * @returns {Row[]}
 */
export function many(query, ...values) {
  return /** @type {Row[]} */ (statement(query).all(...values));
}

/**
 * The first row of a query.
 *
 * @param {string} query
 * @param {unknown[]} values
 * @returns {Row | undefined}
 */
export function one(query, ...values) {
  return /** @type {Row | undefined} */ (statement(query).get(...values));
}

/**
 * The number that a query gives, 0 for none.
 *
 * @param {string} query
 * @param {unknown[]} values
 */
export function count(query, ...values) {
  const row = one(query, ...values);
  return Number((row && Object.values(row)[0]) ?? 0);
}

/**
 * Runs one statement.
 *
 * @param {string} query
 * @param {unknown[]} values
 */
export function write(query, ...values) {
  statement(query).run(...values);
}

/** @param {string} query */
function statement(query) {
  const found = prepared.get(query) ?? db.prepare(query);
  prepared.set(query, found);
  return found;
}

/**
 * A password as it is kept.
 *
 * @param {string} password
 */
export function hashed(password, salt = randomBytes(16).toString("hex")) {
  return `${salt}:${scryptSync(password, salt, 32).toString("hex")}`;
}

/**
 * Makes the file beside its place and moves it there whole: two processes may start at once.
 *
 * @param {string} path
 * @param {string} shared
 */
function build(path, shared) {
  const name = `${path}.${process.pid}`;
  const made = new Database(name);
  made.exec(readFileSync(`${shared}schema.sql`, "utf8"));
  made.exec("CREATE TABLE session (id TEXT PRIMARY KEY, data TEXT NOT NULL, expires INTEGER NOT NULL)");
  made.pragma("foreign_keys = OFF"); // products name each other
  made.transaction(() => fill(made, JSON.parse(readFileSync(`${shared}seed.json`, "utf8"))))();
  made.close();
  renameSync(name, path);
}

/**
 * Writes the seed into an empty database.
 *
 * @param {import("better-sqlite3").Database} made
 * @param {any} seed
 */
function fill(made, seed) {
  /** @param {string} table @param {unknown[]} values */
  const insert = (table, ...values) =>
    made.prepare(`INSERT INTO ${table} VALUES (${values.map(() => "?").join(", ")})`).run(...values);
  for (const [place, p] of seed.products.entries()) {
    insert("product", p.sku, p.name, p.line, p.story, p.price, p.tone, place);
    for (const [at, fact] of p.facts.entries()) insert("fact", p.sku, at, ...fact);
    for (const [at, pair] of p.pairs.entries()) insert("pairing", p.sku, at, ...pair);
    for (const line of Object.entries(p.stock)) insert("stock", p.sku, ...line);
  }
  for (const { name, phone, answers } of seed.boathouses) insert("boathouse", name, phone, Number(answers));
  for (const { name, percent } of seed.segments) insert("segment", name, percent);
  for (const { sku, author, stars, body } of seed.reviews) insert("review", null, sku, author, stars, body);
  for (const { name, email, password, segment, bought } of seed.customers) {
    const { lastInsertRowid } = insert("customer", null, name, email, hashed(password), segment);
    for (const line of bought) insert("purchase", lastInsertRowid, ...line);
  }
}
