"""The way out of a page through the inner station: core decides, this moves the bytes of bodies that come in parts."""

from __future__ import annotations

import logging
import zlib
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from ._eyot import PageOut, Sent

if TYPE_CHECKING:
    from ._eyot import Context
    from .site import Site
    from .stations import Station

Headers = list[tuple[str, str]]


def way_out(
    site: Site, state: Station, path: str, *, is_head: bool = False, context: Callable[[], Context] | None = None
) -> PageOut:
    """Begin the way out of the page of ``path``."""

    def log(level: int, code: str, line: str) -> None:
        site.logger.log(level, line)
        if level >= logging.ERROR:
            state.problems.append((code, line))

    return PageOut(
        site.core,
        path,
        context or site.context,
        log,
        debug=site.is_debug,
        head=is_head,
        streams=state.streams,
        must_be_sound=state.must_be_sound,
    )


def may_matter(status: int, headers: Headers) -> bool:
    """Whether core is to be asked about a response. It decides; this only saves it the answers that are no text."""
    if status in (204, 304):
        return False
    for name, value in headers:
        if name.lower() == "content-type":
            kind = value.lower()
            return "text/" in kind or "xml" in kind
    return False


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


def whole(out: PageOut, status: int, headers: Headers, body: bytes, coding: str | None) -> Sent | None:
    """Return what goes out of a whole body, compressed with ``coding``; ``None`` where it goes out as it is."""
    if coding is None:
        return out.whole(status, headers, body)
    plain = decoded(body, coding)
    return out.undecoded(status, headers) if plain is None else out.whole(status, headers, plain)


def shells(out: PageOut, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Split ``chunks``, one by one; raises where the connection is to be cut."""
    for chunk in chunks:
        if shell := out.push(chunk):
            yield shell
        if out.is_over:
            break
    if rest := b"" if out.is_over else out.finish():
        yield rest
    out.check()


async def ashells(out: PageOut, chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Split ``chunks``, one by one; raises where the connection is to be cut."""
    async for chunk in chunks:
        if shell := out.push(chunk):
            yield shell
        if out.is_over:
            break
    if rest := b"" if out.is_over else out.finish():
        yield rest
    out.check()
