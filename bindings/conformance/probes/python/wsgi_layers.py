"""Layers of a WSGI stack, as they are found around real apps; and a session, for frameworks that have none."""

from __future__ import annotations

import gzip
import sys
import threading
from http.cookies import SimpleCookie
from secrets import token_hex
from typing import Any

from probe import CSP, HTML, LAYOUT

App = Any
SESSIONS: dict[str, dict[str, Any]] = {}


def stacked(app: App, names: list[str]) -> App:
    """The app inside of these layers; the first one is the outermost."""
    for name in reversed(names):
        app = LAYERS[name](app)
    return app


def mounted(app: App, mount: str) -> App:
    """The app below a mount point."""
    if not mount:
        return app

    def moved(environ: Any, start_response: Any) -> Any:
        path = environ["PATH_INFO"]
        if not path.startswith(mount + "/"):
            return _page("404 Not Found", "nothing here", start_response)
        return app(
            {**environ, "SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + mount, "PATH_INFO": path[len(mount) :]},
            start_response,
        )

    return moved


def collected(app: App, environ: Any) -> tuple[str, list[Any], bytes]:
    """An app's whole answer. Layers that change bodies collect them."""
    head: list[Any] = []

    def start(status: str, headers: Any, exc_info: Any = None) -> Any:
        head[:] = [status, headers]
        return lambda data: None

    body = app(environ, start)
    try:
        data = b"".join(body)
    finally:
        if hasattr(body, "close"):
            body.close()
    return head[0], list(head[1]), data


def _page(status: str, text: str, start_response: Any) -> Any:
    data = text.encode()
    start_response(status, [("Content-Type", HTML), ("Content-Length", str(len(data)))])
    return [data]


def _sent(status: str, headers: Any, data: bytes, start_response: Any) -> Any:
    kept = [header for header in headers if header[0].lower() != "content-length"]
    start_response(status, [*kept, ("Content-Length", str(len(data)))])
    return [data]


def limiter(app: App) -> App:
    def layer(environ: Any, start_response: Any) -> Any:
        if "HTTP_PROBE_LIMIT" in environ:
            return _page("429 Too Many Requests", LAYOUT, start_response)
        return app(environ, start_response)

    return layer


def error_page(app: App) -> App:
    def layer(environ: Any, start_response: Any) -> Any:
        try:
            status, headers, data = collected(app, environ)
        except Exception:
            status = "500"
        if status.startswith("500"):
            return _page("500 Internal Server Error", LAYOUT, start_response)
        return _sent(status, headers, data, start_response)

    return layer


def gzipped(app: App) -> App:
    def layer(environ: Any, start_response: Any) -> Any:
        status, headers, data = collected(app, environ)
        names = {name.lower(): value for name, value in headers}
        if (
            "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "")
            and names.get("content-type", "").startswith("text/")
            and data
        ):
            headers = [*headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
            data = gzip.compress(data)
        return _sent(status, headers, data, start_response)

    return layer


def toolbar(app: App) -> App:
    def layer(environ: Any, start_response: Any) -> Any:
        status, headers, data = collected(app, environ)
        return _sent(status, headers, data.replace(b"</body>", b"<p>toolbar</p></body>"), start_response)

    return layer


def cache(app: App) -> App:
    kept: dict[str, Any] = {}

    def layer(environ: Any, start_response: Any) -> Any:
        key = f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}"
        if environ["REQUEST_METHOD"] != "GET" or environ["PATH_INFO"].startswith("/_"):
            return app(environ, start_response)
        if key not in kept:
            kept[key] = collected(app, environ)
        return _sent(*kept[key], start_response)

    return layer


def timeout(app: App) -> App:
    def layer(environ: Any, start_response: Any) -> Any:
        answer: list[Any] = []
        worker = threading.Thread(target=lambda: answer.extend(collected(app, environ)), daemon=True)
        worker.start()
        worker.join(0.4)
        if not answer:
            return _page("503 Service Unavailable", LAYOUT, start_response)
        return _sent(*answer, start_response)

    return layer


def recover(app: App) -> App:
    """Swallows what a body raises, or does as PEP 3333 has it: says so with `exc_info`."""

    def layer(environ: Any, start_response: Any) -> Any:
        body = app(environ, start_response)
        try:
            yield from body
        except Exception:
            if "HTTP_PROBE_EXC_INFO" not in environ:
                return
            start_response("500 Internal Server Error", [("Content-Type", HTML)], sys.exc_info())
            yield b"an error page"
        finally:
            if hasattr(body, "close"):
                body.close()

    return layer


def csp(app: App) -> App:
    """A policy for scripts on every answer, as helmets have it."""

    def layer(environ: Any, start_response: Any) -> Any:
        def start(status: str, headers: Any, *more: Any) -> Any:
            return start_response(status, [*headers, ("Content-Security-Policy", CSP)], *more)

        return app(environ, start)

    return layer


def language(app: App) -> App:
    """Sends visitors to the path of their language, whatever they ask for."""

    def layer(environ: Any, start_response: Any) -> Any:
        if "HTTP_PROBE_LANGUAGE" not in environ:
            return app(environ, start_response)
        start_response("302 Found", [("Location", f"/en{environ['PATH_INFO']}"), ("Content-Length", "0")])
        return []

    return layer


def proxy(app: App) -> App:
    """Believes a proxy's word for the mount point, as ProxyFix does."""

    def layer(environ: Any, start_response: Any) -> Any:
        prefix = environ.get("HTTP_X_FORWARDED_PREFIX")
        return app({**environ, "SCRIPT_NAME": prefix} if prefix else environ, start_response)

    return layer


def below(app: App, path: str, other: App) -> App:
    """Another app below a path, with its own mount point."""
    moved = mounted(other, path)

    def layer(environ: Any, start_response: Any) -> Any:
        is_below = environ["PATH_INFO"].startswith(f"{path}/")
        return (moved if is_below else app)(environ, start_response)

    return layer


def session(app: App) -> App:
    """A session for frameworks without one: in memory, its cookie set where something was written."""

    def layer(environ: Any, start_response: Any) -> Any:
        sent = SimpleCookie(environ.get("HTTP_COOKIE", "")).get("session")
        known = SESSIONS.get(sent.value) if sent else None
        environ["probe.session"] = held = dict(known or {})

        def start(status: str, headers: Any, *more: Any) -> Any:
            if held != (known or {}):
                key = sent.value if sent and known is not None else token_hex(16)
                SESSIONS[key] = held
                headers = [*headers, ("Set-Cookie", f"session={key}; Path=/; HttpOnly")]
            return start_response(status, headers, *more)

        return app(environ, start)

    return layer


LAYERS = {
    "limiter": limiter,
    "error page": error_page,
    "gzip": gzipped,
    "toolbar": toolbar,
    "cache": cache,
    "timeout": timeout,
    "recover": recover,
    "csp": csp,
    "language": language,
    "proxy": proxy,
    "session": session,
}
