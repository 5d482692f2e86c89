"""What the two stations of one request tell each other, and the request line that both read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from typing_extensions import Self

    from ._eyot import Exchange, Policy, WayOut

Headers = list[tuple[str, str]]
_ASCII = bytes(range(0x21, 0x7F)).decode()


class Station:
    """What the outer station hands to the inner one, and what comes back.

    Made for every request, so what most leave at its default is the class's own.
    """

    # Whether an outer station is there, which takes the inner one's mark off.
    is_around: bool = False
    exchange: Exchange | None = None
    # The request line, as the outer station read it.
    line: RequestLine | None = None
    # What the browser sent as Accept-Encoding, where the app does not see it.
    coding: str | None = None
    # Whether everybody gets what the app answers, so that it must not learn who asks.
    is_anonymous: bool = False
    # The way out through the inner station.
    page: WayOut | None = None
    # Whether the client has gone away, so that nobody misses the end of a stream.
    is_left: bool = False
    # In Django, the policy of a request's route, and what ends it, where another view runs than the one that has it.
    policy: Policy | None = None
    take_off: Callable[[], None] | None = None
    # What log lines say is an error, a code and a text each.
    problems: tuple[tuple[str, str], ...] = ()

    @classmethod
    def around(cls) -> Self:
        """Make the one that an outer station hands to the inner one."""
        made = cls()
        made.is_around = True
        return made

    @property
    def name(self) -> str | None:
        """The island that is asked for, if one is."""
        return self.exchange.name if self.exchange else None


class RequestLine:
    """Method and raw target, and the mount point as it stands in the target.

    ``read`` works the last two out of ``source`` when they are first asked for: of most requests nobody asks.
    """

    __slots__ = ("_found", "_read", "_source", "method")

    def __init__(self, method: str, read: Callable[..., tuple[str, str]], *source: Any) -> None:
        self.method, self._read, self._source = method, read, source
        self._found: tuple[str, str] | None = None

    def is_moved(self, mount: str) -> bool:
        """Tell whether the app was mounted elsewhere since: ``mount`` is the first part of the source."""
        return bool(self._source[0] != mount)

    @property
    def target(self) -> str:
        """The target as it stood on the request line, as far as the server says."""
        return self._worked_out()[0]

    @property
    def mount(self) -> str:
        """The mount point as it stands in the target."""
        return self._worked_out()[1]

    @property
    def path(self) -> str:
        """The path without query, escaped as a browser shows it."""
        return quote(self.target.partition("?")[0].encode("latin-1"), safe=_ASCII)

    @property
    def below_mount(self) -> bytes:
        """The raw path below the mount point."""
        target, mount = self._worked_out()
        path = target.partition("?")[0]
        if not path.startswith("/"):
            # A target in absolute form, of servers that do not read it; frameworks take its path.
            path = urlsplit(path).path
        return (path.removeprefix(mount) or "/").encode("latin-1")

    def _worked_out(self) -> tuple[str, str]:
        if self._found is None:
            self._found = self._read(*self._source)
        return self._found


def may_be_own(mount: str, target: str, prefix: str) -> bool:
    """Tell whether core is to be asked: it reads absolute targets, and refuses a mount point that is none."""
    return bool(mount) or target.startswith((prefix, "http"))
