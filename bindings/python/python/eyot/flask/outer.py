"""The outer station, around ``wsgi_app``: files and refusals, island answers, and shells as caches see them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.test import run_wsgi_app
from werkzeug.wsgi import get_input_stream

from .. import debug
from .._eyot import Pending, Reply
from . import declared
from .environ import Environ, RequestLine, Station, headers, hide, keep_out_of_caches, with_station
from .refusals import Refusal, logger, report

if TYPE_CHECKING:
    from .._eyot import Policy, Verdict, Visit
    from .site import Site

StartResponse = Callable[..., Any]
WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]

_CSP = "Content-Security-Policy"


class OuterStation:
    """The WSGI application that takes the place of ``app.wsgi_app``."""

    def __init__(self, site: Site, app: WsgiApp) -> None:
        self._site = site
        self._app = app

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, by the app or without it."""
        self._site.settle()
        self._site.follow_keys()
        line = RequestLine.of(environ)
        # An absolute target begins otherwise; core reads it.
        if line.target.startswith((line.mount + self._site.options.prefix, "http")):
            route = self._site.core.route(line.method, line.target, headers(environ), line.mount)
            if isinstance(route, Reply):
                return self._reply(route, start_response)
            if route is not None:
                return self._island(route, environ, start_response)
        policy = self._policy(environ)
        visit = policy and policy.incoming(self._site.core, line.method, line.target, headers(environ), line.mount)
        if policy and visit:
            return self._shell(policy, visit, environ, start_response)
        return self._app(environ, start_response)

    def _reply(self, reply: Reply, start_response: StartResponse) -> Iterable[bytes]:
        if reply.reason:
            report(self._site.app, Refusal.of(reply), self._site.options.on_refusal)
        start_response(_status(reply.status), reply.headers)
        return [reply.body]

    def _island(self, pending: Pending, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        limit = pending.body_limit
        body = get_input_stream(environ).read(limit + 1) if limit else b""
        if len(body) > limit:
            return self._reply(pending.too_large(), start_response)
        state = Station(pending=pending, body=body)
        inner = with_station(environ, state)
        inner["wsgi.input"] = BytesIO(body)
        chunks, status, answered = run_wsgi_app(self._app, inner)
        if state.refusal:
            _close(chunks)
            return self._reply(state.refusal, start_response)
        if state.own_policies is not None:
            answered.setlist(_CSP, state.own_policies)
        finished = pending.finish(_code(status), list(answered), shared=state.shared, page=state.page)
        if isinstance(finished, Reply):
            _close(chunks)
            return self._reply(finished, start_response)
        start_response(_status(finished.status), finished.headers)
        if finished.body:
            return chunks
        _close(chunks)
        return []

    def _policy(self, environ: Environ) -> Policy | None:
        """Return the policy of the view that Flask will choose, decided before any header is hidden."""
        if not self._site.has_policies:
            return None
        app = self._site.app
        adapter = app.create_url_adapter(app.request_class(environ))
        if adapter is None:
            return None
        try:
            endpoint, _ = adapter.match()
        except HTTPException:
            return None
        return declared.policy(app, endpoint)

    def _shell(self, policy: Policy, visit: Visit, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        state = Station(policy=policy)
        inner = with_station(environ, state)
        hide(inner, policy.hidden_headers, visit.query)
        # A HEAD is judged by the page that it stands for: its ETag, its length, its leaks.
        is_head = environ["REQUEST_METHOD"] == "HEAD"
        inner["REQUEST_METHOD"] = "GET"
        chunks, status, answered = run_wsgi_app(self._app, inner)
        if state.is_faulty:
            # Said once more: functions of the app that ran after the split may have said otherwise.
            keep_out_of_caches(answered)
        if policy.streams and "Content-Length" not in answered:
            verdict = visit.finish(_code(status), list(answered), None)
            self._log(verdict)
            start_response(_status(verdict.status), verdict.headers)
            return chunks if not is_head else _closed(chunks)
        body = b"".join(chunks)
        _close(chunks)
        verdict = visit.finish(_code(status), list(answered), body)
        self._log(verdict)
        if verdict.leaks and self._site.app.debug:
            body = debug.leak_page(verdict.leaks)
            return self._send(500, Headers(_DEBUG_HEADERS), body, is_head, start_response)
        return self._send(verdict.status, Headers(verdict.headers), body, is_head, start_response)

    def _send(
        self, status: int, answered: Headers, body: bytes, is_head: bool, start_response: StartResponse
    ) -> Iterable[bytes]:
        if status not in (204, 304):
            answered["Content-Length"] = str(len(body))
        start_response(_status(status), list(answered))
        return [] if is_head or status in (204, 304) else [body]

    def _log(self, verdict: Verdict) -> None:
        for code, text in verdict.leaks:
            logger.error("a shell was kept out of caches: %s (%s)", text, code)


_DEBUG_HEADERS = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store")]


def _status(code: int) -> str:
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return f"{code} Unknown"


def _code(status: str) -> int:
    return int(status.split(" ", 1)[0])


def _close(chunks: Iterable[bytes]) -> None:
    close = getattr(chunks, "close", None)
    if close:
        close()


def _closed(chunks: Iterable[bytes]) -> Iterable[bytes]:
    _close(chunks)
    return []
