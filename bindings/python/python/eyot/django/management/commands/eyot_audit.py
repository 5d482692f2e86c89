"""``manage.py eyot_audit``: renders pages and reports what is wrong with their shells."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import translation

from .... import auditing
from ... import checks
from ...responses import body
from ...site import get_site
from ...test import browser, missing, noted


class Command(BaseCommand):
    """Audit shells."""

    help = (
        "Renders pages, asks for their islands, and reports leaks, faulty markup, islands that cannot be had, "
        "placeholders that a browser would move, missing fallbacks. "
        "Without URLs: every route with a shell policy that takes no arguments. Ends with status 1 if it found any."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("urls", nargs="*", metavar="URL", help="a path of this project, such as /p/lantern")
        parser.add_argument("--host", help="the Host to ask for; by default the first of ALLOWED_HOSTS")
        parser.add_argument(
            "--ignore", action="append", default=[], metavar="CODE", help="a finding's code; repeatable"
        )

    def handle(self, *_: Any, urls: list[str], host: str | None, ignore: list[str], **__: Any) -> None:
        """Run the command."""
        paths = list(urls or _policy_paths())
        if not paths:
            raise CommandError("no route with a shell policy can be rendered without arguments: name URLs")
        client = browser(raise_request_exception=False, headers={"host": host or _host()})
        count = 0
        for path in paths:
            found = [(code, text) for code, text in _findings(client, path) if code not in ignore]
            self.stdout.write(f"{path}: {'sound' if not found else f'{len(found)} found'}")
            for code, text in found:
                self.stdout.write(f"  {text} ({code})")
            count += len(found)
        if count:
            raise CommandError(f"{count} found on {len(paths)} pages")


def _host() -> str:
    named = [host for host in settings.ALLOWED_HOSTS if "*" not in host]
    return named[0].removeprefix(".") if named else "localhost"


def _policy_paths() -> Iterator[str]:
    site = get_site()
    for route in checks.routes(get_resolver().url_patterns):
        if route.name and site.policy_of(route.pattern.callback, route.name):
            try:
                with translation.override(settings.LANGUAGE_CODE):
                    yield reverse(route.name)
            except NoReverseMatch:
                continue


def _findings(client: Any, path: str) -> Iterator[tuple[str, str]]:
    with noted() as events:
        response: Any = client.get(path, secure=settings.SECURE_SSL_REDIRECT)
        shell = body(response)
    problems = [(event.code, event.message) for event in events if event.level >= logging.ERROR]
    yield from problems
    if response.status_code != 200 and not problems:
        yield "status", f"answers {response.status_code}: only a page with 200 becomes a shell"
        return
    for text in missing(client, response):
        yield "island-missing", text
    for found in auditing.findings(shell, writes_loader=get_site().core.writes_loader):
        yield found.code, f"line {found.line}, column {found.column} of the shell: {found.island}: {found.message}"
