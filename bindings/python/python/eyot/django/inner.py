"""The inner station, the last middleware: splits the HTML that views answer, and leads islands to their handlers."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import translation

from .._eyot import MARK, Event
from ..auditing import described, findings
from ..files import Key, is_part, key
from ..page import inside, is_text
from .leaving import Passage
from .requests import hide, request_line, set_station, show_query, station
from .responses import body, discard, file_key, headers, kind_headers
from .site import get_site
from .urls import mount

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from .._eyot import Exchange
    from .requests import RequestStation
    from .site import Site

_URLCONF_LATE = (
    "no shell policy: a middleware behind eyot.django.middleware.OuterMiddleware chose another URLconf, whose view has "
    "another policy: move that middleware before it"
)


class Inside:
    """One request's way in and out; most requests leave it as it is."""

    _language: str | None = None
    _passage: Passage | None = None
    _key: Key | None = None

    def __init__(self, request: HttpRequest) -> None:
        self._request, self._site = request, get_site()
        self._state = state = station(request)
        state.is_inside = True
        if not state.is_around:
            set_station(request, state)
        elif state.urlconf != getattr(request, "urlconf", None) and not state.name:
            self._check_policy()
        if state.exchange:
            self._lead(state.exchange)

    def _lead(self, exchange: Exchange) -> None:
        """Lead an island to its handler, and show the query that the app is to see."""
        if exchange.name:
            self._language = translation.get_language() if settings.USE_I18N else None
            mount(self._request)
        if exchange.query is not None:
            show_query(self._request, exchange.query)

    def _check_policy(self) -> None:
        """Take the policy off where another view runs than the one that the outer station had found."""
        if not self._state.take_off or self._site.policy(self._request) is self._state.policy:
            return
        path = request_line(self._request).path
        self._site.log(self._state, Event(logging.ERROR, "policy-urlconf", _URLCONF_LATE, path=path))
        self._state.take_off()

    def is_part(self, response: HttpResponseBase) -> bool:
        """Tell whether this is a part of what may be a page, so that the view is asked for the whole of it."""
        if "HTTP_RANGE" not in self._request.META or self._state.name or not self._site.splits(self._request):
            return False
        if not is_part(response.status_code, kind_headers(response)) or self._found(response) in self._site.plain:
            return False
        hide(self._request, ("HTTP_RANGE", "HTTP_IF_RANGE"))
        return True

    def chosen(self, part: HttpResponseBase, whole: HttpResponseBase) -> HttpResponseBase:
        """Return the part, if the whole holds nothing to split; else the whole."""
        found = self._found(part)
        same = found is not None and found == self._key and found in self._site.plain
        sent, other = (part, whole) if same else (whole, part)
        if sent is part:
            _mark(self._state, part)
        discard(other)
        return sent

    def _found(self, response: HttpResponseBase) -> Key | None:
        if response.streaming:
            return file_key(response)
        if "ETag" not in response.headers:
            return None
        return key(request_line(self._request).target, response.status_code, headers(response))

    def wants_body(self, response: HttpResponseBase) -> bool:
        """Look at the answer, and tell whether it is to be split as a whole."""
        state, site = self._state, self._site
        if state.name:
            self._note_language(response)
        # A JSON answer is to cost one look at its type.
        is_bare = response.status_code in (204, 304)
        if not state.name and (is_bare or not is_text(response.headers.get("Content-Type"))):
            return False
        splits = site.splits(self._request)
        if not splits:
            if site.is_debug:
                self._audit(response)
            if not (state.name or state.is_around):
                return False
        self._key = self._found(response)
        if self._key in site.plain and not state.name:
            _mark(state, response)
            return False
        state.is_marked = state.is_around
        is_same = partial(_note_plain, site, state, self._key, response)
        self._passage = Passage(inside(site, state, request_line(self._request), splits=splits), response, is_same)
        return self._passage.wants_body

    def _audit(self, response: HttpResponseBase) -> None:
        """Log what a browser would make of islands on a page that core does not read."""
        is_page = "html" in response.headers.get("Content-Type", "") and not response.streaming
        if is_page and not self._state.name:
            for found in findings(body(response), writes_loader=self._site.core.writes_loader):
                self._site.warn(found.code, described(found), island=found.island)

    def _note_language(self, response: HttpResponseBase) -> None:
        if self._language is not None and translation.get_language() != self._language:
            response.headers.setdefault("Content-Language", translation.get_language() or "")
            translation.activate(self._language)

    def sent(self, response: HttpResponseBase, page: bytes | None) -> HttpResponseBase:
        """Return what goes out, of a whole page where it was wanted."""
        return self._passage.sent(page) if self._passage else response


def _note_plain(site: Site, state: RequestStation, key: Key | None, response: HttpResponseBase) -> bool:
    site.plain.add(key)
    if state.name:
        # The mark of an island says more.
        return False
    _mark(state, response)
    return True


def _mark(state: RequestStation, response: HttpResponseBase) -> None:
    if state.is_around:
        response.headers[MARK] = "1"
        state.is_marked = True
