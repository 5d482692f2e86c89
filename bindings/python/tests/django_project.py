"""The Django project of the tests: settings, a URLconf for each test, and a registry that forgets what a test adds."""

from __future__ import annotations

import itertools
import re
import types
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django
import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import AsyncClient, Client, override_settings
from django.test.utils import setup_test_environment
from django.urls import path
from django.utils import translation

SECRET = "a secret of the tests, long enough: 0123456789"
ASKER = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"}
PAGE = '<!doctype html><title>t</title></head><body><Avatar server:defer size="40"><i slot="fallback">…</i></Avatar>'
MIDDLEWARE = [
    "eyot.django.middleware.OuterMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "eyot.django.middleware.InnerMiddleware",
]
UPDATE, FETCH = (f"django.middleware.cache.{name}CacheMiddleware" for name in ("Update", "FetchFrom"))
GZIP = "django.middleware.gzip.GZipMiddleware"


def configure() -> None:
    """Set Django up, with a database in memory; once."""
    if settings.configured:
        return
    settings.configure(
        SECRET_KEY=SECRET,
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=types.ModuleType("no_routes"),
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.staticfiles",
            "debug_toolbar",
            "eyot.django",
        ],
        MIDDLEWARE=MIDDLEWARE,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"builtins": ["eyot.django.templatetags.eyot"]},
            },
            {
                "BACKEND": "django.template.backends.jinja2.Jinja2",
                "NAME": "jinja2",
                "OPTIONS": {"extensions": ["eyot.django.jinja2.Islands"]},
            },
        ],
        STATIC_URL="/static/",
        LANGUAGES=[("en", "English"), ("de", "Deutsch")],
        LOGIN_URL="/login",
        DEBUG_TOOLBAR_PANELS=["debug_toolbar.panels.history.HistoryPanel", "eyot.django.panels.IslandsPanel"],
        SILENCED_SYSTEM_CHECKS=["debug_toolbar.E001"],
    )
    settings.ROOT_URLCONF.urlpatterns = []
    django.setup()
    setup_test_environment()
    from django.db import connection

    connection.creation.create_test_db(verbosity=0)


configure()

from django.contrib.auth.middleware import RemoteUserMiddleware  # noqa: E402 - needs settings
from django.contrib.sessions.middleware import SessionMiddleware  # noqa: E402 - likewise
from eyot.django import island, site, urls  # noqa: E402 - likewise
from eyot.django.middleware import OuterMiddleware  # noqa: E402 - likewise


class OwnRemoteUser(RemoteUserMiddleware):
    """A project's own."""

    header = "HTTP_X_OWN_USER"


class OwnSessions(SessionMiddleware):
    """A project's own."""


class OwnOuter(OuterMiddleware):
    """A project's own."""


class Routes(types.ModuleType):
    """A URLconf of one test."""

    _count = itertools.count()

    def __init__(self, *routes: Any, **names: Any) -> None:
        super().__init__(f"routes_{next(self._count)}")
        self.urlpatterns = list(routes)
        vars(self).update(names)


class Project:
    """What a test changes of the project: routes, settings, islands."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def serve(self, *routes: Any, **changed: Any) -> Client:
        """Serve ``routes``, and return a visitor."""
        self.set(ROOT_URLCONF=routes[0] if isinstance(routes[0], Routes) else Routes(*routes), **changed)
        return Client()

    def aserve(self, *routes: Any, **changed: Any) -> AsyncClient:
        """Serve ``routes`` by ASGI, and return a visitor."""
        self.serve(*routes, **changed)
        return AsyncClient()

    def folder(self) -> Path:
        """Make a folder, for templates."""
        return Path(self._stack.enter_context(TemporaryDirectory()))

    def set(self, **changed: Any) -> None:
        """Change settings."""
        self._stack.enter_context(override_settings(**changed))


@pytest.fixture
def project() -> Iterator[Project]:
    """Return a project with the island ``Avatar``; what a test does to it is undone."""
    with _registered(), translation.override("en"), ExitStack() as stack:

        @island("Avatar")
        def avatar(request: Any, island: Any) -> HttpResponse:
            user = request.session.get("user", "stranger")
            return HttpResponse(f"<img alt={user} width={island.props.get('size')}>")

        yield Project(stack)
    site.forget()


@contextmanager
def _registered() -> Iterator[None]:
    kept: list[tuple[Any, Any]] = [
        (site.registry, dict(site.registry)),
        (urls._views, dict(urls._views)),
        (urls.urlpatterns, list(urls.urlpatterns)),
    ]
    try:
        yield
    finally:
        for live, before in kept:
            live.clear()
            live.extend(before) if isinstance(live, list) else live.update(before)


def html(text: str = PAGE, **headers: str) -> Callable[..., HttpResponse]:
    """Make a view that answers ``text``."""

    def view(request: Any, **_: Any) -> HttpResponse:
        return HttpResponse(text, headers={name.replace("_", "-"): value for name, value in headers.items()})

    return view


def page(view: Any = None, route: str = "p") -> Any:
    """Make the route of a page."""
    return path(route, view or html(), name="page")


def source(response: Any, name: str = "Avatar") -> str:
    """Return the address of an island on a page."""
    text = response if isinstance(response, str) else response.content.decode()
    found = re.search(f'island="{name}" island-src="([^"]+)"', text)
    assert found, text
    return found[1].replace("&amp;", "&")


def tenant(get_response: Callable[..., Any]) -> Callable[..., Any]:
    """Choose another URLconf, as middlewares for tenants do."""
    routes = Routes(path("tenant", html()))

    def middleware(request: Any) -> Any:
        request.urlconf = routes
        return get_response(request)

    return middleware


def security_policy(get_response: Callable[..., Any]) -> Callable[..., Any]:
    """Put one policy on every response."""

    def middleware(request: Any) -> Any:
        response = get_response(request)
        response.headers["Content-Security-Policy"] = "default-src 'self'"
        return response

    return middleware


class Witness:
    """Tell, outside of the outer station, what a request looks like on the way back."""

    def __init__(self, get_response: Callable[..., Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        """Look at it on both ways."""
        assert request.COOKIES
        response = self.get_response(request)
        meta, names = request.META, ("COOKIE", "IF_NONE_MATCH", "ACCEPT_ENCODING")
        seen = [meta[f"HTTP_{name}"] for name in names]
        seen[1] = repr(seen[1])
        assert "island-fresh" in request.GET
        assert "island-fresh" in request.get_full_path()
        response.headers["X-Seen"] = " ".join([*seen, request.headers["Authorization"], request.COOKIES["a"]])
        return response
