"""The inner station of a WSGI app: opens islands and calls their handlers, and splits the HTML that the app answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from .._eyot import Sent
from ..answers import Plain, plain
from ..files import Key, is_part, key
from ..gateway import ISLAND, Current, by_the_app
from ..page import inside, look, marked, matters
from .calling import Called, StartResponse, WsgiApp, status_line
from .environ import Environ, request_line, station, without_range
from .leaving import leave
from .request import Request

if TYPE_CHECKING:
    from .._eyot import Exchange
    from ..gateway import GatewaySite


class InnerStation:
    """The WSGI application around an app, inside of its sessions."""

    def __init__(self, site: GatewaySite, app: WsgiApp, *, is_debug: bool) -> None:
        self._site = site
        self._app = app
        self._is_debug = is_debug

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, by a handler or by the app."""
        state = station(environ)
        line = state.line
        if line is None or state.exchange or line.is_moved(environ.get("SCRIPT_NAME", "")):
            line = request_line(environ)
        if not state.is_around:
            self._site.check_around(state, line)
        splits = self._site.splits_island(state.name) if state.name else self._site.options.html_pass
        current = Current(environ, line, state, splits)
        token = self._site.current.set(current)
        try:
            if state.exchange and state.name:
                return self._page(self._island(environ, state.exchange, state.name), current, start_response)
            # Before the app puts things there.
            without = without_range(environ) if splits and "HTTP_RANGE" in environ else None
            called = Called(self._app, environ)
            if without and is_part(called.status, called.headers):
                return self._part(called, without, current, start_response)
            return self._page(called, current, start_response)
        finally:
            self._site.current.reset(token)

    def _island(self, environ: Environ, exchange: Exchange, name: str) -> Called:
        registration = self._site.registry[name]
        if registration.handler is by_the_app:
            environ[ISLAND] = lambda: registration.open(exchange, self._site.audience(environ))
            return Called(self._app, environ)
        opened = registration.open(exchange, self._site.audience(environ))
        if isinstance(opened, Sent):
            return Called(_app(Plain(opened.status, opened.headers, opened.body or b"")), environ)
        try:
            answer = registration.handler(Request(environ), opened)
            return Called(answer if callable(answer) else _app(plain(name, answer)), environ)
        except Exception:
            if self._is_debug:
                raise
            self._site.logger.exception("the handler of the island %s failed", name)
            return Called(_app(Plain.text(500, "internal server error\n")), environ)

    def _part(self, part: Called, without: Environ, current: Current, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a range of a page: with the whole of it, unless that is known to hold nothing to split."""
        found = self._key(part, current)
        if found in self._site.plain:
            return part.forward(start_response, marked(current.state, part.headers))
        head: list[Any] = []
        try:
            whole = Called(self._app, without)
            body = self._page(whole, current, lambda *answer: head.append(answer))
        except BaseException:
            part.chunks.close()
            raise
        if found in self._site.plain and found == self._key(whole, current):
            whole.chunks.close()
            return part.forward(start_response, marked(current.state, part.headers))
        part.chunks.close()
        start_response(*head[0])
        return body

    def _key(self, called: Called, current: Current) -> Key | None:
        return key(current.line.target, called.status, called.headers, is_read=not called.is_listed)

    def _page(self, called: Called, current: Current, start_response: StartResponse) -> Iterable[bytes]:
        state, site, splits = current.state, self._site, current.is_split
        if not matters(state, called.status, look(called.headers)[0], splits=splits):
            return called.forward(start_response, called.headers)
        found = self._key(called, current)
        if found in site.plain and not state.name:
            return called.forward(start_response, marked(state, called.headers))
        return leave(
            inside(site, state, current.line, splits=splits),
            called,
            start_response,
            is_head=current.line.method == "HEAD",
            is_same=partial(site.plain.add, found),
            within=partial(_within, site, current),
        )


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
        start_response(status_line(answer.status), answer.with_length())
        return [answer.body]

    return app
