"""The decorators: ``@island`` registers a handler; ``@shell`` and ``@html_pass`` say how a view's page is treated."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, overload

from .. import declared
from ..declared import HTML_PASS, declaring
from . import urls
from .site import forget, note_policy, registry

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from django.views import View
    from typing_extensions import Never, Unpack

    from ..declared import ShellOptions
    from ..durations import Duration
    from ..island import Island

P = TypeVar("P")
H = TypeVar("H")
V = TypeVar("V", bound="View")
F = TypeVar("F", bound=Callable[..., Any])
Answer = TypeVar("Answer", bound="HttpResponseBase | Awaitable[HttpResponseBase]")

_TAKES = ("request", "island")


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
def island(
    name: str,
    *,
    props: Any = None,
    shared: Duration | None = None,
    deadline: Duration | None = None,
    **misspelt: Never,
) -> Any:
    """Register the handler of the island ``name``: a view that gets the request and the island.

    Any view will do: a function, an ``async`` one, ``View.as_view()``, with any decorator. A class-based view's class
    is taken as it is. ``props`` is what its props are read into: a dataclass, a pydantic model, or any callable that
    gets the dict; a page whose props do not fit is asked for anew. With ``shared`` caches may keep what it says for
    that many seconds; it must then be the same for everybody. An async handler that takes longer than ``deadline`` is
    cancelled, and its visitor gets 503; any other is logged.
    """

    registry.named(name, misspelt)

    def register(handler: Any) -> Any:
        as_view = getattr(handler, "as_view", None) if isinstance(handler, type) else None
        registration = registry.add(name, as_view() if as_view else handler, props, shared, deadline, _TAKES)
        urls.add(registration)
        forget()
        return handler

    return register


def shell(*misplaced: Never, **options: Unpack[ShellOptions]) -> Callable[[F], F]:
    """Give a view a shell policy: shared caches keep what it answers for the time ``cdn``, browsers for ``browser``.

    ``swr`` and ``sie`` are the times in which a CDN may serve a stale shell, while it gets a new one or when that
    fails. A time is seconds, a ``timedelta``, or a text such as ``"10m"``. The view sees no cookies unless ``cookies``:
    to it every visitor is a stranger, so that its page cannot be personal. A streamed page is buffered, so that what
    leaks and what is faulty can be found, unless ``stream``.

    It goes on a function, on a class-based view's class, on one of its methods (with ``method_decorator`` or without),
    or around a view in a URLconf: ``path("", shell(cdn=600)(ListView.as_view()))``.
    """
    note_policy()
    return declared.shell(*misplaced, **options)


def html_pass(on: bool = True) -> Callable[[F], F]:
    """Switch the HTML pass on, or off, for what one view or handler answers, whatever ``EYOT["HTML_PASS"]`` says.

    With the pass off nothing is split: markup that visitors wrote cannot become an island, and template tags work as
    ever.
    """
    return declaring(HTML_PASS, on)
