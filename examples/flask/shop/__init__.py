"""The shop: an ordinary Flask app. What is personal on its cached pages is in islands.py."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect  # type: ignore[import-untyped]

from shop import db, pages, personal, policy
from shop.islands import islands

HERE = Path(__file__).parent
SHARED = HERE.parents[1] / "shop"  # what the shops of all hosts have in common


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """The app, its database made and filled if it is not there yet."""
    app = Flask(__name__, static_folder=SHARED / "static", template_folder=SHARED / "jinja")
    app.config.from_mapping(
        SECRET_KEY=os.environ.get("SHOP_SECRET"),
        SHOP_DB=os.environ.get("SHOP_DB", HERE.parent / "shop.sqlite3"),
        SESSION_COOKIE_SAMESITE="Lax",
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        WTF_CSRF_TIME_LIMIT=None,  # a page may have been open, or in a cache, for longer than an hour
    )
    app.config.from_mapping(config or {})

    CSRFProtect(app)
    db.init_app(app, SHARED)
    policy.init_app(app)
    islands.init_app(app)
    app.register_blueprint(pages.bp)
    app.register_blueprint(personal.bp)
    app.register_error_handler(CSRFError, ask_again)
    app.register_error_handler(404, not_found)
    app.add_template_filter(money)
    return app


def ask_again(error: CSRFError) -> ResponseReturnValue:
    """A form came without its CSRF token: the page was cached and had no JavaScript. Show what it would do, and ask."""
    if request.endpoint != "personal.add_to_cart" or request.accept_mimetypes.best == "application/json":
        return render_template("message.html", title="That form was too old", text=error.description), 400
    return render_template("confirm.html", fields=request.form), 400


def not_found(error: Exception) -> ResponseReturnValue:
    """The page for an address that the shop does not have."""
    return render_template("message.html", title="Nothing here", text="The river has taken it, or it never was."), 404


def money(pence: int) -> str:
    """Pence as pounds: 4800 is £48.00."""
    return f"£{pence / 100:,.2f}"
