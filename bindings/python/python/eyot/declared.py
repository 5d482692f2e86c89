"""What decorators declare of a view: its shell policy, and whether its HTML is split."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

from ._eyot import Policy
from .durations import Duration
from .errors import ConfigError

if TYPE_CHECKING:
    from typing_extensions import Never, Unpack

F = TypeVar("F", bound=Callable[..., Any])

POLICY = "__eyot_policy__"
HTML_PASS = "__eyot_html_pass__"


class _Required(TypedDict):
    cdn: Duration


class ShellOptions(_Required, total=False):
    """The arguments of a shell policy, by name."""

    browser: Duration
    swr: Duration
    sie: Duration
    cookies: bool
    stream: bool


def shell(*bare: Never, **times: Unpack[ShellOptions]) -> Callable[[F], F]:
    """Give a view a shell policy; ``bare`` is what stands there when the parentheses are forgotten."""
    return declaring(POLICY, Policy(*bare, **times))


def policies(given: Mapping[str, Any], where: str) -> dict[str, Policy | None]:
    """Read the policies of views by their names: a policy, or a dict of what one takes; ``None`` excepts a view."""
    if not isinstance(given, Mapping):
        raise ConfigError(f"{where} is {type(given).__name__} instead of a dict of policies by name", "option")
    return {name: _policy(times, f"{where}[{name!r}]") for name, times in given.items()}


def _policy(times: Any, where: str) -> Policy | None:
    if times is None or isinstance(times, Policy):
        return times
    if not isinstance(times, Mapping):
        raise ConfigError(f"{where} is {type(times).__name__}: it is a dict with the arguments of @shell", "option")
    try:
        return Policy(**times)
    except (TypeError, ConfigError) as error:
        raise ConfigError(f"{where}: {error}", "option") from error


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
