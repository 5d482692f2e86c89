"""The handlers of one app's islands, by name, and the opening of an island for its handler."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import _eyot
from . import island as opened_island
from ._eyot import Sent
from .durations import Duration
from .errors import ConfigError, PropsError
from .props import Reader, reader

if TYPE_CHECKING:
    from ._eyot import Exchange
    from .island import Island


# What the decorator of an island takes beside its name.
OPTIONS = ("props", "shared", "deadline")


@dataclass(frozen=True, slots=True)
class Registration:
    """A handler as it was registered."""

    name: str
    handler: Callable[..., Any]
    reader: Reader
    shared: int | None
    # Seconds; None where the app's own count.
    deadline: int | None = None

    def open(self, exchange: Exchange, audience: str) -> Island[Any] | Sent:
        """Open the island that was asked for, or return the inner station's answer: the outer one sends its own."""
        opened = exchange.open(audience)
        if isinstance(opened, Sent):
            return opened
        try:
            return opened_island.read(opened, self.reader)
        except PropsError as error:
            return exchange.misfit(str(error))


class Registry(dict[str, Registration]):
    """The registered handlers; each name once."""

    @staticmethod
    def named(name: object, misspelt: Iterable[str] = (), known: Sequence[str] = OPTIONS) -> None:
        """Refuse what stands where an island's name should, above all a handler, by ``@island`` without parentheses.

        ``misspelt`` are arguments that the decorator does not have.
        """
        for option in misspelt:
            near = _eyot.nearest(option, known)
            meant = f"{near!r} is meant" if near else f"there are {', '.join(known)}"
            raise ConfigError(f"the decorator of the island {name!r} has no option {option!r}: {meant}", "option")
        if isinstance(name, str):
            return _eyot.check_name(name)
        handler = getattr(name, "__name__", None) if callable(name) else None
        if handler:
            raise ConfigError(
                f"the handler {handler!r} stands where the island's name should: the decorator takes it in "
                'parentheses, such as @island("CartCount")',
                "option",
            )
        raise ConfigError(f"the name of an island is a string, and no {type(name).__name__}", "option")

    def add(
        self,
        name: str,
        handler: Callable[..., Any],
        props: Any,
        shared: Duration | None,
        deadline: Duration | None = None,
        takes: Sequence[str] = (),
    ) -> Registration:
        """Register ``handler`` under ``name``; raises ``ConfigError`` when another has it.

        ``takes`` names the arguments that the host calls it with, where it is always the same ones.
        """
        if isinstance(handler, type) or not callable(handler):
            raise ConfigError(
                f"the handler of the island {name!r} is {'a class' if isinstance(handler, type) else 'no function'}: "
                "pass a function, or what the class's as_view makes",
                "option",
            )
        if name in self:
            raise ConfigError(f"the island {name!r} has a handler already: remove one of the two", "name-twice")
        times = {"shared": shared, "deadline": deadline}
        seconds = {option: None if time is None else _eyot.seconds(option, time) for option, time in times.items()}
        if takes:
            check_call(name, handler, takes)
        registration = self[name] = Registration(name, handler, reader(props), **seconds)
        return registration


def check_call(name: str, handler: Callable[..., Any], takes: Sequence[str]) -> None:
    """Refuse a handler that cannot be called with these arguments."""
    # A class-based view passes what it gets to a method; a decorator may add arguments to what it wraps.
    view_class = getattr(handler, "view_class", None)
    called: Any
    called, arguments = (getattr(view_class, "get", None), ("self", *takes)) if view_class else (handler, takes)
    try:
        signature = inspect.signature(called, follow_wrapped=False)
    except (TypeError, ValueError):
        # Not every callable says what it takes.
        return
    try:
        signature.bind(*arguments)
    except TypeError as error:
        function = f"{getattr(called, '__module__', '')}.{getattr(called, '__qualname__', '…')}{signature}"
        raise ConfigError(
            f"the handler of the island {name!r}, {function}, is called with ({', '.join(takes)}): {error}", "option"
        ) from None
