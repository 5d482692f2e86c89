"""One page on its way through the inner station: split as a whole, or as it comes, and its problems shown or logged."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import auditing, debug
from ._eyot import may_hold_directive, split_headers, uncached_headers, unsplit
from .errors import Error, MarkupError

if TYPE_CHECKING:
    from ._eyot import Context, Diagnostic, Islands

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Split:
    """What becomes of a whole page: its body, all headers, and the status."""

    status: int
    headers: Headers
    body: bytes
    # A page with problems: the outer station keeps it out of caches once more, when all else has had its say.
    is_faulty: bool = False
    problems: tuple[Error, ...] = ()


@dataclass(frozen=True, slots=True)
class Splitting:
    """Splits one page of ``path``. While debugging the first problem is shown, in production all are logged.

    ``context`` is asked for once there is a directive: most pages have none, and do not need it.
    """

    core: Islands
    context: Callable[[], Context]
    path: str
    is_debug: bool
    logger: logging.Logger

    def passes(self, page: bytes) -> bool:
        """Tell whether a page goes out as it is: it has no island, and nobody wants to know more of it."""
        return not self.is_debug and not may_hold_directive(page)

    def whole(self, status: int, headers: Headers, page: bytes) -> Split:
        """Split a whole page.

        A page with problems is an error page while debugging. In production its faulty islands become their fallbacks,
        and no cache keeps it.
        """
        told = self.unsplit(status, headers, page)
        if told is not None:
            return told
        if self.passes(page):
            return Split(status, headers, page)
        try:
            shell = self._with_warnings(page) if self.is_debug else self.core.split(page, self.context())
        except Error as error:
            if self.is_debug:
                return _instead(debug.markup_page(error, page), "text/html", error)
            return self._lenient(status, headers, page)
        if shell is page:
            return Split(status, headers, page)
        return Split(status, split_headers(headers, len(shell)), shell)

    def unsplit(self, status: int, headers: Headers, body: bytes) -> Split | None:
        """Return what is sent of text that is not split, where something is to be told of it.

        It is logged, and no cache keeps it; where a directive would go out there is an error page while debugging.
        """
        told = unsplit(headers, body)
        if told is None:
            return None
        code, text, is_error = told
        problem = MarkupError(text, code, None, None)
        self._log(problem)
        if is_error and self.is_debug:
            return _instead(debug.markup_page(problem, b""), "text/html", problem)
        return Split(status, uncached_headers(headers), body, is_faulty=True, problems=(problem,))

    def _with_warnings(self, page: bytes) -> bytes:
        shell, diagnostics = self.core.split_with_diagnostics(page, self.context())
        self._warn(diagnostics, shell)
        return shell

    def _lenient(self, status: int, headers: Headers, page: bytes) -> Split:
        try:
            shell, problems = self.core.split_lenient(page, self.context())
        except Error as error:
            # A page over the limits: there is nothing of it that could go out.
            self._log(error)
            return _instead(b"internal server error\n", "text/plain", error)
        for problem in problems:
            self._log(problem)
        kept_out = uncached_headers(split_headers(headers, len(shell)))
        return Split(status, kept_out, shell, is_faulty=True, problems=tuple(problems))

    def stream(self, *, must_be_sound: bool) -> Stream:
        """Return what splits the page as it comes."""
        return Stream(self, must_be_sound=must_be_sound)

    def _log(self, problem: Error) -> None:
        self.logger.error("%s: %s (%s)", self.path, problem, problem.code)

    def _warn(self, diagnostics: list[Diagnostic], shell: bytes) -> None:
        for told in diagnostics:
            place = f"line {told.line}, column {told.column}"
            self.logger.warning("%s: %s: %s (%s)", self.path, place, told.message, told.code)
        for found in auditing.findings(shell, writes_loader=self.core.writes_loader):
            self.logger.warning("%s: %s", self.path, auditing.described(found))


class Stream:
    """Splits one page chunk by chunk.

    With ``must_be_sound`` its head has told caches to keep the page, so that the first problem ends it. What ends a
    page is raised by :meth:`check`, so that a server cuts the connection and caches discard what they have of it; while
    debugging the page ends with the problem instead, unless it must be sound.
    """

    def __init__(self, page: Splitting, *, must_be_sound: bool) -> None:
        self._page = page
        self._must_be_sound = must_be_sound
        self._splitter = page.core.splitter(page.context(), lenient=not page.is_debug)
        self._fault: Error | None = None
        # The audit needs the whole of it.
        self._sent = bytearray()
        self.is_over = False

    def push(self, chunk: bytes) -> bytes:
        """Take the next chunk and return what can go out, often nothing."""
        return b"" if self.is_over else self._step(lambda: self._splitter.push(chunk))

    def finish(self) -> bytes:
        """End the page and return the rest of it."""
        if self.is_over:
            return b""
        rest = self._step(self._splitter.finish)
        if not self.is_over:
            self._end()
        return rest

    def check(self) -> None:
        """Raise what has ended the page before its time, if anything has."""
        if self._fault is not None:
            raise self._fault

    def _step(self, step: Callable[[], bytes]) -> bytes:
        try:
            shell = step()
        except Error as error:
            return self._stop(error)
        if self._must_be_sound and self._splitter.problems:
            self._fault = self._splitter.problems[0]
            self._end()
            return b""
        if self._page.is_debug:
            self._sent += shell
        return shell

    def _stop(self, error: Error) -> bytes:
        self.is_over = True
        for problem in [*self._splitter.problems, error]:
            self._page._log(problem)
        if self._must_be_sound or not self._page.is_debug:
            self._fault = error
        return debug.markup_block(error) if self._page.is_debug else b""

    def _end(self) -> None:
        self.is_over = True
        for problem in self._splitter.problems:
            self._page._log(problem)
        if self._page.is_debug and self._fault is None:
            self._page._warn(self._splitter.diagnostics, bytes(self._sent))


def shells(stream: Stream, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Split ``chunks``, one by one; raises where the page cannot go on."""
    for chunk in chunks:
        if shell := stream.push(chunk):
            yield shell
        if stream.is_over:
            break
    if rest := stream.finish():
        yield rest
    stream.check()


async def ashells(stream: Stream, chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Split ``chunks``, one by one; raises where the page cannot go on."""
    async for chunk in chunks:
        if shell := stream.push(chunk):
            yield shell
        if stream.is_over:
            break
    if rest := stream.finish():
        yield rest
    stream.check()


def unsplittable(page: Splitting, kind: str, headers: Headers) -> Split | None:
    """Log why HTML of this ``kind`` is not split; return what is sent instead of it, if anything is.

    Compressed HTML goes out as it is, and no cache may keep it. A part of a page is refused: it may begin in the middle
    of a directive, and whoever asked gets the whole page without a range.
    """
    if kind == "compressed":
        coding = next(value for name, value in headers if name.lower() == "content-encoding")
        page.logger.warning(
            "%s was not split: it is compressed already (%s); compress outside of the app, or after eyot",
            page.path,
            coding,
        )
        return None
    page.logger.warning(
        "%s: a range of a page was refused: it cannot be split; answer the whole page, or switch the HTML pass off",
        page.path,
    )
    body = b"range not satisfiable\n"
    fields = [("Content-Type", "text/plain; charset=utf-8"), ("Accept-Ranges", "none"), ("Cache-Control", "no-store")]
    return Split(416, [*fields, ("Content-Length", str(len(body)))], body)


def _instead(body: bytes, media_type: str, problem: Error) -> Split:
    headers = [
        ("Content-Type", f"{media_type}; charset=utf-8"),
        ("Cache-Control", "no-store"),
        ("Content-Length", str(len(body))),
    ]
    return Split(500, headers, body, problems=(problem,))
