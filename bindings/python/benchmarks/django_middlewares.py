"""What both Django middlewares cost a page: startproject's middlewares with and without them, in one process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.conf import settings

LENGTH = 100_000
ROW = "<tr><td><a href='/p/{n}'>Item {n}</a></td><td>£{n}.50</td></tr>\n"
ISLAND = '<p server:defer="Row" server:props=\'{"sku":"lantern-2","place":3}\'>…</p>\n'
USUAL = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
WITH_BOTH = [USUAL[0], "eyot.django.middleware.OuterMiddleware", *USUAL[1:], "eyot.django.middleware.InnerMiddleware"]

settings.configure(
    SECRET_KEY="a secret of the benchmark, long enough: 0123456789",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "eyot.django"],
    MIDDLEWARE=USUAL,
)

import django  # noqa: E402 - needs settings

django.setup()

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402 - likewise
from django.http import HttpResponse  # noqa: E402 - likewise
from django.test import override_settings  # noqa: E402 - likewise
from django.urls import path  # noqa: E402 - likewise
from eyot.django import island, shell  # noqa: E402 - likewise
from rounds import fastest, table  # noqa: E402 - its imports are cheap, Django's are not


@island("Row")
def row(request: Any, island: Any) -> HttpResponse:  # noqa: ARG001 - a handler's signature
    """Answer an island."""
    return HttpResponse("row")


def page(islands: int) -> str:
    """Return a page with ``islands`` placed over it."""
    rows = [ROW.format(n=n) for n in range(LENGTH // len(ROW.format(n=1000)))]
    for place in range(islands):
        rows.insert((place + 1) * len(rows) // (islands + 1), ISLAND)
    return f"<!doctype html><title>t</title></head><body>{''.join(rows)}"


def view(text: str) -> Callable[[Any], HttpResponse]:
    """Make a view that answers ``text``."""
    return lambda request: HttpResponse(text)  # noqa: ARG005 - a view's signature


urlpatterns = [
    path("small", view("<!doctype html><p>hello")),
    path("plain", view(page(0))),
    path("islands", view(page(5))),
    path("shell", shell(cdn=600)(view(page(0)))),
]


def asking(middleware: list[str], route: str) -> Callable[[], object]:
    """Return a call that asks for ``route``, as a server does."""
    with override_settings(MIDDLEWARE=middleware):
        handler = WSGIHandler()
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": f"/{route}",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "HTTP_HOST": "localhost",
        "HTTP_COOKIE": "theme=dark",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
    }

    def ask() -> object:
        response: Any = handler(dict(environ), lambda *_: None)
        body = b"".join(response)
        response.close()
        return body

    ask()
    return ask


def main() -> None:
    """Measure and print."""
    for title, route in (
        ("a small page", "small"),
        (f"{LENGTH // 1000} kB without islands", "plain"),
        (f"{LENGTH // 1000} kB without islands, under a shell policy (ETag, guard)", "shell"),
        (f"{LENGTH // 1000} kB with five islands", "islands"),
    ):
        best = fastest({"without": asking(USUAL, route), "with both middlewares": asking(WITH_BOTH, route)})
        table(title, best, {})
        print("  requests per second: " + ", ".join(f"{name} {1 / seconds:,.0f}" for name, seconds in best.items()))


if __name__ == "__main__":
    main()
