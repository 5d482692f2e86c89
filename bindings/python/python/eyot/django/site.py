"""The project's islands: options and keys from its settings, policies by view, and the current request's context."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.conf.urls.i18n import is_language_prefix_patterns_used
from django.core.exceptions import ImproperlyConfigured
from django.urls import Resolver404, get_resolver
from django.utils import translation

from .. import _eyot, site
from ..declared import html_pass, policy
from ..errors import InvalidKey
from ..keys import KeySource, Places
from ..registry import Registry
from . import conf
from .requests import request_line, station
from .signals import island_event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

    from ..stations import Station

logger = logging.getLogger("eyot.django")
registry = Registry()
_current: ContextVar[HttpRequest | None] = ContextVar("eyot_request", default=None)

_MISSING = (
    "no key: set SECRET_KEY, or EYOT_KEYS or EYOT_KEYS_FILE in the environment, or 'KEYS' or 'KEYS_FILE' in "
    "settings.EYOT; manage.py eyot_key prints a key"
)
_INSECURE = "django-insecure-"


# The attribute of a resolver with the policies of paths that were asked for, and whose they are: Django makes a new
# resolver when its URLs change. To find a view takes some twenty microseconds, and Django does it once more.
_POLICIES = "_eyot_policies"
_MOST = 1000
# A project without policies need not look for one at each request.
_has_policies: list[bool] = []


def note_policy() -> None:
    """Note that a view has a policy."""
    _has_policies[:] = [True]


class Site(site.Site):
    """The islands of the project. Also what its templates call."""

    def __init__(self) -> None:
        read = conf.read()
        super().__init__(read.options, registry, key_source(read), logger)
        self.csrf_island = read.csrf_island
        self.shells = read.shells

    @property
    def is_debug(self) -> bool:
        """Whether faults are shown to the visitor."""
        return bool(settings.DEBUG if self.options.debug is None else self.options.debug)

    def check(self) -> None:
        """Refuse keys and options that cannot be used, before there is a visitor."""
        self._configured()
        # Decorators say which views have a policy when the modules with the views are loaded.
        _ = get_resolver().url_patterns

    def policy(self, request: HttpRequest) -> _eyot.Policy | None:
        """Return the shell policy of the view that Django will choose."""
        if request.method not in ("GET", "HEAD") or not (self.shells or _has_policies):
            return None
        urlconf, path = getattr(request, "urlconf", settings.ROOT_URLCONF), request.path_info
        resolver = get_resolver(urlconf)
        whose, known = vars(resolver).get(_POLICIES) or (None, dict[str, "_eyot.Policy | None"]())
        if whose is not self:
            setattr(resolver, _POLICIES, (self, known := {}))
        elif path in known:
            return known[path]
        with _language_of_path(urlconf, path):
            try:
                match = resolver.resolve(path)
            except Resolver404:
                # Not kept: a converter may ask a database.
                return None
        if len(known) >= _MOST:
            known.clear()
        found = known[path] = self.policy_of(match.func, match.view_name)
        return found

    def policy_of(self, view: Any, name: str) -> _eyot.Policy | None:
        """Return the shell policy of a view: what the settings say counts, since it may be another app's."""
        return self.shells[name] if name in self.shells else policy(view)

    def splits(self, request: HttpRequest) -> bool:
        """Tell whether the HTML that a request's view answers is split."""
        match = request.resolver_match
        return html_pass(match.func if match else None, self.options.html_pass)

    def audience(self, request: HttpRequest | None) -> str:
        """Return the string that sealing and opening must agree on."""
        return self.options.audience(request) if self.options.audience else ""

    def _listeners(self, state: Station | None) -> Iterator[Callable[[_eyot.Event], object]]:
        """Return who is told of events, the signal's receivers among them."""
        yield from super()._listeners(state)
        request = state and _current.get()
        yield lambda event: island_event.send(type(self), request=request, event=event)

    @property
    def seals_outside(self) -> bool:
        """Whether tokens can be made at the outer station: Django's own language is not in them there."""
        return self.options.audience is None and self.options.lang in (None, conf.lang)

    def station(self) -> Station | None:
        """Return what the stations know of the current request."""
        request = _current.get()
        return station(request) if request else None

    def path(self) -> str:
        """Return the path of the current request, as a browser shows it; nothing outside of one."""
        request = _current.get()
        return request_line(request).path if request else ""

    def warn(self, code: str, text: str, *, island: str | None = None) -> None:
        """Log what the developer of the current request's page should know."""
        self.log(self.station(), _eyot.Event(logging.WARNING, code, text, path=self.path(), island=island))

    def context(self) -> _eyot.Context:
        """Return what the current request brings to its islands."""
        request = _current.get()
        if request is None:
            return _eyot.Context(mount=script_name(), audience=self.audience(None))
        return self._context(
            request_line(request),
            station(request),
            audience=self.audience(request),
            lang=self.options.lang() if self.options.lang else "",
            split=station(request).is_inside and self.splits(request),
        )


def key_source(read: conf.DjangoOptions) -> KeySource:
    """Return where keys are looked for: ``settings.EYOT``, the environment, Django's secrets."""
    given: Mapping[str, Any] = {"EYOT_KEYS": read.options.keys, "EYOT_KEYS_FILE": read.keys_file}
    return KeySource(
        Places(
            _MISSING,
            settings=(("settings.EYOT", given), ("the environment", os.environ)),
            secrets=_secrets,
            secrets_name="SECRET_KEY with SECRET_KEY_FALLBACKS",
        )
    )


def _secrets() -> Sequence[str | bytes]:
    try:
        secrets: list[str | bytes] = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    except ImproperlyConfigured:
        # So Django says that it is empty.
        return []
    if not _is_developing() and any(str(secret).startswith(_INSECURE) for secret in secrets):
        raise InvalidKey(
            f"SECRET_KEY, or one of SECRET_KEY_FALLBACKS, begins with {_INSECURE!r}: it is the one that startproject "
            "wrote, and may be public. Set a secret of your own, or EYOT_KEYS; manage.py eyot_key prints a key",
            "secret-weak",
        )
    return secrets


_noted: list[bool] = []


def note_debug() -> None:
    """Note whether the settings debug: test runners switch that off later, and still run on a developer's secret."""
    _noted[:] = [settings.DEBUG]


def _is_developing() -> bool:
    return bool(settings.DEBUG) or any(_noted)


class _Sites:
    @cached_property
    def site(self) -> Site:
        return Site()


_sites = _Sites()


def get_site() -> Site:
    """Return the project's islands; raises ``ConfigError`` for options that cannot be used."""
    return _sites.site


def forget() -> None:
    """Read the settings again when the islands are next asked for."""
    vars(_sites).clear()


def forget_after(*, setting: str, **_: object) -> None:
    """Forget what was read, where a test has overridden something that it depends on."""
    if setting in ("EYOT", "SECRET_KEY", "SECRET_KEY_FALLBACKS", "ROOT_URLCONF", "USE_I18N", "DEBUG"):
        forget()


def enter(request: HttpRequest) -> None:
    """Make ``request`` the current one of this thread or task, until the next, or :func:`leave`."""
    _current.set(request)


def leave(**_: object) -> None:
    """End the current request: its response is closed."""
    _current.set(None)


@contextmanager
def using(request: HttpRequest | None) -> Iterator[None]:
    """Let ``request`` be the current one, where a template knows it."""
    if request is None:
        yield
        return
    token = _current.set(request)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def _language_of_path(urlconf: Any, path: str) -> Iterator[None]:
    """Activate what ``LocaleMiddleware`` will: patterns with a language match in their own language alone."""
    if not settings.USE_I18N or not is_language_prefix_patterns_used(urlconf)[0]:
        yield
        return
    with translation.override(translation.get_language_from_path(path) or settings.LANGUAGE_CODE):
        yield


def script_name() -> str:
    """Return the mount point, as far as it is known outside of a request."""
    return (settings.FORCE_SCRIPT_NAME or "").rstrip("/")
