"""The probe in Pyramid: both stations around it, and a session of WSGI's."""

from __future__ import annotations

from typing import Any

import probe
import wsgi_probe
from pyramid.config import Configurator
from pyramid.response import FileResponse, Response


def view(says: dict[str, Any]) -> Any:
    def answer(request: Any) -> Any:
        return sent(wsgi_probe.answered(says, wsgi_probe.facts_of(request.environ)), request)

    return wsgi_probe.islands.html_pass(False)(answer) if says.get("html_pass") is False else answer


def sent(answer: dict[str, Any], request: Any) -> Any:
    """What was said, as a view in Pyramid answers it."""
    if "file" in answer:
        response = FileResponse(str(probe.FILES / answer["file"]), request=request)
        response.conditional_response = True
    elif "json" in answer:
        response = Response(json_body=answer["json"], content_type="application/json", charset="utf-8")
    elif "redirect" in answer:
        response = Response(status=answer["status"] if answer["status"] != 200 else 302, location=answer["redirect"])
    elif "pieces" in answer:
        response = Response(status=answer["status"], app_iter=wsgi_probe.streamed(answer))
        if answer.get("length"):
            response.content_length = sum(len(piece.encode()) for piece in answer["pieces"])
        response.headers["Content-Type"] = answer["type"]
    else:
        response = Response(answer.get("bytes", answer.get("text", "").encode()), status=answer["status"])
        response.headers["Content-Type"] = answer["type"]
    for name, value in answer["headers"]:
        response.headers.add(name, value)
    return response


with Configurator() as config:
    for number, (path, says) in enumerate(probe.ROUTES.items()):
        config.add_route(f"route{number}", path)
        config.add_view(view(says), route_name=f"route{number}", request_method=tuple(says.get("methods", ["GET"])))
    for name in ("events", "live"):
        config.add_route(name, f"/_{name}")
    config.add_view(
        lambda request: Response(probe.events.taken().encode(), content_type="application/json"), route_name="events"
    )
    config.add_view(
        lambda request: Response(probe.events.live().encode(), content_type="text/plain"), route_name="live"
    )
    web = config.make_wsgi_app()
app = wsgi_probe.stack(web)
