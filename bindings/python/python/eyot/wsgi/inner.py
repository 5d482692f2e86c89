"""The inner station of a WSGI app: opens islands and calls their handlers, and splits the HTML that the app answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from .._eyot import Reply, page_kind, split_headers
from ..answers import Plain, plain
from ..gateway import Current
from ..refusals import Refusal
from ..splitting import Splitting, shells, unsplittable
from .calling import Body, Called, StartResponse, WsgiApp, status_line
from .environ import Environ, RequestLine, station
from .request import Request

if TYPE_CHECKING:
    from ..gateway import GatewaySite
    from ..registry import Registration
    from ..stations import Station

T = TypeVar("T")


class InnerStation:
    """The WSGI application around an app, inside of its sessions."""

    def __init__(self, site: GatewaySite, app: WsgiApp, *, is_debug: bool) -> None:
        self._site = site
        self._app = app
        self._is_debug = is_debug

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, by a handler or by the app."""
        state = station(environ)
        line = RequestLine.of(environ)
        pending = state.pending
        html_pass = self._site.splits_island(pending.name) if pending else self._site.options.html_pass
        current = Current(environ, line.method, line.path, line.mount, state, html_pass)
        token = self._site.current.set(current)
        try:
            if pending:
                called = self._island(environ, state, self._site.registry[pending.name])
            else:
                called = Called(self._app, environ)
            kind = page_kind(called.status, called.headers) if html_pass else "other"
            if kind == "other":
                return self._forwarded(called, start_response)
            return self._split(kind, called, current, start_response)
        finally:
            self._site.current.reset(token)

    def _island(self, environ: Environ, state: Station, registration: Registration) -> Called:
        if state.pending is None:
            raise RuntimeError("an island is opened for a request that the outer station has let in")
        opened = registration.open(state, state.pending, self._site.audience(environ))
        if isinstance(opened, Reply):
            # The outer station sends it.
            return Called(_app(Plain(opened.status, [], b"")), environ)
        if isinstance(opened, Refusal):
            self._site.report(opened)
            return Called(_app(Plain.text(opened.status, "bad request\n")), environ)
        try:
            answer = registration.handler(Request(environ), opened)
            called = Called(answer if callable(answer) else _app(plain(registration.name, answer)), environ)
        except Exception:
            if self._is_debug:
                raise
            self._site.logger.exception("the handler of the island %s failed", registration.name)
            called = Called(_app(Plain.text(500, "internal server error\n")), environ)
        if called.status in (200, 304):
            state.own_policies = [value for name, value in called.headers if name.lower() == "content-security-policy"]
        return called

    def _forwarded(self, called: Called, start_response: StartResponse) -> Iterable[bytes]:
        start_response(called.line, called.headers)
        # A list, or a file that the server sends by itself, stays what it is.
        return called.source if called.is_untouched else called.chunks

    def _split(self, kind: str, called: Called, current: Current, start_response: StartResponse) -> Iterable[bytes]:
        state, headers = current.state, called.headers
        page = Splitting(self._site.core, self._site.context, current.path, self._is_debug, self._site.logger)
        if kind == "text":
            return self._text(page, called, state, start_response)
        if kind != "html":
            refused = unsplittable(page, kind, headers)
            state.is_faulty = True
            if refused is None:
                return self._forwarded(called, start_response)
            called.chunks.close()
            start_response(status_line(refused.status), refused.headers)
            return [refused.body]
        if state.streams and not called.is_whole:
            stream = page.stream(must_be_sound=state.must_be_sound)
            start_response(called.line, split_headers(headers, None))
            chunks = _within(self._site, current, called.chunks)
            return Body(shells(stream, chunks), called.source)
        body = _gathered(called)
        if current.method == "HEAD" and not body:
            start_response(called.line, split_headers(headers, None))
            return []
        outcome = page.whole(called.status, called.headers, body)
        state.is_faulty = outcome.is_faulty
        start_response(status_line(outcome.status, called.line), outcome.headers)
        return [outcome.body]

    def _text(self, page: Splitting, called: Called, state: Station, start_response: StartResponse) -> Iterable[bytes]:
        if not (isinstance(called.source, (list, tuple)) and called.is_untouched):
            return self._forwarded(called, start_response)
        outcome = page.unsplit(called.status, called.headers, b"".join(called.source))
        if outcome is None:
            return self._forwarded(called, start_response)
        state.is_faulty = outcome.is_faulty
        start_response(status_line(outcome.status, called.line), outcome.headers)
        return [outcome.body]


def _gathered(called: Called) -> bytes:
    """Read a whole body; one that is a single piece already is not copied."""
    if isinstance(called.source, (list, tuple)) and len(called.source) == 1 and called.is_untouched:
        called.chunks.close()
        only = called.source[0]
        return only if isinstance(only, bytes) else bytes(only)
    return called.whole()


def _within(site: GatewaySite, current: Current, chunks: Iterable[bytes]) -> Iterable[bytes]:
    """Iterate ``chunks`` so that templates which are rendered on the way know their request."""
    rest = iter(chunks)
    while True:
        token = site.current.set(current)
        try:
            chunk = next(rest, None)
        finally:
            site.current.reset(token)
        if chunk is None:
            return
        yield chunk


def _app(answer: Plain) -> Callable[..., Any]:
    def app(_environ: Environ, start_response: StartResponse) -> list[bytes]:
        headers = [*answer.headers, ("Content-Length", str(len(answer.body)))]
        start_response(status_line(answer.status), headers)
        return [answer.body]

    return app
