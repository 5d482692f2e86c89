// The shop: an ordinary Express app. What is personal on its cached pages is in islands.js.

import { fileURLToPath } from "node:url";

import compression from "compression";
import express from "express";
import session from "express-session";
import multer from "multer";

import { protect, tokenOf } from "./csrf.js";
import * as db from "./db.js";
import { islands } from "./islands.js";
import { pages } from "./pages.js";
import { personal } from "./personal.js";
import { policy } from "./policy.js";
import { SessionStore } from "./sessions.js";
import { pays, visitor } from "./visitor.js";

const here = fileURLToPath(new URL("..", import.meta.url));
const shared = fileURLToPath(new URL("../../shop/", import.meta.url)); // what the shops of all hosts have in common

/** The app, its database made and filled if it is not there yet. */
export function createApp() {
  db.open(process.env.SHOP_DB ?? `${here}shop.sqlite3`, shared);
  const app = express();
  app.disable("x-powered-by");
  app.set("views", `${here}views`).set("view engine", "ejs");
  Object.assign(app.locals, { money, pays });

  app.use(compression());
  app.use(islands.outer({ "/": { cdn: 600 }, "/p/{sku}": { cdn: 600 } })); // eyot's outer station
  app.use("/static", express.static(`${shared}static`, { maxAge: "1h" }));
  app.use(
    session({
      name: "session",
      secret: process.env.SHOP_SECRET ?? "",
      store: new SessionStore(),
      resave: false,
      saveUninitialized: false,
      cookie: { sameSite: "lax", httpOnly: true },
    }),
  );
  app.use(visitor);
  app.use(policy(`${here}views`));
  app.use(islands.inner()); // eyot's inner station
  app.use(express.urlencoded({ extended: false }), multer().none(), protect);
  app.use(pages);
  app.use(personal);
  app.use((_req, res) => {
    res.status(404).render("message", { title: "Nothing here", text: "The river has taken it, or it never was." });
  });
  app.use(failed);
  return app;
}

/** @type {import("express").ErrorRequestHandler} */
function failed(error, req, res, next) {
  if (res.headersSent) return next(error);
  if (error.code === "csrf") return askAgain(req, res);
  const status = Number(error.status) || 500;
  // By its route: an island's path holds its token.
  if (status >= 500) console.error(`${req.method} ${req.route?.path ?? req.path}: ${error.message}`);
  res.status(status).render("message", { title: "That went wrong", text: "Please try it again in a moment." });
}

/**
 * A form came without its CSRF token: the page was cached and had no JavaScript. Shows what it would do, and asks.
 *
 * @param {import("express").Request} req
 * @param {import("express").Response} res
 */
function askAgain(req, res) {
  res.status(400);
  if (req.path !== "/cart/add" || req.accepts(["html", "json"]) === "json") {
    return res.render("message", {
      title: "That form was too old",
      text: "Go back, load the page again, and try once more.",
    });
  }
  res.render("confirm", { fields: req.body, csrfToken: tokenOf(req) });
}

/**
 * Pence as pounds: 4800 is £48.00.
 *
 * @param {number} pence
 */
function money(pence) {
  return `£${(pence / 100).toLocaleString("en-GB", { minimumFractionDigits: 2 })}`;
}
