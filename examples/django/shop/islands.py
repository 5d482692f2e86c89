"""The islands: what is personal, slow, or not to be cached on an otherwise cached page.

Each handler is an ordinary view: it reads the session and the database and returns what a view returns. The props say
*what* to show; *to whom* is the session's business alone, so every handler asks it again.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.generic import TemplateView
from eyot.django import Island, island

from shop import visitor
from shop.models import Boathouse, CartLine, Pairing, Product, Stock

TIDE = timedelta(hours=12, minutes=25)  # from one high water to the next
A_HIGH_WATER = datetime(2026, 1, 3, 2, 40, tzinfo=timezone.utc)


@dataclass
class ProductProps:
    """The props of every island that is about one product."""

    sku: str

    @property
    def product(self) -> Product:
        """The product itself; an island of a product that is no longer sold is a 404."""
        return get_object_or_404(Product, pk=self.sku)


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


@island("Avatar", props=AvatarProps)
def avatar(request: HttpRequest, island: Island[AvatarProps]) -> HttpResponse:
    """The customer's initials and name, or a way to sign in."""
    return render(request, "islands/avatar.html", {"size": island.props.size})


@island("CartCount")
def cart_count(request: HttpRequest, island: Island[dict[str, Any]]) -> HttpResponse:
    """How many things are in the cart. Kept on the page, and fetched again when the cart changes."""
    return render(request, "islands/cart_count.html", {"count": visitor.cart_count(request)})


@island("Price", props=ProductProps)
def price(request: HttpRequest, island: Island[ProductProps]) -> HttpResponse:
    """The price for the visitor's segment."""
    listed = island.props.product.price
    context = {"listed": listed, "yours": visitor.pays(request, listed), "segment": visitor.segment(request)}
    return render(request, "islands/price.html", context)


@island("Stock", props=StockProps)
def stock(request: HttpRequest, island: Island[StockProps]) -> HttpResponse:
    """What one boathouse has. One of them does not answer: its island fails, and the page shows the error slot."""
    boathouse = get_object_or_404(Boathouse, pk=island.props.boathouse)
    if not boathouse.answers:
        raise ConnectionError(f"the boathouse at {boathouse.name} does not answer")
    found = Stock.objects.filter(product_id=island.props.sku, boathouse=boathouse).first()
    return render(request, "islands/stock.html", {"count": found.count if found else 0})


@island("DeliveryEstimate", props=ProductProps)
def delivery_estimate(request: HttpRequest, island: Island[ProductProps]) -> HttpResponse:
    """When it would arrive. The carrier takes its time to say so; nothing else on the page waits for it."""
    time.sleep(1.5)
    day = datetime.now(timezone.utc).date() + timedelta(days=2)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return render(request, "islands/delivery_estimate.html", {"day": day})


@island("LastPurchase", props=ProductProps)
@login_required
def last_purchase(request: HttpRequest, island: Island[ProductProps]) -> HttpResponse:
    """When the customer last bought this. A stranger is redirected to sign in: the page then keeps the fallback."""
    bought = visitor.signed_in(request).purchases.filter(product_id=island.props.sku).first()
    return render(request, "islands/last_purchase.html", {"bought": bought})


@island("RecommendationRow", props=PlaceProps)
def recommendation_row(request: HttpRequest, island: Island[PlaceProps]) -> HttpResponse:
    """The cells of a table row: the n-th of what goes well with the product and is not in the cart yet."""
    in_cart = CartLine.objects.filter(owner=visitor.cart_owner(request)).values("product")
    pairings = Pairing.objects.filter(product_id=island.props.sku).exclude(other__in=in_cart).select_related("other")
    pairing = pairings[island.props.place : island.props.place + 1].first()
    yours = visitor.pays(request, pairing.other.price) if pairing else None
    return render(request, "islands/recommendation_row.html", {"pairing": pairing, "yours": yours})


@island("MembersLetter")
class MembersLetter(TemplateView):
    """The letter that the page holds sealed: for customers its slot, for strangers an invitation."""

    template_name = "islands/members_letter.html"

    def get(self, request: HttpRequest, island: Island[dict[str, Any]]) -> HttpResponse:
        """Show it."""
        return self.render_to_response({"letter": island.slots["default"]})


@island("Reviews", props=ProductProps)
def reviews(request: HttpRequest, island: Island[ProductProps]) -> HttpResponse:
    """All reviews, fetched when the visitor comes near them. It holds an island of its own: the review form."""
    return render(request, "islands/reviews.html", {"product": island.props.product})


@island("ReviewForm", props=ProductProps)
def review_form(request: HttpRequest, island: Island[ProductProps]) -> HttpResponse:
    """A form for customers, with its CSRF input; a way to sign in for strangers."""
    return render(request, "islands/review_form.html", {"sku": island.props.sku})


@island("Tide", shared=60)
def tide(request: HttpRequest, island: Island[dict[str, Any]]) -> HttpResponse:
    """The next high water, and an inline script that counts down to it. It is the same for all: caches keep it."""
    now = datetime.now(timezone.utc)
    return render(request, "islands/tide.html", {"high": now + TIDE - (now - A_HIGH_WATER) % TIDE})
