"""The outer station of an ASGI app: asks core what a request is, and sends what core makes of the answer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from .._eyot import MARK
from ..answers import Plain
from ..page import check_end, is_open, is_unseen, look, outside
from ..stations import RequestLine, Station
from .leaving import call_within, read_body
from .messages import (
    AsgiApp,
    Message,
    Receive,
    Scope,
    Send,
    answer,
    as_a_page,
    keep_files_in,
    may_be_own,
    read,
    request_line,
    root_path,
    seen,
    send_whole,
    tell_around,
    visitor,
)
from .tap import Tap

if TYPE_CHECKING:
    from ..site import Site
    from .islands import Islands

_MARK = MARK.lower().encode()


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
        state, line = Station.around(), request_line(scope)
        state.line = line
        policy = self._islands._policy(scope, line)
        if policy or may_be_own(scope, self._site.options.prefix):
            whom = visitor(scope) if policy else None
            sent = self._site.arrive(state, line, read(scope["headers"]), policy, whom)
            if sent is None and state.exchange and state.exchange.body_limit:
                body = await read_body(receive, state.exchange.body_limit)
                if body is None:
                    return None
                sent = self._site.take_body(state, body)
            if sent:
                return await send_whole(send, sent)
        tap = _Leaving(self._site, state, line, send)
        inner = seen(scope, state, state.exchange) if state.exchange else as_a_page(scope, state)
        if state.exchange:
            keep_files_in(inner)
        try:
            await (self._island(inner, receive, tap, state) if state.name else self._page(inner, receive, tap, state))
        finally:
            if inner is not scope:
                tell_around(scope, inner)
        if tap.is_inners:
            check_end(self._site, state, line)

    async def _page(self, inner: Scope, receive: Receive, tap: Tap, state: Station) -> None:
        async def noting() -> Message:
            message = await receive()
            state.is_left |= message["type"] == "http.disconnect"
            return message

        await self._app(inner, noting, tap)

    async def _island(self, inner: Scope, receive: Receive, tap: _Leaving, state: Station) -> None:
        async def late() -> None:
            self._site.log_late(state, self._site.deadline(state.name))
            await self._failed(tap, 503, "the island took too long\n")

        try:
            await call_within(self._app, inner, receive, tap, state, self._site.deadline(state.name), late)
        except Exception:
            # What stands outside logs it; what it would answer says nothing to caches.
            if not tap.is_begun and not self._islands.is_debug:
                await self._failed(tap, 500, "internal server error\n")
            raise

    async def _failed(self, tap: Tap, status: int, text: str) -> None:
        failed = Plain.text(status, text)
        await answer(tap, failed.status, failed.with_length(), failed.body)


class _Leaving(Tap):
    """What the app sends, on its way out through the outer station."""

    def __init__(self, site: Site, state: Station, line: RequestLine, send: Send) -> None:
        matters = _always if state.exchange else _unseen
        target = None if state.exchange else line.target
        super().__init__(site, state, send, partial(outside, site, state, line), matters, target)
        self._line = line
        self.is_begun = False
        # Whether a stream of the inner station is leaving.
        self.is_inners = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.is_begun = True
            headers = message.get("headers", ())
            if look(headers)[1]:
                self.is_inners = is_open(self._state, self._line, message["status"])
                if not self._state.exchange:
                    message = {**message, "headers": [field for field in headers if field[0].lower() != _MARK]}
                    return await self._send(message)
        elif self.is_inners and not message.get("more_body", False) and is_open(self._state, self._line):
            # Whoever swallowed why it ended: the connection is cut when the app returns.
            self.is_over = True
        await super().__call__(message)

    def _known(self) -> Message:
        return self._start


def _always(_status: int, _media: str | None, _is_marked: bool) -> bool:
    return True


def _unseen(status: int, media: str | None, is_marked: bool) -> bool:
    return is_unseen(status, media, is_marked=is_marked)


def leaving(site: Site, app: AsgiApp) -> AsgiApp:
    """Return an app that answers in the place of all others, as its answer leaves through an outer station."""

    async def around(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, _Leaving(site, Station(), request_line(scope), send))

    return around
