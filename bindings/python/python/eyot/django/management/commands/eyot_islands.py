"""``manage.py eyot_islands``: lists the islands with their handlers, and the views with a shell policy."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.urls import get_resolver

from ... import checks
from ...site import get_site, registry


class Command(BaseCommand):
    """List islands and shells."""

    help = "Lists the islands with their handlers, and the views with a shell policy."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--json", action="store_true", dest="as_json", help="for programs: one JSON object")

    def handle(self, *_: Any, as_json: bool, **__: Any) -> None:
        """Run the command."""
        islands, shells = list(_islands()), list(_shells())
        if as_json:
            self.stdout.write(json.dumps({"islands": islands, "shells": shells}, indent=2))
            return
        self._table("islands", islands)
        self._table("shells", shells)

    def _table(self, title: str, rows: list[dict[str, Any]]) -> None:
        self.stdout.write(self.style.MIGRATE_HEADING(f"{title}: {len(rows)}"))
        texts = [[_text(value) for value in row.values()] for row in rows]
        widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
        for row in texts:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  " + "  ".join(cells).rstrip())


def _text(value: Any) -> str:
    return "-" if value is None else str(value)


def _islands() -> Iterator[dict[str, Any]]:
    """Return what is known of each island: times are seconds."""
    site = get_site()
    for name, registration in sorted(registry.items()):
        handler = inspect.unwrap(getattr(registration.handler, "view_class", registration.handler))
        yield {
            "name": name,
            "handler": f"{handler.__module__}.{getattr(handler, '__qualname__', type(handler).__qualname__)}",
            "where": _where(handler),
            "shared": registration.shared,
            "deadline": site.deadline(name) or None,
        }
    for name in sorted(site.options.elsewhere):
        yield {"name": name, "handler": None, "where": "elsewhere", "shared": None, "deadline": None}


def _where(handler: Any) -> str | None:
    """Return file and line, from the folder that the command is called in where that is above it."""
    try:
        file, (_, line) = Path(inspect.getfile(handler)), inspect.getsourcelines(handler)
    except (OSError, TypeError):
        # A callable without a file of its own.
        return None
    here = Path.cwd()
    return f"{file.relative_to(here) if file.is_relative_to(here) else file}:{line}"


def _shells() -> Iterator[dict[str, Any]]:
    site = get_site()
    for route in checks.routes(get_resolver().url_patterns):
        if policy := site.policy_of(route.pattern.callback, route.name):
            yield {
                "view": route.name or route.pattern.lookup_str,
                "route": f"/{route.path}",
                "policy": str(policy),
                "by": "EYOT['SHELLS']" if route.name in site.shells else "@shell",
            }
