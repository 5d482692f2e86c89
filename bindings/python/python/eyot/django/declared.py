"""What decorators declare of a view: its shell policy, and whether its HTML is split."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from .._eyot import Policy
from ..durations import Duration

POLICY = "__eyot_policy__"
HTML_PASS = "__eyot_html_pass__"

_used: list[str] = []

F = TypeVar("F", bound=Callable[..., Any])


def shell(
    *,
    cdn: Duration,
    browser: Duration = 0,
    swr: Duration = 0,
    sie: Duration = 0,
    cookies: bool = False,
    stream: bool = False,
) -> Callable[[F], F]:
    """Give a view a shell policy: caches keep what it answers, for ``cdn`` and ``browser`` seconds.

    ``swr`` and ``sie`` are the seconds in which a CDN may serve a stale shell, while it gets a new one or when that
    fails. The view sees no cookies unless ``cookies``: to it every visitor is a stranger, so that its page cannot be
    personal. A streamed page is buffered, so that what leaks and what is faulty can be found, unless ``stream``.

    It goes on a function, on a class-based view's class, on one of its methods (with ``method_decorator`` or without),
    or around a view in a URLconf: ``path("", shell(cdn=600)(ListView.as_view()))``.
    """
    _used.append(POLICY)
    return _attaching(POLICY, Policy(cdn=cdn, browser=browser, swr=swr, sie=sie, cookies=cookies, stream=stream))


def html_pass(on: bool = True) -> Callable[[F], F]:
    """Switch the HTML pass on, or off, for what one view or handler answers, whatever ``EYOT["HTML_PASS"]`` says.

    With the pass off nothing is split: markup that visitors wrote cannot become an island, and template tags work as
    ever.
    """
    return _attaching(HTML_PASS, on)


def _attaching(attribute: str, value: object) -> Callable[[F], F]:
    def attach(decorated: F) -> F:
        # functools.wraps copies it to whatever decorates the view further; as_view() copies it from dispatch.
        setattr(decorated, attribute, value)
        return decorated

    return attach


def has_policies() -> bool:
    """Tell whether any view has a policy, so that a project without one need not look for it at each request."""
    return bool(_used)


def policy(view: Any) -> Policy | None:
    """Return the shell policy of a view."""
    found = _declared(view, POLICY)
    return found if isinstance(found, Policy) else None


def passes_html(view: Any) -> bool | None:
    """Tell whether the HTML pass was switched on or off for a view."""
    found = _declared(view, HTML_PASS)
    return found if isinstance(found, bool) else None


def _declared(view: Any, attribute: str) -> Any:
    on_view = getattr(view, attribute, None)
    if on_view is not None:
        return on_view
    view_class = getattr(view, "view_class", None)
    on_class = getattr(view_class, attribute, None)
    return on_class if on_class is not None else getattr(getattr(view_class, "get", None), attribute, None)
