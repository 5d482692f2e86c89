"""The probe in Flask: the extension, Flask's own session, layers around `app.wsgi_app`."""

from __future__ import annotations

import time
from typing import Any

import probe
import wsgi_layers
from eyot.flask import Islands
from flask import Flask, Response, jsonify, redirect, render_template_string, request, send_file, session

web = Flask(__name__, static_folder=None)
web.config["SECRET_KEY"] = probe.SECRET
web.debug = probe.STACK["debug"]
islands = Islands(**probe.options())


def facts(**more: Any) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in request.headers.items()}
    known = probe.facts_of(request.method, request.path, request.query_string.decode(), headers, session)
    return {**known, **more}


def sent(says: dict[str, Any], known: dict[str, Any]) -> Any:
    """What was said, as a view in Flask answers it."""
    if says.get("nothing"):
        return None
    answer = probe.said(says, known)
    if "jinja" in answer:
        response = Response(render_template_string(answer["jinja"]))
    elif "file" in answer:
        response = send_file(probe.FILES / answer["file"], conditional=True)
    elif "json" in answer:
        response = jsonify(answer["json"])
    elif "redirect" in answer:
        return redirect(answer["redirect"], answer["status"] if answer["status"] != 200 else 302)
    elif "pieces" in answer:
        response = Response(streamed(answer), answer["status"], content_type=answer["type"])
        if answer.get("length"):
            response.content_length = sum(len(piece.encode()) for piece in answer["pieces"])
    else:
        response = Response(answer.get("bytes", answer.get("text", "")), answer["status"], content_type=answer["type"])
    for name, value in answer["headers"]:
        response.headers.add(name, value)
    return response


def streamed(answer: dict[str, Any]) -> Any:
    for number, piece in enumerate(answer["pieces"]):
        if number:
            time.sleep(answer["pause"] / 1000)
        if piece == "!":
            raise probe.Failure("in the middle")
        yield piece


def view(says: dict[str, Any]) -> Any:
    def answer(**_: Any) -> Any:
        probe.events.living(1)
        try:
            return sent(says, facts())
        finally:
            probe.events.living(-1)

    if says.get("html_pass") is False:
        answer = islands.html_pass(False)(answer)
    return islands.shell(**says["policy"])(answer) if "policy" in says else answer


def handler(says: dict[str, Any]) -> Any:
    def answer(island: Any) -> Any:
        return sent(says, facts(props=island.props, page=island.page))

    return islands.html_pass(False)(answer) if says.get("html_pass") is False else answer


for number, (path, says) in enumerate(probe.ROUTES.items()):
    methods = says.get("methods", ["GET"])
    web.add_url_rule(path, f"route{number}", view(says), methods=methods)
for name, says in probe.ISLANDS.items():
    islands.island(name, **probe.registered(says))(handler(says))
probe.mistaken(islands.island)
web.add_url_rule("/_events", "events", lambda: Response(probe.events.taken(), mimetype="application/json"))
web.add_url_rule("/_live", "live", lambda: Response(probe.events.live(), mimetype="text/plain"))

web.wsgi_app = wsgi_layers.stacked(web.wsgi_app, probe.STACK["between"])
if probe.STACK["eyot"]:
    islands.init_app(web)
app = wsgi_layers.mounted(wsgi_layers.stacked(web, probe.STACK["around"]), probe.STACK["mount"])
