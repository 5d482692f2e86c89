"""What the helpers for tests of all hosts share: how an island's answer is read, and what is wrong with a shell."""

from __future__ import annotations

import html
import re
import warnings
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from . import auditing
from .assembly import Ask
from .errors import EyotWarning

if TYPE_CHECKING:
    from ._eyot import Event
    from .site import Site

ASKER = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"}
"""The headers by which a browser's own fetch is known."""
TOKEN_TYPE = "application/vnd.eyot.token"


class Answer(NamedTuple):
    """What a client got for an island."""

    status: int
    headers: Mapping[str, str]
    text: str
    # Why it is no island, as far as the host knows more than the text says.
    reason: str = ""

    def island(self, name: str) -> str | None:
        """Return the island's HTML: as in the browser, status, type and name must all say that it is.

        ``None`` where the answer is a redirect, which leaves the fallback; anything else is an ``AssertionError``.
        """
        named = {field.lower(): value for field, value in self.headers.items()}
        is_html = named.get("content-type", "").split(";")[0].strip().lower() == "text/html"
        if self.status == 200 and is_html and "island" in named:
            return self.text
        if self.status == 204 and "island" in named:
            return None
        said = self.reason or self.text.strip()[:200] or "no reason is given"
        raise AssertionError(f"the island {name} cannot be had: {self.status}: {said}")


def address(attributes: str) -> tuple[str, str | None]:
    """Return the path by which a placeholder with these attributes is asked for, and the token that is posted to it."""
    found = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(attributes)}
    return urlsplit(found["island-src"]).path, found.get("island-token")


_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


@contextmanager
def noted(site: Site) -> Iterator[list[str]]:
    """Note what a site logs meanwhile, which is why an island cannot be had."""
    reasons: list[str] = []

    def note(event: Event) -> None:
        reasons.append(f"{event.message} ({event.code})")

    site.listeners.append(note)
    try:
        yield reasons
    finally:
        site.listeners.remove(note)


def asking(
    sent: Callable[[str, str | None], Answer],
    failed: Callable[[AssertionError], object] | None = None,
) -> Ask:
    """Make what assembly asks with: ``sent`` gets an island by its path, or posts its token there.

    An island that cannot be had is an ``AssertionError``, raised or given to ``failed``. One that another host answers
    is not asked for.
    """

    def ask(url: str, token: str | None) -> str | None:
        if not url.startswith("/"):
            return None
        path = url.partition("?")[0]
        name = (path if token is not None else path.rpartition("/")[0]).rpartition("/")[2]
        answer = sent(url, token)
        try:
            return answer.island(name)
        except AssertionError as error:
            if failed is None:
                raise
            failed(error)
            return None

    return ask


_DIRECTIVE = re.compile(r"<[^>]*\sserver:[a-z]")
_PLACEHOLDER = re.compile(r'\sisland="([^"]*)"')


def assert_shell(
    status: int, headers: Sequence[tuple[str, str]], text: str, names: Container[str] | None = None, why: str = ""
) -> None:
    """Raise ``AssertionError`` where a response is no shell that shared caches keep; ``why`` is what was logged of it.

    ``names`` are the islands that the app knows, where the host knows the app.
    """
    faults = [*_head_faults(status, headers)]
    if _DIRECTIVE.search(text):
        faults.append("a directive is left in it: it was not split")
    faults += [
        f"its island {name!r} is one that nobody declares"
        for name in dict.fromkeys(_PLACEHOLDER.findall(text))
        if names is not None and name not in names
    ]
    if faults:
        raise AssertionError("; ".join(["this is no shell that caches keep", *faults, *([why] if why else [])]))


def _head_faults(status: int, headers: Sequence[tuple[str, str]]) -> Iterator[str]:
    fields: dict[str, str] = {}
    for name, value in headers:
        fields[name.lower()] = ", ".join(filter(None, (fields.get(name.lower()), value)))
    control, vary = fields.get("cache-control", ""), fields.get("vary", "").lower()
    if status != 200:
        yield f"its status is {status}"
    if "public" not in control or not re.search(r"(s-maxage|max-age)=[1-9]", control):
        yield f"its Cache-Control is {control!r}: has its view a policy?"
    if "set-cookie" in fields:
        yield "it sets a cookie"
    if "cookie" in vary or "*" in vary:
        yield f"it varies on {vary}"


def warn_of_misplaced(shell: bytes) -> None:
    """Warn with ``EyotWarning`` where a browser would not leave a placeholder, or a fallback, where it was written."""
    for found in auditing.misplaced(shell):
        warnings.warn(auditing.described(found), EyotWarning, stacklevel=3)
