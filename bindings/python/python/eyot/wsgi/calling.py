"""Calling a WSGI application and having its status and headers before its body."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .environ import Environ

Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
WsgiApp = Callable[["Environ", StartResponse], Iterable[bytes]]


@dataclass(slots=True)
class Called:
    """What an application answered. Its body is iterated once and then closed."""

    status: int
    headers: Headers
    chunks: Body

    def whole(self) -> bytes:
        """Read all of the body and close it."""
        try:
            return b"".join(self.chunks)
        finally:
            self.chunks.close()


class Body:
    """A body that is closed together with what the application returned."""

    def __init__(self, chunks: Iterable[bytes], source: Any) -> None:
        self._chunks = iter(chunks)
        self._source = source

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._chunks)

    def close(self) -> None:
        """Close what the application returned, if that can be closed."""
        close = getattr(self._source, "close", None)
        if close:
            close()


def call(app: WsgiApp, environ: Environ) -> Called:
    """Call ``app`` and take of its body what it needs to say status and headers."""
    answers: list[tuple[str, Headers]] = []
    written: list[bytes] = []

    def start_response(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
        if answers and exc_info is None:
            raise RuntimeError("the application called start_response twice without exc_info")
        answers[:] = [(status, list(headers))]
        return written.append

    source = app(environ, start_response)
    rest = iter(source)
    try:
        for chunk in rest:
            written.append(chunk)
            if answers:
                break
    except BaseException:
        Body((), source).close()
        raise
    if not answers:
        Body((), source).close()
        raise RuntimeError("the application returned without a call of start_response")
    line, headers = answers[0]
    return Called(int(line.split(" ", 1)[0]), headers, Body(chain(written, rest), source))


def status_line(code: int) -> str:
    """Return the status line of ``code``."""
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return f"{code} Unknown"


def with_length(headers: Headers, length: int) -> Headers:
    """Set ``Content-Length``."""
    rest = [(name, value) for name, value in headers if name.lower() != "content-length"]
    return [*rest, ("Content-Length", str(length))]
