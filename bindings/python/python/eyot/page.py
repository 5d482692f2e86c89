"""The way out of a response through a station: core decides, this moves the bytes of bodies that come in parts."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, AnyStr

from ._eyot import MARK, Sent, WayOut
from .errors import Error

if TYPE_CHECKING:
    from ._eyot import Context
    from .site import Site
    from .stations import RequestLine, Station

Headers = list[tuple[str, str]]


def inside(
    site: Site, state: Station, line: RequestLine, *, splits: bool, context: Callable[[], Context] | None = None
) -> WayOut:
    """Begin the way out through the inner station."""
    context, log = context or site.context, partial(site.log, state)
    if state.exchange:
        state.page = state.exchange.page(context, log, splits=splits)
    else:
        rules = {"is_debug": site.is_debug, "is_head": line.method == "HEAD", "is_marked": state.is_around}
        state.page = site.core.page(line.path, context, log, splits=splits, **rules)
    return state.page


def outside(site: Site, state: Station, line: RequestLine) -> WayOut:
    """Begin the way out through the outer station."""
    context, log = partial(site.outside, line, state), partial(site.log, state)
    if state.exchange:
        return state.exchange.out(context, log)
    return site.core.out(line.path, context, log, is_head=line.method == "HEAD")


def is_open(state: Station, line: RequestLine, status: int = 200) -> bool:
    """Tell whether the inner station has begun a stream and not ended it, where its body is not left out."""
    has_body = line.method != "HEAD" and status not in (204, 304)
    return has_body and state.page is not None and state.page.is_open


def check_end(site: Site, state: Station, line: RequestLine) -> None:
    """Raise where the inner station began a stream and did not end it, whoever swallowed the reason."""
    if is_open(state, line) and not state.is_left:
        outside(site, state, line).note_cut()
        raise Error("the page ended before its end: its connection is cut", "stream-cut")


def look(headers: Iterable[tuple[AnyStr, AnyStr]]) -> tuple[AnyStr | None, bool]:
    """Return the media type, and whether the inner station has dealt with the response, by its mark.

    Every response is looked at, so the names' lengths come first.
    """
    media, is_marked = None, False
    for name, value in headers:
        length = len(name)
        if length == _TYPE_LENGTH and media is None and name.lower() in _TYPE:
            media = value
        elif length == _MARK_LENGTH and name.lower() in _MARKS:
            is_marked = True
    return media, is_marked


def matters(state: Station, status: int, media: str | None, *, splits: bool) -> bool:
    """Whether the inner station asks core about a response: all of an island's, and texts.

    Core decides; this only saves it the answers that are no text.
    """
    if state.name:
        return True
    return status not in (204, 304) and (splits or state.is_around) and is_text(media)


def is_text(media: str | None) -> bool:
    """Whether a media type is one of those that may hold a directive."""
    if media is None:
        return False
    kind = media.lower()
    return "text/" in kind or "xml" in kind


# What undoes a coding where the standard library does not, or not yet.
_MODULES = {"br": ("brotli", "brotlicffi"), "zstd": ("compression.zstd", "backports.zstd")}


def decoded(body: bytes, coding: str) -> bytes | None:
    """Undo a content coding; ``None`` where it is not known, or the body is no such one."""
    decompress = _decoder(coding)
    try:
        if not body:
            return body
        return decompress(body) if decompress else None
    except Exception:  # noqa: BLE001 - each of the libraries has errors of its own
        return None


def _decoder(coding: str) -> Callable[[bytes], bytes] | None:
    if coding in ("gzip", "x-gzip"):
        return partial(zlib.decompress, wbits=31)
    if coding == "deflate":
        return _inflated
    for name in _MODULES.get(coding, ()):
        with suppress(ImportError):
            decompress: Callable[[bytes], bytes] = import_module(name).decompress
            return decompress
    return None


def _inflated(body: bytes) -> bytes:
    try:
        return zlib.decompress(body)
    except zlib.error:
        # Some servers leave out what RFC 1950 puts around it, and browsers take both.
        return zlib.decompress(body, wbits=-15)


def is_unseen(status: int, media: str | None, *, is_marked: bool) -> bool:
    """Whether a response is HTML that the inner station has not dealt with."""
    return media is not None and not is_marked and status not in (204, 304) and "html" in media.lower()


def unmarked(headers: Headers) -> Headers:
    """Take the mark off."""
    return [field for field in headers if field[0].lower() != _MARK]


def marked(state: Station, headers: Headers) -> Headers:
    """Mark what is known to hold nothing to split, where an outer station takes the mark off again."""
    return [*headers, (MARK, "1")] if state.is_around else headers


_MARK = MARK.lower()
_MARKS = (_MARK, _MARK.encode())
_MARK_LENGTH = len(_MARK)
_TYPE = ("content-type", b"content-type")
_TYPE_LENGTH = len("content-type")


def whole(out: WayOut, status: int, headers: Headers, body: bytes, coding: str | None) -> Sent | None:
    """Return what goes out of a whole body, compressed with ``coding``; ``None`` where it goes out as it is."""
    if coding is None:
        return out.whole(status, headers, body)
    plain = decoded(body, coding)
    return out.undecoded(status, headers) if plain is None else out.whole(status, headers, plain)


def shells(out: WayOut, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Split ``chunks``, one by one; raises where the connection is to be cut."""
    for chunk in chunks:
        if shell := out.push(chunk):
            yield shell
        if out.is_over:
            break
    if rest := b"" if out.is_over else out.finish():
        yield rest
    out.check()


async def ashells(out: WayOut, chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Split ``chunks``, one by one; raises where the connection is to be cut."""
    async for chunk in chunks:
        if shell := out.push(chunk):
            yield shell
        if out.is_over:
            break
    if rest := b"" if out.is_over else out.finish():
        yield rest
    out.check()
