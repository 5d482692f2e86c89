"""Assembly of a response, for tests: what every host's own helper asks its client for, and how the answer is read."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import NamedTuple

from . import auditing
from .assembly import Ask
from .errors import EyotWarning

ASKER = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"}
"""The headers by which a browser's own fetch is known."""
TOKEN_TYPE = "application/vnd.eyot.token"


class Answer(NamedTuple):
    """What a client got for an island."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def island(self) -> str | None:
        """The island's HTML, if this is one: as in the browser, status, type and name must all say so."""
        named = {name.lower(): value for name, value in self.headers.items()}
        is_html = named.get("content-type", "").split(";")[0].strip().lower() == "text/html"
        return self.text if self.status == 200 and is_html and "island" in named else None


def asking(get: Callable[[str], Answer], post: Callable[[str, str], Answer]) -> Ask:
    """Make what assembly asks with: ``get`` an island by its path, ``post`` one with its token.

    An island that another host answers is not asked for.
    """

    def ask(url: str, token: str | None) -> str | None:
        if not url.startswith("/"):
            return None
        return (get(url) if token is None else post(url, token)).island

    return ask


def warn_of_misplaced(shell: bytes) -> None:
    """Warn with ``EyotWarning`` where a browser would not leave a placeholder, or a fallback, where it was written."""
    for found in auditing.misplaced(shell):
        warnings.warn(auditing.described(found), EyotWarning, stacklevel=3)
