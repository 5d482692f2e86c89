"""The way out of a response through either station."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django.http import HttpResponse

from ..page import ashells, shells, whole
from .responses import changed, headers, instead, rewound, set_headers

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase, StreamingHttpResponse

    from .._eyot import WayOut


class Passage:
    """One response's way out.

    ``is_same`` is called where a body was read in which there is nothing to split; it tells whether it has seen to the
    mark, and so to all that changes.
    """

    def __init__(self, out: WayOut, response: HttpResponseBase, is_same: Callable[[], bool]) -> None:
        self._out, self._response, self._is_same = out, response, is_same
        self._headers = headers(response)
        self._step = out.step(response.status_code, self._headers, "more" if response.streaming else "whole")
        self.wants_body = self._step.kind in ("collect", "decode")

    def sent(self, page: bytes | None) -> HttpResponseBase:
        """Return what goes out, of a whole page where it was wanted."""
        response, sent = self._response, self._step.sent
        if page is not None:
            return self._whole(page)
        if sent is None:
            return response
        if self._step.kind == "stream":
            streamed = cast("StreamingHttpResponse", response)
            chunks: Any = streamed.streaming_content
            streamed.streaming_content = ashells(self._out, chunks) if streamed.is_async else shells(self._out, chunks)
        elif sent.body is not None:
            return instead(response, sent.status, sent.headers, sent.body)
        response.status_code = sent.status
        set_headers(response, sent.headers)
        return response

    def _whole(self, page: bytes) -> HttpResponseBase:
        response = self._response
        sent = whole(self._out, response.status_code, self._headers, page, self._step.coding)
        if sent is None or sent.is_same:
            is_done = self._is_same()
            if is_done and isinstance(response, HttpResponse) and not self._step.coding:
                return response
        status, answered = (sent.status, sent.headers) if sent else (response.status_code, self._headers)
        if sent is not None and sent.body is not None:
            return changed(response, status, answered, sent.body)
        if isinstance(response, HttpResponse) and sent is None:
            return response
        if rewound(response):
            set_headers(response, answered)
            return response
        # What was read of a stream is not there any more.
        return changed(response, status, answered, page)
