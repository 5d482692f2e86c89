"""Islands as Flask routes: opens the token, checks the props, calls the handler."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from flask import Response, abort, current_app, g, request
from werkzeug.local import LocalProxy

from .._eyot import Reply
from ..refusals import Refusal
from ..wsgi.environ import station
from .declared import HTML_PASS_ATTRIBUTE

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
        state = station(request.environ)
        if state.pending is None:
            abort(404)
        opened = registration.open(state, state.pending, site.audience())
        if isinstance(opened, Reply):
            # The outer station sends it.
            return Response(status=opened.status)
        if isinstance(opened, Refusal):
            site.report(opened)
            return Response(opened.line(debug=site.is_debug), opened.status, mimetype="text/plain")
        g.eyot_island = opened
        return _called(registration.handler, opened)

    # CSRF extensions know views by these two names.
    island_view.__module__ = "eyot.flask"
    island_view.__name__ = f"island_{registration.name}"
    if hasattr(registration.handler, HTML_PASS_ATTRIBUTE):
        setattr(island_view, HTML_PASS_ATTRIBUTE, getattr(registration.handler, HTML_PASS_ATTRIBUTE))
    return island_view


def _called(handler: Callable[..., Any], opened: Island[Any]) -> ResponseReturnValue:
    call = current_app.ensure_sync(handler)
    view_class = getattr(handler, "view_class", None)
    if view_class is None:
        return cast("ResponseReturnValue", call(opened))
    # A token that is too long for a URL is posted, which is no business of a view by methods.
    if request.method == "POST" and not hasattr(view_class, "post"):
        request.method = "GET"
    return cast("ResponseReturnValue", call(island=opened))
