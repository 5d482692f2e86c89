"""What decorators declare of a view: its shell policy, and whether its HTML is split."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

from ._eyot import Policy, nearest
from .errors import ConfigError

if TYPE_CHECKING:
    from typing_extensions import Required

    from .durations import Duration

F = TypeVar("F", bound=Callable[..., Any])

POLICY = "__eyot_policy__"
HTML_PASS = "__eyot_html_pass__"


class ShellOptions(TypedDict, total=False):
    """The arguments of ``@shell``: times for which caches keep a page, and what shapes it."""

    cdn: Required[Duration]
    browser: Duration
    swr: Duration
    sie: Duration
    cookies: bool
    stream: bool


_SHELL = ("cdn", "browser", "swr", "sie", "cookies", "stream")


def shell_policy(misplaced: tuple[Any, ...], given: Mapping[str, Any]) -> Policy:
    """Make the policy that a decorator was given; a ``ConfigError`` says what is wrong with the way it is written."""
    if misplaced:
        view = getattr(misplaced[0], "__name__", repr(misplaced[0]))
        raise _wrong(f"@shell has no arguments in parentheses before {view}: write @shell(cdn=600), times by name")
    for name in given:
        if name not in _SHELL:
            near = nearest(name, _SHELL)
            meant = f"{near!r} is meant" if near else f"there are {', '.join(_SHELL)}"
            raise _wrong(f"a shell policy has no {name!r}: {meant}")
    if "cdn" not in given:
        raise _wrong(
            "a shell policy needs 'cdn', the time that shared caches keep the page, such as @shell(cdn=\"10m\")"
        )
    try:
        return Policy(**given)
    except TypeError as error:
        raise _wrong(f"a shell policy: {error}") from None


def _wrong(text: str) -> ConfigError:
    return ConfigError(text, "option")


def declaring(attribute: str, value: object) -> Callable[[F], F]:
    """Return a decorator that notes ``value`` on a view or handler, or on its class."""

    def attach(decorated: F) -> F:
        # functools.wraps copies it to whatever decorates the view further; as_view() copies it from dispatch.
        setattr(decorated, attribute, value)
        return decorated

    return attach


def policy(view: Any) -> Policy | None:
    """Return the shell policy of a view."""
    found = _declared(view, POLICY)
    return found if isinstance(found, Policy) else None


def html_pass(view: Any, otherwise: bool) -> bool:
    """Tell whether the HTML of a view, or of a handler, is split."""
    found = _declared(view, HTML_PASS)
    return found if isinstance(found, bool) else otherwise


def _declared(view: Any, attribute: str) -> Any:
    on_view = getattr(view, attribute, None)
    if on_view is not None:
        return on_view
    # On a class-based view's class, in its list of decorators, or on one of its methods.
    view_class = getattr(view, "view_class", None)
    on_class = getattr(view_class, attribute, None)
    return on_class if on_class is not None else getattr(getattr(view_class, "get", None), attribute, None)
