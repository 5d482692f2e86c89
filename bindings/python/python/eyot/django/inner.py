"""The inner station, the last middleware: splits the HTML that views answer, and leads islands to their handlers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpResponse
from django.utils import translation

from ..files import Key, is_part, key
from ..page import ashells, may_matter, shells, way_out, whole
from .mounting import mount
from .requests import RequestLine, has_other_urlconf, hide_range, set_inside, set_station, show_query, station
from .responses import abody, body, changed, file_key, headers, instead, kind_headers, mark_island, rewound, set_headers
from .site import get_site

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase, StreamingHttpResponse

    from .._eyot import PageOut, Step
    from ..stations import Station
    from .site import Site

_CSP = "Content-Security-Policy"
_URLCONF_LATE = (
    "%s: no shell policy: a middleware behind eyot.django.ShellMiddleware chose another URLconf, whose view has another"
    " policy: move that middleware before it"
)


class IslandMiddleware:
    """Stands last, so that nothing changes, compresses or keeps pages before they are split."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self._get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Have a request answered, and split the answer."""
        if self._is_async:
            return self._acall(request)
        passage = _Passage(request)
        response: HttpResponseBase = self._get_response(request)
        part = response if passage.is_part(response) else None
        if part:
            response = self._get_response(request)
        wanted = passage.wants_body(response)
        answer = passage.split(response, body(response)) if wanted else passage.stream(response)
        return passage.chosen(part, answer) if part else answer

    async def _acall(self, request: HttpRequest) -> HttpResponseBase:
        passage = _Passage(request)
        response: HttpResponseBase = await self._get_response(request)
        part = response if passage.is_part(response) else None
        if part:
            response = await self._get_response(request)
        wanted = passage.wants_body(response)
        answer = passage.split(response, await abody(response)) if wanted else passage.stream(response)
        return passage.chosen(part, answer) if part else answer


class _Passage:
    """One request's way in and out."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._site: Site = get_site()
        self._state: Station = station(request)
        self._language = translation.get_language() if settings.USE_I18N and self._state.pending else None
        self._out: PageOut | None = None
        self._step: Step | None = None
        self._key: Key | None = None
        set_station(request, self._state)
        set_inside(request)
        if self._state.pending:
            mount(request)
        elif has_other_urlconf(request):
            self._check_policy()
        if self._state.query is not None:
            show_query(request, self._state.query)

    def _check_policy(self) -> None:
        """Take the policy off where another view runs than the one that the outer station had found."""
        if self._site.policy(self._request) is self._state.policy:
            return
        self._site.logger.error(_URLCONF_LATE, self._request.path)
        if self._state.take_off:
            self._state.take_off()

    def is_part(self, response: HttpResponseBase) -> bool:
        """Tell whether this is a part of what may be a page, so that the view is asked for the whole of it."""
        if "HTTP_RANGE" not in self._request.META or self._state.pending or not self._site.splits(self._request):
            return False
        if not is_part(response.status_code, kind_headers(response)) or self._found(response) in self._site.plain:
            return False
        hide_range(self._request)
        return True

    def chosen(self, part: HttpResponseBase, whole: HttpResponseBase) -> HttpResponseBase:
        """Return the part, if the whole holds nothing to split; else the whole."""
        found = self._found(part)
        same = found is not None and found == self._key and found in self._site.plain
        sent, other = (part, whole) if same else (whole, part)
        # Closing a response would end the request.
        sent._resource_closers.extend(other._resource_closers)  # type: ignore[attr-defined]
        return sent

    def _found(self, response: HttpResponseBase) -> Key | None:
        return file_key(response) or key(RequestLine.of(self._request).target, response.status_code, headers(response))

    def wants_body(self, response: HttpResponseBase) -> bool:
        """Look at the answer, and tell whether it is to be split as a whole."""
        self._note_island(response)
        status, kind = response.status_code, kind_headers(response)
        if not may_matter(status, kind) or not self._site.splits(self._request):
            return False
        self._key = self._found(response)
        if self._key in self._site.plain:
            return False
        self._out = way_out(self._site, self._state, self._request.path, is_head=self._request.method == "HEAD")
        # Writing out all headers, cookies among them, takes time that only a stream's head is worth.
        known = headers(response) if response.streaming else kind
        self._step = self._out.step(status, known, "more" if response.streaming else "whole")
        self._state.is_faulty |= self._out.is_faulty
        return self._step.kind in ("collect", "decode")

    def _note_island(self, response: HttpResponseBase) -> None:
        # An error that the handler forwards is no island, and keeps what middlewares put on pages.
        if not self._state.pending:
            return
        if self._state.is_opened:
            mark_island(response)
        if response.status_code in (200, 304):
            own = response.headers.get(_CSP)
            self._state.own_policies = [own] if own is not None else []
        if self._language is not None and translation.get_language() != self._language:
            response.headers.setdefault("Content-Language", translation.get_language() or "")
            translation.activate(self._language)

    def split(self, response: HttpResponseBase, page: bytes) -> HttpResponseBase:
        """Split a whole page."""
        if self._out is None or self._step is None:
            return response
        sent = whole(self._out, response.status_code, headers(response), page, self._step.coding)
        self._state.is_faulty |= self._out.is_faulty
        if sent is not None:
            return changed(response, sent.status, sent.headers, page if sent.body is None else sent.body)
        self._site.plain.add(self._key)
        if rewound(response):
            return response
        # What was read of a stream is not there any more.
        is_read = not isinstance(response, HttpResponse)
        return changed(response, response.status_code, headers(response), page) if is_read else response

    def stream(self, response: HttpResponseBase) -> HttpResponseBase:
        """Split a page as it comes, or answer something else instead; anything else passes."""
        if self._out is None or self._step is None or self._step.sent is None:
            return response
        sent = self._step.sent
        if self._step.kind == "instead":
            return instead(response, sent.status, sent.headers, sent.body or b"")
        streamed = cast("StreamingHttpResponse", response)
        chunks: Any = streamed.streaming_content
        streamed.streaming_content = ashells(self._out, chunks) if streamed.is_async else shells(self._out, chunks)
        set_headers(response, sent.headers)
        return response
