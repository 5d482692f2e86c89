"""The outer station of an ASGI app: files and refusals, island answers, and shells as caches see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._eyot import Pending, Reply, uncached_headers
from ..answers import Plain
from ..refusals import Refusal
from ..stations import Station
from .leaving import call_until_left, read_body
from .messages import (
    AsgiApp,
    Headers,
    Message,
    Receive,
    RequestLine,
    Scope,
    Send,
    answer,
    has,
    hide,
    keep_files_in,
    read,
    root_path,
    show,
    tell_around,
    with_length,
    with_station,
    written,
)

if TYPE_CHECKING:
    from .._eyot import Outcome, Policy, Visit
    from .islands import Islands

_NOT_INSIDE = (
    "the island %s was asked for, and nothing opened its token: put the inner station around the app, inside sessions"
)


class OuterStation:
    """The ASGI application around an app, outside of its sessions."""

    def __init__(self, islands: Islands, app: AsgiApp) -> None:
        self._islands = islands
        self._site = islands._site
        self._app = app
        self._root_path = root_path(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, by the app or without it. What is not HTTP is the app's."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        if self._root_path:
            # As the app itself does as soon as it is called.
            scope["root_path"] = self._root_path
        self._site.arriving()
        core, line, headers = self._site.core, RequestLine.of(scope), read(scope["headers"])
        # Core reads an absolute target, and refuses a mount point that is none.
        if line.mount or line.target.startswith((self._site.options.prefix, "http")):
            route = core.route(line.method, line.target, headers, line.mount)
            if isinstance(route, Reply):
                return await self._reply(route, send)
            if route is not None:
                return await self._island(route, scope, receive, send)
        policy = self._islands._policy(scope)
        visit = policy and policy.incoming(core, line.method, line.target, headers, line.mount)
        if policy and visit:
            return await self._shell(policy, visit, scope, receive, send)
        return await self._app(scope, receive, send)

    async def _reply(self, reply: Reply, send: Send) -> None:
        if reply.reason:
            self._site.report(Refusal.of(reply))
        answered, body = self._site.shown(reply)
        await answer(send, reply.status, answered, body)

    async def _island(self, pending: Pending, scope: Scope, receive: Receive, send: Send) -> None:
        limit = pending.body_limit
        body = await read_body(receive, limit) if limit else b""
        if body is None:
            return None
        if len(body) > limit:
            return await self._reply(pending.too_large(), send)
        state = Station(pending=pending, body=body, shared=self._site.shared(pending.name))
        inner, way_out = with_station(scope, state), _IslandOut(self, state, pending, send)
        keep_files_in(inner)
        if state.shared is not None:
            # Everybody gets what it answers, so it does not see who asks.
            hide(inner, pending.hidden_headers, None)
        try:
            await call_until_left(self._app, inner, receive, way_out, body)
        except Exception:
            # What stands outside logs it; what it would answer says nothing to caches.
            if not way_out.is_begun and not self._islands.is_debug:
                await self._failed(send)
            raise
        finally:
            tell_around(scope, inner)

    async def _failed(self, send: Send) -> None:
        failed = Plain.text(500, "internal server error\n")
        await answer(send, failed.status, with_length(failed.headers, len(failed.body)), failed.body)

    async def _shell(self, policy: Policy, visit: Visit, scope: Scope, receive: Receive, send: Send) -> None:
        state = Station(policy=policy)
        inner = with_station(scope, state)
        hide(inner, visit.hidden_headers, visit.query)
        keep_files_in(inner)
        # A HEAD is judged by the page that it stands for: its ETag, its length, its leaks.
        inner["method"] = "GET"
        is_head = scope["method"] == "HEAD"
        try:
            out = _ShellOut(self, state, policy, visit, send, path=RequestLine.of(scope).path, is_head=is_head)
            await self._app(inner, receive, out)
        finally:
            tell_around(scope, inner)


class _IslandOut:
    """What the app sends for an island, on its way out."""

    def __init__(self, station: OuterStation, state: Station, pending: Pending, send: Send) -> None:
        self._station, self._state, self._pending, self._send = station, state, pending, send
        self.is_begun = False
        self._is_over = False
        # Of a shared island: what came so far, which is judged as a whole.
        self._start: Message = {}
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if self._is_over:
            return
        if message["type"] == "http.response.start":
            self.is_begun = True
            if self._state.shared is None:
                await self._judge(message, None)
            else:
                self._start = message
        elif self._state.shared is None or message["type"] != "http.response.body":
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._judge(self._start, bytes(self._body))

    async def _judge(self, message: Message, body: bytes | None) -> None:
        state, status, headers = self._state, message["status"], read(message.get("headers", ()))
        if status == 404 and not state.is_opened:
            self._station._site.logger.error(_NOT_INSIDE, self._pending.name)
        if state.own_policies is not None:
            headers = [field for field in headers if field[0].lower() != "content-security-policy"]
            headers += [("Content-Security-Policy", value) for value in state.own_policies]
        finished = state.refusal or state.finish(self._pending, status, headers, body)
        if isinstance(finished, Reply):
            self._is_over = True
            await self._station._reply(finished, self._send)
        elif finished.leaks and self._told(finished) and finished.shown:
            self._is_over = True
            await show(self._send, finished.shown)
        elif finished.has_body and body is None:
            await self._send({**message, "status": finished.status, "headers": written(finished.headers)})
        else:
            self._is_over = True
            sent = body if finished.has_body else None
            await answer(self._send, finished.status, finished.headers, sent or b"")

    def _told(self, finished: Outcome) -> bool:
        """Log what leaks; tell whether it is shown as well."""
        self._station._site.log_leaks("a shared island", self._pending.name, finished.leaks)
        return self._station._islands.is_debug


class _ShellOut:
    """What the app sends on a route with a policy, on its way out."""

    def __init__(
        self,
        station: OuterStation,
        state: Station,
        policy: Policy,
        visit: Visit,
        send: Send,
        *,
        path: str,
        is_head: bool,
    ) -> None:
        self._station, self._state, self._policy, self._visit, self._send = station, state, policy, visit, send
        self._path, self._is_head = path, is_head
        self._start: Message = {}
        self._body = bytearray()
        self._is_streaming = self._is_over = False

    async def __call__(self, message: Message) -> None:
        if self._is_over:
            return
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] != "http.response.body" or self._is_streaming:
            await self._send(message)
        elif self._is_stream(message):
            await self._begin()
            await self(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                self._is_over = True
                await self._whole(bytes(self._body))

    def _is_stream(self, message: Message) -> bool:
        more = bool(message.get("more_body", False))
        return self._policy.streams and more and not self._body and not has(self._headers(), "content-length")

    def _headers(self) -> Headers:
        headers = read(self._start.get("headers", ()))
        # Said once more: middleware that ran after the split may have said otherwise.
        return uncached_headers(headers) if self._state.is_faulty else headers

    def _judged(self, body: bytes | None) -> Outcome:
        verdict = self._visit.finish(self._start["status"], self._headers(), body)
        self._station._site.log_leaks("a shell", self._path, verdict.leaks)
        return verdict

    async def _begin(self) -> None:
        verdict = self._judged(None)
        if self._is_head or verdict.status == 304:
            self._is_over = True
            return await answer(self._send, verdict.status, verdict.headers, b"")
        self._is_streaming = True
        await self._send({**self._start, "status": verdict.status, "headers": written(verdict.headers)})

    async def _whole(self, body: bytes) -> None:
        verdict = self._judged(body)
        status, headers = verdict.status, verdict.headers
        if verdict.shown and self._station._islands.is_debug:
            status, headers, body = verdict.shown.status, verdict.shown.headers, verdict.shown.body or b""
        if status in (204, 304):
            return await answer(self._send, status, headers, b"")
        await answer(self._send, status, with_length(headers, len(body)), b"" if self._is_head else body)
