"""What decorators declare of a view: its shell policy, and whether its HTML is split."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from .._eyot import Policy
from ..declared import HTML_PASS, POLICY, declaring
from ..durations import Duration

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
    return declaring(POLICY, Policy(cdn=cdn, browser=browser, swr=swr, sie=sie, cookies=cookies, stream=stream))


def html_pass(on: bool = True) -> Callable[[F], F]:
    """Switch the HTML pass on, or off, for what one view or handler answers, whatever ``EYOT["HTML_PASS"]`` says.

    With the pass off nothing is split: markup that visitors wrote cannot become an island, and template tags work as
    ever.
    """
    return declaring(HTML_PASS, on)


def has_policies() -> bool:
    """Tell whether any view has a policy, so that a project without one need not look for it at each request."""
    return bool(_used)
