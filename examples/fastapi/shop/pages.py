"""The cached pages: the same bytes for every visitor, kept by shared caches. Their operations never see a cookie."""

from fastapi import APIRouter, HTTPException, Request, Response
from sqlalchemy import func, select

from shop.db import Db
from shop.islands import islands
from shop.models import Boathouse, Fact, Product, Review
from shop.rendering import page

router = APIRouter(include_in_schema=False)


@router.get("/", name="pages.home")
@islands.shell(cdn=600)
async def home(request: Request, db: Db) -> Response:
    """The shelf with all products."""
    products = await db.scalars(select(Product).order_by(Product.place))
    return page(request, "home.html", {"products": products.all()})


@router.get("/p/{sku}", name="pages.product")
@islands.shell(cdn=600)
async def product(request: Request, sku: str, db: Db) -> Response:
    """One product."""
    found = await db.get(Product, sku)
    if found is None:
        raise HTTPException(404)
    said = select(Review).where(Review.sku == sku).order_by(Review.id)
    shown = {
        "product": found,
        "facts": (await db.scalars(select(Fact).where(Fact.sku == sku).order_by(Fact.place))).all(),
        "boathouses": (await db.scalars(select(Boathouse).order_by(Boathouse.name))).all(),
        "quote": await db.scalar(said.limit(1)),
        "review_count": await db.scalar(select(func.count()).where(Review.sku == sku)),
    }
    return page(request, "product.html", shown)
