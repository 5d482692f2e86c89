"""The personal pages: cart, sign-in, account, reviews. No cache keeps them."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from markupsafe import escape

from shop import db
from shop.visitor import add_to_cart as put_into_cart
from shop.visitor import cart_owner, customer, login_required, pays, sign_in

bp = Blueprint("personal", __name__)


@bp.after_request
def keep_private(response: Response) -> Response:
    """Says so to every cache."""
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.get("/cart")
def cart() -> ResponseReturnValue:
    """What is in the cart, at this visitor's prices."""
    lines = db.many("SELECT * FROM cart_line JOIN product USING (sku) WHERE owner = ? ORDER BY place", cart_owner())
    total = sum(pays(line["price"]) * line["count"] for line in lines)
    return render_template("cart.html", lines=lines, total=total, pays=pays)


@bp.post("/cart/add")
def add_to_cart() -> ResponseReturnValue:
    """The target of the form on every product page, sent by the browser or by shop.js."""
    sku = request.form.get("sku", "")
    count = request.form.get("count", 1, type=int)
    if db.one("SELECT sku FROM product WHERE sku = ?", sku) is None or not 1 <= count <= 99:
        abort(400)
    put_into_cart(sku, count)
    if request.accept_mimetypes.best == "application/json":
        return {"added": sku}
    return redirect(url_for("personal.cart"), 303)


@bp.post("/cart/empty")
def empty_cart() -> ResponseReturnValue:
    """Takes everything out again."""
    db.write("DELETE FROM cart_line WHERE owner = ?", cart_owner())
    return redirect(url_for("personal.cart"), 303)


@bp.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Signs in and goes back to where the visitor came from."""
    failed = request.method == "POST" and not sign_in(request.form.get("email", ""), request.form.get("password", ""))
    if request.method == "GET" or failed:
        return render_template("login.html", failed=failed, next=request.values.get("next", "")), 403 if failed else 200
    return redirect(local(request.form.get("next", "")), 303)


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """Forgets the visitor."""
    session.clear()
    return redirect(url_for("pages.home"), 303)


@bp.get("/account")
@login_required
def account() -> ResponseReturnValue:
    """The customer's own page."""
    known = customer() or abort(403)
    bought = db.many(
        "SELECT * FROM purchase JOIN product USING (sku) WHERE customer = ? ORDER BY day DESC", known["id"]
    )
    return render_template("account.html", customer=known, bought=bought)


@bp.post("/p/<sku>/reviews")
@login_required
def review(sku: str) -> ResponseReturnValue:
    """Keeps a review; its text becomes one escaped paragraph."""
    known = customer() or abort(403)
    text = request.form.get("text", "").strip()
    stars = request.form.get("stars", 5, type=int)
    if db.one("SELECT sku FROM product WHERE sku = ?", sku) is None or not text or not 1 <= stars <= 5:
        abort(400)
    body = f"<p>{escape(text)}</p>"
    db.write("INSERT INTO review VALUES (NULL, ?, ?, ?, ?)", sku, known["name"], stars, body)
    return redirect(url_for("pages.product", sku=sku, _anchor="reviews"), 303)


def local(target: str) -> str:
    """The path to go to after signing in: one of this shop, or the front page."""
    parts = urlsplit(target)
    safe = target.startswith("/") and not parts.scheme and not parts.netloc and "\\" not in target
    return target if safe else url_for("pages.home")
