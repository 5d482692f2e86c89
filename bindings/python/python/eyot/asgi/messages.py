"""ASGI's types, and what both stations do with scopes and messages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from .. import stations
from .._eyot import Sent
from ..stations import Headers, RequestLine, Station

if TYPE_CHECKING:
    from .._eyot import Exchange

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Any, Any, Any], Awaitable[None]]
"""An app as each framework types it: by its own names for scopes and messages."""
StationApp = Callable[[Any, Any, Any], Coroutine[Any, Any, None]]
"""An app in a station, for all frameworks."""

KEY = "eyot.station"
PATHSEND = "http.response.pathsend"
# With these a server sends a file by itself, past the split.
_VISITOR = ("session", "user", "auth", "identity")
_PAST_THE_SPLIT = (PATHSEND, "http.response.zerocopysend")


def station(scope: Scope) -> Station:
    """Return what the outer station left in ``scope``; an empty one where it did not act."""
    found = scope.get(KEY)
    return found if isinstance(found, Station) else Station()


def tell_around(scope: Scope, inner: Scope) -> None:
    """Copy what the app noted in its own ``inner`` scope, such as its route, to where instrumentation reads it."""
    scope.update((key, value) for key, value in inner.items() if key not in scope and key != KEY)


def keep_files_in(scope: Scope, *, paths: bool = True) -> None:
    """Take out of ``scope`` what lets a server send files by itself, past the split; without ``paths`` open ones."""
    extensions = scope.get("extensions")
    if extensions:
        past = _PAST_THE_SPLIT if paths else _PAST_THE_SPLIT[1:]
        scope["extensions"] = {name: value for name, value in extensions.items() if name not in past}


def without_range(scope: Scope) -> Scope | None:
    """Copy ``scope`` without what asks for a part of the answer; ``None`` where nothing does."""
    copy = without({**scope}, {b"range", b"if-range"})
    return copy if len(copy["headers"]) < len(scope["headers"]) else None


def no_body() -> Receive:
    """Return what an app receives that is called once more: a request without a body, whose client stays."""
    messages: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        if messages:
            return messages.pop()
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    return receive


def request_line(scope: Scope) -> RequestLine:
    """Read ``raw_path``; a server that has none gets the target that the path stands for."""
    source = (scope.get("root_path", ""), scope.get("raw_path"), scope["path"], scope.get("query_string", b""))
    return RequestLine(scope["method"], _target, *source)


def _target(root: str, raw: bytes | None, decoded: str, query: bytes) -> tuple[str, str]:
    mount = quote(root).rstrip("/")
    path = raw.partition(b"?")[0].decode("latin-1") if raw else quote(decoded)
    if mount and path != mount and not path.startswith(mount + "/"):
        # A proxy took the prefix off and told of it in a header: the target never had it.
        path = mount + path
    return path + (f"?{query.decode('latin-1')}" if query else ""), mount


def may_be_own(scope: Scope, prefix: str) -> bool:
    """Tell whether a request may be one of eyot's own, by a cheap look."""
    raw: bytes | None = scope.get("raw_path")
    target = raw.decode("latin-1") if raw else scope["path"]
    return stations.may_be_own(scope.get("root_path", ""), target, prefix)


def root_path(app: Any) -> str:
    """Return the mount point that FastAPI's app around which stations stand says it has, and tells nobody before."""
    while app is not None and not hasattr(app, "add_api_route"):
        app = getattr(app, "app", None)
    return str(getattr(app, "root_path", ""))


def path_below_mount(scope: Scope) -> str:
    """Return the decoded path below the mount point."""
    path: str = scope["path"]
    if not path.startswith("/"):
        # A target in absolute form, of servers that do not read it; frameworks take its path.
        path = urlsplit(path).path or "/"
    mount = scope.get("root_path", "").rstrip("/")
    return path.removeprefix(mount) or "/" if path == mount or path.startswith(mount + "/") else path


def read(pairs: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Return headers as core takes them."""
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs]


def written(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Return headers as ASGI has them: names in lower case."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def visitor(scope: Scope) -> str | None:
    """Name what layers around the outer station have put there that says who the visitor is."""
    if KEY in scope:
        # Within another app with islands of its own, whose business its session is.
        return None
    return next((f"scope[{key!r}]" for key in _VISITOR if scope.get(key) is not None), None)


def seen(scope: Scope, state: Station, exchange: Exchange) -> Scope:
    """Return what the app sees of a request: a copy, so that what is hidden stays visible to what stands around it."""
    hidden = {name.lower().encode() for name in exchange.hidden_headers}
    inner = {**scope, KEY: state, "method": exchange.method}
    if exchange.path:
        # A posted token is the GET that it stands for.
        hidden |= {b"content-type", b"content-length", b"transfer-encoding"}
        tail = f"/{exchange.path.rpartition('/')[2]}"
        inner["path"] += tail
        if inner.get("raw_path"):
            inner["raw_path"] = inner["raw_path"].partition(b"?")[0] + tail.encode()
    if exchange.query is not None:
        inner["query_string"] = exchange.query
    return without(inner, hidden)


def as_a_page(scope: Scope, state: Station) -> Scope:
    """Return what the app sees of a request that is none of eyot's own: a page is not compressed before it is split."""
    scope[KEY] = state
    is_page = is_coded = False
    for name, value in scope["headers"]:
        if name == b"accept":
            is_page |= b"text/html" in value
        elif name == b"accept-encoding":
            is_coded = True
    return without({**scope}, {b"accept-encoding"}) if is_page and is_coded else scope


def without(scope: Scope, hidden: set[bytes]) -> Scope:
    """Take headers out of ``scope``, which is a copy."""
    scope["headers"] = [field for field in scope["headers"] if field[0].lower() not in hidden]
    return scope


async def send_whole(send: Send, sent: Sent) -> None:
    """Send a whole response of core's."""
    await answer(send, sent.status, sent.headers, sent.body or b"")


async def answer(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """Send a whole response."""
    await send({"type": "http.response.start", "status": status, "headers": written(headers)})
    await send({"type": "http.response.body", "body": body, "more_body": False})
