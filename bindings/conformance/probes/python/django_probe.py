"""The probe in Django: its middlewares, its sessions, its responses; `app` by WSGI, `django_async_probe` has it by ASGI."""

from __future__ import annotations

import asyncio
import sys
import time
import types
from typing import Any

import asgi_layers
import django
import django_layers
import probe
import wsgi_layers
from django.conf import settings

STACK = probe.STACK
ASYNC = "django_async_probe" in sys.modules
SHELL, ISLAND = "eyot.django.middleware.OuterMiddleware", "eyot.django.middleware.InnerMiddleware"
SESSION = "django.contrib.sessions.middleware.SessionMiddleware"

urls = types.ModuleType("probe_urls")
urls.urlpatterns = []  # type: ignore[attr-defined]
sys.modules["probe_urls"] = urls
other_urls = types.ModuleType("probe_other_urls")
other_urls.urlpatterns = []  # type: ignore[attr-defined]
sys.modules["probe_other_urls"] = other_urls


def middleware() -> list[str]:
    outer, inner = [SHELL] * STACK["outer"], [ISLAND] * STACK["inner"]
    between = [f"django_layers.{django_layers.NAMES[name]}" for name in STACK["between"]]
    first, late = "django_layers.Urls", "django_layers.LateUrls"
    if STACK["session"] == "outside":
        return [first, SESSION, *outer, late, *between, *inner]
    return [first, *outer, late, *between, SESSION, *inner]


settings.configure(
    SECRET_KEY=probe.SECRET,
    DEBUG=STACK["debug"],
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="probe_urls",
    INSTALLED_APPS=[f"django.contrib.{name}" for name in ("auth", "contenttypes", "sessions")]
    + ["eyot.django"] * STACK["eyot"],
    MIDDLEWARE=middleware(),
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    LOGGING_CONFIG=None,
    EYOT={name.upper(): value for name, value in probe.options().items()},
)
django.setup()

from django.http import FileResponse, HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse  # noqa: E402 - needs settings
from django.template import engines  # noqa: E402
from django.urls import path as at  # noqa: E402
from django.views.decorators.http import require_http_methods  # noqa: E402
from eyot.django import html_pass, island, shell  # noqa: E402

ISLAND_FACTS = ("props", "page")


def facts_of(request: Any, *islands: Any) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in request.headers.items()}
    session = getattr(request, "session", None)
    known = probe.facts_of(request.method, request.path_info, request.META.get("QUERY_STRING", ""), headers, session)
    return {**known, **{key: getattr(island, key) for island in islands for key in ISLAND_FACTS}}


def response_of(answer: dict[str, Any], request: Any) -> Any:
    """What was said, as a view in Django answers it."""
    status, kind = answer["status"], answer["type"]
    if "dtl" in answer:
        response: Any = HttpResponse(engines["django"].from_string(answer["dtl"]).render({}, request))
    elif "file" in answer:
        response = FileResponse((probe.FILES / answer["file"]).open("rb"))
    elif "json" in answer:
        response = JsonResponse(answer["json"], safe=False)
    elif "redirect" in answer:
        response = HttpResponseRedirect(answer["redirect"], status=status if status != 200 else None)
    elif "pieces" in answer:
        response = StreamingHttpResponse((astreamed if ASYNC else streamed)(answer), status=status, content_type=kind)
        if answer.get("length"):
            response["Content-Length"] = str(sum(len(piece.encode()) for piece in answer["pieces"]))
    else:
        response = HttpResponse(answer.get("bytes", answer.get("text", "")), status=status, content_type=kind)
    for name, value in answer["headers"]:
        if name.lower() == "set-cookie" and "Set-Cookie" in response:
            key, _, rest = value.partition("=")
            response.set_cookie(key, rest.split(";")[0])
        else:
            response[name] = value
    return response


def streamed(answer: dict[str, Any]) -> Any:
    probe.events.living(1)
    try:
        for number, piece in enumerate(answer["pieces"]):
            if number:
                time.sleep(answer["pause"] / 1000)
            if piece == "!":
                raise probe.Failure("in the middle")
            yield piece
    finally:
        probe.events.living(-1)


async def astreamed(answer: dict[str, Any]) -> Any:
    probe.events.living(1)
    try:
        for number, piece in enumerate(answer["pieces"]):
            if number:
                await asyncio.sleep(answer["pause"] / 1000)
            if piece == "!":
                raise probe.Failure("in the middle")
            yield piece
    finally:
        probe.events.living(-1)


def answering(says: dict[str, Any]) -> Any:
    """A view, sync or async, of a request and perhaps an island."""

    def plain(request: Any, *islands: Any) -> Any:
        probe.events.living(1)
        try:
            facts = facts_of(request, *islands)
            return None if says.get("nothing") else response_of(probe.said(says, facts), request)
        finally:
            probe.events.living(-1)

    async def later(request: Any, *islands: Any) -> Any:
        probe.events.living(1)
        try:
            facts = facts_of(request, *islands)
            probe.events.run(facts)
            await asyncio.sleep(says.get("wait", 0) / 1000)
            return None if says.get("nothing") else response_of(probe.settled(says, facts), request)
        finally:
            probe.events.living(-1)

    answer = later if ASYNC else plain
    return html_pass(False)(answer) if says.get("html_pass") is False else answer


def view(says: dict[str, Any]) -> Any:
    answer = require_http_methods([*says.get("methods", ["GET"]), "HEAD"])(answering(says))
    return shell(**says["policy"])(answer) if says.get("policy") else answer


for path, says in probe.ROUTES.items():
    urls.urlpatterns.append(at(path.lstrip("/"), view(says)))
# On the other hosts the path of a route with a policy is another view's, which has none.
other_urls.urlpatterns.append(at("per-host", view({**probe.ROUTES["/per-host"], "policy": None})))
for name, says in probe.ISLANDS.items():
    island(name, **probe.registered(says))(answering(says))
probe.mistaken(island)
urls.urlpatterns += [
    at("_events", lambda request: HttpResponse(probe.events.taken(), content_type="application/json")),
    at("_live", lambda request: HttpResponse(probe.events.live(), content_type="text/plain")),
]

if ASYNC:
    from django.core.asgi import get_asgi_application

    app = asgi_layers.mounted(asgi_layers.stacked(get_asgi_application(), STACK["around"]), STACK["mount"])
else:
    from django.core.wsgi import get_wsgi_application

    app = wsgi_layers.mounted(wsgi_layers.stacked(get_wsgi_application(), STACK["around"]), STACK["mount"])
