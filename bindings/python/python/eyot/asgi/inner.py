"""The inner station of an ASGI app: opens islands, calls handlers that are no routes, splits HTML on its way out."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

from .._eyot import Reply, page_kind, split_headers
from ..answers import Plain, plain
from ..gateway import Current
from ..refusals import Refusal
from ..splitting import Split, Splitting, Stream, unsplittable
from .messages import (
    ISLAND,
    AsgiApp,
    Headers,
    Message,
    Receive,
    RequestLine,
    Scope,
    Send,
    answer,
    has,
    keep_files_in,
    read,
    station,
    with_length,
    written,
)
from .request import Request

if TYPE_CHECKING:
    from ..island import Island
    from ..registry import Registration
    from ..stations import Station
    from .islands import Islands


class InnerStation:
    """The ASGI application around an app, inside of its sessions."""

    def __init__(self, islands: Islands, app: AsgiApp) -> None:
        self._islands = islands
        self._site = islands._site
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, by a handler or by the app. What is not HTTP is the app's."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        state, line = station(scope), RequestLine.of(scope)
        # In place: middleware around this one reads from its scope what the app puts there, sessions above all.
        keep_files_in(scope)
        pending = state.pending
        html_pass = self._site.splits_island(pending.name) if pending else self._islands._splits(scope)
        current = Current(scope, line.method, line.path, line.mount, state, html_pass)
        token = self._site.current.set(current)
        try:
            if pending is None:
                await self._page(self._app, scope, receive, send, current)
            elif not state.is_opened:
                await self._island(self._site.registry[pending.name], scope, receive, send, current)
            else:
                await self._app(scope, receive, send)
        finally:
            self._site.current.reset(token)

    async def _page(self, app: AsgiApp, scope: Scope, receive: Receive, send: Send, current: Current) -> None:
        if not current.is_split:
            return await app(scope, receive, send)
        way_out = _PageOut(self._splitting(current), current, send)
        await app(scope, receive, way_out)

    def _splitting(self, current: Current) -> Splitting:
        # The route may still change what templates know of the request; the page's context is the request's own.
        context = self._site.context()
        return Splitting(self._site.core, lambda: context, current.path, self._islands.is_debug, self._site.logger)

    async def _island(
        self, registration: Registration, scope: Scope, receive: Receive, send: Send, current: Current
    ) -> None:
        state = current.state
        if state.pending is None:
            raise RuntimeError("an island is opened for a request that the outer station has let in")
        opened = registration.open(state, state.pending, self._site.audience(scope))
        if isinstance(opened, Reply):
            # The outer station sends it.
            return await answer(send, opened.status, [], b"")
        if isinstance(opened, Refusal):
            self._site.report(opened)
            return await _send_plain(Plain.text(opened.status, "bad request\n"), send)
        scope[ISLAND] = opened
        app = self._app if self._islands._is_routed else self._called(registration, opened)
        await self._page(app, scope, receive, _noting_policies(state, send), current)

    def _called(self, registration: Registration, opened: Island[Any]) -> AsgiApp:
        """Return the handler as an app."""

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                answered = await _result(registration, Request(scope, receive), opened)
                whole = None if callable(answered) else plain(registration.name, answered)
            except Exception:
                if self._islands.is_debug:
                    raise
                self._site.logger.exception("the handler of the island %s failed", registration.name)
                whole = Plain.text(500, "internal server error\n")
            if whole is None:
                await answered(scope, receive, send)
            else:
                await _send_plain(whole, send)

        return app


async def _result(registration: Registration, request: Request, opened: Island[Any]) -> Any:
    handler = registration.handler
    if inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(type(handler).__call__):
        return await handler(request, opened)
    # A handler that blocks does not hold up the loop.
    result = await asyncio.to_thread(handler, request, opened)
    return await result if inspect.isawaitable(result) else result


async def _send_plain(whole: Plain, send: Send) -> None:
    await answer(send, whole.status, with_length(whole.headers, len(whole.body)), whole.body)


def _noting_policies(state: Station, send: Send) -> Send:
    """Note an island's own policies, before middleware between the stations adds those of pages."""

    async def noting(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] in (200, 304):
            headers = read(message["headers"])
            state.own_policies = [value for name, value in headers if name.lower() == "content-security-policy"]
        await send(message)

    return noting


class _PageOut:
    """What the app sends, on its way through the split."""

    def __init__(self, page: Splitting, current: Current, send: Send) -> None:
        self._page, self._state, self._send = page, current.state, send
        self._is_head = current.method == "HEAD"
        self._start: Message = {}
        self._headers: Headers = []
        self._body = bytearray()
        self._stream: Stream | None = None
        self._passes = self._is_over = self._is_text = False

    async def __call__(self, message: Message) -> None:
        kind = message["type"]
        if self._is_over:
            return
        if kind == "http.response.start":
            await self._begin(message)
        elif self._passes or kind != "http.response.body":
            await self._send(message)
        else:
            await self._chunk(message.get("body", b""), more=bool(message.get("more_body", False)))

    async def _begin(self, message: Message) -> None:
        self._headers = read(message["headers"])
        kind = page_kind(message["status"], self._headers)
        self._is_text = kind == "text"
        if kind in ("html", "text"):
            # What follows a body that is rewritten, a digest for one, would be of the page before the split.
            self._start = {**message, "trailers": False} if message.get("trailers") and kind == "html" else message
            return
        refused = None
        if kind != "other":
            self._state.is_faulty = True
            refused = unsplittable(self._page, kind, self._headers)
        if refused is None:
            self._passes = True
            await self._send(message)
        else:
            self._is_over = True
            await answer(self._send, refused.status, refused.headers, refused.body)

    async def _chunk(self, chunk: bytes, *, more: bool) -> None:
        if self._is_text and more and not self._body:
            self._passes = True
            await self._send(self._start)
            return await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
        if self._stream is None and more and not self._body and self._may_stream():
            self._stream = self._page.stream(must_be_sound=self._state.must_be_sound)
            await self._send({**self._start, "headers": written(split_headers(self._headers, None))})
        if self._stream is not None:
            return await self._streamed(self._stream, chunk, more=more)
        self._body += chunk
        if not more:
            self._is_over = True
            await self._whole(bytes(self._body))

    def _may_stream(self) -> bool:
        return self._state.streams and not has(self._headers, "content-length")

    async def _streamed(self, stream: Stream, chunk: bytes, *, more: bool) -> None:
        shell = stream.push(chunk)
        if not more:
            shell += stream.finish()
        if shell:
            await self._send({"type": "http.response.body", "body": shell, "more_body": True})
        if stream.is_over:
            self._is_over = True
            # Raised into the app: the server then cuts the connection, and caches discard what they have.
            stream.check()
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _whole(self, body: bytes) -> None:
        status = self._start["status"]
        if self._is_text:
            outcome = self._page.unsplit(status, self._headers, body) or Split(status, self._headers, body)
        elif self._is_head and not body:
            outcome = Split(status, split_headers(self._headers, None), b"")
        else:
            outcome = self._page.whole(status, self._headers, body)
        self._state.is_faulty = outcome.is_faulty
        start = {**self._start, "status": outcome.status, "headers": written(outcome.headers)}
        await self._send(start)
        await self._send({"type": "http.response.body", "body": outcome.body, "more_body": False})
