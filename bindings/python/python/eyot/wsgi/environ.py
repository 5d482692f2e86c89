"""WSGI environments: the request line as it was sent, headers, the body within a limit, and the stations' note."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote_to_bytes

from ..stations import RequestLine, Station

if TYPE_CHECKING:
    from .._eyot import Exchange

Environ = dict[str, Any]

KEY = "eyot.station"
_TARGETS = ("RAW_URI", "REQUEST_URI")


def station(environ: Environ) -> Station:
    """Return what the outer station left in ``environ``; an empty one where it did not act."""
    found = environ.get(KEY)
    return found if isinstance(found, Station) else Station()


_PLAIN = re.compile(r"[A-Za-z0-9_.~/-]*")


def request_line(environ: Environ) -> RequestLine:
    """Read ``RAW_URI`` or ``REQUEST_URI``; a server that has neither gets the target that the path stands for."""
    get = environ.get
    raw = get("RAW_URI") or get("REQUEST_URI")
    source = (get("SCRIPT_NAME", ""), raw, get("PATH_INFO", ""), get("QUERY_STRING"))
    return RequestLine(environ["REQUEST_METHOD"], _target, *source)


def _target(script: str, target: str | None, path: str, query: str | None) -> tuple[str, str]:
    mount = _quoted(script).rstrip("/")
    if target is None:
        target = mount + _quoted(path) + (f"?{query}" if query else "")
    elif mount and _decoded(target) == path:
        # A proxy took the prefix off and told of it in a header: the target never had it.
        target = mount + target
    return target, mount


def may_be_own(environ: Environ, begins: tuple[str, ...]) -> bool:
    """Tell whether core is to be asked: a target may begin so, and a mount point may be none."""
    get = environ.get
    target = get("RAW_URI") or get("REQUEST_URI") or get("PATH_INFO", "")
    return bool(get("SCRIPT_NAME")) or target.startswith(begins)


def _quoted(path: str) -> str:
    # Most paths need no quoting, and finding that out is quicker.
    return path if _PLAIN.fullmatch(path) else quote(path.encode("latin-1"))


def _decoded(target: str) -> str:
    return unquote_to_bytes(target.partition("?")[0]).decode("latin-1")


def headers(environ: Environ) -> list[tuple[str, str]]:
    """Return the request's headers, named as in HTTP."""
    found = [(key[5:].replace("_", "-"), value) for key, value in environ.items() if key.startswith("HTTP_")]
    content = (key for key in ("CONTENT_TYPE", "CONTENT_LENGTH") if environ.get(key))
    return found + [(key.replace("_", "-"), environ[key]) for key in content]


def visitor(environ: Environ) -> str | None:
    """Name what layers around the outer station have put there that says who the visitor is: a session, an identity."""
    if KEY in environ:
        # Within another app with islands of its own, whose business its session is.
        return None
    for key in environ:
        if not key.isupper() and key.lower().endswith(("session", "identity", ".user", "auth_tkt")):
            return f"environ[{key!r}]"
    return None


def seen(environ: Environ, state: Station, exchange: Exchange) -> Environ:
    """Return what the app sees of a request: a copy, so that what is hidden stays visible to what stands around it."""
    inner = {**environ, KEY: state, "REQUEST_METHOD": exchange.method}
    for name in exchange.hidden_headers:
        inner.pop("HTTP_" + name.upper().replace("-", "_"), None)
    if state.is_anonymous:
        # What the server itself says of who that is.
        for key in ("REMOTE_USER", "REMOTE_IDENT", "AUTH_TYPE"):
            inner.pop(key, None)
    if exchange.path:
        _post_as_get(inner, exchange.path)
    if exchange.query is not None:
        _set_query(inner, exchange.query.decode("latin-1"))
    return inner


def _post_as_get(environ: Environ, path: str) -> None:
    environ["PATH_INFO"] += f"/{path.rpartition('/')[2]}"
    for key in _TARGETS:
        if key in environ:
            environ[key] = path + "".join(environ[key].partition("?")[1:])
    for key in ("CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"):
        environ.pop(key, None)
    environ["wsgi.input"] = BytesIO()


def _set_query(environ: Environ, text: str) -> None:
    environ["QUERY_STRING"] = text
    for key in _TARGETS:
        if key in environ:
            environ[key] = environ[key].partition("?")[0] + (f"?{text}" if text else "")


def without_range(environ: Environ) -> Environ:
    """Copy ``environ`` without what asks for a part of the answer."""
    return {name: value for name, value in environ.items() if name not in ("HTTP_RANGE", "HTTP_IF_RANGE")}


def read_body(environ: Environ, limit: int) -> bytes:
    """Read the request's body, at most one byte beyond ``limit``, however long it says it is.

    A body of unknown length is read where the server says that it ends by itself (``wsgi.input_terminated``).
    """
    wanted = limit + 1
    if not environ.get("wsgi.input_terminated"):
        wanted = min(wanted, _content_length(environ))
    body = bytearray()
    while len(body) < wanted:
        chunk = environ["wsgi.input"].read(wanted - len(body))
        if not chunk:
            break
        body += chunk
    return bytes(body)


def _content_length(environ: Environ) -> int:
    length = environ.get("CONTENT_LENGTH") or ""
    return int(length) if length.isascii() and length.isdigit() else 0
