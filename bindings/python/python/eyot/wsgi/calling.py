"""Calling a WSGI application and having its status and headers before its body."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .environ import Environ

Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
WsgiApp = Callable[["Environ", StartResponse], Iterable[bytes]]


class Called:
    """What an application answered. Its body is iterated once and then closed."""

    def __init__(self, app: WsgiApp, environ: Environ) -> None:
        """Call ``app`` and take of its body what it needs to say status and headers, often nothing."""
        self._answer: tuple[str, Headers] | None = None
        self._written: list[bytes] = []
        # Whether the head has gone out, so that nothing can be answered instead any more.
        self.is_sent = False
        self.source: Any = app(environ, self._start_response)
        # What the application returned, while nothing has been taken of it; most often nothing is.
        self._begun: Body | None = None
        if self._answer is None or self._written:
            try:
                self._begun = self._begin()
            except BaseException:
                _close(self.source)
                raise

    @property
    def chunks(self) -> Body:
        """The body, piece by piece."""
        return self._begun or Body(self.source, self.source)

    def _begin(self) -> Body:
        rest = iter(self.source)
        while self._answer is None:
            chunk = next(rest, None)
            if chunk is None:
                break
            self._written.append(chunk)
        if self._answer is None:
            raise RuntimeError("the application returned without a call of start_response")
        return Body(chain(self._written, rest), self.source)

    def _start_response(self, status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
        if self._answer is not None and exc_info is None:
            raise RuntimeError("the application called start_response twice without exc_info")
        if self.is_sent and exc_info is not None:
            raise exc_info[1].with_traceback(exc_info[2])
        self._answer = (status, list(headers))
        return self._written.append

    @property
    def line(self) -> str:
        """The status as the application wrote it."""
        return self._answer[0] if self._answer else ""

    @property
    def status(self) -> int:
        """The status code."""
        return int(self.line.split(" ", 1)[0])

    @property
    def headers(self) -> Headers:
        """All headers."""
        return self._answer[1] if self._answer else []

    @property
    def is_untouched(self) -> bool:
        """Whether nothing has been taken of what the application returned."""
        return self._begun is None and not self._written

    @property
    def is_listed(self) -> bool:
        """Whether the whole body is there already."""
        return isinstance(self.source, (list, tuple)) and self.is_untouched

    def forward(self, start_response: StartResponse, headers: Headers, status: int | None = None) -> Iterable[bytes]:
        """Send the head with these headers, and return the body as it comes."""
        self.is_sent = True
        start_response(self.line if status is None else status_line(status, self.line), headers)
        # A list, or a file that the server sends by itself, stays what it is.
        return self.source if self.is_untouched else self.chunks

    def whole(self) -> bytes:
        """Read all of the body and close it. One that is a single piece already is not copied."""
        if self.is_listed:
            only: Any = self.source[0] if len(self.source) == 1 else None
            return only if isinstance(only, bytes) else b"".join(self.source)
        try:
            return b"".join(self.chunks)
        finally:
            self.chunks.close()


class Body:
    """A body that is closed together with what the application returned."""

    def __init__(self, chunks: Iterable[bytes], source: Any) -> None:
        self._chunks = chunks
        self._source = source

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._chunks)

    def close(self) -> None:
        """Close what the application returned, if that can be closed."""
        _close(self._source)


def _close(source: Any) -> None:
    close = getattr(source, "close", None)
    if close:
        close()


def status_line(code: int, known: str = "") -> str:
    """Return the status line of ``code``: the ``known`` one where that has the same code."""
    if known.startswith(f"{code} "):
        return known
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return f"{code} Unknown"
