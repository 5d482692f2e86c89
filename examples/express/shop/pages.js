// The cached pages: the same bytes for every visitor, kept by shared caches. Their views never see a cookie; their shell
// policies stand in app.js.

import { Router } from "express";

import * as db from "./db.js";

export const pages = Router();

// The shelf with all products.
pages.get("/", (_req, res) => {
  res.render("home", { products: db.many("SELECT * FROM product ORDER BY place") });
});

// One product.
pages.get("/p/:sku", (req, res, next) => {
  const { sku } = req.params;
  const product = db.one("SELECT * FROM product WHERE sku = ?", sku);
  if (!product) return next();
  res.render("product", {
    product,
    facts: db.many("SELECT * FROM fact WHERE sku = ? ORDER BY place", sku),
    boathouses: db.many("SELECT * FROM boathouse ORDER BY name"),
    quote: db.one("SELECT * FROM review WHERE sku = ? ORDER BY id", sku),
    reviewCount: db.count("SELECT count(*) FROM review WHERE sku = ?", sku),
  });
});
