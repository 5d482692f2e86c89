"""The templates, which the shops written in Python share, and what they call."""

from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader

from shop.visitor import csrf_token

SHARED = Path(__file__).parents[2] / "shop"  # what the shops of all hosts have in common


def functions(request: Request) -> dict[str, Any]:
    """What templates call, each for this request."""
    return {"url_for": partial(url_for, request), "csrf_token": partial(csrf_token, request.session)}


def url_for(request: Request, name: str, next: str = "", filename: str = "", **parameters: str) -> str:  # noqa: A002
    """The path of a route or of a static file, with where to go next in the query."""
    if filename:
        parameters = {"path": f"/{filename}"}
    path = request.url_for(name, **parameters).path
    return f"{path}?{urlencode({'next': next}, safe='/')}" if next else path


def money(pence: int) -> str:
    """Pence as pounds: 4800 is £48.00."""
    return f"£{pence / 100:,.2f}"


environment = Environment(loader=FileSystemLoader(SHARED / "jinja"), autoescape=True)
environment.filters["money"] = money
templates = Jinja2Templates(env=environment, context_processors=[functions])
page = templates.TemplateResponse
