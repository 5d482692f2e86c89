"""The islands: what is personal, slow, or not to be cached on an otherwise cached page.

Each handler is an ordinary view: it reads the session and the database and returns what a view returns. The props say
*what* to show; *to whom* is the session's business alone, so every handler asks it again.
"""

import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

from eyot.flask import Island, Islands
from flask import abort, render_template
from flask.typing import ResponseReturnValue

from shop import db
from shop.visitor import cart_owner, customer, login_required, pays

islands = Islands()

TIDE = timedelta(hours=12, minutes=25)  # from one high water to the next
A_HIGH_WATER = datetime(2026, 1, 3, 2, 40, tzinfo=timezone.utc)


@dataclass
class Product:
    """The props of every island that is about one product."""

    sku: str

    @property
    def row(self) -> db.Row:
        """The product itself; an island of a product that is no longer sold is a 404."""
        return db.one("SELECT * FROM product WHERE sku = ?", self.sku) or abort(404)


@dataclass
class AvatarProps:
    """How large the picture is."""

    size: str = "small"


@dataclass
class StockProps(Product):
    """Which of the boathouses to ask."""

    boathouse: str


@dataclass
class PlaceProps(Product):
    """Which recommendation of several, from 0."""

    place: int


@islands.island("Avatar", props=AvatarProps)
def avatar(island: Island[AvatarProps]) -> ResponseReturnValue:
    """The customer's initials and name, or a way to sign in."""
    return render_template("islands/avatar.html", customer=customer(), size=island.props.size)


@islands.island("CartCount")
def cart_count(island: Island[dict[str, Any]]) -> ResponseReturnValue:
    """How many things are in the cart. Kept on the page, and fetched again when the cart changes."""
    count = db.count("SELECT sum(count) FROM cart_line WHERE owner = ?", cart_owner())
    return render_template("islands/cart_count.html", count=count)


@islands.island("CsrfField")
def csrf_field(island: Island[dict[str, Any]]) -> ResponseReturnValue:
    """The hidden input that a form on a cached page needs. It starts a session only now."""
    return render_template("islands/csrf_field.html")


@islands.island("Price", props=Product)
def price(island: Island[Product]) -> ResponseReturnValue:
    """The price for the visitor's segment."""
    known, listed = customer(), island.props.row["price"]
    segment = known["segment"] if known else "guest"
    return render_template("islands/price.html", listed=listed, yours=pays(listed), segment=segment)


@islands.island("Stock", props=StockProps)
def stock(island: Island[StockProps]) -> ResponseReturnValue:
    """What one boathouse has. One of them does not answer: its island fails, and the page shows the error slot."""
    boathouse = db.one("SELECT * FROM boathouse WHERE name = ?", island.props.boathouse) or abort(404)
    if not boathouse["answers"]:
        raise ConnectionError(f"the boathouse at {boathouse['name']} does not answer")
    count = db.count("SELECT count FROM stock WHERE sku = ? AND boathouse = ?", island.props.sku, boathouse["name"])
    return render_template("islands/stock.html", count=count)


@islands.island("DeliveryEstimate", props=Product)
def delivery_estimate(island: Island[Product]) -> ResponseReturnValue:
    """When it would arrive. The carrier takes its time to say so; nothing else on the page waits for it."""
    time.sleep(1.5)
    day = datetime.now(timezone.utc).date() + timedelta(days=2)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return render_template("islands/delivery_estimate.html", day=day)


@islands.island("LastPurchase", props=Product)
@login_required
def last_purchase(island: Island[Product]) -> ResponseReturnValue:
    """When the customer last bought this. A stranger is redirected to sign in: the page then keeps the fallback."""
    known = customer() or abort(403)
    row = db.one("SELECT max(day) AS day FROM purchase WHERE customer = ? AND sku = ?", known["id"], island.props.sku)
    day = date.fromisoformat(row["day"]) if row and row["day"] else None
    return render_template("islands/last_purchase.html", day=day)


@islands.island("RecommendationRow", props=PlaceProps)
def recommendation_row(island: Island[PlaceProps]) -> ResponseReturnValue:
    """The cells of a table row: the n-th of what goes well with the product and is not in the cart yet."""
    other = db.one(
        """SELECT product.*, reason FROM pairing JOIN product ON product.sku = other
           WHERE pairing.sku = ? AND other NOT IN (SELECT sku FROM cart_line WHERE owner = ?)
           ORDER BY pairing.place LIMIT 1 OFFSET ?""",
        island.props.sku,
        cart_owner(),
        island.props.place,
    )
    return render_template("islands/recommendation_row.html", other=other, pays=pays)


@islands.island("MembersLetter")
def members_letter(island: Island[dict[str, Any]]) -> ResponseReturnValue:
    """The letter that the page holds sealed: for customers its slot, for strangers an invitation."""
    return render_template("islands/members_letter.html", customer=customer(), letter=island.slots["default"])


@islands.island("Reviews", props=Product)
def reviews(island: Island[Product]) -> ResponseReturnValue:
    """All reviews, fetched when the visitor comes near them. It holds an island of its own: the review form."""
    rows = db.many("SELECT * FROM review WHERE sku = ? ORDER BY id DESC", island.props.sku)
    return render_template("islands/reviews.html", sku=island.props.sku, reviews=rows)


@islands.island("ReviewForm", props=Product)
def review_form(island: Island[Product]) -> ResponseReturnValue:
    """A form for customers, with its CSRF input; a way to sign in for strangers."""
    return render_template("islands/review_form.html", sku=island.props.sku, customer=customer())


@islands.island("Tide", shared=60)
def tide(island: Island[dict[str, Any]]) -> ResponseReturnValue:
    """The next high water, and an inline script that counts down to it. It is the same for all: caches keep it."""
    now = datetime.now(timezone.utc)
    high = now + TIDE - (now - A_HIGH_WATER) % TIDE
    return render_template("islands/tide.html", high=high)
