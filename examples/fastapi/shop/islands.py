"""The islands: what is personal, slow, or not to be cached on an otherwise cached page.

Each handler is an ordinary path operation: what it needs is injected, and it returns what any other does. The props say
*what* to show; *to whom* is the session's business alone, so every handler asks it again.
"""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

from eyot.asgi import Island, Islands
from fastapi import HTTPException, Request, Response
from sqlalchemy import func, select

from shop.db import Db
from shop.models import Boathouse, CartLine, Pairing, Product, Purchase, Review, Stock
from shop.rendering import page
from shop.visitor import AnyVisitor, SignedIn

islands = Islands()

TIDE = timedelta(hours=12, minutes=25)  # from one high water to the next
A_HIGH_WATER = datetime(2026, 1, 3, 2, 40, tzinfo=timezone.utc)


@dataclass
class ProductProps:
    """The props of every island that is about one product."""

    sku: str


@dataclass
class AvatarProps:
    """How large the picture is."""

    size: str = "small"


@dataclass
class StockProps(ProductProps):
    """Which of the boathouses to ask."""

    boathouse: str


@dataclass
class PlaceProps(ProductProps):
    """Which recommendation of several, from 0."""

    place: int


@islands.island("Avatar", props=AvatarProps)
async def avatar(request: Request, island: Island[AvatarProps], visitor: AnyVisitor) -> Response:
    """The customer's initials and name, or a way to sign in."""
    return page(request, "islands/avatar.html", {"customer": visitor.customer, "size": island.props.size})


@islands.island("CartCount")
async def cart_count(request: Request, visitor: AnyVisitor, db: Db) -> Response:
    """How many things are in the cart. Kept on the page, and fetched again when the cart changes."""
    count = await db.scalar(select(func.sum(CartLine.count)).where(CartLine.owner == visitor.cart_owner))
    return page(request, "islands/cart_count.html", {"count": count or 0})


@islands.island("CsrfField")
async def csrf_field(request: Request) -> Response:
    """The hidden input that a form on a cached page needs. It starts a session only now."""
    return page(request, "islands/csrf_field.html")


async def sold(island: Island[ProductProps], db: Db) -> Product:
    """The product itself; an island of a product that is no longer sold is a 404."""
    found = await db.get(Product, island.props.sku)
    if found is None:
        raise HTTPException(404)
    return found


@islands.island("Price", props=ProductProps)
async def price(request: Request, island: Island[ProductProps], visitor: AnyVisitor, db: Db) -> Response:
    """The price for the visitor's segment."""
    listed = (await sold(island, db)).price
    segment = visitor.customer.segment if visitor.customer else "guest"
    shown = {"listed": listed, "yours": visitor.pays(listed), "segment": segment}
    return page(request, "islands/price.html", shown)


@islands.island("Stock", props=StockProps)
async def stock(request: Request, island: Island[StockProps], db: Db) -> Response:
    """What one boathouse has. One of them does not answer: its island fails, and the page shows the error slot."""
    boathouse = await db.get(Boathouse, island.props.boathouse)
    if boathouse is None:
        raise HTTPException(404)
    if not boathouse.answers:
        raise ConnectionError(f"the boathouse at {boathouse.name} does not answer")
    line = await db.get(Stock, (island.props.sku, boathouse.name))
    return page(request, "islands/stock.html", {"count": line.count if line else 0})


@islands.island("DeliveryEstimate", props=ProductProps)
async def delivery_estimate(request: Request) -> Response:
    """When it would arrive. The carrier takes its time to say so; nothing else on the page waits for it."""
    await asyncio.sleep(1.5)
    day = datetime.now(timezone.utc).date() + timedelta(days=2)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return page(request, "islands/delivery_estimate.html", {"day": day})


@islands.island("LastPurchase", props=ProductProps)
async def last_purchase(request: Request, island: Island[ProductProps], customer: SignedIn, db: Db) -> Response:
    """When the customer last bought this. A stranger is redirected to sign in: the page then keeps the fallback."""
    bought = select(func.max(Purchase.day)).where(Purchase.customer == customer.id, Purchase.sku == island.props.sku)
    day = await db.scalar(bought)
    return page(request, "islands/last_purchase.html", {"day": date.fromisoformat(day) if day else None})


@islands.island("RecommendationRow", props=PlaceProps)
async def recommendation_row(request: Request, island: Island[PlaceProps], visitor: AnyVisitor, db: Db) -> Response:
    """The cells of a table row: the n-th of what goes well with the product and is not in the cart yet."""
    in_cart = select(CartLine.sku).where(CartLine.owner == visitor.cart_owner)
    pairs = select(Pairing).where(Pairing.sku == island.props.sku, Pairing.other.not_in(in_cart))
    pair = await db.scalar(pairs.order_by(Pairing.place).limit(1).offset(island.props.place))
    other = pair and {**vars(pair.product), "reason": pair.reason}
    return page(request, "islands/recommendation_row.html", {"other": other, "pays": visitor.pays})


@islands.island("MembersLetter")
async def members_letter(request: Request, island: Island[dict[str, Any]], visitor: AnyVisitor) -> Response:
    """The letter that the page holds sealed: for customers its slot, for strangers an invitation."""
    shown = {"customer": visitor.customer, "letter": island.slots["default"]}
    return page(request, "islands/members_letter.html", shown)


@islands.island("Reviews", props=ProductProps)
async def reviews(request: Request, island: Island[ProductProps], db: Db) -> Response:
    """All reviews, fetched when the visitor comes near them. It holds an island of its own: the review form."""
    rows = await db.scalars(select(Review).where(Review.sku == island.props.sku).order_by(Review.id.desc()))
    return page(request, "islands/reviews.html", {"sku": island.props.sku, "reviews": rows.all()})


@islands.island("ReviewForm", props=ProductProps)
async def review_form(request: Request, island: Island[ProductProps], visitor: AnyVisitor) -> Response:
    """A form for customers, with its CSRF input; a way to sign in for strangers."""
    return page(request, "islands/review_form.html", {"sku": island.props.sku, "customer": visitor.customer})


@islands.island("Tide", shared=60)
async def tide(request: Request) -> Response:
    """The next high water, and an inline script that counts down to it. It is the same for all: caches keep it."""
    now = datetime.now(timezone.utc)
    return page(request, "islands/tide.html", {"high": now + TIDE - (now - A_HIGH_WATER) % TIDE})
