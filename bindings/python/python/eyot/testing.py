"""What the helpers for tests of all hosts share: core assembles pages and says what is wrong with shells."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _eyot, auditing
from .errors import ConfigError, EyotWarning

if TYPE_CHECKING:
    from .site import Site


class Answer(NamedTuple):
    """What a client got."""

    status: int
    headers: Mapping[str, str]
    text: str
    # Why it is no island, as far as the host knows more than the text says.
    reason: str = ""


def asking(site: Site, name: str, props: Mapping[str, Any] | None) -> _eyot.Ask:
    """Return how the loader asks for an island."""
    placeholder = site.core.placeholder(name, props, context=site.context(), default=site.default)
    ask = _eyot.Assembly(placeholder.encode()).next()
    if ask is None or ask.is_elsewhere:
        raise ConfigError(f"the island {name!r} is answered by another host", "option")
    return ask


@contextmanager
def noted(site: Site) -> Iterator[list[str]]:
    """Note what a site logs meanwhile, which is why an island cannot be had."""
    reasons: list[str] = []

    def note(event: _eyot.Event) -> None:
        reasons.append(f"{event.message} ({event.code})")

    site.listeners.append(note)
    try:
        yield reasons
    finally:
        site.listeners.remove(note)


class Assembling:
    """A page whose islands are asked for one after the other.

    One that cannot be had is an ``AssertionError``, raised or given to ``failed``. One of the ``failing`` may fail: it
    stays its fallback, with its error slot beside it.
    """

    def __init__(
        self, page: str, failing: Container[str] = (), failed: Callable[[AssertionError], object] | None = None
    ) -> None:
        self._assembly, self._failing, self._failed = _eyot.Assembly(page.encode()), failing, failed

    def __iter__(self) -> Iterator[_eyot.Ask]:
        """Return the islands to ask for, but for those that another host answers."""
        while ask := self._assembly.next():
            if ask.is_elsewhere:
                self._assembly.skip()
            else:
                yield ask

    @contextmanager
    def taking(self, ask: _eyot.Ask) -> Iterator[Callable[[Answer], None]]:
        """Take the answer to an ask, or what is raised in its place."""
        try:
            yield self._take
        except Exception as error:
            self._assembly.skip()
            if ask.island in self._failing:
                return
            if self._failed is None or not isinstance(error, AssertionError):
                raise
            self._failed(error)

    def _take(self, answer: Answer) -> None:
        # A body says less in production than the log.
        text = answer.reason if answer.reason and answer.status not in (200, 204) else answer.text
        self._assembly.answer(answer.status, list(answer.headers.items()), text.encode())

    def all(self, sent: Callable[[_eyot.Ask], Answer]) -> str:
        """Ask for all islands, and return the page."""
        for ask in self:
            with self.taking(ask) as take:
                take(sent(ask))
        return self.page

    @property
    def page(self) -> str:
        """The page as it is now."""
        return self._assembly.finish().decode()


_PLACEHOLDER = re.compile(r'\sisland="([\w.-]+)"')


def assert_shell(
    status: int, headers: Sequence[tuple[str, str]], text: str, core: _eyot.Islands | None = None, why: str = ""
) -> None:
    """Raise ``AssertionError`` where a response is no shell that shared caches keep; ``why`` is what was logged of it.

    Without the app's ``core`` all islands count as declared.
    """
    faults = _eyot.shell_faults(core or _any(text), status, headers, text.encode())
    if faults:
        raise AssertionError("; ".join(["this is no shell that caches keep", *faults, *([why] if why else [])]))


def _any(text: str) -> _eyot.Islands:
    names = set()
    for name in _PLACEHOLDER.findall(text):
        with suppress(ConfigError):
            _eyot.check_name(name)
            names.add(name)
    return _eyot.Islands(_eyot.KeyRing.derive([bytes(range(32))]), islands=sorted(names))


def warn_of_misplaced(shell: bytes) -> None:
    """Warn with ``EyotWarning`` where a browser would not leave a placeholder, or a fallback, where it was written."""
    for found in auditing.misplaced(shell):
        warnings.warn(auditing.described(found), EyotWarning, stacklevel=3)
