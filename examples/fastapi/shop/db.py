"""The SQLite file: made and filled at first start, one session for each request."""

import hashlib
import json
import os
import secrets
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine


def open_file(path: Path, shared: Path) -> AsyncEngine:
    """An engine on the file, which is made if it is not there yet."""
    if not path.exists():
        build(path, shared)
    return create_async_engine(f"sqlite+aiosqlite:///{path}")


async def session(request: Request) -> AsyncIterator[AsyncSession]:
    """This request's session."""
    make: async_sessionmaker[AsyncSession] = request.app.state.sessions
    async with make() as opened:
        yield opened


Db = Annotated[AsyncSession, Depends(session)]


def hashed(password: str) -> str:
    """A password as the database keeps it."""
    salt = secrets.token_hex(16)
    return f"{salt}${_scrypt(password, salt)}"


def fits(password: str, kept: str) -> bool:
    """Whether a password is the one that was kept."""
    salt, _, digest = kept.partition("$")
    return secrets.compare_digest(_scrypt(password, salt), digest)


def _scrypt(password: str, salt: str) -> str:
    return hashlib.scrypt(password.encode(), salt=salt.encode(), n=2**14, r=8, p=1).hex()


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
            (c["name"], c["email"], hashed(c["password"]), c["segment"]),
        ).lastrowid
        bought = [(customer, *line) for line in c["bought"]]
        db.executemany("INSERT INTO purchase VALUES (?, ?, ?)", bought)
