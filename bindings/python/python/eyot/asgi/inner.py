"""The inner station of an ASGI app: opens islands, calls handlers that are no routes, splits HTML on its way out."""

from __future__ import annotations

import asyncio
import inspect
from functools import partial
from typing import TYPE_CHECKING, Any

from ..answers import Plain, plain
from ..gateway import ISLAND, Current, by_the_app, opened
from ..page import inside, matters
from ..registry import check_call
from .messages import (
    AsgiApp,
    Receive,
    Scope,
    Send,
    answer,
    keep_files_in,
    no_body,
    request_line,
    station,
    without_range,
)
from .request import Request
from .tap import Tap

if TYPE_CHECKING:
    from .._eyot import Exchange
    from ..files import Key
    from ..island import Island
    from ..registry import Registration
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
        state = station(scope)
        line = state.line
        if line is None or state.exchange or line.is_moved(scope.get("root_path", "")):
            line = request_line(scope)
        if not state.is_around:
            self._site.check_around(state, line)
        # In place: middleware around this one reads from its scope what the app puts there, sessions above all.
        keep_files_in(scope, paths=False)
        splits = self._site.splits_island(state.name) if state.name else self._islands._splits(scope)
        current = Current(scope, line, state, splits)
        token = self._site.current.set(current)
        try:
            if not (state.exchange and state.name):
                await self._page(self._app, scope, receive, send, current)
                if state.exchange:
                    self._site.note_session(state, line.path, scope.get("session"))
            elif ISLAND not in scope:
                await self._island(self._site.registry[state.name], state.exchange, scope, receive, send, current)
            else:
                await self._app(scope, receive, send)
        finally:
            self._site.current.reset(token)

    async def _page(self, app: AsgiApp, scope: Scope, receive: Receive, send: Send, current: Current) -> None:
        site, state, splits = self._site, current.state, current.is_split
        begin = partial(inside, site, state, current.line, splits=splits, context=partial(site.context_of, current))
        # What an island's handler answers is core's to see each time.
        target = None if state.name else current.line.target
        tap = partial(
            Tap,
            site,
            state,
            begin=begin,
            matters=lambda status, media, _: matters(state, status, media, splits=splits),
            target=target,
        )
        # Before the app puts things into its scope.
        without = without_range(scope) if splits and not state.name else None

        async def again(part: Key | None) -> bool:
            whole = tap(send=send, part=part)
            await app(without, no_body(), whole)
            return whole.is_same

        await app(scope, receive, tap(send=send, again=again if without else None))

    async def _island(
        self,
        registration: Registration,
        exchange: Exchange,
        scope: Scope,
        receive: Receive,
        send: Send,
        current: Current,
    ) -> None:
        scope[ISLAND] = lambda: registration.open(exchange, self._site.audience(scope))
        is_apps = self._islands._is_routed or registration.handler is by_the_app
        app = self._app if is_apps else self._called(registration)
        return await self._page(app, scope, receive, send, current)

    def _called(self, registration: Registration) -> AsgiApp:
        """Return the handler as an app."""

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            found = opened(scope)
            if found is None:
                return await answer(send, 404, [], b"")
            try:
                answered = await _result(registration, Request(scope, receive), found)
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


async def _result(registration: Registration, request: Request, island: Island[Any]) -> Any:
    handler = registration.handler
    check_call(registration.name, handler, ("request", "island"))
    if inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(type(handler).__call__):
        return await handler(request, island)
    # A handler that blocks does not hold up the loop.
    result = await asyncio.to_thread(handler, request, island)
    return await result if inspect.isawaitable(result) else result


async def _send_plain(whole: Plain, send: Send) -> None:
    await answer(send, whole.status, whole.with_length(), whole.body)
