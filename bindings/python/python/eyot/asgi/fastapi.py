"""Islands as path operations of a FastAPI app, so that whatever can be injected can be injected into handlers."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any

import fastapi.routing
from fastapi import Depends, HTTPException, Request
from fastapi.security.base import SecurityBase
from starlette.responses import HTMLResponse, Response

from ..errors import ConfigError
from ..gateway import opened
from .starlette import StarletteRouter, path, response

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from ..registry import Registration

_PARAMETER = "island"


class FastApiRouter(StarletteRouter):
    """A FastAPI app, or an ``APIRouter`` that is included without a prefix."""

    def add(self, prefix: str, registration: Registration) -> None:
        """Make an island a path operation, which is no part of the API's schema."""
        self._app.add_api_route(
            path(prefix, registration),
            _operation(registration),
            methods=["GET", "HEAD"],
            name=f"eyot.{registration.name}",
            response_class=HTMLResponse,
            response_model=None,
            include_in_schema=False,
            # Whether its handler takes the island or not.
            dependencies=[Depends(_opened)],
        )

    def routes(self) -> Iterable[BaseRoute]:
        """Return the app's routes, those of included routers too."""
        # Newer versions include routers without a copy of their routes.
        contexts = getattr(fastapi.routing, "iter_route_contexts", None)
        return super().routes() if contexts is None else contexts(super().routes())

    def guarded(self, view: Any) -> str | None:
        """Return the security scheme among a path operation's dependencies, if one is there."""
        for route in self.routes():
            found = _scheme(getattr(route, "dependant", None)) if getattr(route, "endpoint", None) is view else None
            if found:
                return f"the security scheme {found} among its dependencies"
        return None


def _scheme(dependant: Any) -> str | None:
    for found in getattr(dependant, "dependencies", ()):
        if isinstance(found.call, SecurityBase):
            return type(found.call).__name__
        if deeper := _scheme(found):
            return deeper
    return None


async def _opened(request: Request) -> Any:
    # Not by FastAPI's threads, which would take longer to wake than a token to open.
    island = opened(request.scope)
    if island is None:
        raise HTTPException(404)
    return island


def _operation(registration: Registration) -> Callable[..., Any]:
    """Make the operation of a handler: its parameters, but for the island, are FastAPI's business."""
    handler, name = registration.handler, registration.name

    async def awaited(**injected: Any) -> Response:
        return response(name, await handler(**injected))

    def called(**injected: Any) -> Response:
        return response(name, handler(**injected))

    # FastAPI runs what is not async in a thread.
    operation: Any = awaited if inspect.iscoroutinefunction(handler) else called
    operation.__signature__ = inspect.Signature(_parameters(name, handler))
    operation.__name__ = getattr(handler, "__name__", name)
    operation.__module__ = getattr(handler, "__module__", __name__)
    operation.__doc__ = handler.__doc__
    made: Callable[..., Any] = operation
    return made


def _parameters(name: str, handler: Callable[..., Any]) -> list[inspect.Parameter]:
    try:
        # Not by typing.get_type_hints: before Python 3.11 it hides an Annotated whose default is None.
        found = inspect.signature(handler, eval_str=True).parameters
    except NameError as error:
        raise ConfigError(
            f"the handler of the island {name!r}: {error}: what its annotations name must be in its module, as in any "
            "path operation, not in a function or under TYPE_CHECKING",
            "option",
        ) from None
    for key, parameter in found.items():
        if key != _PARAMETER and parameter.annotation is parameter.empty and parameter.default is parameter.empty:
            raise ConfigError(
                f"the handler of the island {name!r} has a parameter {key!r} without a type, which FastAPI takes for a "
                f"part of the query: write {key}: Request, or Annotated[…, Depends(…)]; the island comes as 'island'",
                "option",
            )
    island = Annotated[Any, Depends(_opened)]
    return [
        parameter.replace(
            kind=inspect.Parameter.KEYWORD_ONLY, annotation=island if key == _PARAMETER else parameter.annotation
        )
        for key, parameter in found.items()
    ]
