"""Who is asking: the customer, the segment, the owner of the cart; signing in and out; and CSRF."""

import secrets
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Form, HTTPException, Request
from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from shop import db
from shop.models import CartLine, Customer


@dataclass
class Visitor:
    """Whoever sent this request."""

    db: AsyncSession
    session: dict[str, Any]
    customer: Customer | None

    def pays(self, price: int) -> int:
        """What this visitor pays for something with that list price, in pence."""
        return price * (self.customer.percent if self.customer else 100) // 100

    @property
    def cart_owner(self) -> str | None:
        """The name under which the cart is kept; None for a stranger without one."""
        return f"customer {self.customer.id}" if self.customer else self.session.get("cart")

    async def add_to_cart(self, sku: str, count: int) -> None:
        """Puts a product into the cart, which begins with it if there was none."""
        owner = self.cart_owner
        if owner is None:
            owner = self.session["cart"] = f"stranger {secrets.token_urlsafe(16)}"
        added = insert(CartLine).values(owner=owner, sku=sku, count=count)
        more = {"count": CartLine.count + added.excluded.count}
        await self.db.execute(added.on_conflict_do_update(index_elements=["owner", "sku"], set_=more))
        await self.db.commit()

    async def sign_in(self, email: str, password: str) -> bool:
        """Starts a fresh session for the customer; a stranger's cart comes along."""
        known = await self.db.scalar(select(Customer).where(Customer.email == email))
        if known is None or not db.fits(password, known.password):
            return False
        stranger = self.session.get("cart")
        self.session.clear()
        self.session["customer"], self.customer = known.id, known
        for line in (await self.db.scalars(select(CartLine).where(CartLine.owner == stranger))).all():
            await self.add_to_cart(line.sku, line.count)
        await self.db.execute(delete(CartLine).where(CartLine.owner == stranger))
        await self.db.commit()
        return True


async def visitor(request: Request, db: db.Db) -> Visitor:
    """The visitor, known by the session alone."""
    known = await db.get(Customer, request.session.get("customer", 0))
    return Visitor(db, request.session, known)


AnyVisitor = Annotated[Visitor, Depends(visitor)]


async def signed_in(request: Request, visitor: AnyVisitor) -> Customer:
    """The customer; a stranger is sent to the sign-in page, and from there back."""
    if visitor.customer is None:
        login = request.url_for("personal.login").path
        raise HTTPException(303, headers={"Location": f"{login}?{urlencode({'next': request.url.path}, safe='/')}"})
    return visitor.customer


SignedIn = Annotated[Customer, Depends(signed_in)]


class CsrfError(Exception):
    """A form came without its CSRF token."""

    def __init__(self, form: FormData) -> None:
        super().__init__("The CSRF token is missing.")
        self.form = form


def csrf_token(session: dict[str, Any]) -> str:
    """The token that this session's forms carry."""
    token: str = session.setdefault("csrf", secrets.token_urlsafe(32))
    return token


async def checked(request: Request, csrf_token: Annotated[str, Form()] = "") -> None:
    """Lets through only forms that this shop has written for this session."""
    if not secrets.compare_digest(csrf_token.encode(), request.session.get("csrf", "none was given").encode()):
        raise CsrfError(await request.form())


Checked = Depends(checked)
