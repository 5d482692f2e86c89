"""The Flask extension: registers handlers and policies, and puts the two stations into place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, overload

from flask import current_app, request_started

from .. import jinja
from .._eyot import KeyRing
from .._options import Options as Given
from ..declared import HTML_PASS, declaring, policies, shell
from ..errors import ConfigError
from ..prepared import Prepared
from ..registry import OPTIONS, Registration, Registry
from ..site import Options
from ..wsgi.outer import OuterStation
from .csrf import csrf_field
from .site import Site, logger
from .views import view

if TYPE_CHECKING:
    from flask import Blueprint, Flask
    from flask.sansio.blueprints import BlueprintSetupState
    from typing_extensions import Never, Unpack

    from .._eyot import Policy
    from ..declared import ShellOptions
    from ..durations import Duration
    from ..island import Island

F = TypeVar("F", bound=Callable[..., Any])
P = TypeVar("P")
R = TypeVar("R")


# What is read where it is needed.
_NOT_CORE_S = ("EYOT_KEYS", "EYOT_KEYS_FILE", "EYOT_SHELLS")


class Register(Protocol[P]):
    """What :meth:`Islands.island` returns: it takes a handler and hands it back."""

    def __call__(self, handler: Callable[[Island[P]], R], /) -> Callable[[Island[P]], R]:
        """Register ``handler``."""


class Islands:
    """Server islands for one app, or for each app that a factory makes.

    Options that are strings, numbers, flags or lists of strings may stand in the app's configuration too, as
    ``EYOT_PREFIX`` for ``prefix``; there they win. Keys come from the first of these that is there: the argument
    ``keys``; ``EYOT_KEYS``, then ``EYOT_KEYS_FILE``, in the app's configuration; the same two in the environment;
    ``SECRET_KEY`` with ``SECRET_KEY_FALLBACKS``.
    """

    def __init__(
        self,
        app: Flask | None = None,
        *,
        keys: str | KeyRing | None = None,
        shells: Mapping[str, Policy | ShellOptions | None] | None = None,
        **options: Unpack[Given],
    ) -> None:
        """Take options; see the guide. ``shells`` has policies by endpoint, for views of others."""
        self._shells = shells or {}
        self._options: dict[str, Any] = {"keys": keys, **options}
        self._registrations = Registry()
        self._blueprints: dict[str, Blueprint] = {}
        self._sites: list[Site] = []
        self._has_policies = False
        self._csrf_island: str | None = None
        if app is None:
            request_started.connect(self._check_app)
        else:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Put both stations, the routes and the template tags into ``app``.

        Raises ``InvalidKey`` for keys, or a ``SECRET_KEY``, that cannot be used, ``ConfigError`` for options. Where
        there is no key yet it warns in the log: a factory may set one until the first request.
        """
        if "eyot" in app.extensions:
            raise ConfigError("this app has its islands already: call init_app once for each app", "option")
        shells = policies({**self._shells, **app.config.get("EYOT_SHELLS", {})}, "SHELLS")
        site = Site(app, _options(self._options, app), self._registrations, self._has_policies, shells)
        site.check()
        app.extensions["eyot"] = site
        self._sites.append(site)
        for registration in self._registrations.values():
            self._add_routes(site, registration)
        jinja.install(app.jinja_env, site)
        if self._csrf_island:
            site.add_csrf_island(self._csrf_island)
        app.wsgi_app = OuterStation(site, site, app.wsgi_app)  # type: ignore[method-assign]

    def _check_app(self, app: Flask, **_: object) -> None:
        """Say, at the first request of the process, where these islands have no app."""
        request_started.disconnect(self._check_app)
        if self._sites or not (self._registrations or self._has_policies):
            return
        text = "these islands have no app, so that none of them is found: call islands.init_app(app), or Islands(app)"
        if app.debug:
            raise ConfigError(text, "app-not-set-up")
        logger.error("%s (app-not-set-up)", text)

    @overload
    def island(
        self,
        name: str,
        *,
        props: None = None,
        shared: Duration | None = None,
        deadline: Duration | None = None,
        blueprint: Blueprint | None = None,
    ) -> Register[dict[str, Any]]: ...
    @overload
    def island(
        self,
        name: str,
        *,
        props: type[P] | Callable[[dict[str, Any]], P],
        shared: Duration | None = None,
        deadline: Duration | None = None,
        blueprint: Blueprint | None = None,
    ) -> Register[P]: ...
    def island(
        self,
        name: str,
        *,
        props: Any = None,
        shared: Duration | None = None,
        deadline: Duration | None = None,
        blueprint: Blueprint | None = None,
        **misspelt: Never,
    ) -> Any:
        """Register the handler of the island ``name``.

        ``props`` is what its props are read into: a dataclass, a pydantic model, or any callable that gets the dict; a
        page whose props do not fit is asked for anew. With ``shared`` caches may keep what it says for that many
        seconds; it must then be the same for everybody. A handler that takes longer than ``deadline`` is logged. With
        ``blueprint`` the island is one of its views: its ``before_request`` functions, error handlers and relative
        endpoints count; its ``url_prefix`` does not.
        """

        self._registrations.named(name, misspelt, (*OPTIONS, "blueprint"))

        def register(handler: F) -> F:
            registration = self._registrations.add(name, handler, props, shared, deadline, ("island",))
            if blueprint is not None:
                self._blueprints[name] = blueprint
                blueprint.record(lambda state: self._blueprint_registered(state, registration))
            for site in self._sites:
                self._add_routes(site, registration)
                site.changed()
            return handler

        return register

    def _blueprint_registered(self, state: BlueprintSetupState, registration: Registration) -> None:
        # Sites are those of this app; one that is made later finds its blueprints noted.
        path = f"{state.name_prefix}.{state.name}".lstrip(".")
        state.app.extensions.setdefault("eyot.blueprints", {})[registration.name] = path
        for site in self._sites:
            if site.app is state.app:
                self._add_routes(site, registration)

    def _add_routes(self, site: Site, registration: Registration) -> None:
        prefix, name = site.options.prefix, registration.name
        endpoint = f"eyot.{name}"
        if name in self._blueprints:
            path = site.app.extensions.get("eyot.blueprints", {}).get(name)
            if path is None:
                return
            endpoint = f"{path}.eyot_{name}"
        function = view(site, registration)
        site.app.add_url_rule(f"{prefix}/{name}/<token>", endpoint, function, provide_automatic_options=False)
        site.endpoints.append(endpoint)

    def csrf_island(self, name: str = "CsrfField") -> None:
        """Register the island of Flask-WTF's hidden CSRF field, for forms on pages that caches keep.

        Templates get the function ``csrf_island()``, which writes its placeholder.
        """
        self._csrf_island = name
        self.island(name)(csrf_field)
        for site in self._sites:
            site.add_csrf_island(name)

    def html_pass(self, on: bool = True) -> Callable[[F], F]:
        """Switch the HTML pass on, or off, for what one view or handler answers, whatever the app's option says.

        With the pass off nothing is split: markup that visitors wrote cannot become an island, and template tags work
        as ever.
        """
        return declaring(HTML_PASS, on)

    def prepare(self, page: str | bytes) -> Prepared:
        """Find the islands of a page once, to render it often: a page that is made when the app starts."""
        return Prepared(lambda: current_app.extensions["eyot"], page)

    def reload_keys(self) -> None:
        """Read the keys again, from where they were read: ``EYOT_KEYS_FILE``, above all.

        A changed file is noticed by itself, within a second of the next request.
        """
        for site in self._sites:
            site.reload_keys()

    def shell(self, *bare: Never, **times: Unpack[ShellOptions]) -> Callable[[F], F]:
        """Give a view a shell policy: caches keep what it answers, for ``cdn`` and ``browser`` seconds.

        ``swr`` and ``sie`` are the seconds in which a CDN may serve a stale shell, while it gets a new one or when that
        fails. The view sees no cookies unless ``cookies``, so that its page cannot be personal. A streamed page is
        buffered, so that what leaks and what is faulty can be found, unless ``stream``: then the stream raises at the
        first fault, so that the server cuts the connection and no cache keeps the page.
        """
        self._has_policies = True
        for site in self._sites:
            site.has_policies = True
        return shell(*bare, **times)


def _options(given: dict[str, Any], app: Flask) -> Options:
    prefix = "EYOT_"
    configured = {
        name.removeprefix(prefix).lower(): value
        for name, value in app.config.items()
        if name.startswith(prefix) and name not in _NOT_CORE_S and value is not None
    }
    return Options.read({**given, **configured})
