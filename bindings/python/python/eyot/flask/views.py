"""Islands as Flask routes: opens the token, checks the props, calls the handler."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from flask import Response, abort, current_app, g, request
from werkzeug.local import LocalProxy

from .. import island as opened_island
from .._eyot import Reply
from ..errors import PropsError
from ..props import Reader
from .declared import HTML_PASS_ATTRIBUTE
from .environ import station
from .refusals import Refusal, report

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from ..island import Island
    from .site import Site


@dataclass(frozen=True, slots=True)
class Registration:
    """A handler as it was registered."""

    name: str
    handler: Callable[..., Any]
    reader: Reader
    shared: int | None


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
        opened = state.pending.open(state.body, audience=site.audience())
        if isinstance(opened, Reply):
            state.refusal = opened
            return Response(status=opened.status)
        state.shared, state.page = registration.shared, opened.page
        try:
            g.eyot_island = opened_island.read(opened, registration.reader)
        except PropsError as error:
            return _misfit(site, registration.name, error)
        return cast("ResponseReturnValue", current_app.ensure_sync(registration.handler)(g.eyot_island))

    # CSRF extensions know views by these two names.
    island_view.__module__ = "eyot.flask"
    island_view.__name__ = f"island_{registration.name}"
    if hasattr(registration.handler, HTML_PASS_ATTRIBUTE):
        setattr(island_view, HTML_PASS_ATTRIBUTE, getattr(registration.handler, HTML_PASS_ATTRIBUTE))
    return island_view


def _misfit(site: Site, name: str, error: PropsError) -> Response:
    report(site.app, Refusal("props-type", str(error), name, 400), site.options.on_refusal)
    return Response("bad request\n", 400, mimetype="text/plain")
