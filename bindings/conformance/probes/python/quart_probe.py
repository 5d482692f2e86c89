"""The probe in Quart: both stations around `app.asgi_app`, Quart's own session between them, islands as its routes."""

from __future__ import annotations

from typing import Any

import asgi_layers
import asgi_probe
import probe
from quart import Quart, Response, jsonify, redirect, render_template_string, request, send_file, session

islands = asgi_probe.islands_of()
web = Quart(__name__, static_folder=None)
web.secret_key = probe.SECRET
web.debug = probe.STACK["debug"]
islands.mount(web)
islands.install(web.jinja_env)


def facts(**more: Any) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return {**probe.facts_of(request.method, request.path, request.query_string.decode(), headers, session), **more}


async def sent(says: dict[str, Any], known: dict[str, Any]) -> Any:
    """What was said, as a view in Quart answers it."""
    answer = await asgi_probe.noted(says, known)
    if answer is None:
        return None
    if "jinja" in answer:
        response = Response(await render_template_string(answer["jinja"]))
    elif "file" in answer:
        response = await send_file(probe.FILES / answer["file"], conditional=True)
    elif "json" in answer:
        response = jsonify(answer["json"])
    elif "redirect" in answer:
        return redirect(answer["redirect"], answer["status"] if answer["status"] != 200 else 302)
    elif "pieces" in answer:
        response = Response(asgi_probe.streamed(answer), answer["status"], content_type=answer["type"])
        response.timeout = None
        if answer.get("length"):
            response.content_length = sum(len(piece.encode()) for piece in answer["pieces"])
    else:
        response = Response(answer.get("bytes", answer.get("text", "")), answer["status"], content_type=answer["type"])
    for name, value in answer["headers"]:
        response.headers.add(name, value)
    return response


def view(says: dict[str, Any]) -> Any:
    async def answer(**_: Any) -> Any:
        return await sent(says, facts())

    if says.get("html_pass") is False:
        answer = islands.html_pass(False)(answer)
    return islands.shell(**says["policy"])(answer) if "policy" in says else answer


def handler(says: dict[str, Any]) -> Any:
    async def answer(island: Any) -> Any:
        return await sent(says, facts(props=island.props, page=island.page))

    return islands.html_pass(False)(answer) if says.get("html_pass") is False else answer


for number, (path, says) in enumerate(probe.ROUTES.items()):
    web.add_url_rule(path, f"route{number}", view(says), methods=says.get("methods", ["GET"]))
for name, says in probe.ISLANDS.items():
    islands.island(name, **probe.registered(says))(handler(says))
probe.mistaken(islands.island)


@web.get("/_events")
async def events() -> Response:
    return Response(probe.events.taken(), mimetype="application/json")


@web.get("/_live")
async def live() -> Response:
    return Response(probe.events.live(), mimetype="text/plain")


inside = asgi_probe.inside(web.asgi_app)
inside = islands.inner(inside) if probe.STACK["inner"] else inside
inside = asgi_layers.stacked(inside, probe.STACK["between"])
web.asgi_app = islands.outer(inside) if probe.STACK["outer"] else inside
app = asgi_layers.mounted(asgi_layers.stacked(web, probe.STACK["around"]), probe.STACK["mount"])
