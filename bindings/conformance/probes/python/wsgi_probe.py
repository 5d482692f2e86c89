"""What the plain WSGI probes share: the stations, the stack, and island handlers, which get eyot's own request."""

from __future__ import annotations

import time
from typing import Any

import probe
import wsgi_layers
from eyot import Policy
from eyot.wsgi import Islands, Request

POLICIES = {path: Policy(**says["policy"]) for path, says in probe.ROUTES.items() if "policy" in says}
PATTERNS = {pattern: Policy(**policy) for pattern, policy in probe.DESCRIPTION["patterns"].items()}
islands = Islands(**probe.options(), shells={**POLICIES, **PATTERNS}, debug=probe.STACK["debug"])


def facts_of(environ: Any, **more: Any) -> dict[str, Any]:
    headers = {
        name[5:].replace("_", "-").lower(): str(value) for name, value in environ.items() if name.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
    return {**probe.facts_of(environ["REQUEST_METHOD"], path, query, headers, environ.get("probe.session")), **more}


def answered(says: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    probe.events.living(1)
    try:
        return probe.said(says, facts)
    finally:
        probe.events.living(-1)


def handler(says: dict[str, Any]) -> Any:
    def answer(request: Request, island: Any) -> Any:
        if says.get("nothing"):
            return None
        said = answered(says, facts_of(request.environ, props=island.props, page=island.page))
        if "json" in said:
            return said["json"]
        status, headers = said["status"], list(said["headers"])
        if "redirect" in said:
            status, headers = (302 if status == 200 else status), [*headers, ("Location", said["redirect"])]
        if said["type"] != probe.HTML:
            headers.append(("Content-Type", said["type"]))
        if "pieces" in said:
            return in_pieces(said)
        return status, headers, said.get("text", "")

    return islands.html_pass(False)(answer) if says.get("html_pass") is False else answer


def in_pieces(said: dict[str, Any]) -> Any:
    """A WSGI app, which is what a handler returns that streams."""

    def app(environ: Any, start_response: Any) -> Any:
        start_response(f"{said['status']} OK", [("Content-Type", said["type"]), *said["headers"]])
        return streamed(said)

    return app


def streamed(answer: dict[str, Any]) -> Any:
    probe.events.living(1)
    try:
        for number, piece in enumerate(answer["pieces"]):
            if number:
                time.sleep(answer["pause"] / 1000)
            if piece == "!":
                raise probe.Failure("in the middle")
            yield piece.encode()
    finally:
        probe.events.living(-1)


def second_set() -> Any:
    """An app with islands of its own, below another path of the first one."""
    routes = probe.SECOND["routes"]
    shells = {path: Policy(**says["policy"]) for path, says in routes.items() if "policy" in says}
    second = Islands(**probe.options(), shells=shells, debug=probe.STACK["debug"])
    for name, says in probe.SECOND["islands"].items():
        second.island(name, **probe.registered(says))(handler(says))

    def web(environ: Any, start_response: Any) -> Any:
        says = routes.get(environ["PATH_INFO"], {"text": "nothing here", "status": 404})
        said = answered(says, facts_of(environ))
        data = said["text"].encode()
        start_response(f"{said['status']} OK", [("Content-Type", said["type"]), ("Content-Length", str(len(data)))])
        return [data]

    return second(web)


def stack(web: Any) -> Any:
    """The whole app, from the description."""
    for name, says in probe.ISLANDS.items():
        islands.island(name, **probe.registered(says))(handler(says))
    probe.mistaken(islands.island)
    wanted = probe.STACK
    if wanted["second"]:
        web = wsgi_layers.below(web, "/second", second_set())
    app = islands.inner(web) if wanted["inner"] else web
    if wanted["session"] != "outside":
        app = wsgi_layers.session(app)
    app = wsgi_layers.stacked(app, wanted["between"])
    if wanted["outer"]:
        app = islands.outer(app)
    if wanted["session"] == "outside":
        app = wsgi_layers.session(app)
    return wsgi_layers.mounted(wsgi_layers.stacked(app, wanted["around"]), wanted["mount"])
