"""The personal pages: cart, sign-in, account, reviews. No cache keeps them."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.routing import APIRoute
from markupsafe import escape
from sqlalchemy import delete, select

from shop.db import Db
from shop.models import CartLine, Product, Purchase, Review
from shop.rendering import page
from shop.visitor import AnyVisitor, Checked, SignedIn


class Private(APIRoute):
    """A route whose answers no cache keeps."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Says so to every cache."""
        handle = super().get_route_handler()

        async def private(request: Request) -> Response:
            response = await handle(request)
            response.headers["Cache-Control"] = "private, no-store"
            return response

        return private


router = APIRouter(route_class=Private, include_in_schema=False)


def see_other(request: Request, name: str, fragment: str = "", **parameters: str) -> Response:
    """Sends the browser to a route with a GET."""
    return RedirectResponse(request.url_for(name, **parameters).path + fragment, 303)


@router.get("/cart", name="personal.cart")
async def cart(request: Request, visitor: AnyVisitor, db: Db) -> Response:
    """What is in the cart, at this visitor's prices."""
    mine = select(CartLine).where(CartLine.owner == visitor.cart_owner)
    lines = sorted(await db.scalars(mine), key=lambda line: line.product.place)
    total = sum(visitor.pays(line.price) * line.count for line in lines)
    return page(request, "cart.html", {"lines": lines, "total": total, "pays": visitor.pays})


@router.post("/cart/add", name="personal.add_to_cart", dependencies=[Checked])
async def add_to_cart(
    request: Request,
    visitor: AnyVisitor,
    db: Db,
    sku: Annotated[str, Form()] = "",
    count: Annotated[int, Form()] = 1,
) -> Response:
    """The target of the form on every product page, sent by the browser or by shop.js."""
    if await db.get(Product, sku) is None or not 1 <= count <= 99:
        raise HTTPException(400)
    await visitor.add_to_cart(sku, count)
    if wants_json(request):
        return JSONResponse({"added": sku})
    return see_other(request, "personal.cart")


@router.post("/cart/empty", name="personal.empty_cart", dependencies=[Checked])
async def empty_cart(request: Request, visitor: AnyVisitor, db: Db) -> Response:
    """Takes everything out again."""
    await db.execute(delete(CartLine).where(CartLine.owner == visitor.cart_owner))
    await db.commit()
    return see_other(request, "personal.cart")


@router.get("/login", name="personal.login")
async def login(request: Request, target: Annotated[str, Query(alias="next")] = "") -> Response:
    """The sign-in page."""
    return page(request, "login.html", {"failed": False, "next": target})


@router.post("/login", dependencies=[Checked])
async def sign_in(
    request: Request,
    visitor: AnyVisitor,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    target: Annotated[str, Form(alias="next")] = "",
) -> Response:
    """Signs in and goes back to where the visitor came from."""
    if not await visitor.sign_in(email, password):
        return page(request, "login.html", {"failed": True, "next": target}, status_code=403)
    return RedirectResponse(local(request, target), 303)


@router.post("/logout", name="personal.logout", dependencies=[Checked])
async def logout(request: Request) -> Response:
    """Forgets the visitor."""
    request.session.clear()
    return see_other(request, "pages.home")


@router.get("/account", name="personal.account")
async def account(request: Request, customer: SignedIn, db: Db) -> Response:
    """The customer's own page."""
    bought = await db.scalars(select(Purchase).where(Purchase.customer == customer.id).order_by(Purchase.day.desc()))
    return page(request, "account.html", {"customer": customer, "bought": bought.all()})


@router.post("/p/{sku}/reviews", name="personal.review", dependencies=[Checked])
async def review(
    request: Request,
    sku: str,
    customer: SignedIn,
    db: Db,
    text: Annotated[str, Form()] = "",
    stars: Annotated[int, Form()] = 5,
) -> Response:
    """Keeps a review; its text becomes one escaped paragraph."""
    if await db.get(Product, sku) is None or not text.strip() or not 1 <= stars <= 5:
        raise HTTPException(400)
    db.add(Review(sku=sku, author=customer.name, stars=stars, body=f"<p>{escape(text.strip())}</p>"))
    await db.commit()
    return see_other(request, "pages.product", "#reviews", sku=sku)


def wants_json(request: Request) -> bool:
    """Whether shop.js asks, rather than a form."""
    return request.headers.get("accept") == "application/json"


def local(request: Request, target: str) -> str:
    """The path to go to after signing in: one of this shop, or the front page."""
    parts = urlsplit(target)
    safe = target.startswith("/") and not parts.scheme and not parts.netloc and "\\" not in target
    return target if safe else request.url_for("pages.home").path
