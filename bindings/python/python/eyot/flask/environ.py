"""WSGI environments: the request line as it was sent, headers as a list, and what the two stations tell each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote_to_bytes

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers

    from .._eyot import Pending, Policy, Reply

Environ = dict[str, Any]

_KEY = "eyot.station"
_ASCII = bytes(range(0x21, 0x7F)).decode()


@dataclass(slots=True)
class Station:
    """What the outer station hands to the inner one, and what comes back."""

    pending: Pending | None = None
    body: bytes = b""
    policy: Policy | None = None
    # Set by the island's view.
    refusal: Reply | None = None
    shared: int | None = None
    page: bytes = b""
    # Set by the inner station for an island: the handler's own policies, before app-wide functions add the pages' one.
    own_policies: list[str] | None = None
    # Set by the inner station for a page with problems.
    is_faulty: bool = False


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


def hide(environ: Environ, names: list[str], query: bytes | None) -> None:
    """Take headers, and a part of the query, out of what the app sees."""
    for name in names:
        environ.pop("HTTP_" + name.upper().replace("-", "_"), None)
    if query is None:
        return
    text = query.decode("latin-1")
    environ["QUERY_STRING"] = text
    for key in ("RAW_URI", "REQUEST_URI"):
        if key in environ:
            environ[key] = environ[key].partition("?")[0] + (f"?{text}" if text else "")


def keep_out_of_caches(answered: Headers) -> None:
    """Let no cache keep a response, whatever the app says to all of them or to one kind."""
    for name in [name for name, _ in answered if _speaks_to_caches(name.lower())]:
        answered.remove(name)
    answered["Cache-Control"] = "private, no-store"


def _speaks_to_caches(name: str) -> bool:
    known = ("etag", "last-modified", "expires", "surrogate-control", "x-accel-expires")
    return name in known or name.endswith("cdn-cache-control")
