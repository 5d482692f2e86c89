"""The hosts in Python: each app without eyot and with it, and both with a layer, called as a server calls them.

python python_hosts.py HOST DESCRIPTION
"""

from __future__ import annotations

import asyncio
import gc
import html
import json
import re
import sys
import time
import tracemalloc
import types
from collections.abc import AsyncIterator, Callable
from inspect import Signature
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import eyot
from eyot import _eyot
from eyot._eyot import MARK

ROUND_SECONDS = 0.004
HTML = "text/html; charset=utf-8"
ISLAND_URL = re.compile(rb'"(/_server-islands/Row/[^"]+)"')
OWN_FETCH = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"}
WITH_LAYER = ("X-Request-Id", "7")

GIVEN: dict[str, Any] = json.loads(Path(sys.argv[2]).read_text()) if len(sys.argv) > 2 else {}
PAGES = {f"/{name}": GIVEN.get(name, "") for name in ("page", "islands", "fragment")}
PAGES["/shell"] = PAGES.get("/islands", "")
JSON: dict[str, Any] = GIVEN.get("json", {})
CHUNKS = [chunk.encode() for chunk in GIVEN.get("chunks", ())]


class Answer(NamedTuple):
    """What left an app."""

    status: int
    headers: dict[str, str]
    body: bytes


# An app, and how it is asked: a call that answers, and one that times many of them.
Ask = Callable[[str, dict[str, str]], Answer]
Time = Callable[[str, dict[str, str], int], float]


class Candidate(NamedTuple):
    """One app as it is measured."""

    ask: Ask
    time: Time


# -- WSGI --------------------------------------------------------------------------------------------------------------


def environ_of(path: str, headers: dict[str, str]) -> dict[str, Any]:
    """Return what a server makes of a request."""
    named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "RAW_URI": path,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "HTTP_ACCEPT": "text/html,*/*",
        "HTTP_COOKIE": "theme=dark",
        "HTTP_USER_AGENT": "benchmark",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **named,
    }


def by_wsgi(app: Any) -> Candidate:
    """Call a WSGI app."""
    head: list[Any] = []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> None:
        head[:] = [status, headers]

    def call(environ: dict[str, Any]) -> bytes:
        body = app(environ, start_response)
        data = b"".join(body)
        if hasattr(body, "close"):
            body.close()
        return data

    def ask(path: str, headers: dict[str, str]) -> Answer:
        body = call(environ_of(path, headers))
        return Answer(int(head[0][:3]), {name.lower(): value for name, value in head[1]}, body)

    def timed(path: str, headers: dict[str, str], repeats: int) -> float:
        environ = environ_of(path, headers)
        start = time.perf_counter()
        for _ in range(repeats):
            call(environ.copy())
        return (time.perf_counter() - start) / repeats

    return Candidate(ask, timed)


def wsgi_layer(app: Any) -> Any:
    """A layer that sets a header, as most do."""

    def layer(environ: Any, start_response: Any) -> Any:
        def start(status: str, headers: Any, exc_info: Any = None) -> Any:
            return start_response(status, [*headers, WITH_LAYER])

        return app(environ, start)

    return layer


def wsgi_app(environ: Any, start_response: Any) -> Any:
    """An app without a framework."""
    path = environ["PATH_INFO"]
    if path == "/stream":
        start_response("200 OK", [("Content-Type", HTML)])
        return iter(CHUNKS)
    if path == "/json":
        kind, body = "application/json", json.dumps(JSON).encode()
    else:
        kind, body = HTML, RAW_PAGES[path]
    start_response("200 OK", [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [body]


RAW_PAGES = {path: text.encode() for path, text in PAGES.items()}


def wsgi(*, with_eyot: bool, with_layer: bool) -> Candidate:
    """Return the app without a framework."""
    from eyot.wsgi import Islands

    islands = Islands(shells={"/shell": eyot.Policy(cdn=600)})
    islands.island("Row")(lambda request, island: PAGES["/fragment"])
    app = islands.inner(wsgi_app) if with_eyot else wsgi_app
    app = wsgi_layer(app) if with_layer else app
    return by_wsgi(islands.outer(app) if with_eyot else app)


def flask(*, with_eyot: bool, with_layer: bool) -> Candidate:
    """Return Flask's app."""
    from eyot.flask import Islands
    from flask import Flask, Response, jsonify

    web = Flask("bench", static_folder=None)
    web.config["SECRET_KEY"] = "a secret of the benchmark, long enough: 0123456789"
    islands = Islands()
    islands.island("Row")(lambda island: PAGES["/fragment"])
    for path, text in PAGES.items():
        view = lambda text=text: text  # noqa: E731 - a view each
        web.add_url_rule(path, path[1:], islands.shell(cdn=600)(view) if path == "/shell" and with_eyot else view)
    web.add_url_rule("/json", "json", lambda: jsonify(JSON))
    web.add_url_rule("/stream", "stream", lambda: Response(iter(CHUNKS), content_type=HTML))
    if with_layer:
        web.wsgi_app = wsgi_layer(web.wsgi_app)  # type: ignore[method-assign]
    if with_eyot:
        islands.init_app(web)
    return by_wsgi(web)


def django_layer(get_response: Any) -> Any:
    """A middleware that sets a header."""

    def layer(request: Any) -> Any:
        response = get_response(request)
        response[WITH_LAYER[0]] = WITH_LAYER[1]
        return response

    return layer


def django(*, with_eyot: bool, with_layer: bool) -> Candidate:
    """Return Django's handler, under the middlewares of a new project."""
    from django.conf import settings

    usual = ["sessions.middleware.SessionMiddleware", "auth.middleware.AuthenticationMiddleware"]
    middleware = [
        "django.middleware.security.SecurityMiddleware",
        *["eyot.django.middleware.OuterMiddleware"] * with_eyot,
        *["__main__.django_layer"] * with_layer,
        *(f"django.contrib.{name}" for name in usual),
        "django.middleware.common.CommonMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
        *["eyot.django.middleware.InnerMiddleware"] * with_eyot,
    ]
    if not settings.configured:
        django_project(middleware)
    settings.MIDDLEWARE = middleware
    from django.core.handlers.wsgi import WSGIHandler

    return by_wsgi(WSGIHandler())


def django_project(middleware: list[str]) -> None:
    """Set up the project that all of Django's handlers serve."""
    from django.conf import settings

    urls = types.ModuleType("bench_urls")
    sys.modules["bench_urls"] = urls
    settings.configure(
        SECRET_KEY="a secret of the benchmark, long enough: 0123456789",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="bench_urls",
        INSTALLED_APPS=[f"django.contrib.{name}" for name in ("auth", "contenttypes", "sessions")] + ["eyot.django"],
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
        MIDDLEWARE=middleware,
    )
    import django

    django.setup()
    from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
    from django.urls import path
    from eyot.django import island, shell

    def view(text: str) -> Any:
        return lambda request: HttpResponse(text)

    views = {name: view(text) for name, text in PAGES.items()}
    views["/shell"] = shell(cdn=600)(views["/shell"])
    views["/json"] = lambda request: JsonResponse(JSON)
    views["/stream"] = lambda request: StreamingHttpResponse(iter(CHUNKS), content_type=HTML)
    island("Row")(lambda request, island: HttpResponse(PAGES["/fragment"]))
    urls.urlpatterns = [path(name[1:], view) for name, view in views.items()]  # type: ignore[attr-defined]


# -- ASGI --------------------------------------------------------------------------------------------------------------


def scope_of(path: str, headers: dict[str, str]) -> dict[str, Any]:
    """Return what a server makes of a request."""
    usual = {"host": "localhost", "accept": "text/html,*/*", "cookie": "theme=dark", "user-agent": "benchmark"}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in {**usual, **headers}.items()],
        "client": ("127.0.0.1", 4000),
        "server": ("localhost", 80),
    }


def by_asgi(app: Any) -> Candidate:
    """Call an ASGI app, all of them on one loop."""
    messages: list[Any] = []
    loop = asyncio.get_event_loop_policy().get_event_loop()

    async def send(message: Any) -> None:
        messages.append(message)

    async def call(scope: dict[str, Any]) -> None:
        messages.clear()
        is_read = False

        async def receive() -> Any:
            nonlocal is_read
            if is_read:
                # The client stays: a server has nothing more to tell.
                await loop.create_future()
            is_read = True
            return {"type": "http.request", "body": b"", "more_body": False}

        # Servers copy no scope; apps may write to it.
        await app(scope.copy(), receive, send)

    def ask(path: str, headers: dict[str, str]) -> Answer:
        loop.run_until_complete(call(scope_of(path, headers)))
        start, body = messages[0], b"".join(message.get("body", b"") for message in messages[1:])
        return Answer(start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, body)

    async def repeated(scope: dict[str, Any], repeats: int) -> float:
        start = time.perf_counter()
        for _ in range(repeats):
            await call(scope)
        return (time.perf_counter() - start) / repeats

    def timed(path: str, headers: dict[str, str], repeats: int) -> float:
        return loop.run_until_complete(repeated(scope_of(path, headers), repeats))

    return Candidate(ask, timed)


def asgi_layer(app: Any) -> Any:
    """A layer that sets a header, as most do."""
    header = (WITH_LAYER[0].lower().encode(), WITH_LAYER[1].encode())

    async def layer(scope: Any, receive: Any, send: Any) -> None:
        async def sent(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], header]}
            await send(message)

        await app(scope, receive, sent)

    return layer


async def asgi_app(scope: Any, receive: Any, send: Any) -> None:
    """An app without a framework."""
    path = scope["path"]
    if path == "/stream":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", HTML.encode())]})
        for chunk in CHUNKS:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return
    if path == "/json":
        kind, body = b"application/json", json.dumps(JSON).encode()
    else:
        kind, body = HTML.encode(), RAW_PAGES[path]
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def asgi_row(request: Any, island: Any) -> str:
    """Answer an island."""
    return str(PAGES["/fragment"])


def asgi(*, with_eyot: bool, with_layer: bool) -> Candidate:
    """Return the app without a framework."""
    from eyot.asgi import Islands

    islands = Islands(shells={"/shell": eyot.Policy(cdn=600)})
    islands.island("Row")(asgi_row)
    app = islands.inner(asgi_app) if with_eyot else asgi_app
    app = asgi_layer(app) if with_layer else app
    return by_asgi(islands.outer(app) if with_eyot else app)


async def chunks() -> AsyncIterator[bytes]:
    """Iterate the stream's chunks."""
    for chunk in CHUNKS:
        yield chunk


def fastapi(*, with_eyot: bool, with_layer: bool) -> Candidate:
    """Return FastAPI's app."""
    from eyot.asgi import Island, Islands
    from fastapi import FastAPI
    from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
    from starlette.middleware import Middleware

    islands = Islands()
    between = [Middleware(asgi_layer)] * with_layer
    stack = [Middleware(islands.outer), *between, Middleware(islands.inner)] if with_eyot else between
    web = FastAPI(openapi_url=None, middleware=stack)
    if with_eyot:
        islands.mount(web)

    async def row(island: Any) -> Any:
        return HTMLResponse(PAGES["/fragment"])

    row.__annotations__["island"] = Island[Any]
    islands.island("Row")(row)
    for path, text in PAGES.items():

        async def view(text: str = text) -> Any:
            return HTMLResponse(text)

        # What the view closes over is no parameter of the request.
        view.__signature__ = Signature()  # type: ignore[attr-defined]
        web.get(path)(islands.shell(cdn=600)(view) if path == "/shell" and with_eyot else view)

    @web.get("/json")
    async def answer() -> Any:
        return JSONResponse(JSON)

    @web.get("/stream")
    async def stream() -> Any:
        return StreamingResponse(chunks(), media_type=HTML)

    return by_asgi(web)


def quart(*, with_eyot: bool, with_layer: bool) -> Candidate:
    """Return Quart's app."""
    from eyot.asgi import Islands
    from quart import Quart, Response, jsonify

    web: Any = Quart("bench", static_folder=None)
    islands = Islands()
    if with_eyot:
        islands.mount(web)

    async def row(island: Any) -> Any:
        return PAGES["/fragment"]

    islands.island("Row")(row)

    for path, text in PAGES.items():

        async def view(text: str = text) -> Any:
            return text

        web.add_url_rule(path, path[1:], islands.shell(cdn=600)(view) if path == "/shell" and with_eyot else view)

    async def answer() -> Any:
        return jsonify(JSON)

    async def stream() -> Any:
        return Response(chunks(), content_type=HTML)

    web.add_url_rule("/json", "json", answer)
    web.add_url_rule("/stream", "stream", stream)
    inside = islands.inner(web.asgi_app) if with_eyot else web.asgi_app
    inside = asgi_layer(inside) if with_layer else inside
    web.asgi_app = islands.outer(inside) if with_eyot else inside
    return by_asgi(web)


# -- crossings ---------------------------------------------------------------------------------------------------------


class Counted:
    """A native callable that counts its calls, and is a class to `isinstance` where that one is."""

    calls = 0

    def __init__(self, native: Any) -> None:
        self._native = native

    def __call__(self, *given: Any, **named: Any) -> Any:
        Counted.calls += 1
        return self._native(*given, **named)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._native, name)

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, self._native)


def crossings(candidate: Candidate, path: str, headers: dict[str, str]) -> int:
    """Return how often one request calls the native module's methods and classes. Attributes are not counted."""
    natives = [value for value in vars(_eyot).values() if isinstance(value, type)]
    modules = [module for name, module in sys.modules.items() if name.startswith("eyot.")]
    methods = [
        (owner, name, value)
        for owner in natives
        for name, value in vars(owner).items()
        if isinstance(value, types.MethodDescriptorType) and not name.startswith("__")
    ]
    names = [(module, name, value) for module in modules for name, value in vars(module).items() if _is_native(value)]
    for owner, name, value in [*methods, *names]:
        setattr(owner, name, Counted(value))
    Counted.calls = 0
    candidate.ask(path, headers)
    for owner, name, value in [*methods, *names]:
        setattr(owner, name, value)
    return Counted.calls


def _is_native(value: Any) -> bool:
    if isinstance(value, type) and issubclass(value, Exception):
        return False
    return isinstance(value, (type, types.BuiltinFunctionType)) and value in vars(_eyot).values()


def peak(candidate: Candidate, path: str, headers: dict[str, str]) -> int:
    """Return the most bytes that one request holds at once, by Python's allocator."""
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    candidate.time(path, headers, 1)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most - before


# -- measuring ---------------------------------------------------------------------------------------------------------


def questions(with_eyot: Candidate) -> dict[str, tuple[str, dict[str, str], str]]:
    """Return what each case asks for: the path, headers, and the path of it that an app without eyot has."""
    url = ISLAND_URL.search(with_eyot.ask("/islands", {}).body)
    etag = with_eyot.ask("/shell", {}).headers.get("etag")
    if url is None or etag is None:
        raise SystemExit("the page has no placeholder, or the shell no ETag")
    asked: dict[str, tuple[str, dict[str, str], str]]
    asked = {case["name"]: (case["path"], {}, case["path"]) for case in GIVEN["cases"]}
    asked["unchanged"] = ("/shell", {"If-None-Match": etag}, "/shell")
    asked["island"] = (html.unescape(url[1].decode()), OWN_FETCH, "/fragment")
    return asked


def check(name: str, answer: Answer) -> None:
    """Stop where an app with eyot did not do the work."""
    is_split = b"server:defer" not in answer.body and (b"/_server-islands/Row/" in answer.body) == (
        name in ("islands", "shell", "stream")
    )
    if answer.status != (304 if name == "unchanged" else 200) or not is_split:
        raise SystemExit(f"{name}: {answer.status} {answer.headers} {answer.body[:200]!r}")


def core_alone() -> dict[str, Callable[[], object]]:
    """Return what core itself takes, without any host."""
    islands = eyot.Islands(eyot.KeyRing.parse("7Yp0Qm4bW9fJc2xkTn8uVhRzLs5aEoGd1tXi3qBvM6A="), islands=["Row"])
    policy = eyot.Policy(cdn=600)
    page = PAGES["/islands"].encode()
    shell = islands.split(page)
    headers = [("Content-Type", HTML), (MARK, "1")]

    def judged() -> object:
        exchange: Any = islands.arrive("GET", "/shell", [("Host", "localhost")], print, policy=policy)
        out = exchange.out(eyot.Context, print)
        out.step(200, headers, "whole")
        return out.whole(200, headers, shell)

    return {"split of five islands": lambda: islands.split(page), "hash and guard": judged}


def fastest(timers: dict[Any, Callable[[int], float]], seconds: float) -> dict[Any, float]:
    """Time all in turns until the time is over; the fastest round of each counts."""
    repeats = {key: max(1, int(ROUND_SECONDS / timer(3))) for key, timer in timers.items()}
    best = dict.fromkeys(timers, float("inf"))
    gc.collect()
    gc.freeze()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for key, timer in timers.items():
            best[key] = min(best[key], timer(repeats[key]))
    return best


def timing(call: Callable[[], object]) -> Callable[[int], float]:
    """Return a timer of plain calls."""

    def timed(repeats: int) -> float:
        start = time.perf_counter()
        for _ in range(repeats):
            call()
        return (time.perf_counter() - start) / repeats

    return timed


BUILDERS = {"wsgi": wsgi, "flask": flask, "django": django, "asgi": asgi, "fastapi": fastapi, "quart": quart}
WAYS = {"without": (False, False), "with": (True, False), "without_layer": (False, True), "with_layer": (True, True)}


def main() -> None:
    """Measure one host and print it."""
    build = BUILDERS[sys.argv[1]]
    made = {way: build(with_eyot=with_eyot, with_layer=layer) for way, (with_eyot, layer) in WAYS.items()}
    asked = questions(made["with"])
    timers: dict[Any, Callable[[int], float]] = {("core", name): timing(call) for name, call in core_alone().items()}
    counted: dict[str, dict[str, int]] = {}
    for name, (path, headers, plain) in asked.items():
        check(name, made["with"].ask(path, headers))
        check(name, made["with_layer"].ask(path, headers))
        bytes_added = peak(made["with"], path, headers) - peak(made["without"], plain, {})
        counted[name] = {"crossings": crossings(made["with"], path, headers), "bytes": bytes_added}
        for way, candidate in made.items():
            given = (path, headers) if WAYS[way][0] else (plain, {})
            timers[name, way] = lambda repeats, time=candidate.time, given=given: time(*given, repeats)  # type: ignore[misc]
    best = fastest(timers, GIVEN["seconds"])
    cases = {name: {**{way: best[name, way] for way in WAYS}, **counted[name]} for name in asked}
    print(json.dumps({"cases": cases, "core": {key[1]: best[key] for key in timers if key[0] == "core"}}))


if __name__ == "__main__":
    main()
