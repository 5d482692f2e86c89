"""Mistakes: each that a developer can make is made in Flask, ASGI and WSGI, and what is said is compared.

The list of mistakes is that of the conformance suite; beside it, each host's file has what is said.
"""

from __future__ import annotations

import functools
import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import bottle
import pytest
from eyot import Policy, asgi, flask, wsgi
from fastapi import Depends, FastAPI
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.security import HTTPBearer
from flask import Flask, Response, jsonify, render_template_string, session
from gateways import ASKER, KEYS
from jinja2 import Environment
from starlette.applications import Starlette
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request as StarletteRequest
from starlette.routing import Route
from starlette.testclient import TestClient
from test_wsgi import Answer, answering

FOLDER = Path(__file__).parents[3] / "bindings/conformance/mistakes"
SECRET = "a secret of the tests, long enough: 0123456789"
CSRF = "IjkxZjMyYzE4ZTVhN2I0ZDY0ZjBhZWU1MGM3ZGE2ZTFkMjRmMDg5YjAi.Zx1k2A.q8o0Xn"
HTML = [("Content-Type", "text/html; charset=utf-8")]
WHOLE = "<!doctype html><html><head><title>t</title></head><body>{}</body></html>"

Props = dict[str, Any]


def login_required(view: Any) -> Any:
    """Guard a view, as tutorials do it."""

    @functools.wraps(view)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        return view(*arguments, **named)

    return wrapped


def reader(props: dict[str, Any]) -> int:
    return int(props["size"])


class Host:
    """What a developer writes in one kind of host; each method returns what is shown beside the log."""

    name: str

    def start(self, **options: Any) -> Any:
        """Make the islands of an app that answers nothing, and start it."""
        raise NotImplementedError

    def page(self, html: str, headers: Any = (), cached: bool = False, template: str = "", **registered: Any) -> str:
        """Ask for a page while debugging."""
        raise NotImplementedError

    def island(self, handler: Any, **options: Any) -> str:
        """Ask for the island ``Cart`` with this handler while debugging."""
        raise NotImplementedError

    def shell(self, *bare: Any, **times: Any) -> Any:
        """Declare a policy."""
        raise NotImplementedError

    # -- what is the same in all --

    def made(self) -> Any:
        raise NotImplementedError

    def option_typo(self) -> Any:
        self.start(keys=KEYS, prelaod=True)

    def option_type(self) -> Any:
        self.start(keys=KEYS, preload="yes")

    def option_value(self) -> Any:
        self.start(keys=KEYS, max_islands=-1)

    def key_malformed(self) -> Any:
        self.start(keys="short")

    def policy_typo(self) -> Any:
        self.shell(cnd=600)

    def policy_empty(self) -> Any:
        for arguments in ([login_required], []):
            try:
                self.shell(*arguments)
            except Exception as error:  # noqa: BLE001 - whatever is said
                yield str(error)

    def policy_duration(self) -> Any:
        self.shell(cdn="soon")

    def policy_overridden(self) -> Any:
        return self.page(WHOLE, [("Cache-Control", "no-cache")], cached=True)

    def policy_csrf(self) -> Any:
        return self.page(WHOLE.format(f'<input type="hidden" name="csrf_token" value="{CSRF}">'), cached=True)

    def policy_nonce(self) -> Any:
        return self.page(WHOLE, [("Content-Security-Policy", "script-src 'nonce-abc123'")], cached=True)

    def island_unknown_tag(self) -> Any:
        return self.page("", template='{% island "Crat" %}{% endisland %}')

    def island_unknown_markup(self) -> Any:
        return self.page("<Crat server:defer />")

    def island_unclosed(self) -> Any:
        return self.page("<Cart server:defer>")

    def island_name(self) -> Any:
        self.made().island("Card Row")

    def island_twice(self) -> Any:
        made = self.made()
        made.island("Cart")(self.sound)
        made.island("Cart")(self.sound)

    def island_without_parentheses(self) -> Any:
        self.made().island(self.sound)

    def island_option_typo(self) -> Any:
        return self.page("", template='{% island "Cart" wehn="idle" %}{% endisland %}')

    def island_when(self) -> Any:
        return self.page("", template='{% island "Cart" when="idel" %}{% endisland %}')

    def props_bad_json(self) -> Any:
        return self.page("<Cart server:defer server:props='{size: 1}' />")

    def props_as_options(self) -> Any:
        return self.page("", template='{% island "Cart" size=1 %}{% endisland %}')

    def props_not_json(self) -> Any:
        return self.page("", template='{% island "Cart" with of=cycler %}{% endisland %}')

    def props_undefined(self) -> Any:
        return self.page("", template='{% island "Cart" with of=nothing %}{% endisland %}')

    def props_misfit(self) -> Any:
        return self.island(self.sound, props=reader)

    def handler_nothing(self) -> Any:
        return self.island(self.answering(None))

    def handler_object(self) -> Any:
        return self.island(self.answering(object()))

    def handler_json(self) -> Any:
        return self.island(self.json)

    def handler_signature(self) -> Any:
        return self.island(lambda: "")

    def build(self) -> Any:
        code = "import sys; sys.modules['eyot._eyot'] = None; import eyot"
        ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        return ran.stderr

    sound: Any
    json: Any

    def answering(self, answer: Any) -> Any:
        raise NotImplementedError


class InFlask(Host):
    name = "flask"

    def app(self, **config: Any) -> Flask:
        app = Flask("shop")
        app.debug, app.secret_key = True, SECRET
        # Errors are shown by the server, not raised into tests.
        app.config.update(PROPAGATE_EXCEPTIONS=False, **config)
        return app

    def start(self, **options: Any) -> Any:
        return flask.Islands(Flask("shop"), **options)

    def made(self) -> Any:
        return flask.Islands(self.app())

    def shell(self, *bare: Any, **times: Any) -> Any:
        return flask.Islands().shell(*bare, **times)

    def page(
        self, html: str, headers: Any = (), cached: bool = False, template: str = "", view: Any = None, **options: Any
    ) -> str:
        app = self.app()
        islands = flask.Islands(app, **options)
        islands.island("Cart")(self.sound)

        def shown() -> Any:
            return Response(render_template_string(template) if template else html, headers=[*HTML, *headers])

        shown = view or shown
        app.add_url_rule("/p", "p", islands.shell(cdn=60)(shown) if cached else shown)
        return str(asked(app.test_client(), "/p"))

    def island(self, handler: Any, **options: Any) -> str:
        app = self.app()
        islands = flask.Islands(app)
        islands.island("Cart", **options)(handler)
        with app.test_request_context("/"):
            url = app.extensions["eyot"].url("Cart", {"size": "many"}, {})
        return asked(app.test_client(), url)

    @staticmethod
    def sound(island: Any) -> str:
        return ""

    @staticmethod
    def json(island: Any) -> Any:
        return jsonify(count=1)

    def answering(self, answer: Any) -> Any:
        def cart(island: Any) -> Any:
            return answer

        return cart

    # -- its own --

    def outer_after_session(self) -> Any:
        app = self.app()
        islands = flask.Islands(app)
        app.add_url_rule("/p", "p", islands.shell(cdn=60)(lambda: WHOLE))
        within = app.wsgi_app

        def around(environ: Any, start: Any) -> Any:
            return within({**environ, "beaker.session": {}}, start)

        app.wsgi_app = around  # type: ignore[method-assign, assignment]
        return asked(app.test_client(), "/p")

    def app_not_set_up(self) -> Any:
        islands = flask.Islands()
        islands.island("Cart")(self.sound)
        app = self.app()
        app.add_url_rule("/p", "p", lambda: "")
        return asked(app.test_client(), "/p")

    def key_missing(self) -> Any:
        self.start()

    def key_missing_debug(self) -> Any:
        app = Flask("shop")
        app.debug, app.secret_key = True, "dev"
        flask.Islands(app)

    def key_weak(self) -> Any:
        app = Flask("shop")
        app.secret_key = "dev"
        flask.Islands(app)

    def policy_foreign_pattern(self) -> Any:
        return self.page(WHOLE, shells={"/p/<sku>": {"cdn": 600}})

    def policy_guarded(self) -> Any:
        return self.page("", cached=True, view=login_required(lambda: WHOLE))

    def policy_session_read(self) -> Any:
        return self.page("", cached=True, view=lambda: WHOLE.format(session.get("user")))

    def policy_session_written(self) -> Any:
        def view() -> str:
            session["seen"] = 1
            return WHOLE

        return self.page("", cached=True, view=view)

    def used_after_end(self) -> Any:
        return self.page("", view=lambda: str(flask.current_island.name))


class InAsgi(Host):
    name = "asgi"

    def start(self, **options: Any) -> Any:
        return asgi.Islands(**options).outer(nothing)

    def made(self) -> Any:
        return asgi.Islands(keys=KEYS, debug=True)

    def shell(self, *bare: Any, **times: Any) -> Any:
        return asgi.Islands().shell(*bare, **times)

    def page(
        self, html: str, headers: Any = (), cached: bool = False, template: str = "", view: Any = None, **options: Any
    ) -> str:
        islands = asgi.Islands(keys=KEYS, **options)
        islands.island("Cart")(self.sound)
        environment = Environment(autoescape=True)
        islands.install(environment)

        async def shown(request: StarletteRequest) -> Any:
            text = environment.from_string(template).render() if template else html
            return HTMLResponse(text, headers=dict(headers))

        shown = view or shown
        app = Starlette(debug=True, routes=[Route("/p", islands.shell(cdn=60)(shown) if cached else shown)])
        islands.mount(app)
        return asked(TestClient(self.around(islands, app), raise_server_exceptions=False), "/p")

    def around(self, islands: asgi.Islands, app: Any) -> Any:
        return islands.outer(SessionMiddleware(islands.inner(app), secret_key=SECRET))

    def island(self, handler: Any, **options: Any) -> str:
        islands = self.made()
        islands.island("Cart", **options)(handler)
        app = Starlette(debug=True)
        islands.mount(app)
        url = islands.url("Cart", {"size": "many"})
        return asked(TestClient(self.around(islands, app), raise_server_exceptions=False), url)

    @staticmethod
    async def sound(request: Any, island: Any) -> str:
        return ""

    @staticmethod
    async def json(request: Any, island: Any) -> Any:
        return JSONResponse({"count": 1})

    def answering(self, answer: Any) -> Any:
        async def cart(request: Any, island: Any) -> Any:
            return answer

        return cart

    # -- its own --

    def stations_exchanged(self) -> Any:
        islands = self.made()
        islands.inner(SessionMiddleware(islands.outer(Starlette()), secret_key=SECRET))

    def outer_missing(self) -> Any:
        # What is raised outside of the framework is the server's to log.
        return asked(TestClient(self.made().inner(Starlette())), "/p")

    def inner_missing(self) -> Any:
        islands = self.made()
        islands.island("Cart")(self.sound)

        async def shown(request: Any) -> Any:
            return HTMLResponse(WHOLE.format("<Cart server:defer />"))

        return asked(TestClient(islands.outer(Starlette(routes=[Route("/p", shown)]))), "/p")

    def outer_after_session(self) -> Any:
        islands = asgi.Islands(keys=KEYS, shells={"/p": Policy(cdn=60)}, debug=True)
        app = SessionMiddleware(islands.outer(islands.inner(Starlette())), secret_key=SECRET)
        return asked(TestClient(app, raise_server_exceptions=False), "/p")

    def app_not_set_up(self) -> Any:
        islands = self.made()
        islands.shell(cdn=60)(self.sound)
        return asked(TestClient(islands(Starlette())), "/p")

    def key_missing(self) -> Any:
        self.start()

    def key_missing_debug(self) -> Any:
        self.start(debug=True)

    def key_weak(self) -> Any:
        self.start(secrets=["dev"])

    def policy_foreign_pattern(self) -> Any:
        asgi.Islands(shells={"/p/<sku>": Policy(cdn=600)})

    def policy_guarded(self) -> Any:
        islands, app = asgi.Islands(keys=KEYS), FastAPI(debug=True)

        @app.get("/p")
        @islands.shell(cdn=60)
        async def product(token: Annotated[Any, Depends(HTTPBearer())]) -> str:
            return WHOLE

        @app.get("/q")
        @islands.shell(cdn=60)
        @login_required
        async def other() -> str:
            return WHOLE

        islands.mount(app)
        client = TestClient(islands(app))
        for path in ("/p", "/q"):
            try:
                client.get(path)
            except Exception as error:  # noqa: BLE001 - whatever is said
                yield str(error)

    def policy_session_read(self) -> Any:
        async def shown(request: StarletteRequest) -> Any:
            return HTMLResponse(WHOLE.format(request.session.get("user")))

        return self.page("", cached=True, view=shown)

    def policy_session_written(self) -> Any:
        async def shown(request: StarletteRequest) -> Any:
            request.session["seen"] = 1
            return HTMLResponse(WHOLE)

        return self.page("", cached=True, view=shown)


class InWsgi(Host):
    name = "wsgi"

    def start(self, **options: Any) -> Any:
        return wsgi.Islands(**options).outer(nothing)

    def made(self) -> Any:
        return wsgi.Islands(keys=KEYS, debug=True)

    def shell(self, *bare: Any, **times: Any) -> Any:
        return Policy(*bare, **times)

    def page(
        self, html: str, headers: Any = (), cached: bool = False, template: str = "", view: Any = None, **options: Any
    ) -> str:
        islands = wsgi.Islands(keys=KEYS, debug=True, shells={"/p": Policy(cdn=60)} if cached else {}, **options)
        islands.island("Cart")(self.sound)
        environment = Environment(autoescape=True)
        islands.install(environment)

        def shown(environ: Any, start: Any) -> Any:
            start("200 OK", [*HTML, *headers])
            return [(environment.from_string(template).render() if template else html).encode()]

        return answered(islands(view or shown), "/p")

    def island(self, handler: Any, **options: Any) -> str:
        islands = self.made()
        islands.island("Cart", **options)(handler)
        return answered(islands(answering(WHOLE)), islands.url("Cart", {"size": "many"}))

    @staticmethod
    def sound(request: Any, island: Any) -> str:
        return ""

    @staticmethod
    def json(request: Any, island: Any) -> Any:
        return {"count": 1}

    def answering(self, answer: Any) -> Any:
        def cart(request: Any, island: Any) -> Any:
            return answer

        return cart

    # -- its own --

    def stations_exchanged(self) -> Any:
        islands = self.made()
        islands.inner(islands.outer(nothing))

    def outer_missing(self) -> Any:
        return answered(self.made().inner(answering(WHOLE)), "/p")

    def inner_missing(self) -> Any:
        islands = self.made()
        islands.island("Cart")(self.sound)
        return answered(islands.outer(answering(WHOLE.format("<Cart server:defer />"))), "/p")

    def outer_after_session(self) -> Any:
        islands = wsgi.Islands(keys=KEYS, shells={"/p": Policy(cdn=60)}, debug=True)
        within = islands(answering(WHOLE))
        return answered(lambda environ, start: within({**environ, "beaker.session": {}}, start), "/p")

    def key_missing(self) -> Any:
        self.start()

    def key_missing_debug(self) -> Any:
        self.start(debug=True)

    def key_weak(self) -> Any:
        self.start(secrets=["dev"])

    def policy_foreign_pattern(self) -> Any:
        wsgi.Islands(shells={"/p/<sku>": Policy(cdn=600)})

    def policy_session_read(self) -> Any:
        islands = wsgi.Islands(keys=KEYS, debug=True, shells={"/p": Policy(cdn=60)})
        return answered(islands(answering(WHOLE)), "/p", HTTP_COOKIE="session=1")

    def policy_session_written(self) -> Any:
        return self.page(WHOLE, [("Set-Cookie", "session=1")], cached=True)

    def attributes_escaped(self) -> Any:
        islands = self.made()
        islands.island("Cart")(self.sound)
        engine = bottle.SimpleTemplate(WHOLE.format("<p {{attributes('Cart')}}></p>"))

        def shown(environ: Any, start: Any) -> Any:
            start("200 OK", HTML)
            return [engine.render(attributes=islands.attributes).encode()]

        return answered(islands(shown), "/p")


def nothing(*_: Any) -> Any:
    """Be an app."""


def asked(client: Any, path: str) -> str:
    answer = client.get(path, headers=ASKER)
    return f"{answer.status_code} {dict(answer.headers)}\n{answer.text}"


def answered(app: Any, path: str, **environ: Any) -> str:
    answer = Answer(app, path, HTTP_SEC_FETCH_SITE="same-origin", HTTP_SEC_FETCH_DEST="empty", **environ)
    return f"{answer.status} {answer.headers}\n{answer.text}"


HOSTS: dict[str, Host] = {host.name: host for host in (InFlask(), InAsgi(), InWsgi())}
MISTAKES: dict[str, str] = json.loads((FOLDER / "mistakes.json").read_text())
SAID: dict[str, dict[str, dict[str, str]]] = {name: json.loads((FOLDER / f"{name}.json").read_text()) for name in HOSTS}


def made(host: Host, mistake: str) -> str:
    """Make a mistake, and return what is shown of it."""
    try:
        shown = getattr(host, mistake.replace("-", "_"))()
        return "".join(shown) if hasattr(shown, "__next__") else str(shown)
    except Exception as error:  # noqa: BLE001 - whatever is said
        return f"{type(error).__name__}: {error}"


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EYOT_KEYS", "EYOT_KEYS_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("host", HOSTS)
def test_each_mistake_is_in_each_host_s_file(host: str) -> None:
    assert SAID[host].keys() == MISTAKES.keys()


@pytest.mark.parametrize(
    ("host", "mistake"),
    [(host, mistake) for host, said in SAID.items() for mistake, says in said.items() if "says" in says],
)
def test_a_mistake_is_named_with_its_cure(host: str, mistake: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    shown = made(HOSTS[host], mistake) + caplog.text
    for part in SAID[host][mistake]["says"].split("\n"):
        assert part in shown.replace("&quot;", '"').replace("&#39;", "'").replace("&#x27;", "'")


@pytest.mark.parametrize("host", HOSTS)
def test_a_mistake_that_cannot_be_made_says_why(host: str) -> None:
    for mistake, said in SAID[host].items():
        assert ("cannot" in said) != hasattr(HOSTS[host], mistake.replace("-", "_")), mistake
