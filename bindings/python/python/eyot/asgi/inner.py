"""The inner station of an ASGI app: opens islands, calls handlers that are no routes, splits HTML on its way out."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from .._eyot import Reply
from ..answers import Plain, plain
from ..files import Key, is_part, key
from ..gateway import Current
from ..page import may_matter, way_out, whole
from ..refusals import Refusal
from .messages import (
    ISLAND,
    PATHSEND,
    AsgiApp,
    Headers,
    Message,
    Receive,
    RequestLine,
    Scope,
    Send,
    answer,
    keep_files_in,
    no_body,
    read,
    show,
    station,
    with_length,
    without_range,
    written,
)
from .request import Request

if TYPE_CHECKING:
    from .._eyot import PageOut, Sent
    from ..files import Plain as Files
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

    @property
    def app(self) -> AsgiApp:
        """The app that is inside."""
        return self._app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, by a handler or by the app. What is not HTTP is the app's."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        state, line = station(scope), RequestLine.of(scope)
        # In place: middleware around this one reads from its scope what the app puts there, sessions above all.
        keep_files_in(scope, paths=False)
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
        # The route may still change what templates know of the request; the page's context is the request's own.
        context = self._site.context()
        state, is_head = current.state, current.method == "HEAD"
        target = f"{current.path}?{scope.get('query_string', b'').decode('latin-1')}"

        def out() -> PageOut:
            return way_out(self._site, state, current.path, is_head=is_head, context=lambda: context)

        # Before the app puts things into its scope.
        without = None if state.pending else without_range(scope)

        async def again(part: Key | None) -> bool:
            whole = _PageOut(out(), state, send, self._site.plain, target, part=part)
            await app(without, no_body(), whole)
            return whole.is_same

        await app(
            scope,
            receive,
            _PageOut(out(), state, send, self._site.plain, target, again=again if without else None),
        )

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
            return await _send_plain(Plain.text(opened.status, opened.line(debug=self._islands.is_debug)), send)
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
            headers = read(message.get("headers", ()))
            state.own_policies = [value for name, value in headers if name.lower() == "content-security-policy"]
        await send(message)

    return noting


class _PageOut:
    """What the app sends, on its way through the split.

    ``again`` calls the app once more, for the whole page where this one is a part, and tells whether the part may go
    out; that call's own way out has the key of the ``part``.
    """

    def __init__(
        self,
        out: PageOut,
        state: Station,
        send: Send,
        plain: Files,
        target: str,
        *,
        again: Callable[[Key | None], Awaitable[bool]] | None = None,
        part: Key | None = None,
    ) -> None:
        self._out, self._state, self._send = out, state, send
        self._plain, self._target, self._again, self._part = plain, target, again, part
        self._key: Key | None = None
        self._start: Message = {}
        self._headers: Headers = []
        self._body = bytearray()
        self._coding: str | None = None
        # What core said last.
        self._step = "pass"
        self._is_over = False
        # Whether this is what the part is a part of, and holds nothing to split: then nothing of it goes out.
        self.is_same = False

    async def __call__(self, message: Message) -> None:
        kind = message["type"]
        if self._is_over:
            return
        if kind == "http.response.start":
            await self._begin(message)
        elif kind == PATHSEND and self._step != "pass":
            await self._file(message)
        elif self._step == "pass" or kind != "http.response.body":
            await self._send(message)
        else:
            await self._chunk(message.get("body", b""), more=bool(message.get("more_body", False)))

    async def _begin(self, message: Message) -> None:
        status = message["status"]
        self._start, self._headers = message, read(message.get("headers", ()))
        is_range = self._again is not None and is_part(status, self._headers)
        if not is_range and not may_matter(status, self._headers):
            return await self._send(message)
        self._key = key(self._target, status, self._headers)
        if self._key in self._plain:
            return await self._pass()
        if not (is_range and self._again):
            return await self._ask("unknown")
        self._is_over = not await self._again(self._key)
        return None if self._is_over else await self._send(message)

    async def _pass(self) -> None:
        """Let what holds nothing to split pass as it is; nothing of it where its part goes out."""
        self.is_same = self._part is not None and self._key == self._part
        if self.is_same:
            self._is_over = True
        else:
            self._step = "pass"
            await self._send(self._start)

    async def _file(self, message: Message) -> None:
        """Read a file that the server would send by itself, unless it is known to hold nothing to split."""
        path = message["path"]
        stat = await asyncio.to_thread(os.stat, path)
        self._key = (str(path), str(stat.st_mtime_ns), str(stat.st_size))
        if self._key in self._plain:
            await self._pass()
        elif self._step == "wait":
            await self._ask("more")
        if self._step == "pass":
            await self._send(message)
        elif not self._is_over:
            await self._chunk(await asyncio.to_thread(Path(path).read_bytes), more=False)

    async def _ask(self, size: Literal["unknown", "whole", "more"]) -> None:
        step = self._out.step(self._start["status"], self._headers, size)
        self._step, self._coding = step.kind, step.coding
        self._state.is_faulty |= self._out.is_faulty
        if step.kind == "pass":
            await self._send(self._start)
        elif step.kind == "stream" and step.sent:
            await self._send_head(step.sent)
        elif step.kind == "instead" and step.sent:
            self._is_over = True
            await show(self._send, step.sent)

    async def _chunk(self, chunk: bytes, *, more: bool) -> None:
        if self._step == "wait":
            await self._ask("more" if more else "whole")
        if self._step == "pass":
            await self._send({"type": "http.response.body", "body": chunk, "more_body": more})
        elif self._step == "stream":
            await self._streamed(chunk, more=more)
        elif not self._is_over:
            self._body += chunk
            if not more:
                self._is_over = True
                await self._whole(bytes(self._body))

    async def _streamed(self, chunk: bytes, *, more: bool) -> None:
        shell = self._out.push(chunk)
        if not (more or self._out.is_over):
            shell += self._out.finish()
        if shell:
            await self._send({"type": "http.response.body", "body": shell, "more_body": True})
        if self._out.is_over:
            self._is_over = True
            # Raised into the app: the server then cuts the connection, and caches discard what they have.
            self._out.check()
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _whole(self, body: bytes) -> None:
        sent = whole(self._out, self._start["status"], self._headers, body, self._coding)
        self._state.is_faulty |= self._out.is_faulty
        if sent is None:
            self._plain.add(self._key)
            await self._pass()
            if self.is_same:
                return
        else:
            await self._send_head(sent)
            body = body if sent.body is None else sent.body
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def _send_head(self, sent: Sent) -> None:
        start = {**self._start, "status": sent.status, "headers": written(sent.headers)}
        # What follows a body that is rewritten, a digest for one, would be of the page before the split.
        await self._send({**start, "trailers": False} if start.get("trailers") else start)
