"""The SQLite file: made and filled at first start, one connection for each request."""

import json
import os
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g
from werkzeug.security import generate_password_hash

Row = sqlite3.Row


def init_app(app: Flask, shared: Path) -> None:
    """Makes the database if there is none, and closes each request's connection."""
    path = Path(app.config["SHOP_DB"])
    if not path.exists():
        build(path, shared)
    app.teardown_appcontext(close)


def many(query: str, *values: Any) -> list[sqlite3.Row]:
    """Every row of a query."""
    return connection().execute(query, values).fetchall()


def one(query: str, *values: Any) -> sqlite3.Row | None:
    """The first row of a query, or None."""
    row: sqlite3.Row | None = connection().execute(query, values).fetchone()
    return row


def count(query: str, *values: Any) -> int:
    """The number that a query gives, 0 for none."""
    row = one(query, *values)
    return int(row[0] or 0) if row else 0


def write(query: str, *values: Any) -> None:
    """Runs one statement and commits it."""
    with connection() as db:
        db.execute(query, values)


def connection() -> sqlite3.Connection:
    """This request's connection."""
    if "db" not in g:
        g.db = sqlite3.connect(current_app.config["SHOP_DB"])
        g.db.row_factory = sqlite3.Row
    db: sqlite3.Connection = g.db
    return db


def close(error: BaseException | None = None) -> None:
    """Closes this request's connection, if it opened one."""
    if db := g.pop("db", None):
        db.close()


def build(path: Path, shared: Path) -> None:
    """Makes the file beside its place and moves it there whole: two workers may start at once."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    os.close(handle)
    with sqlite3.connect(name) as db:
        db.executescript((shared / "schema.sql").read_text("utf-8"))
        fill(db, json.loads((shared / "seed.json").read_text("utf-8")))
    db.close()
    Path(name).replace(path)


def fill(db: sqlite3.Connection, seed: dict[str, Any]) -> None:
    """Writes the seed into an empty database."""
    for place, p in enumerate(seed["products"]):
        db.execute(
            "INSERT INTO product VALUES (?, ?, ?, ?, ?, ?, ?)",
            (p["sku"], p["name"], p["line"], p["story"], p["price"], p["tone"], place),
        )
        facts = [(p["sku"], i, *fact) for i, fact in enumerate(p["facts"])]
        db.executemany("INSERT INTO fact VALUES (?, ?, ?, ?)", facts)
        pairs = [(p["sku"], i, *pair) for i, pair in enumerate(p["pairs"])]
        db.executemany("INSERT INTO pairing VALUES (?, ?, ?, ?)", pairs)
        stock = [(p["sku"], *line) for line in p["stock"].items()]
        db.executemany("INSERT INTO stock VALUES (?, ?, ?)", stock)
    db.executemany("INSERT INTO boathouse VALUES (:name, :phone, :answers)", seed["boathouses"])
    db.executemany("INSERT INTO segment VALUES (:name, :percent)", seed["segments"])
    db.executemany("INSERT INTO review VALUES (NULL, :sku, :author, :stars, :body)", seed["reviews"])
    for c in seed["customers"]:
        customer = db.execute(
            "INSERT INTO customer VALUES (NULL, ?, ?, ?, ?)",
            (c["name"], c["email"], generate_password_hash(c["password"]), c["segment"]),
        ).lastrowid
        bought = [(customer, *line) for line in c["bought"]]
        db.executemany("INSERT INTO purchase VALUES (?, ?, ?)", bought)
