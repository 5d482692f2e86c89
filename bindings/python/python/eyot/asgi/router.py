"""What eyot asks of a framework's app that islands are mounted on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..registry import Registration
    from .messages import Scope


class Router:
    """A framework's app."""

    # Whether each island is a route, whose handler the framework calls.
    has_routes = True

    def __init__(self, app: Any) -> None:
        self._app = app

    @property
    def is_debug(self) -> bool:
        """Whether the app shows faults to its visitors."""
        return bool(getattr(self._app, "debug", False))

    def add(self, prefix: str, registration: Registration) -> None:
        """Make an island a route, where each of them is one."""

    def endpoint(self, scope: Scope) -> Any:
        """Return the view that the app will choose, or ``None``."""
        raise NotImplementedError

    def guarded(self, view: Any) -> str | None:  # noqa: ARG002 - for those that know
        """Return what guards a view, beside its decorators."""
        return None
