"""The islands of one ASGI app: registers handlers, wraps the app in its two stations, and makes islands its routes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from .._eyot import Policy
from ..declared import HTML_PASS, POLICY, html_pass, policy, shell
from ..errors import ConfigError
from ..gateway import Gateway, by_the_app, check_order
from ..guards import described, guard
from .inner import InnerStation
from .outer import OuterStation, leaving

if TYPE_CHECKING:
    from typing_extensions import Never, Unpack

    from ..declared import ShellOptions
    from ..durations import Duration
    from ..registry import Registration
    from ..stations import RequestLine
    from .messages import AsgiApp, Receive, Scope, Send, StationApp
    from .router import Router

F = TypeVar("F", bound=Callable[..., Any])


class Islands(Gateway):
    """Server islands for one ASGI app.

    Keys come from ``keys`` (a ring, or the text of ``EYOT_KEYS``), from ``EYOT_KEYS``, then ``EYOT_KEYS_FILE``, in the
    environment, or are derived from ``secrets``, the current one first. ``shells`` maps patterns of paths to policies.
    ``debug`` shows faults to the visitor, as does that of a mounted app. ``audience`` and ``lang`` are called with the
    scope.
    """

    _logger = logging.getLogger("eyot.asgi")

    def _set_up(self) -> None:
        self._routers: list[Router] = []
        self._checked: set[Any] = set()
        self._has_policies = self._has_switches = False

    def island(
        self,
        name: str,
        *,
        props: Any = None,
        shared: Duration | None = None,
        deadline: Duration | None = None,
        **misspelt: Never,
    ) -> Callable[[F], F]:
        """Register the handler of the island ``name``.

        On a mounted app it is a route: in FastAPI its parameter ``island`` is the island and the others are injected as
        ever; in Starlette it gets the request and the island; in Quart the island. Without, it gets a
        :class:`~eyot.asgi.Request` and the island. It may be async; else it runs in a thread.

        It returns HTML as ``str`` or ``bytes``, a tuple of status, headers and body, or a response (an ASGI app).
        ``props`` is what props are read into; with ``shared`` caches may keep what it says for that many seconds. What
        takes longer than ``deadline`` is cancelled and answered with 503.
        """
        return self._register(name, props, shared, deadline, misspelt=misspelt)

    def shell(self, *bare: Never, **times: Unpack[ShellOptions]) -> Callable[[F], F]:
        """Give a mounted app's view a shell policy: caches keep what it answers, for ``cdn`` and ``browser`` seconds.

        ``swr`` and ``sie`` are the seconds in which a CDN may serve a stale shell, while it gets a new one or when that
        fails. The view sees no cookies unless ``cookies``. A streamed page is buffered unless ``stream``: then the
        stream is cut at its first fault. For apps that cannot be mounted on, ``Islands(shells=…)`` does the same.
        """
        self._has_policies = True
        return shell(*bare, **times)

    def html_pass(self, on: bool = True) -> Callable[[F], F]:
        """Switch the HTML pass on, or off, for what one handler, or one view of a mounted app, answers.

        With the pass off nothing is split: markup that visitors wrote cannot become an island.
        """
        self._has_switches = True
        return super().html_pass(on)

    def mount(self, app: Any) -> None:
        """Make each island, later ones too, a route of ``app``: FastAPI, Starlette, their routers, Quart, Litestar."""
        router = self._router(app)
        self._routers.append(router)
        # Its debugging is the islands' too.
        self._site.changed()
        for registration in self._registry.values():
            self._add_to(router, registration)

    def _router(self, app: Any) -> Router:
        # Each is imported only where its framework is there.
        if hasattr(app, "add_api_route"):
            from .fastapi import FastApiRouter

            return FastApiRouter(app, partial(leaving, self._site))
        if hasattr(app, "add_url_rule"):
            from .quart import QuartRouter

            return QuartRouter(app)
        if hasattr(app, "asgi_router"):
            from .litestar import LitestarRouter

            return LitestarRouter(app, self._site.options.prefix, self.endpoint)
        if hasattr(app, "routes") and hasattr(app, "add_route"):
            from .starlette import StarletteRouter

            return StarletteRouter(app, partial(leaving, self._site))
        raise ConfigError(
            f"islands cannot be mounted on {type(app).__name__}: pass the app of FastAPI, Starlette, Quart or "
            "Litestar, and wrap any other in islands.outer and islands.inner",
            "option",
        )

    def _added(self, registration: Registration) -> None:
        for router in self._routers:
            self._add_to(router, registration)

    def _add_to(self, router: Router, registration: Registration) -> None:
        if registration.handler is not by_the_app:
            router.add(self._site.options.prefix, registration)

    def __call__(self, app: AsgiApp) -> StationApp:
        """Wrap ``app`` in both stations, with nothing between them."""
        return self.outer(self.inner(app))

    def outer(self, app: AsgiApp) -> StationApp:
        """Wrap ``app`` in the outer station, which stands outside of sessions and authentication.

        Raises ``InvalidKey`` where there is no key, or none that can be used, and ``ConfigError`` for options.
        """
        _ = self._site.core
        return OuterStation(self, app)

    def inner(self, app: AsgiApp) -> StationApp:
        """Wrap ``app`` in the inner station, which stands inside of sessions and next to the app."""
        check_order(app, OuterStation, self._site)
        return InnerStation(self, app)

    @property
    def endpoint(self) -> StationApp:
        """The islands as an app, to be mounted at the prefix where a framework routes before its middleware."""
        return InnerStation(self, _not_found)

    @property
    def is_debug(self) -> bool:
        """Whether faults are shown to the visitor."""
        return super().is_debug or any(router.is_debug for router in self._routers)

    @property
    def _is_routed(self) -> bool:
        return any(router.has_routes for router in self._routers)

    def _policy(self, scope: Scope, line: RequestLine) -> Policy | None:
        """Return the policy of the route that the app will choose, decided before any header is hidden."""
        if self._has_policies and not self._routers:
            raise ConfigError(
                "a view has a policy by islands.shell, and no app is mounted, so that its routes are not known: call "
                "islands.mount(app), or pass Islands(shells={…})",
                "option",
            )
        if self._has_policies and scope["method"] in ("GET", "HEAD"):
            view = self._view({**scope, "method": "GET"}, POLICY)
            if found := policy(view):
                self._check_guard(view, found)
                return found
        return self._by_path(line)

    def _check_guard(self, view: Any, policy: Policy) -> None:
        """Name a view under a policy that needs to know its visitor, at its first request."""
        if policy.cookies or view in self._checked:
            return
        self._checked.add(view)
        found = guard(view) or next(filter(None, (router.guarded(view) for router in self._routers)), None)
        if found:
            self._checked.discard(view)
            self._site.mistake("policy-guarded", described(f"the view {view.__name__!r}", found))

    def _splits(self, scope: Scope) -> bool:
        """Tell whether the HTML that the app's view answers is split."""
        view = self._view(scope, HTML_PASS) if self._has_switches else None
        return html_pass(view, self._site.options.html_pass)

    def _view(self, scope: Scope, attribute: str) -> Any:
        """Return the view of the first router whose choice declares ``attribute``."""
        found = (router.endpoint(scope) for router in self._routers)
        return next((view for view in found if hasattr(view, attribute)), None)


async def _not_found(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI's signature
    await send({"type": "http.response.start", "status": 404, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"not found\n", "more_body": False})
