"""The decorator that registers handlers, and the routes that lead to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, overload

from django.urls import URLPattern, path

from . import options
from .site import forget, registry
from .views import view

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from django.views import View

    from ..durations import Duration
    from ..island import Island

P = TypeVar("P")
H = TypeVar("H")
V = TypeVar("V", bound="View")
Answer = TypeVar("Answer", bound="HttpResponseBase | Awaitable[HttpResponseBase]")

_views: dict[str, Callable[..., Any]] = {}
patterns: list[URLPattern] = []
"""The routes of all islands; grows as handlers are registered."""


def patterns_below(prefix: str) -> list[URLPattern]:
    """Return the routes of the islands that are registered by now."""
    return [_pattern(prefix, name) for name in _views]


def _pattern(prefix: str, name: str) -> URLPattern:
    return path(f"{prefix.strip('/')}/{name}/<token>", _views[name], name=name)


class Register(Protocol[P]):
    """What :func:`island` returns: it takes a handler and hands it back."""

    @overload
    def __call__(self, handler: type[V], /) -> type[V]: ...
    @overload
    def __call__(
        self, handler: Callable[[HttpRequest, Island[P]], Answer], /
    ) -> Callable[[HttpRequest, Island[P]], Answer]: ...
    def __call__(self, handler: Any, /) -> Any:
        """Register ``handler``."""


class RegisterAny(Protocol):
    """What :func:`island` returns where no props type says what a handler gets."""

    def __call__(self, handler: H, /) -> H:
        """Register ``handler``."""


@overload
def island(
    name: str, *, props: None = None, shared: Duration | None = None, deadline: Duration | None = None
) -> RegisterAny: ...
@overload
def island(
    name: str,
    *,
    props: type[P] | Callable[[dict[str, Any]], P],
    shared: Duration | None = None,
    deadline: Duration | None = None,
) -> Register[P]: ...
def island(name: str, *, props: Any = None, shared: Duration | None = None, deadline: Duration | None = None) -> Any:
    """Register the handler of the island ``name``: a view that gets the request and the island.

    Any view will do: a function, an ``async`` one, ``View.as_view()``, with any decorator. A class-based view's class
    is taken as it is. ``props`` is what its props are read into: a dataclass, a pydantic model, or any callable that
    gets the dict; a page whose props do not fit is asked for anew. With ``shared`` caches may keep what it says for
    that many seconds; it must then be the same for everybody. An async handler that takes longer than ``deadline`` is
    cancelled, and its visitor gets 503; any other is logged.
    """

    registry.named(name)

    def register(handler: Any) -> Any:
        as_view = getattr(handler, "as_view", None) if isinstance(handler, type) else None
        registration = registry.add(name, as_view() if as_view else handler, props, shared, deadline)
        _views[name] = view(registration)
        patterns.append(_pattern(options.prefix(), name))
        forget()
        return handler

    return register
