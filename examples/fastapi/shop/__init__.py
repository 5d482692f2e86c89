"""The shop: an ordinary FastAPI app. What is personal on its cached pages is in islands.py."""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler
from fastapi.staticfiles import StaticFiles
from sqlalchemy.ext.asyncio import async_sessionmaker
from starlette.exceptions import HTTPException  # of which FastAPI's is one; an unknown address raises this
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware

from shop import db, pages, personal
from shop.islands import islands
from shop.policy import ContentSecurityPolicy
from shop.rendering import SHARED, environment, page
from shop.visitor import CsrfError


def create_app(database: Path | None = None, secret: str | None = None) -> FastAPI:
    """The app, its database made and filled if it is not there yet."""
    here = Path(__file__).parents[1]
    engine = db.open_file(database or Path(os.environ.get("SHOP_DB", here / "shop.sqlite3")), SHARED)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    session_secret = secret or os.environ.get("SHOP_SECRET") or secrets.token_hex(32)
    app = FastAPI(
        lifespan=lifespan,
        openapi_url=None,
        middleware=[
            Middleware(islands.outer),  # files, refusals, what caches are told
            Middleware(ContentSecurityPolicy),
            Middleware(SessionMiddleware, secret_key=session_secret),
            Middleware(islands.inner),  # splits pages, opens islands
        ],
        exception_handlers={CsrfError: ask_again, HTTPException: not_found},
    )
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    app.mount("/static", StaticFiles(directory=SHARED / "static"), name="static")
    islands.install(environment)  # {% island %}, island_props, …
    islands.mount(app)  # each island is a path operation
    app.include_router(pages.router)
    app.include_router(personal.router)
    return app


async def ask_again(request: Request, error: Exception) -> Response:
    """A form came without its CSRF token: the page was cached and had no JavaScript. Show what it would do, and ask."""
    if not isinstance(error, CsrfError):
        raise error
    if request.url.path != request.url_for("personal.add_to_cart").path or personal.wants_json(request):
        return page(request, "message.html", {"title": "That form was too old", "text": str(error)}, status_code=400)
    return page(request, "confirm.html", {"fields": error.form}, status_code=400)


async def not_found(request: Request, error: Exception) -> Response:
    """The page for an address that the shop does not have."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code != 404:
        return await http_exception_handler(request, error)
    lost = {"title": "Nothing here", "text": "The river has taken it, or it never was."}
    return page(request, "message.html", lost, status_code=404)
