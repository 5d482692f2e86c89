"""The panel for django-debug-toolbar: ``DEBUG_TOOLBAR_PANELS = [..., "eyot.django.panels.IslandsPanel"]``.

It shows a page's islands with the size of their tokens, its shell policy and what that hid, and what eyot logged.
"""

from __future__ import annotations

import logging
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from debug_toolbar.panels import Panel

from .requests import station
from .signals import island_event

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from .._eyot import Event

_POLICY = "Eyot-Policy"


class IslandsPanel(Panel):
    """One page's islands."""

    title = "Islands"
    template = "eyot/panel.html"
    is_async = True

    def __init__(self, toolbar: Any, get_response: Any) -> None:
        super().__init__(toolbar, get_response)
        self._events: list[dict[str, Any]] = []

    @property
    def nav_subtitle(self) -> str:
        """Say how many there are, and whether something is wrong."""
        stats: dict[str, Any] = self.get_stats()  # type: ignore[no-untyped-call]
        count, told = len(stats.get("islands", ())), len(stats.get("events", ()))
        return f"{count} on the page" + (f", {told} logged" if told else "")

    def enable_instrumentation(self) -> None:
        """Listen to what eyot logs."""
        island_event.connect(self._note)

    def disable_instrumentation(self) -> None:
        """Stop listening."""
        island_event.disconnect(self._note)

    def _note(self, request: HttpRequest | None, event: Event, **_: object) -> None:
        if request is None or request is self.toolbar.request:
            self._events.append({"level": logging.getLevelName(event.level).lower(), **event.fields()})

    def generate_stats(self, request: HttpRequest, response: HttpResponseBase) -> None:
        """Look at the page as it is sent."""
        exchange = station(request).exchange
        policy, _, hidden = response.headers.get(_POLICY, "").partition("; hidden=")
        text = "" if response.streaming else response.content.decode(response.charset or "utf-8", "replace")  # type: ignore[attr-defined]
        self.record_stats(  # type: ignore[no-untyped-call]
            {
                "islands": _Islands.on(text),
                "island": exchange.name if exchange else None,
                "policy": policy,
                "hidden": [] if hidden == "nothing" else hidden.split(),
                "events": self._events,
            }
        )


class _Islands(HTMLParser):
    """Finds the placeholders of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, Any]] = []

    @classmethod
    def on(cls, page: str) -> list[dict[str, Any]]:
        parser = cls()
        parser.feed(page)
        return parser.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        source = given.get("island-src")
        if source is None:
            return
        token = given.get("island-token")
        options = {
            name.removeprefix("island-"): value or ""
            for name, value in attrs
            if name.startswith("island-") and name not in ("island-src", "island-token")
        }
        self.found.append(
            {
                "name": given.get("island"),
                "element": tag,
                "line": self.getpos()[0],
                "is_posted": token is not None,
                "size": len(token if token is not None else source.rpartition("/")[2]),
                "options": " ".join(f"{name}={value}" if value else name for name, value in options.items()),
            }
        )
