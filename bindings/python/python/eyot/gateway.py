"""What :mod:`eyot.wsgi` and :mod:`eyot.asgi` share: options, handlers, policies, and the functions for templates."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from markupsafe import Markup, escape

from . import _eyot
from .declared import HTML_PASS, declaring, html_pass, policies
from .durations import Duration
from .errors import ConfigError
from .keys import KeySource, Places
from .prepared import Prepared
from .registry import Registration, Registry
from .site import Options, Site
from .stations import RequestLine, Station

if TYPE_CHECKING:
    from jinja2 import Environment
    from typing_extensions import Unpack

    from ._options import Options as Given
    from .declared import ShellOptions
    from .island import Island

F = TypeVar("F", bound=Callable[..., Any])

_MISSING = (
    "no key: set EYOT_KEYS or EYOT_KEYS_FILE in the environment, or pass keys=… or secrets=[…] to Islands; "
    "python -m eyot keygen prints a key"
)


_ALONE = (
    "the inner station got a request that the outer one has not seen: islands are not found and policies have no "
    "effect. Put islands.outer around the app, outside of sessions: "
    "islands.outer(SessionMiddleware(islands.inner(app)))"
)
_EXCHANGED = (
    "the stations are exchanged: islands.inner stands around islands.outer. The outer one is outside of sessions, the "
    "inner one inside: islands.outer(SessionMiddleware(islands.inner(app)))"
)
# Where middlewares keep the app that they are around.
_INSIDE = ("app", "_app", "application", "wsgi_app", "asgi_app", "_transport", "wrap_app", "wrapped_app", "wrapped")


ISLAND = "eyot.island"


def opened(request: Mapping[str, Any]) -> Island[Any] | None:
    """Open the island for its handler, which is about to be called: what comes before it is no island.

    ``None`` where no request for it has come through both stations, or its token does not open: then the outer station
    sends the refusal, whatever is answered here.
    """
    opening = request.get(ISLAND)
    island = opening() if opening else None
    return None if isinstance(island, _eyot.Sent) else island


def by_the_app(*_: object) -> None:
    """Stand for the handler of an island that the app answers by a route of its own."""


def islands_of(app: Any) -> Gateway:
    """Return the islands of an app, or of a client for tests of one, by the outer station among its layers."""
    for layer in _layers(app):
        for found in (layer, getattr(layer, "_islands", None), getattr(layer, "_routes", None)):
            islands = getattr(found, "islands", found)
            if isinstance(islands, Gateway):
                return islands
    raise ConfigError("this app has no outer station around it: wrap it in islands.outer", "outer-missing")


def check_order(app: Any, outer: type, site: Site) -> None:
    """Refuse an app for the inner station that holds the outer one."""
    if any(isinstance(layer, outer) and getattr(layer, "_site", None) is site for layer in _layers(app)):
        raise ConfigError(_EXCHANGED, "stations-exchanged")


def _layers(app: Any) -> Iterator[Any]:
    """Return an app and what it is around, as far as its layers say so; middlewares that Starlette is still to make."""
    for _ in range(50):
        if app is None:
            return
        yield app
        yield from (getattr(found.cls, "__self__", None) for found in getattr(app, "user_middleware", ()))
        app = next((found for found in (_held(app, name) for name in _INSIDE) if found is not None), None)


def _held(app: Any, name: str) -> Any:
    """Return what an object has under a name, or what a function has from around it."""
    names = getattr(getattr(app, "__code__", None), "co_freevars", ())
    return app.__closure__[names.index(name)].cell_contents if name in names else getattr(app, name, None)


class Current(NamedTuple):
    """The request that is being answered: what its page's tokens and placeholders depend on."""

    request: Mapping[str, Any]
    line: RequestLine
    state: Station
    # Whether the HTML that is answered is split.
    is_split: bool = False


class GatewaySite(Site):
    """The islands of one app behind a gateway; ``current`` is the request that this thread, or task, answers."""

    def __init__(
        self, options: Options, names: Registry, keys: KeySource, logger: logging.Logger, *, debug: Callable[[], bool]
    ) -> None:
        super().__init__(options, names, keys, logger)
        self._is_debug = debug
        self._is_alone = False
        self.current: ContextVar[Current | None] = ContextVar("eyot_current", default=None)

    @property
    def is_debug(self) -> bool:
        """Whether faults are shown to the visitor."""
        return self._is_debug()

    def splits_island(self, name: str) -> bool:
        """Tell whether the HTML that an island's handler answers is split."""
        return html_pass(self.registry[name].handler, self.options.html_pass)

    def arriving(self) -> None:
        """Do what is due when a request comes."""
        self.follow_keys()

    def check_around(self, state: Station, line: RequestLine) -> None:
        """Say, where the inner station has a request that no outer one has seen, that it is missing."""
        if state.is_around or (self._is_alone and not self.is_debug):
            return
        self._is_alone = True
        self.mistake("outer-missing", _ALONE, path=line.path)

    def audience(self, request: Mapping[str, Any]) -> str:
        """Return the string that sealing and opening must agree on."""
        return self.options.audience(request) if self.options.audience else ""

    def station(self) -> Station | None:
        """Return what the stations know of the current request."""
        current = self.current.get()
        return current.state if current else None

    def path(self) -> str:
        """Return the path of the current request, as a browser shows it; nothing outside of one."""
        current = self.current.get()
        return current.line.path if current else ""

    def context(self) -> _eyot.Context:
        """Return what the current request brings to its islands; outside of one, what there is without."""
        current = self.current.get()
        return _eyot.Context() if current is None else self.context_of(current)

    def context_of(self, current: Current) -> _eyot.Context:
        """Return what a request brings to its islands, whichever task asks."""
        lang = self.options.lang(current.request) if self.options.lang else ""
        return self._context(
            current.line, current.state, audience=self.audience(current.request), lang=lang, split=current.is_split
        )


def _paths(shells: Mapping[str, _eyot.Policy | None]) -> _eyot.Paths:
    paths = _eyot.Paths()
    for pattern, policy in shells.items():
        try:
            paths.add(pattern, policy)
        except ConfigError as error:  # noqa: PERF203 - at the start
            raise ConfigError(f"shells: {error}", error.code) from None
    return paths


class Gateway:
    """Server islands for one app: what does not depend on the gateway that it is called through."""

    _logger: logging.Logger

    def __init__(
        self,
        *,
        keys: str | _eyot.KeyRing | None = None,
        secrets: Sequence[str | bytes] = (),
        shells: Mapping[str, _eyot.Policy | ShellOptions | None] | None = None,
        **options: Unpack[Given],
    ) -> None:
        """Take options; see the guide. Keys and options are checked when the app is wrapped."""
        self._set_up()
        self._registry = Registry()
        self._paths = _paths(policies(shells, "shells")) if shells else None
        places = Places(_MISSING, given=keys, secrets=lambda: secrets, secrets_name="Islands(secrets=…)")
        self._site = GatewaySite(
            Options.read({**options}), self._registry, KeySource(places), self._logger, debug=lambda: self.is_debug
        )

    def _by_path(self, line: RequestLine) -> _eyot.Policy | None:
        """Return the policy of a page by its path."""
        if self._paths is None:
            return None
        found = self._paths.find(line.below_mount)
        if self.is_debug:
            self._paths.tell_unused(partial(self._site.log, None))
        return found

    def _set_up(self) -> None:
        """Make what one kind of gateway has beside."""

    @property
    def is_debug(self) -> bool:
        """Whether faults are shown to the visitor."""
        return bool(self._site.options.debug)

    def _register(
        self,
        name: str,
        props: Any,
        shared: Duration | None,
        deadline: Duration | None,
        takes: Sequence[str] = (),
        misspelt: Iterable[str] = (),
    ) -> Callable[[F], F]:
        self._registry.named(name, misspelt)

        def register(handler: F) -> F:
            self._added(self._registry.add(name, handler, props, shared, deadline, takes))
            self._site.changed()
            return handler

        return register

    def route(
        self, name: str, *, props: Any = None, shared: Duration | None = None, deadline: Duration | None = None
    ) -> str:
        """Register an island that the app answers by a route of its own, and return that route's path.

        What follows in a request's path is the token, one segment: the route is this path, a slash and a parameter. Its
        view gets the island by :meth:`opened`, and all else as any view of the app.
        """
        self._register(name, props, shared, deadline)(by_the_app)
        return f"{self._site.options.prefix}/{name}"

    def opened(self, request: Mapping[str, Any]) -> Island[Any] | None:
        """Return the island that a request is for, by its environ or scope, in a view of :meth:`route`.

        ``None`` where its token does not open: answer anything, the outer station sends the refusal.
        """
        return opened(request)

    def _added(self, registration: Registration) -> None:
        """Learn of a new handler."""

    def html_pass(self, on: bool = True) -> Callable[[F], F]:
        """Switch the HTML pass on, or off, for what one handler answers, whatever the option says.

        With the pass off nothing is split: markup that visitors wrote cannot become an island.
        """
        return declaring(HTML_PASS, on)

    def reload_keys(self) -> None:
        """Read the keys again. A changed ``EYOT_KEYS_FILE`` is noticed without, within a second of a request."""
        self._site.reload_keys()

    def prepare(self, page: str | bytes) -> Prepared:
        """Find the islands of a page once, to render it often: a page that is made when the app starts."""
        return Prepared(lambda: self._site, page)

    # -- for templates --

    def install(self, environment: Environment) -> None:
        """Give a Jinja environment the tag ``{% island %}``, the functions and the filter."""
        # Jinja is there where an environment is.
        from .jinja import install

        install(environment, self._site)

    def placeholder(
        self,
        name: str,
        props: Mapping[str, Any] | None = None,
        /,
        *,
        fallback: str = "",
        error: str = "",
        slots: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Markup:
        """Write a placeholder. ``fallback``, ``error`` and ``slots`` are HTML; options are those of the directive."""
        html = self._site.placeholder(name, props, fallback=fallback, error=error, slots=slots or {}, options=options)
        return Markup(html)  # noqa: S704 - core's own markup

    def attributes(self, name: str, props: Mapping[str, Any] | None = None, /, **options: Any) -> Markup:
        """Write a placeholder's attributes, for an element of the template's own."""
        return Markup(self._site.attributes(name, props, options))  # noqa: S704 - core escapes

    def url(self, name: str, props: Mapping[str, Any] | None = None, /, **options: Any) -> str:
        """Write an island's URL, for libraries that fetch fragments by themselves."""
        return self._site.url(name, props, options)

    def props(self, props: Mapping[str, Any]) -> Markup:
        """Write props as JSON for ``server:props``, safe in either kind of quotes."""
        return escape(_eyot.encode_props(props, default=self._site.default).decode())

    def loader_tags(self) -> Markup:
        """Write the tags of loader and style sheet, for pages that are not split."""
        return Markup(self._site.loader_tags())  # noqa: S704 - core's own markup
