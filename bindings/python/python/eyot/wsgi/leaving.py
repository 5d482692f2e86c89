"""The way out of an answer of a WSGI app through either station."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from ..page import shells, whole
from .calling import Body, Called, status_line

if TYPE_CHECKING:
    from .._eyot import Sent, WayOut
    from .calling import StartResponse


def leave(
    out: WayOut,
    called: Called,
    start_response: StartResponse,
    *,
    is_head: bool,
    is_same: Callable[[], object] = lambda: None,
    within: Callable[[Iterable[bytes]], Iterable[bytes]] = lambda chunks: chunks,
) -> Iterable[bytes]:
    """Send what goes out.

    ``is_same`` is called where a body was read in which there is nothing to split. A stream is iterated ``within``.
    """
    status, headers = called.status, called.headers
    step = out.step(status, headers, "whole" if called.is_listed else "more")
    sent = step.sent
    if step.kind in ("collect", "decode"):
        body = called.whole()
        sent = whole(out, status, headers, body, step.coding)
        if sent is None or sent.is_same:
            is_same()
        if sent is None or sent.body is None:
            sent_headers, code = (headers, status) if sent is None else (sent.headers, sent.status)
            untouched = called.forward(start_response, sent_headers, code)
            return untouched if called.is_listed else _bytes(body, is_head=is_head)
    if sent is None:
        return called.forward(start_response, headers)
    if step.kind == "stream":
        called.forward(start_response, sent.headers)
        return Body(shells(out, within(called.chunks)), called.source)
    if sent.body is None:
        return called.forward(start_response, sent.headers, sent.status)
    called.chunks.close()
    called.is_sent = True
    return send(sent, start_response, is_head=is_head, known=called.line)


def send(sent: Sent, start_response: StartResponse, *, is_head: bool = False, known: str = "") -> Iterable[bytes]:
    """Send a whole response of core's."""
    start_response(status_line(sent.status, known), sent.headers)
    return _bytes(sent.body or b"", is_head=is_head)


def _bytes(body: bytes, *, is_head: bool) -> Iterable[bytes]:
    # Servers tell the length of a list with one piece, and that of an answer to HEAD is told in no host.
    return iter((body,)) if is_head and body else [body] if body else []
