"""The probe in Litestar: the outer station around the app, Litestar's sessions, policies by path."""

from __future__ import annotations

import mimetypes
from typing import Any

import asgi_layers
import asgi_probe
import probe
from eyot.asgi import Request as IslandRequest
from litestar import HttpMethod, Litestar, Request, asgi, route
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.response import File, Redirect, Response, Stream

islands = asgi_probe.islands_of(shells=asgi_probe.policies())
answer_islands = asgi("/_server-islands", is_mount=True, copy_scope=True)(islands.endpoint)
# Litestar's sessions set their cookie on every answer, which nothing may have that everybody gets.
SHARED = [name for name, says in probe.ISLANDS.items() if says.get("options", {}).get("shared") is not None]


def facts_of(request: Any, **more: Any) -> dict[str, Any]:
    scope = request.scope
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
    path = scope["path"].removeprefix(probe.STACK["mount"])
    session = scope.get("session")
    session = scope.setdefault("probe.session", {}) if not isinstance(session, dict) else session
    return {**probe.facts_of(scope["method"], path, scope["query_string"].decode(), headers, session), **more}


def view(path: str, says: dict[str, Any]) -> Any:
    methods = [HttpMethod(method) for method in says.get("methods", ["GET"])]

    async def answer(request: Request[Any, Any, Any]) -> Response[Any]:
        facts = facts_of(request)
        answered = await asgi_probe.noted(says, facts)
        if facts["session"] is not request.scope.get("session") and facts["session"]:
            request.set_session(facts["session"])
        return response_of(answered)

    answer.__annotations__.update(request=Request[Any, Any, Any], **{"return": Response[Any]})
    if says.get("html_pass") is False:
        answer = islands.html_pass(False)(answer)
    return route(path, http_method=methods, skip_session="policy" in says)(answer)


def response_of(answer: dict[str, Any]) -> Response[Any]:
    """A response of Litestar's."""
    status, (kind, _, charset) = answer["status"], answer["type"].partition("; charset=")
    if "file" in answer:
        # Litestar does not look at the file's own name.
        found, _ = mimetypes.guess_type(answer["file"])
        response: Response[Any] = File(
            probe.FILES / answer["file"], content_disposition_type="inline", media_type=found
        )
    elif "json" in answer:
        response = Response(answer["json"], media_type="application/json", status_code=status)
    elif "redirect" in answer:
        response = Redirect(answer["redirect"], status_code=status if status != 200 else 302)
    elif "pieces" in answer:
        response = Stream(asgi_probe.streamed(answer), media_type=kind, status_code=status, encoding=charset or "utf-8")
        if answer.get("length"):
            response.headers["content-length"] = str(sum(len(piece.encode()) for piece in answer["pieces"]))
    else:
        data = answer.get("bytes", answer.get("text", "").encode())
        response = Response(data, media_type=kind, status_code=status, encoding=charset or "utf-8")
    for name, value in answer["headers"]:
        response.headers[name] = value
    return response


def handler(says: dict[str, Any]) -> Any:
    async def answer(request: IslandRequest, island: Any) -> Any:
        path = request.scope["raw_path"].decode().removeprefix(probe.STACK["mount"])
        return await asgi_probe.answered(says, facts_of(request, props=island.props, page=island.page, path=path))

    return islands.html_pass(False)(answer) if says.get("html_pass") is False else answer


@route("/_events", http_method=["GET"], media_type="application/json", skip_session=True)
async def events() -> bytes:
    return probe.events.taken().encode()


@route("/_live", http_method=["GET"], media_type="text/plain", skip_session=True)
async def live() -> str:
    return probe.events.live()


for name, says in probe.ISLANDS.items():
    islands.island(name, **probe.registered(says))(handler(says))
probe.mistaken(islands.island)
session = ServerSideSessionConfig(exclude=[rf"/_server-islands/({'|'.join(SHARED)})(/|$)"]).middleware
between = [asgi_probe.layer_of(name) for name in probe.STACK["between"]]
inner = [*([islands.inner] if probe.STACK["inner"] else []), asgi_probe.layer_of("headless")]
inside = [*between, session, *inner]
if probe.STACK["session"] == "outside":
    inside = [session, *([islands.outer] if probe.STACK["outer"] else []), *between, *inner]
views = [view(path, says) for path, says in probe.ROUTES.items()]


def second_set() -> Any:
    """The second set's app as Litestar mounts it; its mount point is told as ASGI has it."""
    own = asgi_probe.second_set()

    async def below(scope: Any, receive: Any, send: Any) -> None:
        # Litestar cuts the path and ends it with a slash; the raw one is as it came.
        path = scope["raw_path"].decode()
        await own({**scope, "path": path, "root_path": "/second"}, receive, send)

    return asgi("/second", is_mount=True, copy_scope=True)(below)


if probe.STACK["second"]:
    views.append(second_set())
web = Litestar(
    [*views, events, live, answer_islands], middleware=inside, debug=probe.STACK["debug"], openapi_config=None
)
outside = islands.outer(web) if probe.STACK["outer"] and probe.STACK["session"] != "outside" else web
app = asgi_layers.mounted(asgi_layers.stacked(outside, probe.STACK["around"]), probe.STACK["mount"])
