"""The Flask extension: registers handlers and policies, and puts the two stations into place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, overload

from .. import jinja
from .._eyot import KeyRing, Policy
from ..errors import ConfigError
from ..props import reader
from .outer import POLICY_ATTRIBUTE, OuterStation
from .site import Options, Site
from .views import Registration, view

if TYPE_CHECKING:
    from flask import Flask

    from ..island import Island
    from .refusals import OnRefusal

F = TypeVar("F", bound=Callable[..., Any])
P = TypeVar("P")
R = TypeVar("R")


class Register(Protocol[P]):
    """What :meth:`Islands.island` returns: it takes a handler and hands it back."""

    def __call__(self, handler: Callable[[Island[P]], R], /) -> Callable[[Island[P]], R]:
        """Register ``handler``."""


class Islands:
    """Server islands for one app, or for each app that a factory makes.

    Options are keyword arguments here, or ``EYOT_…`` in the app's configuration, which wins: ``EYOT_KEYS``,
    ``EYOT_KEYS_FILE``, ``EYOT_PREFIX``, ``EYOT_ORIGIN``, ``EYOT_ALLOWED_ORIGINS``, ``EYOT_ELSEWHERE``,
    ``EYOT_LOGIN_URL``, ``EYOT_LOCATIONS``, ``EYOT_URL_LIMIT``.
    """

    def __init__(
        self,
        app: Flask | None = None,
        *,
        keys: str | KeyRing | None = None,
        elsewhere: Iterable[str] = (),
        prefix: str = "/_server-islands",
        origin: str | None = None,
        allowed_origins: Iterable[str] = (),
        login_url: str | None = None,
        locations: Iterable[str] = (),
        url_limit: int = 2000,
        default: Callable[[Any], Any] | None = None,
        audience: Callable[[], str] | None = None,
        lang: Callable[[], str] | None = None,
        on_refusal: OnRefusal | None = None,
    ) -> None:
        self._options: dict[str, Any] = {
            "keys": keys,
            "elsewhere": tuple(elsewhere),
            "prefix": prefix,
            "origin": origin,
            "allowed_origins": tuple(allowed_origins),
            "login_url": login_url,
            "locations": tuple(locations),
            "url_limit": url_limit,
            "default": default,
            "audience": audience,
            "lang": lang,
            "on_refusal": on_refusal,
        }
        self._registrations: dict[str, Registration] = {}
        self._sites: list[Site] = []
        self._has_policies = False
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Put both stations, the routes and the template tags into ``app``."""
        if "eyot" in app.extensions:
            raise ConfigError("this app has its islands already: call init_app once for each app", "option")
        site = Site(app, _options(self._options, app), self._registrations, self._has_policies)
        app.extensions["eyot"] = site
        self._sites.append(site)
        for registration in self._registrations.values():
            _add_routes(site, registration)
        jinja.install(app.jinja_env, site)
        app.wsgi_app = OuterStation(site, app.wsgi_app)  # type: ignore[method-assign]

    @overload
    def island(self, name: str, *, props: None = None, shared: int | None = None) -> Register[dict[str, Any]]: ...
    @overload
    def island(self, name: str, *, props: type[P], shared: int | None = None) -> Register[P]: ...
    @overload
    def island(self, name: str, *, props: Callable[[dict[str, Any]], P], shared: int | None = None) -> Register[P]: ...
    def island(self, name: str, *, props: Any = None, shared: int | None = None) -> Any:
        """Register the handler of the island ``name``.

        ``props`` is what its props are read into: a dataclass, a pydantic model, or any callable that gets the dict; a
        prop that does not fit is a 400. With ``shared`` caches may keep what it says for that many seconds; it must
        then be the same for everybody.
        """

        def register(handler: F) -> F:
            if name in self._registrations:
                raise ConfigError(f"the island {name!r} has a handler already: remove one of the two", "name-twice")
            registration = Registration(name, handler, reader(props), shared)
            self._registrations[name] = registration
            for site in self._sites:
                _add_routes(site, registration)
                site.changed()
            return handler

        return register

    def reload_keys(self) -> None:
        """Read the keys again, from where they were read: ``EYOT_KEYS_FILE``, above all.

        A changed file is noticed by itself, within a second of the next request.
        """
        for site in self._sites:
            site.reload_keys()

    def shell(
        self, *, cdn: int, browser: int = 0, swr: int = 0, sie: int = 0, cookies: bool = False, stream: bool = False
    ) -> Callable[[F], F]:
        """Give a view a shell policy: caches keep what it answers, for ``cdn`` and ``browser`` seconds.

        ``swr`` and ``sie`` are the seconds in which a CDN may serve a stale shell, while it gets a new one or when that
        fails. The view sees no cookies unless ``cookies``, so that its page cannot be personal. A streamed page is
        buffered, so that what leaks and what is faulty can be found, unless ``stream``: then the stream raises at the
        first fault, so that the server cuts the connection and no cache keeps the page.
        """
        policy = Policy(cdn=cdn, browser=browser, swr=swr, sie=sie, cookies=cookies, stream=stream)

        def attach(decorated: F) -> F:
            # functools.wraps copies it to whatever decorates the view further.
            setattr(decorated, POLICY_ATTRIBUTE, policy)
            self._has_policies = True
            for site in self._sites:
                site.has_policies = True
            return decorated

        return attach


def _options(given: dict[str, Any], app: Flask) -> Options:
    options = dict(given)
    for option in ("prefix", "origin", "allowed_origins", "elsewhere", "login_url", "locations", "url_limit"):
        value = app.config.get(f"EYOT_{option.upper()}")
        if value is not None:
            options[option] = tuple(value) if isinstance(value, list) else value
    return Options(**options)


def _add_routes(site: Site, registration: Registration) -> None:
    prefix, name = site.options.prefix, registration.name
    routes = [(f"{prefix}/{name}/<token>", "GET"), (f"{prefix}/{name}", "POST")]
    function = view(site, registration)
    for rule, method in routes:
        site.app.add_url_rule(rule, f"eyot.{name}", function, provide_automatic_options=False, methods=[method])
