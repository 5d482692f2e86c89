"""The handlers of one app's islands, by name, and the opening of an island for its handler."""

from __future__ import annotations

import inspect
from collections.abc import Callable
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


def check_signature(name: str, handler: Callable[..., Any], *arguments: str) -> None:
    """Refuse a handler that cannot be called with these arguments; a wrapper is what it says of itself."""
    try:
        signature = inspect.signature(handler, follow_wrapped=False)
    except (TypeError, ValueError):
        return
    try:
        signature.bind(*arguments)
    except TypeError:
        called = getattr(handler, "__name__", type(handler).__name__)
        raise ConfigError(
            f"the handler {called}{signature} of the island {name!r} is called with ({', '.join(arguments)}): "
            f"write def {called}({', '.join(arguments)})",
            "option",
        ) from None


class Registry(dict[str, Registration]):
    """The registered handlers; each name once."""

    @staticmethod
    def named(name: object) -> None:
        """Refuse what stands where an island's name should: above all a handler, by ``@island`` without parentheses."""
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
    ) -> Registration:
        """Register ``handler`` under ``name``; raises ``ConfigError`` when another has it."""
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
        registration = self[name] = Registration(name, handler, reader(props), **seconds)
        return registration
