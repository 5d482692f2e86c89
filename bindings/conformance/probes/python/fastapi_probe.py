"""The probe in FastAPI: middlewares of the app, path operations, islands as path operations of their own."""

from __future__ import annotations

from typing import Any

import asgi_probe
import probe
from eyot.asgi import Island
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

islands = asgi_probe.islands_of()
# With a `root_path` of the constructor both stations stand around the whole app, where nobody has put it into the scope.
root_path = probe.STACK["root_path"]
layers = [] if root_path else asgi_probe.layers(islands)
web = FastAPI(debug=probe.STACK["debug"], middleware=layers, openapi_url=None, root_path=root_path)
if probe.STACK["catch_all"]:
    # As one that takes every path; the others are the probe's.
    web.add_route("/_server-islands{rest:path}", lambda request: HTMLResponse(probe.LAYOUT))
islands.mount(web)


def view(says: dict[str, Any]) -> Any:
    async def answer(request: Request) -> Any:
        return await asgi_probe.answered(says, asgi_probe.facts_of(request))

    answer.__annotations__["request"] = Request
    if says.get("html_pass") is False:
        answer = islands.html_pass(False)(answer)
    return islands.shell(**says["policy"])(answer) if "policy" in says else answer


def handler(says: dict[str, Any]) -> Any:
    async def answer(request: Request, island: Any) -> Any:
        return await asgi_probe.answered(says, asgi_probe.facts_of(request, props=island.props, page=island.page))

    answer.__annotations__.update(request=Request, island=Island[Any])
    return islands.html_pass(False)(answer) if says.get("html_pass") is False else answer


for name, says in probe.ISLANDS.items():
    islands.island(name, **probe.registered(says))(handler(says))
probe.mistaken(islands.island)
for path, says in probe.ROUTES.items():
    web.add_api_route(path, view(says), methods=says.get("methods", ["GET"]))
web.add_route("/_events", asgi_probe.events)
web.add_route("/_live", asgi_probe.live)
app = asgi_probe.around(islands(web) if root_path else web)
