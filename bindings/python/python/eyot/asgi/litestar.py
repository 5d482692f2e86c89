"""Islands in a Litestar app: one route for all of them, inside of its middlewares, and the view that it will choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from litestar import Litestar, asgi
from litestar.exceptions import HTTPException
from litestar.utils import normalize_path

from .messages import path_below_mount
from .router import Router

if TYPE_CHECKING:
    from litestar.types import ASGIApp

    from .messages import Scope, StationApp


class LitestarRouter(Router):
    """A Litestar app, whose middlewares run only for routes that it knows."""

    # The inner station, one of the app's middlewares, calls the handlers.
    has_routes = False

    def __init__(self, app: Litestar, prefix: str, answer: StationApp) -> None:
        super().__init__(app)
        app.register(asgi(prefix, is_mount=True, copy_scope=True)(cast("ASGIApp", answer)))

    def endpoint(self, scope: Scope) -> Any:
        """Return the view that the app will choose, or ``None``."""
        path = normalize_path(path_below_mount(scope))
        try:
            _, handler, *_ = self._app.asgi_router.handle_routing(path=path, method=scope["method"])
        except HTTPException:
            return None
        # A decorator above the route's stands on the handler, one below it on the function.
        return getattr(handler, "fn", handler)
