"""Islands as routes of a Starlette app, and the view that it will choose for a request."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route

from ..answers import plain
from ..gateway import opened
from ..registry import check_call
from .router import Router

if TYPE_CHECKING:
    from starlette.requests import Request

    from ..registry import Registration
    from .messages import AsgiApp, Scope


Around = Callable[[Any], "AsgiApp"]
"""What puts the way out through the outer station around an app."""


class StarletteRouter(Router):
    """A Starlette app, or one of its routers."""

    def __init__(self, app: Any, around: Around) -> None:
        super().__init__(app)
        if hasattr(app, "build_middleware_stack"):
            app.build_middleware_stack = partial(_built, app.build_middleware_stack, around)

    def add(self, prefix: str, registration: Registration) -> None:
        """Make an island a route."""
        check_call(registration.name, registration.handler, ("request", "island"))
        route = Route(path(prefix, registration), _endpoint(registration), name=f"eyot.{registration.name}")
        # Its routes may have come with the app, one that catches everything among them.
        self._app.routes.insert(0, route)

    def routes(self) -> Iterable[BaseRoute]:
        """Return the app's routes, those of included routers too."""
        found: Iterable[BaseRoute] = self._app.routes
        return found

    def endpoint(self, scope: Scope) -> Any:
        """Return the view that the app will choose, or ``None``."""
        return _chosen(self.routes(), {**scope})


def path(prefix: str, registration: Registration) -> str:
    """Return an island's path: a token that was posted is in it as well."""
    return f"{prefix}/{registration.name}/{{token}}"


def response(name: str, answer: Any) -> Response:
    """Turn what a handler returned into a response."""
    if isinstance(answer, Response):
        return answer
    whole = plain(name, answer)
    made = Response(whole.body, whole.status)
    for header, value in whole.headers:
        made.headers.append(header, value)
    return made


def _built(build: Callable[[], Any], around: Around) -> Any:
    """Build the app's middlewares, so that what its handler of all exceptions answers is split: it is around them."""
    stack = build()
    handler = getattr(stack, "handler", None)
    if handler is None:
        return stack

    async def answered(request: Request, error: Exception) -> AsgiApp:
        if inspect.iscoroutinefunction(handler):
            return around(await handler(request, error))
        return around(await run_in_threadpool(handler, request, error))

    stack.handler = answered
    return stack


def _endpoint(registration: Registration) -> Any:
    handler = registration.handler

    @functools.wraps(handler)
    async def endpoint(request: Request) -> Response:
        island = opened(request.scope)
        if island is None:
            return Response("not found\n", 404, media_type="text/plain")
        if inspect.iscoroutinefunction(handler):
            answer = await handler(request, island)
        else:
            answer = await run_in_threadpool(handler, request, island)
        return response(registration.name, answer)

    return endpoint


def _chosen(routes: Iterable[BaseRoute], scope: Any) -> Any:
    for route in routes:
        match, child = route.matches(scope)
        if match is not Match.FULL:
            continue
        below = getattr(route, "routes", None)
        return child.get("endpoint") if below is None else _chosen(below, {**scope, **child})
    return None
