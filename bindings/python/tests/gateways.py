"""What the tests share: a key, pages, the reading of placeholders, and requests without a host."""

from __future__ import annotations

import re

import eyot

KEYS = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
ASKER = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"}
PAGE = '<!doctype html><title>t</title></head><body><Avatar server:defer size="40"><i slot="fallback">…</i></Avatar>'


def source(html: str, name: str = "Avatar") -> str:
    """The URL of an island in a shell."""
    found = re.search(f'island="{name}" island-src="([^"]+)"', html)
    assert found, html
    return found[1]


def asked(
    islands: eyot.Islands, url: str, method: str = "GET", headers: list[tuple[str, str]] | None = None
) -> eyot.Exchange:
    """What is asked for by a request that no refusal ends."""
    found = islands.arrive(method, url, headers or [], print)
    assert isinstance(found, eyot.Exchange)
    return found


def refusal(exchange: eyot.Exchange) -> tuple[eyot.Sent, eyot.Event]:
    """What the outer station sends in the place of an island that was not opened, and logs."""
    events: list[eyot.Event] = []
    sent = exchange.out(eyot.Context, events.append).step(200, [], "whole").sent
    assert sent
    return sent, events[0]


def in_chunks(islands: eyot.Islands, chunks: list[bytes], context: eyot.Context | None = None) -> list[bytes]:
    """What goes out of a page that comes in chunks, part by part."""
    out = islands.page("/", lambda: context or eyot.Context(), lambda event: None)
    assert out.step(200, [("Content-Type", "text/html")], "more").kind == "stream"
    return [*map(out.push, chunks), out.finish()]
