"""The outer station, outside of sessions: asks core what a request is, and sends what core makes of the answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpResponse

from .._eyot import MARK
from ..page import check_end, is_open, is_text, is_unseen, outside
from . import order
from .leaving import Passage
from .requests import Hidden, RequestStation, as_get, headers, hide, read_body, request_line, set_station, visitor
from .responses import made, note_mark, until_its_end
from .site import enter, get_site
from .urls import mount

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from ..stations import RequestLine

_CODING = "HTTP_ACCEPT_ENCODING"


class Crossing:
    """One request's way in and out; most requests leave it as it is."""

    _hidden: Hidden | None = None
    _coding: dict[str, Any] | None = None
    _passage: Passage | None = None
    _is_inners = False

    def __init__(self, request: HttpRequest) -> None:
        self.site, self.state, self._request = get_site(), RequestStation(), request
        self.state.is_around = True
        enter(request)
        self.site.follow_keys()
        self.answer = self._arrive()
        if self.answer is None:
            self._enter()

    @cached_property
    def _line(self) -> RequestLine:
        return request_line(self._request)

    def _arrive(self) -> HttpResponse | None:
        """Return what is answered at once."""
        site, state, request = self.site, self.state, self._request
        state.urlconf = getattr(request, "urlconf", None)
        state.policy = site.policy(request)
        own = request.path_info.startswith(site.options.prefix) or request.META.get("SCRIPT_NAME")
        if not (state.policy or own):
            return None
        # Before anything of the request is hidden, or changed.
        self._line = request_line(request)
        whom = visitor(request) if state.policy else None
        sent = site.arrive(state, self._line, headers(request), state.policy, whom)
        if sent is None and state.exchange and state.exchange.body_limit:
            sent = site.take_body(state, read_body(request, state.exchange.body_limit))
        return made(sent) if sent else None

    def _enter(self) -> None:
        """Let the project see what it is to see."""
        request, exchange = self._request, self.state.exchange
        set_station(request, self.state)
        if exchange:
            if exchange.path:
                as_get(request, exchange.path)
            trusted = order.trusted_meta(tuple(settings.MIDDLEWARE)) if self.state.is_anonymous else ()
            self._hidden = Hidden(request, exchange, trusted)
            self.state.take_off = self._take_off
        elif _CODING in request.META and "text/html" in request.META.get("HTTP_ACCEPT", ""):
            # A page that is compressed inside would have to be undone.
            self._coding = hide(request, (_CODING,))
        if self.state.name:
            mount(request)

    def _take_off(self) -> None:
        """End the policy: the view that runs does not have it."""
        self.state.exchange = None
        self._restore(secrets=True)

    def _restore(self, *, secrets: bool) -> None:
        """Put back for middlewares around what was hidden; of a stream, whose view is still at work, no secrets."""
        if self._hidden:
            self._hidden.restore(secrets=secrets)
            self._hidden = None
        if self._coding:
            self._request.META.update(self._coding)
            self._request.__dict__.pop("headers", None)

    async def within(self, work: Awaitable[HttpResponseBase]) -> HttpResponseBase:
        """Wait for an answer; an island's that takes too long is cancelled."""
        seconds = self.site.deadline(self.state.name)
        if not seconds:
            return await work
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait((task,), timeout=seconds)
            if task.done():
                return task.result()
        finally:
            task.cancel()
        self.site.log_late(self.state, seconds)
        late = {"Cache-Control": "no-store"}
        return HttpResponse("the island took too long\n", "text/plain; charset=utf-8", 503, headers=late)

    def wants_body(self, response: HttpResponseBase) -> bool:
        """Look at the answer, and tell whether all of it is to be judged."""
        state, media = self.state, response.headers.get("Content-Type")
        # A JSON answer is to cost one look at its type.
        if state.exchange is None and not state.is_marked and not is_text(media):
            return False
        is_marked = note_mark(response)
        self._is_inners = is_marked and response.streaming and is_open(state, self._line, response.status_code)
        if state.exchange or is_unseen(response.status_code, media, is_marked=is_marked):
            self._passage = Passage(outside(self.site, state, self._line), response, partial(_unmark, response))
            return self._passage.wants_body
        if is_marked:
            del response.headers[MARK]
        return False

    def back(self, response: HttpResponseBase, page: bytes | None) -> HttpResponseBase:
        """Return what is sent."""
        sent = self._passage.sent(page) if self._passage else response
        if self.state.is_anonymous:
            self.site.note_session(self.state, self._line.path, getattr(self._request, "session", None))
        if self._is_inners and page is None and sent.streaming:
            until_its_end(sent, partial(check_end, self.site, self.state, self._line))
        # It leads back here.
        self.state.take_off = None
        if self._hidden or self._coding:
            self._restore(secrets=not sent.streaming or bool(self.state.name))
        return sent


def _unmark(response: HttpResponseBase) -> bool:
    if MARK in response.headers:
        del response.headers[MARK]
    return True
