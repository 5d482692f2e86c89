"""Islands as Flask routes: opens the token, checks the props, calls the handler."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, cast

from flask import Response, abort, current_app, g, request
from werkzeug.local import LocalProxy

from .._eyot import Sent
from ..answers import not_answered
from ..declared import HTML_PASS, declaring, html_pass
from ..wsgi.environ import station

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from ..island import Island
    from ..registry import Registration
    from .site import Site


def _current_island() -> Island[Any]:
    island: Island[Any] | None = g.get("eyot_island")
    if island is None:
        raise RuntimeError("current_island is there while the handler of an island runs, not elsewhere")
    return island


current_island = cast("Island[Any]", LocalProxy(_current_island))
"""The island whose handler runs."""


def view(site: Site, registration: Registration) -> Callable[..., ResponseReturnValue]:
    """Make the view function of an island's routes."""

    def island_view(token: str | None = None) -> ResponseReturnValue:  # noqa: ARG001 - the raw path counts
        exchange = station(request.environ).exchange
        if exchange is None or exchange.name is None:
            abort(404)
        opened = registration.open(exchange, site.audience())
        if isinstance(opened, Sent):
            return Response(opened.body, opened.status, opened.headers)
        g.eyot_island = opened
        return _called(registration.handler, opened)

    # CSRF extensions know views by these two names.
    island_view.__module__ = "eyot.flask"
    island_view.__name__ = f"island_{registration.name}"
    return declaring(HTML_PASS, html_pass(registration.handler, site.options.html_pass))(island_view)


def _called(handler: Callable[..., Any], opened: Island[Any]) -> ResponseReturnValue:
    call = current_app.ensure_sync(handler)
    is_class = getattr(handler, "view_class", None) is not None
    answer = call(island=opened) if is_class else call(opened)
    if not (isinstance(answer, _ANSWERS) or callable(answer)):
        raise not_answered(opened.name, answer, "a response, or what else a view may return")
    return cast("ResponseReturnValue", answer)


# What Flask makes a response of, beside WSGI apps; of JSON core says what is wrong with it.
_ANSWERS = (str, bytes, bytearray, tuple, dict, list, Iterator)
