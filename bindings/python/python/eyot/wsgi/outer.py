"""The outer station of a WSGI host: asks core what a request is, and sends what core makes of the answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from ..page import check_end, is_open, is_unseen, look, outside, unmarked
from ..stations import RequestLine, Station
from .calling import Body, Called, StartResponse, WsgiApp
from .environ import KEY, Environ, headers, may_be_own, read_body, request_line, seen, visitor
from .leaving import leave, send

if TYPE_CHECKING:
    from .._eyot import Policy
    from ..site import Site

_CODING = "HTTP_ACCEPT_ENCODING"


class Routes(Protocol):
    """What the outer station asks of a host."""

    def arriving(self) -> None:
        """Do what is due when a request comes."""

    def policy(self, environ: Environ, line: RequestLine) -> Policy | None:
        """Return the shell policy of the route that the app will choose, decided before any header is hidden."""


class OuterStation:
    """The WSGI application around an app, outside of its sessions."""

    def __init__(self, site: Site, routes: Routes, app: WsgiApp) -> None:
        self._site, self._routes, self._app = site, routes, app
        self._own = (site.options.prefix, "http")

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, by the app or without it."""
        self._routes.arriving()
        state, line = Station.around(), request_line(environ)
        state.line = line
        policy = self._routes.policy(environ, line)
        if policy or may_be_own(environ, self._own):
            sent = self._site.arrive(state, line, headers(environ), policy, visitor(environ) if policy else None)
            if sent is None and state.exchange and state.exchange.body_limit:
                sent = self._site.take_body(state, read_body(environ, state.exchange.body_limit))
            if sent:
                return send(sent, start_response)
        if state.name:
            with self._site.timed(state):
                called = self._called(environ, state)
        else:
            called = self._called(environ, state)
        media, is_marked = look(called.headers)
        is_begun = is_marked and is_open(state, line, called.status)
        if state.exchange or (media is not None and is_unseen(called.status, media, is_marked=is_marked)):
            out = outside(self._site, state, line)
            body = leave(out, called, start_response, is_head=line.method == "HEAD")
        else:
            body = called.forward(start_response, unmarked(called.headers) if is_marked else called.headers)
        # Nobody iterates a list that is sent instead.
        is_begun = is_begun and not isinstance(body, list)
        return Body(self._to_its_end(body, state, line), body) if is_begun else body

    def _called(self, environ: Environ, state: Station) -> Called:
        if state.exchange:
            return Called(self._app, seen(environ, state, state.exchange))
        environ[KEY] = state
        if _CODING not in environ or "text/html" not in environ.get("HTTP_ACCEPT", ""):
            return Called(self._app, environ)
        # A page that is compressed inside would have to be undone; layers around see what was sent.
        coding = state.coding = environ.pop(_CODING)
        try:
            return Called(self._app, environ)
        finally:
            environ[_CODING] = coding

    def _to_its_end(self, body: Iterable[bytes], state: Station, line: RequestLine) -> Iterable[bytes]:
        yield from body
        check_end(self._site, state, line)
