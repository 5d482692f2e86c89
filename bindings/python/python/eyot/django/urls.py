"""The islands' routes, for a URLconf that names them itself: ``path("", include("eyot.django.urls"))``.

Without it the middlewares put them before the project's own routes, for island requests alone. With it, ``reverse`` and
tools that list routes know them. It goes to the root of the URLconf, before any route that takes every path.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.urls import Resolver404, URLPattern, get_resolver, include, path

from . import conf
from .site import registry
from .views import ISLAND, view

if TYPE_CHECKING:
    from django.http import HttpRequest

    from ..registry import Registration

app_name = "eyot"
urlpatterns: list[URLPattern] = []
_views: dict[str, Callable[..., Any]] = {}


def add(registration: Registration) -> None:
    """Add the route of an island."""
    _views[registration.name] = view(registration)
    urlpatterns.append(_pattern(conf.prefix(), registration.name))


def _pattern(prefix: str, name: str) -> URLPattern:
    return path(f"{prefix.strip('/')}/{name}/<token>", _views[name], name=name)


class Mounted:
    """A URLconf around another, which keeps its own routes, so that ``reverse`` and error handlers work as ever."""

    def __init__(self, base: Any, prefix: str) -> None:
        self._base = get_resolver(base)
        # Its patterns at the top level: there LocaleMiddleware looks for those with a language.
        self.urlpatterns = [
            path("", include(([_pattern(prefix, name) for name in _views], app_name))),
            *self._base.url_patterns,
        ]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._base.urlconf_module, name)


def mount(request: HttpRequest) -> None:
    """Let the request of an island find its route, whatever URLconf the project, or a middleware, has chosen."""
    base = getattr(request, "urlconf", None) or settings.ROOT_URLCONF
    if isinstance(base, Mounted) or includes(base):
        return
    request.urlconf = cast("Any", _mounted(base, conf.prefix(), len(registry)))


@lru_cache(maxsize=64)
def _mounted(base: Any, prefix: str, count: int) -> Mounted:  # noqa: ARG001 - one more island, another URLconf
    return Mounted(base, prefix)


def includes(base: Any) -> bool:
    """Tell whether a URLconf leads to the islands by itself."""
    return _includes(base, conf.prefix(), len(registry))


@lru_cache(maxsize=64)
def _includes(base: Any, prefix: str, count: int) -> bool:
    if not count:
        return False
    try:
        match = get_resolver(base).resolve(f"/{prefix.strip('/')}/{next(iter(registry))}/x")
    except Resolver404:
        return False
    return hasattr(match.func, ISLAND)
