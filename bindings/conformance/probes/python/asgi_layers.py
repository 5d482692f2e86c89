"""Layers of an ASGI stack, as they are found around real apps; and a session, for frameworks that have none."""

from __future__ import annotations

import asyncio
import gzip
from http.cookies import SimpleCookie
from secrets import token_hex
from typing import Any

from probe import CSP, HTML, LAYOUT

App = Any
SESSIONS: dict[str, dict[str, Any]] = {}


def stacked(app: App, names: list[str]) -> App:
    """The app inside of these layers; the first one is the outermost."""
    for name in reversed(names):
        app = layered(LAYERS[name], app)
    return app


def layered(layer: Any, app: App) -> App:
    """A layer around an app; what is no HTTP passes."""

    async def around(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await layer(app, scope, receive, send)
        else:
            await app(scope, receive, send)

    return around


def mounted(app: App, mount: str) -> App:
    """The app below a mount point: the path stays whole, as ASGI says."""
    if not mount:
        return app

    async def moved(app: App, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"].startswith(mount + "/"):
            await app({**scope, "root_path": scope.get("root_path", "") + mount}, receive, send)
        else:
            await _page(404, "nothing here", send)

    return layered(moved, app)


async def collected(app: App, scope: Any, receive: Any) -> tuple[int, list[Any], bytes]:
    """An app's whole answer. Layers that change bodies collect them."""
    head: dict[str, Any] = {}
    parts: list[bytes] = []

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            head.update(message)
        elif message["type"] == "http.response.body":
            parts.append(bytes(message.get("body", b"")))

    await app({**scope, "extensions": {}}, receive, send)
    return head["status"], list(head.get("headers", ())), b"".join(parts)


async def _page(status: int, text: str, send: Any) -> None:
    await _sent(status, [(b"content-type", HTML.encode())], text.encode(), send)


async def _sent(status: int, headers: Any, data: bytes, send: Any) -> None:
    kept = [header for header in headers if header[0].lower() != b"content-length"]
    await send(
        {"type": "http.response.start", "status": status, "headers": [*kept, (b"content-length", b"%d" % len(data))]}
    )
    await send({"type": "http.response.body", "body": data})


def header(scope: Any, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


async def limiter(app: App, scope: Any, receive: Any, send: Any) -> None:
    if header(scope, b"probe-limit"):
        await _page(429, LAYOUT, send)
    else:
        await app(scope, receive, send)


async def error_page(app: App, scope: Any, receive: Any, send: Any) -> None:
    try:
        status, headers, data = await collected(app, scope, receive)
    except Exception:
        status = 500
    if status == 500:
        await _page(500, LAYOUT, send)
    else:
        await _sent(status, headers, data, send)


async def gzipped(app: App, scope: Any, receive: Any, send: Any) -> None:
    status, headers, data = await collected(app, scope, receive)
    kind = {name.lower(): value for name, value in headers}.get(b"content-type", b"")
    if "gzip" in header(scope, b"accept-encoding") and kind.startswith(b"text/") and data:
        headers = [*headers, (b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding")]
        data = gzip.compress(data)
    await _sent(status, headers, data, send)


async def toolbar(app: App, scope: Any, receive: Any, send: Any) -> None:
    status, headers, data = await collected(app, scope, receive)
    await _sent(status, headers, data.replace(b"</body>", b"<p>toolbar</p></body>"), send)


KEPT: dict[str, Any] = {}


async def cache(app: App, scope: Any, receive: Any, send: Any) -> None:
    key = f"{scope['path']}?{scope['query_string']!r}"
    if scope["method"] != "GET" or "/_" in scope["path"]:
        return await app(scope, receive, send)
    if key not in KEPT:
        KEPT[key] = await collected(app, scope, receive)
    await _sent(*KEPT[key], send)


async def timeout(app: App, scope: Any, receive: Any, send: Any) -> None:
    try:
        answer = await asyncio.wait_for(collected(app, scope, receive), 0.4)
    except TimeoutError:
        await _page(503, LAYOUT, send)
    else:
        await _sent(*answer, send)


async def recover(app: App, scope: Any, receive: Any, send: Any) -> None:
    begun = False

    async def noted(message: Any) -> None:
        nonlocal begun
        begun = True
        await send(message)

    try:
        await app(scope, receive, noted)
    except Exception:
        if begun:
            await send({"type": "http.response.body", "body": b""})
        else:
            await _page(500, "recovered", send)


async def csp(app: App, scope: Any, receive: Any, send: Any) -> None:
    """A policy for scripts on every answer, as helmets have it."""

    async def said(message: Any) -> None:
        if message["type"] == "http.response.start":
            policy = (b"content-security-policy", CSP.encode())
            message = {**message, "headers": [*message.get("headers", ()), policy]}
        await send(message)

    await app(scope, receive, said)


async def language(app: App, scope: Any, receive: Any, send: Any) -> None:
    """Sends visitors to the path of their language, whatever they ask for."""
    if header(scope, b"probe-language"):
        await _sent(302, [(b"location", f"/en{scope['path']}".encode())], b"", send)
    else:
        await app(scope, receive, send)


async def proxy(app: App, scope: Any, receive: Any, send: Any) -> None:
    """Believes a proxy's word for the mount point."""
    prefix = header(scope, b"x-forwarded-prefix")
    await app({**scope, "root_path": prefix} if prefix else scope, receive, send)


async def headless(app: App, scope: Any, receive: Any, send: Any) -> None:
    """Answers without the key `headers`, which ASGI allows, where it is asked to."""
    if header(scope, b"probe-headless"):
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"no headers"})
    else:
        await app(scope, receive, send)


def below(app: App, path: str, other: App) -> App:
    """Another app below a path, with its own mount point."""
    moved = mounted(other, path)

    async def chosen(app: App, scope: Any, receive: Any, send: Any) -> None:
        local = scope["path"].removeprefix(scope.get("root_path", ""))
        await (moved if local.startswith(f"{path}/") else app)(scope, receive, send)

    return layered(chosen, app)


async def session(app: App, scope: Any, receive: Any, send: Any) -> None:
    """A session for frameworks without one: in memory, its cookie set where something was written."""
    sent = SimpleCookie(header(scope, b"cookie")).get("session")
    known = SESSIONS.get(sent.value) if sent else None
    held = dict(known or {})

    async def saved(message: Any) -> None:
        if message["type"] == "http.response.start" and held != (known or {}):
            key = sent.value if sent and known is not None else token_hex(16)
            SESSIONS[key] = held
            cookie = (b"set-cookie", f"session={key}; Path=/; HttpOnly".encode())
            message = {**message, "headers": [*message.get("headers", ()), cookie]}
        await send(message)

    await app({**scope, "session": held}, receive, saved)


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
    "headless": headless,
    "session": session,
}
