"""What the ASGI probes share: answering a route of the description, as a framework's response or as ASGI messages."""

from __future__ import annotations

import asyncio
from typing import Any

import asgi_layers
import probe
from eyot import Policy
from eyot.asgi import Islands
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response, StreamingResponse


def islands_of(shells: dict[str, Policy] | None = None) -> Islands:
    patterns = {pattern: Policy(**policy) for pattern, policy in probe.DESCRIPTION["patterns"].items()}
    return Islands(**probe.options(), debug=probe.STACK["debug"], shells={**(shells or {}), **patterns})


def policies(routes: dict[str, dict[str, Any]] = probe.ROUTES) -> dict[str, Policy]:
    """The policies by path, for frameworks whose routes cannot be decorated."""
    return {path: Policy(**says["policy"]) for path, says in routes.items() if "policy" in says}


def layers(islands: Islands) -> list[Middleware]:
    """The stack inside of an app, from the outside to the inside."""
    session = Middleware(SessionMiddleware, secret_key=probe.SECRET)
    between = [Middleware(layer_of(name)) for name in probe.STACK["between"]]
    outer, inner = [Middleware(islands.outer)], [Middleware(islands.inner)]
    if not probe.STACK["inner"]:
        inner = []
    if not probe.STACK["outer"]:
        outer = []
    inner.append(Middleware(inside))
    if probe.STACK["session"] == "outside":
        return [session, *outer, *between, *inner]
    return [*outer, *between, session, *inner]


def inside(app: Any) -> Any:
    """What stands inside of both stations: a layer that answers without headers, and an app with islands of its own."""
    app = asgi_layers.stacked(app, ["headless"])
    return asgi_layers.below(app, "/second", second_set()) if probe.STACK["second"] else app


def second_set() -> Any:
    """An app with islands of its own, below another path of the first one."""
    routes = probe.SECOND["routes"]
    second = Islands(**probe.options(), shells=policies(routes), debug=probe.STACK["debug"])

    def handler(says: dict[str, Any]) -> Any:
        async def answer(request: Any, island: Any) -> Any:
            return await answered(says, facts_of(Request(request.scope), props=island.props))

        return answer

    for name, says in probe.SECOND["islands"].items():
        second.island(name, **probe.registered(says))(handler(says))

    async def web(scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"].removeprefix(scope["root_path"])
        says = routes.get(path, {"text": "nothing here", "status": 404})
        await (await answered(says, facts_of(Request(scope))))(scope, receive, send)

    return second(web)


def layer_of(name: str) -> Any:
    return lambda app: asgi_layers.stacked(app, [name])


def around(app: Any) -> Any:
    """What stands outside of the whole app."""
    return asgi_layers.mounted(asgi_layers.stacked(app, probe.STACK["around"]), probe.STACK["mount"])


def facts_of(request: Request, **more: Any) -> dict[str, Any]:
    """What an answer may show of a Starlette request."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    path = request.url.path.removeprefix(probe.STACK["mount"])
    # Quart's session is not in the scope.
    session = request.scope.get("session", {})
    return {**probe.facts_of(request.method, path, request.url.query, headers, session), **more}


async def answered(says: dict[str, Any], facts: dict[str, Any]) -> Any:
    """What was said, as a Starlette or FastAPI view answers it."""
    answer = await noted(says, facts)
    return None if answer is None else response_of(answer)


async def noted(says: dict[str, Any], facts: dict[str, Any]) -> Any:
    """What to answer now, after the wait that was asked for; None for a handler that returns nothing."""
    probe.events.living(1)
    try:
        probe.events.run(facts)
        if "wait" in says:
            await asyncio.sleep(says["wait"] / 1000)
        return None if says.get("nothing") else probe.settled(says, facts)
    finally:
        probe.events.living(-1)


def response_of(answer: dict[str, Any]) -> Response:
    """A response of Starlette's."""
    if "file" in answer:
        response: Response = FileResponse(probe.FILES / answer["file"])
    elif "json" in answer:
        response = JSONResponse(answer["json"])
    elif "redirect" in answer:
        response = RedirectResponse(answer["redirect"], answer["status"] if answer["status"] != 200 else 302)
    elif "pieces" in answer:
        response = StreamingResponse(streamed(answer), answer["status"])
        response.headers["content-type"] = answer["type"]
        if answer.get("length"):
            response.headers["content-length"] = str(sum(len(piece.encode()) for piece in answer["pieces"]))
    else:
        response = Response(answer.get("bytes", answer.get("text", "")), answer["status"])
        response.headers["content-type"] = answer["type"]
    for name, value in answer["headers"]:
        response.headers.append(name, value)
    return response


async def streamed(answer: dict[str, Any]) -> Any:
    probe.events.living(1)
    try:
        for number, piece in enumerate(answer["pieces"]):
            if number:
                await asyncio.sleep(answer["pause"] / 1000)
            if piece == "!":
                raise probe.Failure("in the middle")
            yield piece.encode()
    finally:
        probe.events.living(-1)


def events(request: Request) -> Response:
    return Response(probe.events.taken(), media_type="application/json")


def live(request: Request) -> Response:
    return Response(probe.events.live(), media_type="text/plain")
