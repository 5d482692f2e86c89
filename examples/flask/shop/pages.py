"""The cached pages: the same bytes for every visitor, kept by shared caches. Their views never see a cookie."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from shop import db
from shop.islands import islands

bp = Blueprint("pages", __name__)


@bp.get("/")
@islands.shell(cdn=600)
def home() -> ResponseReturnValue:
    """The shelf with all products."""
    return render_template("home.html", products=db.many("SELECT * FROM product ORDER BY place"))


@bp.get("/p/<sku>")
@islands.shell(cdn=600)
def product(sku: str) -> ResponseReturnValue:
    """One product."""
    found = db.one("SELECT * FROM product WHERE sku = ?", sku) or abort(404)
    return render_template(
        "product.html",
        product=found,
        facts=db.many("SELECT * FROM fact WHERE sku = ? ORDER BY place", sku),
        boathouses=db.many("SELECT * FROM boathouse ORDER BY name"),
        quote=db.one("SELECT * FROM review WHERE sku = ? ORDER BY id", sku),
        review_count=db.count("SELECT count(*) FROM review WHERE sku = ?", sku),
    )
