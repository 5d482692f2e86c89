"""The inner station, the last middleware: splits the HTML that views answer, and leads islands to their handlers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpResponse
from django.utils import translation

from .._eyot import page_kind, split_headers
from ..splitting import Splitting, ashells, shells, unsplittable
from .mounting import mount
from .requests import set_inside, set_station, show_query, station
from .responses import abody, body, changed, headers, instead, is_file, kind_headers, mark_island, set_headers
from .site import get_site

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase, StreamingHttpResponse

    from ..stations import Station
    from .site import Site

_CSP = "Content-Security-Policy"


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
        return passage.split(response, body(response)) if passage.wants_body(response) else passage.stream(response)

    async def _acall(self, request: HttpRequest) -> HttpResponseBase:
        passage = _Passage(request)
        response: HttpResponseBase = await self._get_response(request)
        if passage.wants_body(response):
            return passage.split(response, await abody(response))
        return passage.stream(response)


class _Passage:
    """One request's way in and out."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._site: Site = get_site()
        self._state: Station = station(request)
        self._language = translation.get_language() if settings.USE_I18N and self._state.pending else None
        self._kind = "other"
        set_station(request, self._state)
        set_inside(request)
        if self._state.pending:
            mount(request)
        if self._state.query is not None:
            show_query(request, self._state.query)

    def wants_body(self, response: HttpResponseBase) -> bool:
        """Look at the answer, and tell whether it is to be split as a whole."""
        self._note_island(response)
        if self._site.splits(self._request) and not is_file(response):
            self._kind = page_kind(response.status_code, kind_headers(response))
        if self._kind == "text":
            return not response.streaming
        return self._kind == "html" and not (response.streaming and self._state.streams)

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

    def _page(self) -> Splitting:
        site = self._site
        return Splitting(site.core, site.context, self._request.path, site.is_debug, site.logger)

    def split(self, response: HttpResponseBase, page: bytes) -> HttpResponseBase:
        """Split a whole page."""
        splitting = self._page()
        told = splitting.unsplit(response.status_code, headers(response), page)
        if told is None and isinstance(response, HttpResponse) and (self._kind == "text" or splitting.passes(page)):
            return response
        outcome = told or splitting.whole(response.status_code, headers(response), page)
        if outcome.body is page and not outcome.is_faulty and isinstance(response, HttpResponse):
            return response
        self._state.is_faulty, self._state.problems = outcome.is_faulty, outcome.problems
        return changed(response, outcome.status, outcome.headers, outcome.body)

    def stream(self, response: HttpResponseBase) -> HttpResponseBase:
        """Split a page as it comes; HTML that cannot be split is logged, or refused; anything else passes."""
        if self._kind in ("part", "compressed"):
            return self._unsplit(response)
        if self._kind != "html":
            return response
        streamed = cast("StreamingHttpResponse", response)
        stream = self._page().stream(must_be_sound=self._state.must_be_sound)
        chunks: Any = streamed.streaming_content
        streamed.streaming_content = ashells(stream, chunks) if streamed.is_async else shells(stream, chunks)
        set_headers(response, split_headers(headers(response), None))
        return response

    def _unsplit(self, response: HttpResponseBase) -> HttpResponseBase:
        outcome = unsplittable(self._page(), self._kind, headers(response))
        if outcome is None:
            self._state.is_faulty = True
            return response
        return instead(response, outcome.status, outcome.headers, outcome.body)
