"""The inner station of a WSGI app: opens islands and calls their handlers, and splits the HTML that the app answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from .._eyot import Reply
from ..answers import Plain, plain
from ..files import Key, is_part, key
from ..gateway import Current
from ..page import may_matter, shells, way_out, whole
from ..refusals import Refusal
from .calling import Body, Called, StartResponse, WsgiApp, status_line
from .environ import Environ, RequestLine, station, without_range
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
                return self._page(called, current, start_response) if html_pass else _forwarded(called, start_response)
            # Before the app puts things there.
            without = without_range(environ) if html_pass and "HTTP_RANGE" in environ else None
            called = Called(self._app, environ)
            if not html_pass:
                return _forwarded(called, start_response)
            if without and is_part(called.status, called.headers):
                return self._part(called, without, current, start_response)
            return self._page(called, current, start_response)
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
            return Called(_app(Plain.text(opened.status, opened.line(debug=self._is_debug))), environ)
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

    def _part(self, part: Called, without: Environ, current: Current, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a range of a page: with the whole of it, unless that is known to hold nothing to split."""
        found = self._key(part, current)
        if found in self._site.plain:
            return _forwarded(part, start_response)
        head: list[Any] = []
        try:
            whole = Called(self._app, without)
            body = self._page(whole, current, lambda *answer: head.append(answer))
        except BaseException:
            part.chunks.close()
            raise
        if found in self._site.plain and found == self._key(whole, current):
            whole.chunks.close()
            return _forwarded(part, start_response)
        part.chunks.close()
        start_response(*head[0])
        return body

    def _key(self, called: Called, current: Current) -> Key | None:
        target = RequestLine.of(dict(current.request)).target
        return key(target, called.status, called.headers, is_read=not called.is_listed)

    def _page(self, called: Called, current: Current, start_response: StartResponse) -> Iterable[bytes]:
        if not may_matter(called.status, called.headers):
            return _forwarded(called, start_response)
        if self._key(called, current) in self._site.plain:
            return _forwarded(called, start_response)
        return self._split(called, current, start_response)

    def _split(self, called: Called, current: Current, start_response: StartResponse) -> Iterable[bytes]:
        state, status, headers = current.state, called.status, called.headers
        out = way_out(self._site, state, current.path, is_head=current.method == "HEAD")
        step = out.step(status, headers, "whole" if called.is_listed else "more")
        state.is_faulty |= out.is_faulty
        if step.kind == "instead" and step.sent:
            called.chunks.close()
            start_response(status_line(step.sent.status), step.sent.headers)
            return [step.sent.body or b""]
        if step.kind == "stream" and step.sent:
            start_response(called.line, step.sent.headers)
            return Body(shells(out, _within(self._site, current, called.chunks)), called.source)
        if step.kind == "pass":
            return _forwarded(called, start_response)
        body = _joined(called.source) if called.is_listed else called.whole()
        sent = whole(out, status, headers, body, step.coding)
        state.is_faulty |= out.is_faulty
        if sent is None:
            self._site.plain.add(self._key(called, current))
            if called.is_listed:
                return _forwarded(called, start_response)
            start_response(called.line, headers)
            return [body]
        start_response(status_line(sent.status, called.line), sent.headers)
        shell = body if sent.body is None else sent.body
        # Servers tell the length of a list with one piece, and that of an answer to HEAD is told in no host.
        return iter((shell,)) if current.method == "HEAD" else [shell] if shell else []


def _forwarded(called: Called, start_response: StartResponse) -> Iterable[bytes]:
    start_response(called.line, called.headers)
    # A list, or a file that the server sends by itself, stays what it is.
    return called.source if called.is_untouched else called.chunks


def _joined(chunks: Any) -> bytes:
    """Join a body; one that is a single piece already is not copied."""
    only: Any = chunks[0] if len(chunks) == 1 else None
    return only if isinstance(only, bytes) else b"".join(chunks)


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
