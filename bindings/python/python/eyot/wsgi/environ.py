"""WSGI environments: the request line as it was sent, headers, the body within a limit, and the stations' note."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from ..stations import Station

Environ = dict[str, Any]

_KEY = "eyot.station"
_ASCII = bytes(range(0x21, 0x7F)).decode()


def station(environ: Environ) -> Station:
    """Return what the outer station left in ``environ``; an empty one where it did not act."""
    found = environ.get(_KEY)
    return found if isinstance(found, Station) else Station()


def with_station(environ: Environ, state: Station) -> Environ:
    """Copy ``environ``, so that what is hidden from the app stays visible to what stands around it."""
    return {**environ, _KEY: state}


@dataclass(frozen=True, slots=True)
class RequestLine:
    """Method and raw target, and the mount point as it stands in the target."""

    method: str
    target: str
    mount: str

    @classmethod
    def of(cls, environ: Environ) -> RequestLine:
        """Read ``RAW_URI`` or ``REQUEST_URI``; a server that has neither gets the target that the path stands for."""
        mount = quote(environ.get("SCRIPT_NAME", "").encode("latin-1")).rstrip("/")
        path = environ.get("PATH_INFO", "")
        target = environ.get("RAW_URI") or environ.get("REQUEST_URI")
        if target is None:
            query = environ.get("QUERY_STRING")
            target = mount + quote(path.encode("latin-1")) + (f"?{query}" if query else "")
        elif mount and _decoded(target) == path:
            # A proxy took the prefix off and told of it in a header: the target never had it.
            target = mount + target
        return cls(environ["REQUEST_METHOD"], target, mount)

    @property
    def path(self) -> str:
        """The path without query, escaped as a browser shows it."""
        return quote(self.target.partition("?")[0].encode("latin-1"), safe=_ASCII)


def _decoded(target: str) -> str:
    return unquote_to_bytes(target.partition("?")[0]).decode("latin-1")


def headers(environ: Environ) -> list[tuple[str, str]]:
    """Return the request's headers, named as in HTTP."""
    found = [(key[5:].replace("_", "-"), value) for key, value in environ.items() if key.startswith("HTTP_")]
    content = (key for key in ("CONTENT_TYPE", "CONTENT_LENGTH") if environ.get(key))
    return found + [(key.replace("_", "-"), environ[key]) for key in content]


def hide(environ: Environ, names: list[str], query: bytes | None = None, *, visitor: bool = True) -> None:
    """Take headers, and a part of the query, out of what the app sees.

    With ``visitor`` goes what the server itself says of who that is.
    """
    for name in names:
        environ.pop("HTTP_" + name.upper().replace("-", "_"), None)
    if visitor:
        for key in ("REMOTE_USER", "REMOTE_IDENT", "AUTH_TYPE"):
            environ.pop(key, None)
    if query is None:
        return
    text = query.decode("latin-1")
    environ["QUERY_STRING"] = text
    for key in ("RAW_URI", "REQUEST_URI"):
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
