"""Who is asking: the customer, the segment, the owner of the cart; signing in and out."""

import functools
import secrets
import sqlite3
from collections.abc import Callable
from typing import ParamSpec

from flask import g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.security import check_password_hash

from shop import db

P = ParamSpec("P")


def customer() -> sqlite3.Row | None:
    """The signed-in customer, with the percentage of the list price that the segment pays; None for a stranger."""
    if "customer" not in g:
        g.customer = db.one(
            "SELECT customer.*, percent FROM customer JOIN segment ON segment.name = segment WHERE id = ?",
            session.get("customer"),
        )
    row: sqlite3.Row | None = g.customer
    return row


def pays(price: int) -> int:
    """What this visitor pays for something with that list price, in pence."""
    known = customer()
    return price * (known["percent"] if known else 100) // 100


def cart_owner() -> str | None:
    """The name under which the visitor's cart is kept; None for a stranger without one."""
    known = customer()
    return f"customer {known['id']}" if known else session.get("cart")


def add_to_cart(sku: str, count: int) -> None:
    """Puts a product into the visitor's cart, which begins with it if there was none."""
    owner = cart_owner()
    if owner is None:
        owner = session["cart"] = f"stranger {secrets.token_urlsafe(16)}"
    db.write(
        "INSERT INTO cart_line VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
        owner,
        sku,
        count,
    )


def sign_in(email: str, password: str) -> bool:
    """Starts a fresh session for the customer; a stranger's cart comes along."""
    known = db.one("SELECT * FROM customer WHERE email = ?", email)
    if known is None or not check_password_hash(known["password"], password):
        return False
    stranger = session.get("cart")
    session.clear()
    session["customer"] = known["id"]
    for line in db.many("SELECT * FROM cart_line WHERE owner = ?", stranger):
        add_to_cart(line["sku"], line["count"])
    db.write("DELETE FROM cart_line WHERE owner = ?", stranger)
    return True


def login_required(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Sends a stranger to the sign-in page, and from there back."""

    @functools.wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if customer() is None:
            return redirect(url_for("personal.login", next=request.path))
        return view(*args, **kwargs)

    return guarded
