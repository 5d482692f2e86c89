"""The probe in Bottle: both stations around it, and a session of WSGI's."""

from __future__ import annotations

from typing import Any

import bottle
import probe
import wsgi_probe
from bottle import HTTPResponse, request, static_file

web = bottle.Bottle(catchall=True)
bottle.debug(probe.STACK["debug"])


def view(says: dict[str, Any]) -> Any:
    def answer(**_: Any) -> Any:
        return sent(wsgi_probe.answered(says, wsgi_probe.facts_of(request.environ)))

    return wsgi_probe.islands.html_pass(False)(answer) if says.get("html_pass") is False else answer


def sent(answer: dict[str, Any]) -> Any:
    """What was said, as a view in Bottle answers it."""
    if "file" in answer:
        response = static_file(answer["file"], root=str(probe.FILES))
    elif "json" in answer:
        return answer["json"]
    elif "redirect" in answer:
        response = HTTPResponse("", answer["status"] if answer["status"] != 200 else 302, Location=answer["redirect"])
    elif "pieces" in answer:
        response = HTTPResponse(wsgi_probe.streamed(answer), answer["status"])
        response.content_type = answer["type"]
        if answer.get("length"):
            response.set_header("Content-Length", str(sum(len(piece.encode()) for piece in answer["pieces"])))
    else:
        response = HTTPResponse(answer.get("bytes", answer.get("text", "").encode()), answer["status"])
        response.content_type = answer["type"]
    for name, value in answer["headers"]:
        response.add_header(name, value)
    return response


for path, says in probe.ROUTES.items():
    web.route(path, says.get("methods", ["GET"]), view(says))
web.route("/_events", "GET", lambda: HTTPResponse(probe.events.taken(), content_type="application/json"))
web.route("/_live", "GET", lambda: HTTPResponse(probe.events.live(), content_type="text/plain"))
app = wsgi_probe.stack(web)
