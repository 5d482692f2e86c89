"""Islands as routes of a Quart app: handlers have its request, session and templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from quart import abort, request
from werkzeug.exceptions import HTTPException

from ..gateway import opened
from ..registry import check_call
from .messages import path_below_mount
from .router import Router

if TYPE_CHECKING:
    from quart.typing import ResponseReturnValue

    from ..registry import Registration
    from .messages import Scope


class QuartRouter(Router):
    """A Quart app."""

    def add(self, prefix: str, registration: Registration) -> None:
        """Make an island a route."""
        name = registration.name
        check_call(name, registration.handler, ("island",))

        async def view(token: str | None = None) -> ResponseReturnValue:  # noqa: ARG001 - the raw path counts
            island = opened(cast("Scope", request.scope))
            if island is None:
                abort(404)
            answer: ResponseReturnValue = await self._app.ensure_async(registration.handler)(island)
            return answer

        self._app.add_url_rule(f"{prefix}/{name}/<token>", f"eyot.{name}", view, provide_automatic_options=False)

    def endpoint(self, scope: Scope) -> Any:
        """Return the view that the app will choose, or ``None``."""
        try:
            endpoint, _ = self._app.url_map.bind("localhost").match(path_below_mount(scope), scope["method"])
        except HTTPException:
            return None
        view: Any = self._app.view_functions.get(endpoint)
        # A decorator on a class-based view's class, or in its list of decorators.
        return getattr(view, "view_class", view)
