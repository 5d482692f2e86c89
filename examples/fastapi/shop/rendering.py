"""The templates, which the shops written in Python share, and what they call."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, pass_context
from jinja2.runtime import Context

from shop.visitor import csrf_token

SHARED = Path(__file__).parents[2] / "shop"  # what the shops of all hosts have in common

environment = Environment(loader=FileSystemLoader(SHARED / "jinja"), autoescape=True)
templates = Jinja2Templates(env=environment)
page = templates.TemplateResponse


@pass_context
def url_for(context: Context, name: str, **parameters: Any) -> str:
    """The path of a route; what is no part of the path becomes the query."""
    if name == "static":
        parameters = {"path": f"/{parameters['filename']}"}
    query = {"next": parameters.pop("next")} if "next" in parameters else None
    path: str = context["request"].url_for(name, **parameters).path
    return f"{path}?{urlencode(query)}" if query else path


@pass_context
def form_token(context: Context) -> str:
    """The CSRF token for a form of this visitor's."""
    return csrf_token(context["request"].session)


def money(pence: int) -> str:
    """Pence as pounds: 4800 is £48.00."""
    return f"£{pence / 100:,.2f}"


environment.globals.update(url_for=url_for, csrf_token=form_token)
environment.filters["money"] = money
