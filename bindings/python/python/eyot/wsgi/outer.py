"""The outer station of a WSGI host: files and refusals, island answers, and shells as caches see them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Protocol

from .._eyot import Pending, Reply, uncached_headers
from ..refusals import Refusal
from ..stations import Station
from .calling import Called, Headers, StartResponse, WsgiApp, has, status_line, with_length
from .environ import Environ, RequestLine, headers, hide, read_body, with_station

if TYPE_CHECKING:
    from .._eyot import Islands, Policy, Sent, Visit
    from ..site import Options

_CSP = "content-security-policy"
_NOT_INSIDE = (
    "the island %s was asked for, and nothing opened its token: put the inner station around the app, inside sessions"
)


class OuterSite(Protocol):
    """What the outer station asks of an app's islands."""

    logger: logging.Logger

    @property
    def options(self) -> Options:
        """What the islands were given."""

    @property
    def core(self) -> Islands:
        """Core's configuration."""

    @property
    def is_debug(self) -> bool:
        """Whether faults are shown to the visitor."""

    def arriving(self) -> None:
        """Do what is due when a request comes."""

    def policy(self, environ: Environ) -> Policy | None:
        """Return the shell policy of the route that the app will choose, decided before any header is hidden."""

    def shared(self, name: str) -> int | None:
        """Return the seconds for which caches keep the island of this name, if everybody gets the same."""

    def log_leaks(self, what: str, path: str, leaks: Iterable[tuple[str, str]]) -> None:
        """Log what is one visitor's in what everybody would get."""

    def report(self, refusal: Refusal) -> None:
        """Log a refusal and tell who asked to be told."""

    def shown(self, reply: Reply) -> tuple[Headers, bytes]:
        """Return headers and body of a refusal; while debugging the body says why."""


class OuterStation:
    """The WSGI application around an app, outside of its sessions."""

    def __init__(self, site: OuterSite, app: WsgiApp) -> None:
        self._site = site
        self._app = app

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, by the app or without it."""
        self._site.arriving()
        line = RequestLine.of(environ)
        # An absolute target begins otherwise; core reads it, and refuses a mount point that is none.
        if line.mount or line.target.startswith((self._site.options.prefix, "http")):
            route = self._site.core.route(line.method, line.target, headers(environ), line.mount)
            if isinstance(route, Reply):
                return self._reply(route, start_response)
            if route is not None:
                return self._island(route, environ, start_response)
        policy = self._site.policy(environ)
        visit = policy and policy.incoming(self._site.core, line.method, line.target, headers(environ), line.mount)
        if policy and visit:
            return self._shell(policy, visit, environ, start_response)
        return self._app(environ, start_response)

    def _reply(self, reply: Reply, start_response: StartResponse) -> Iterable[bytes]:
        if reply.reason:
            self._site.report(Refusal.of(reply))
        answered, body = self._site.shown(reply)
        start_response(status_line(reply.status), answered)
        return [body]

    def _island(self, pending: Pending, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        limit = pending.body_limit
        body = read_body(environ, limit) if limit else b""
        if len(body) > limit:
            return self._reply(pending.too_large(), start_response)
        state = Station(pending=pending, body=body, shared=self._site.shared(pending.name))
        inner = with_station(environ, state)
        inner["wsgi.input"] = BytesIO(body)
        if state.shared is not None:
            # Everybody gets what it answers, so it does not see who asks.
            hide(inner, pending.hidden_headers)
        called = Called(self._app, inner)
        if state.refusal:
            called.chunks.close()
            return self._reply(state.refusal, start_response)
        if called.status == 404 and not state.is_opened:
            self._site.logger.error(_NOT_INSIDE, pending.name)
        answered = called.headers
        if state.own_policies is not None:
            rest = [field for field in answered if field[0].lower() != _CSP]
            answered = rest + [("Content-Security-Policy", value) for value in state.own_policies]
        whole = None if state.shared is None else called.whole()
        finished = state.finish(pending, called.status, answered, whole)
        if isinstance(finished, Reply):
            called.chunks.close()
            return self._reply(finished, start_response)
        if finished.leaks:
            self._site.log_leaks("a shared island", pending.name, finished.leaks)
            if self._site.is_debug and finished.shown:
                return _show(finished.shown, start_response, is_head=False)
        if whole is not None:
            start_response(status_line(finished.status), finished.headers)
            return [whole] if finished.has_body else []
        start_response(status_line(finished.status), finished.headers)
        return called.chunks if finished.has_body else _closed(called)

    def _shell(self, policy: Policy, visit: Visit, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        state = Station(policy=policy)
        path = RequestLine.of(environ).path
        inner = with_station(environ, state)
        hide(inner, visit.hidden_headers, visit.query, visitor=not policy.cookies)
        # A HEAD is judged by the page that it stands for: its ETag, its length, its leaks.
        is_head = environ["REQUEST_METHOD"] == "HEAD"
        inner["REQUEST_METHOD"] = "GET"
        called = Called(self._app, inner)
        answered = called.headers
        if state.is_faulty:
            # Said once more: functions of the app that ran after the split may have said otherwise.
            answered = uncached_headers(answered)
        if policy.streams and not has(answered, "content-length"):
            verdict = visit.finish(called.status, answered, None)
            self._site.log_leaks("a shell", path, verdict.leaks)
            start_response(status_line(verdict.status), verdict.headers)
            return _closed(called) if is_head else called.chunks
        body = called.whole()
        verdict = visit.finish(called.status, answered, body)
        self._site.log_leaks("a shell", path, verdict.leaks)
        if verdict.shown and self._site.is_debug:
            return _show(verdict.shown, start_response, is_head=is_head)
        return _send(verdict.status, verdict.headers, body, is_head, start_response)


def _send(status: int, answered: Headers, body: bytes, is_head: bool, start_response: StartResponse) -> Iterable[bytes]:
    has_body = status not in (204, 304)
    start_response(status_line(status), with_length(answered, len(body)) if has_body else answered)
    return [body] if has_body and not is_head else []


def _show(shown: Sent, start_response: StartResponse, *, is_head: bool) -> Iterable[bytes]:
    return _send(shown.status, shown.headers, shown.body or b"", is_head, start_response)


def _closed(called: Called) -> Iterable[bytes]:
    called.chunks.close()
    return []
