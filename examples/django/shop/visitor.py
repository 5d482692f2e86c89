"""Who is asking: the customer, the segment, the owner of the cart."""

import secrets

from django.contrib.auth import login
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet, Sum
from django.http import HttpRequest

from shop.models import CartLine, Customer


def customer(request: HttpRequest) -> Customer | None:
    """The signed-in customer; None for a stranger."""
    return request.user if isinstance(request.user, Customer) else None


def signed_in(request: HttpRequest) -> Customer:
    """The signed-in customer, behind login_required."""
    known = customer(request)
    if known is None:
        raise PermissionDenied
    return known


def segment(request: HttpRequest) -> str:
    """The name of the visitor's segment."""
    known = customer(request)
    return known.segment_id if known else "guest"


def pays(request: HttpRequest, price: int) -> int:
    """What this visitor pays for something with that list price, in pence."""
    known = customer(request)
    return price * (known.segment.percent if known else 100) // 100


def cart_owner(request: HttpRequest) -> str:
    """The name under which the visitor's cart is kept; empty for a stranger without one."""
    known = customer(request)
    return f"customer {known.pk}" if known else request.session.get("cart", "")


def cart_lines(request: HttpRequest) -> QuerySet[CartLine]:
    """What is in the visitor's cart."""
    return CartLine.objects.filter(owner=cart_owner(request)).select_related("product").order_by("product__place")


def cart_count(request: HttpRequest) -> int:
    """How many things are in the visitor's cart."""
    return cart_lines(request).aggregate(total=Sum("count"))["total"] or 0


def put_into_cart(request: HttpRequest, sku: str, count: int) -> None:
    """Puts a product into the visitor's cart, which begins with it if there was none."""
    owner = cart_owner(request)
    if not owner:
        owner = request.session["cart"] = f"stranger {secrets.token_urlsafe(16)}"
    line, is_new = CartLine.objects.get_or_create(owner=owner, product_id=sku, defaults={"count": count})
    if not is_new:
        line.count = F("count") + count
        line.save(update_fields=["count"])


def sign_in(request: HttpRequest, known: Customer) -> None:
    """Starts the customer's session; a stranger's cart comes along."""
    stranger = list(cart_lines(request)) if customer(request) is None else []
    login(request, known)
    request.session.pop("cart", None)
    for line in stranger:
        put_into_cart(request, line.product_id, line.count)
        line.delete()
