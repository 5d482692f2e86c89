"""The probe in Starlette: middlewares of the app, routes, islands as routes of their own."""

from __future__ import annotations

from typing import Any

import asgi_probe
import probe
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

islands = asgi_probe.islands_of()


def view(says: dict[str, Any]) -> Any:
    async def answer(request: Request) -> Any:
        return await asgi_probe.answered(says, asgi_probe.facts_of(request))

    if says.get("html_pass") is False:
        answer = islands.html_pass(False)(answer)
    return islands.shell(**says["policy"])(answer) if "policy" in says else answer


def handler(says: dict[str, Any]) -> Any:
    async def answer(request: Request, island: Any) -> Any:
        return await asgi_probe.answered(says, asgi_probe.facts_of(request, props=island.props, page=island.page))

    return islands.html_pass(False)(answer) if says.get("html_pass") is False else answer


routes = [Route(path, view(says), methods=says.get("methods", ["GET"])) for path, says in probe.ROUTES.items()]
routes += [Route("/_events", asgi_probe.events), Route("/_live", asgi_probe.live)]
web = Starlette(debug=probe.STACK["debug"], routes=routes, middleware=asgi_probe.layers(islands))
islands.mount(web)
for name, says in probe.ISLANDS.items():
    islands.island(name, **probe.registered(says))(handler(says))
probe.mistaken(islands.island)
app = asgi_probe.around(web)
