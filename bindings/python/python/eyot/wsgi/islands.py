"""The islands of one WSGI app: registers handlers and wraps the app in its two stations."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, overload

from ..gateway import Gateway, check_order
from .inner import InnerStation
from .outer import OuterStation

if TYPE_CHECKING:
    from typing_extensions import Never

    from .._eyot import Policy
    from ..durations import Duration
    from ..island import Island
    from ..stations import RequestLine
    from .calling import WsgiApp
    from .environ import Environ
    from .request import Request

P = TypeVar("P")
R = TypeVar("R")


class Register(Protocol[P]):
    """What :meth:`Islands.island` returns: it takes a handler and hands it back."""

    def __call__(self, handler: Callable[[Request, Island[P]], R], /) -> Callable[[Request, Island[P]], R]:
        """Register ``handler``."""


class Islands(Gateway):
    """Server islands for one WSGI app.

    Keys come from ``keys`` (a ring, or the text of ``EYOT_KEYS``), from ``EYOT_KEYS``, then ``EYOT_KEYS_FILE``, in the
    environment, or are derived from ``secrets``, the current one first. ``shells`` maps patterns of paths to policies.
    ``debug`` shows faults to the visitor. ``audience`` and ``lang`` are called with the environ.
    """

    _logger = logging.getLogger("eyot.wsgi")

    @overload
    def island(
        self, name: str, *, props: None = None, shared: Duration | None = None, deadline: Duration | None = None
    ) -> Register[dict[str, Any]]: ...
    @overload
    def island(
        self,
        name: str,
        *,
        props: type[P] | Callable[[dict[str, Any]], P],
        shared: Duration | None = None,
        deadline: Duration | None = None,
    ) -> Register[P]: ...
    def island(
        self,
        name: str,
        *,
        props: Any = None,
        shared: Duration | None = None,
        deadline: Duration | None = None,
        **misspelt: Never,
    ) -> Any:
        """Register the handler of the island ``name``: it gets a :class:`Request` and the island.

        It returns HTML as ``str`` or ``bytes``, a tuple of status, headers and body, or a WSGI app (most frameworks'
        responses are one). ``props`` is what props are read into; with ``shared`` caches may keep what it says for that
        many seconds. A handler that takes longer than ``deadline`` is logged.
        """
        return self._register(name, props, shared, deadline, ("request", "island"), misspelt)

    def __call__(self, app: WsgiApp) -> WsgiApp:
        """Wrap ``app`` in both stations, with nothing between them."""
        return self.outer(self.inner(app))

    def outer(self, app: WsgiApp) -> WsgiApp:
        """Wrap ``app`` in the outer station, which stands outside of sessions and authentication.

        Raises ``InvalidKey`` where there is no key, or none that can be used, and ``ConfigError`` for options.
        """
        _ = self._site.core
        return OuterStation(self._site, _Routes(self), app)

    def inner(self, app: WsgiApp) -> WsgiApp:
        """Wrap ``app`` in the inner station, which stands inside of sessions and next to the app."""
        check_order(app, OuterStation, self._site)
        return InnerStation(self._site, app, is_debug=self.is_debug)


class _Routes:
    """What the outer station asks of the islands."""

    def __init__(self, islands: Islands) -> None:
        self.islands = islands
        self.arriving = islands._site.follow_keys

    def policy(self, environ: Environ, line: RequestLine) -> Policy | None:  # noqa: ARG002 - other hosts'
        """Return the policy whose pattern fits the path below the mount point best."""
        return self.islands._by_path(line) if self.islands._paths else None
