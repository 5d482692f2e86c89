"""Responses of Django as core reads and changes them: status, headers, cookies among them, and body."""

from __future__ import annotations

import os
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from asgiref.sync import async_to_sync, sync_to_async
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse

from .._eyot import MARK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from .._eyot import Sent

Headers = list[tuple[str, str]]
_KEPT = "_eyot_mark"


def headers(response: HttpResponseBase) -> Headers:
    """Return what is sent, cookies among it."""
    return [*response.headers.items(), *(("Set-Cookie", cookie) for cookie in _cookies(response))]


def _cookies(response: HttpResponseBase) -> list[str]:
    """Return the cookies that a response keeps as such; one that was set as a header is a header."""
    return [cookie.output(header="").strip() for cookie in response.cookies.values()]


def kind_headers(response: HttpResponseBase) -> Headers:
    """Return those headers that tell what kind of page a response is: writing all cookies out for it would be dear."""
    names = ("Content-Type", "Content-Encoding", MARK)
    return [(name, response.headers[name]) for name in names if name in response.headers]


def set_headers(response: HttpResponseBase, answered: Headers) -> None:
    """Let ``response`` have exactly these; cookies stay what they are, or all go."""
    kept, cookies = _cookies(response), False
    wanted: dict[str, tuple[str, str]] = {}
    for name, value in answered:
        key = name.lower()
        if key == "set-cookie" and value in kept:
            cookies = True
        else:
            wanted[key] = (name, f"{wanted[key][1]}, {value}" if key in wanted else value)
    # Django looks at each header that is set, and most stay as they are.
    there = {name.lower(): (name, value) for name, value in response.headers.items()}
    for key in there.keys() - wanted.keys():
        del response.headers[key]
    for key, (name, value) in wanted.items():
        if there.get(key) != (name, value):
            response.headers[name] = value
    if not cookies:
        response.cookies.clear()


def instead(response: HttpResponseBase, status: int, answered: Headers, body: bytes) -> HttpResponse:
    """Return another response in the place of ``response``, with what middlewares left on that; lets go of it."""
    other = HttpResponse(body, status=status)
    other.cookies = response.cookies
    left = vars(response).keys() - _attributes() - {_KEPT}
    vars(other).update({name: vars(response)[name] for name in left})
    set_headers(other, answered)
    discard(response)
    return other


@lru_cache(maxsize=1)
def _attributes() -> frozenset[str]:
    """Return what Django's responses have of their own, whatever middlewares leave on them."""
    return frozenset({*dir(HttpResponse(charset="utf-8", reason="OK")), *dir(FileResponse(BytesIO()))})


def discard(response: HttpResponseBase) -> None:
    """Let go of a response in whose place another is sent: closing it as such would end the request."""
    file = getattr(response, "file_to_stream", None)
    if file is not None:
        file.close()


def changed(response: HttpResponseBase, status: int, answered: Headers, body: bytes) -> HttpResponse:
    """Return ``response`` with this content, itself wherever that is possible."""
    if not isinstance(response, HttpResponse) or status != response.status_code:
        return instead(response, status, answered, body)
    if body is not response.content:
        response.content = body
    set_headers(response, answered)
    return response


def made(sent: Sent) -> HttpResponse:
    """Make a response of what core says."""
    response = HttpResponse(sent.body, status=sent.status)
    set_headers(response, sent.headers)
    return response


def note_mark(response: HttpResponseBase) -> bool:
    """Tell whether the inner station has marked ``response``, and note it beside the headers.

    So the note goes into Django's cache, whose middlewares stand on both sides of the outer station, and comes back.
    """
    mark = response.headers.get(MARK)
    if mark:
        setattr(response, _KEPT, mark)
    elif kept := getattr(response, _KEPT, None):
        response.headers[MARK] = mark = kept
    return bool(mark)


def until_its_end(response: HttpResponseBase, check: Callable[[], None]) -> None:
    """Have ``check`` called when a stream is over."""
    streamed = cast("StreamingHttpResponse", response)
    content: Any = streamed.streaming_content

    def ended() -> Iterator[bytes]:
        yield from content
        check()

    async def aended() -> AsyncIterator[bytes]:
        async for chunk in content:
            yield chunk
        check()

    streamed.streaming_content = aended() if streamed.is_async else ended()


def file_key(response: HttpResponseBase) -> tuple[str, ...] | None:
    """Return what says that a file is the same as an earlier one: ``FileResponse`` has no validators."""
    file = getattr(response, "file_to_stream", None)
    if file is None:
        return None
    try:
        stat = os.fstat(file.fileno())
        return (str(file.name), str(stat.st_ino), str(stat.st_mtime_ns), str(stat.st_size), str(file.tell()))
    except (AttributeError, OSError):
        # No file of the system's.
        return None


def rewound(response: HttpResponseBase) -> bool:
    """Let a file that was read to its end be sent by the server itself, as if nobody had; tell whether it can be."""
    file = getattr(response, "file_to_stream", None)
    if not isinstance(response, FileResponse) or not file or not file.seekable():
        return False
    file.seek(-int(response["Content-Length"]), os.SEEK_END)
    response.streaming_content = file
    return True


def body(response: HttpResponseBase) -> bytes:
    """Return the whole body, that of a stream too."""
    if isinstance(response, HttpResponse):
        return response.content
    stream = cast("StreamingHttpResponse", response)
    if stream.is_async:
        return async_to_sync(abody)(response)
    return b"".join(cast("Iterator[bytes]", stream.streaming_content))


async def abody(response: HttpResponseBase) -> bytes:
    """Return the whole body; a synchronous stream is read in a thread, as Django itself does."""
    if isinstance(response, HttpResponse):
        return response.content
    stream = cast("StreamingHttpResponse", response)
    if not stream.is_async:
        return await sync_to_async(body)(response)
    return b"".join([chunk async for chunk in cast("AsyncIterator[bytes]", stream.streaming_content)])
