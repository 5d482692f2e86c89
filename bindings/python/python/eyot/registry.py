"""The handlers of one app's islands, by name, and the opening of an island for its handler."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import _eyot
from . import island as opened_island
from ._eyot import Reply
from .durations import Duration
from .errors import ConfigError, PropsError
from .props import Reader, reader
from .refusals import Refusal

if TYPE_CHECKING:
    from ._eyot import Pending
    from .island import Island
    from .stations import Station


@dataclass(frozen=True, slots=True)
class Registration:
    """A handler as it was registered."""

    name: str
    handler: Callable[..., Any]
    reader: Reader
    shared: int | None

    def open(self, state: Station, pending: Pending, audience: str) -> Island[Any] | Reply | Refusal:
        """Open the island that was asked for, and note in ``state`` what the outer station has to know of it.

        A ``Reply`` is core's refusal, which the outer station sends; a ``Refusal`` is that of props that do not fit.
        """
        state.is_opened = True
        opened = pending.open(state.body, audience=audience)
        if isinstance(opened, Reply):
            state.refusal = opened
            return opened
        state.shared, state.page = self.shared, opened.page
        try:
            return opened_island.read(opened, self.reader)
        except PropsError as error:
            return Refusal("props-type", str(error), self.name, 400)


class Registry(dict[str, Registration]):
    """The registered handlers; each name once."""

    @staticmethod
    def named(name: object) -> None:
        """Refuse what stands where an island's name should: above all a handler, by ``@island`` without parentheses."""
        if isinstance(name, str):
            return
        handler = getattr(name, "__name__", None) if callable(name) else None
        if handler:
            raise ConfigError(
                f"the handler {handler!r} stands where the island's name should: the decorator takes it in "
                'parentheses, such as @island("CartCount")',
                "option",
            )
        raise ConfigError(f"the name of an island is a string, and no {type(name).__name__}", "option")

    def add(self, name: str, handler: Callable[..., Any], props: Any, shared: Duration | None) -> Registration:
        """Register ``handler`` under ``name``; raises ``ConfigError`` when another has it."""
        if isinstance(handler, type) or not callable(handler):
            raise ConfigError(
                f"the handler of the island {name!r} is {'a class' if isinstance(handler, type) else 'no function'}: "
                "pass a function, or what the class's as_view makes",
                "option",
            )
        if name in self:
            raise ConfigError(f"the island {name!r} has a handler already: remove one of the two", "name-twice")
        seconds = None if shared is None else _eyot.seconds("shared", shared)
        registration = self[name] = Registration(name, handler, reader(props), seconds)
        return registration
