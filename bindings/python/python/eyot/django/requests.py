"""Requests of Django as core reads them: the raw target, headers as a list; what is hidden from views, and put back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, unquote

from django.conf import settings

from ..stations import RequestLine, Station
from ..wsgi import environ

if TYPE_CHECKING:
    from django.core.handlers.asgi import ASGIRequest
    from django.http import HttpRequest

    from .._eyot import Exchange

_STATION = "_eyot_station"
# What Django works out of a request's headers once, and keeps.
_CACHED = ("COOKIES", "GET", "headers", "accepted_types", "accepted_types_by_precedence")
_TARGETS = ("RAW_URI", "REQUEST_URI")
_QUERY = ("QUERY_STRING", *_TARGETS)


class RequestStation(Station):
    """What the stations tell each other of a request of Django's."""

    # The URLconf in which the outer station looked for a policy.
    urlconf: Any = None
    # Whether the inner station has taken the request in, so that what is answered to it may be split.
    is_inside: bool = False
    # Whether it has marked a response.
    is_marked: bool = False


def station(request: HttpRequest) -> RequestStation:
    """Return what the outer station left on ``request``; an empty one where it did not act."""
    found: RequestStation | None = getattr(request, _STATION, None)
    return RequestStation() if found is None else found


def set_station(request: HttpRequest, state: RequestStation) -> None:
    """Leave ``state`` for the inner station."""
    setattr(request, _STATION, state)


def request_line(request: HttpRequest) -> RequestLine:
    """Read the raw target; a server that has none gets the one that the decoded path stands for."""
    meta = request.META
    source = (meta.get("SCRIPT_NAME", ""), _raw_target(request), request.path_info, meta.get("QUERY_STRING"))
    return RequestLine(request.method or "GET", _target, *source)


def _target(script: str, target: str | None, path: str, query: str | None) -> tuple[str, str]:
    mount = quote(script).rstrip("/")
    if target is None:
        target = mount + quote(path) + (f"?{query}" if query else "")
    elif mount and unquote(target.partition("?")[0]) == path:
        # A proxy took the prefix off, and FORCE_SCRIPT_NAME knows of it: the target never had it.
        target = mount + target
    return target, mount


def _raw_target(request: HttpRequest) -> str | None:
    scope = getattr(request, "scope", None)
    if scope is None:
        return cast("str | None", request.META.get("RAW_URI") or request.META.get("REQUEST_URI"))
    raw = scope.get("raw_path")
    if not raw:
        return None
    query = scope.get("query_string") or b""
    return (bytes(raw).partition(b"?")[0] + (b"?" + query if query else b"")).decode("latin-1")


def headers(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the request's headers, named as in HTTP; both kinds of requests keep them as WSGI does."""
    return environ.headers(request.META)


def read_body(request: HttpRequest, limit: int) -> bytes:
    """Read the body, at most one byte beyond ``limit``, however it was sent."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length and not hasattr(request, "scope"):
        # Django takes a body without Content-Length for an empty one; the server knows where a chunked one ends.
        return environ.read_body(request.META, limit)
    most = min(limit, settings.DATA_UPLOAD_MAX_MEMORY_SIZE or limit)
    # What was read as the body can be read again by whoever looks at it, if it is no more than Django takes.
    return request.body if length.isdigit() and int(length) <= most else request.read(limit + 1)


def visitor(request: HttpRequest) -> str | None:
    """Name what middlewares around the outer station have put there that says who the visitor is."""
    return next((f"request.{name}" for name in ("session", "user") if hasattr(request, name)), None)


def as_get(request: HttpRequest, path: str) -> None:
    """Turn the request of a posted token into the GET that it stands for.

    Handlers answer GET alone, ``cache_page`` has the token in its key, and CSRF protection has nothing to ask.
    """
    tail = f"/{path.rpartition('/')[2]}"
    request.method = "GET"
    request.path += tail
    request.path_info += tail
    request.META.update(REQUEST_METHOD="GET", PATH_INFO=request.path_info)
    for key in _TARGETS:
        if key in request.META:
            request.META[key] = path + "".join(request.META[key].partition("?")[1:])
    scope = getattr(request, "scope", None)
    if scope is not None:
        raw = (scope.get("raw_path") or b"").partition(b"?")[0]
        more = {"raw_path": raw + tail.encode()} if raw else {}
        cast("ASGIRequest", request).scope = {**scope, "method": "GET", "path": scope["path"] + tail, **more}
    _taken(request.META, ("CONTENT_LENGTH", "CONTENT_TYPE"))
    request.__dict__.pop("headers", None)


# What a hidden header says of the request alone, not of the visitor.
_CONDITIONS = {
    "HTTP_IF_NONE_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_MATCH",
    "HTTP_IF_UNMODIFIED_SINCE",
    "HTTP_IF_RANGE",
    "HTTP_RANGE",
    "HTTP_ACCEPT_ENCODING",
}


class Hidden:
    """What a view must not see of its request, until :meth:`restore`: headers, and what a server says of it."""

    def __init__(self, request: HttpRequest, exchange: Exchange, trusted: tuple[str, ...]) -> None:
        self._request = request
        self._method = request.method
        names = exchange.hidden_headers
        hidden = ["HTTP_" + name.upper().replace("-", "_") for name in names]
        self._personal = {*hidden, *trusted} - _CONDITIONS
        self._meta = _taken(request.META, [*hidden, *trusted])
        # The inner station changes these.
        self._meta.update({key: request.META[key] for key in _QUERY if key in request.META})
        self._cached = _taken(request.__dict__, _CACHED)
        request.method = request.META["REQUEST_METHOD"] = exchange.method
        self._scope = getattr(request, "scope", None)
        if self._scope is not None:
            raw = {name.lower().encode("latin-1") for name in names}
            fields = [field for field in self._scope.get("headers", ()) if field[0].lower() not in raw]
            cast("ASGIRequest", request).scope = {**self._scope, "headers": fields}

    def restore(self, *, secrets: bool = True) -> None:
        """Put everything back for what stands further out; without ``secrets`` all but what names the visitor.

        A stream's view is still at work then.
        """
        request = self._request
        request.method = request.META["REQUEST_METHOD"] = cast("str", self._method)
        _taken(request.__dict__, _CACHED)
        if secrets:
            request.META.update(self._meta)
            request.__dict__.update(self._cached)
            if self._scope is not None:
                cast("ASGIRequest", request).scope = self._scope
            return
        request.META.update({key: value for key, value in self._meta.items() if key not in self._personal})


def show_query(request: HttpRequest, query: bytes) -> None:
    """Let the view see ``query`` instead of the one that was sent."""
    text = query.decode("latin-1")
    request.META["QUERY_STRING"] = text
    request.__dict__.pop("GET", None)
    for key in _TARGETS:
        if key in request.META:
            request.META[key] = request.META[key].partition("?")[0] + (f"?{text}" if text else "")


def hide(request: HttpRequest, keys: Iterable[str]) -> dict[str, Any]:
    """Take keys of ``request.META`` out of what the view sees, and return what was there."""
    taken = _taken(request.META, keys)
    if taken:
        request.__dict__.pop("headers", None)
    return taken


def _taken(source: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: source.pop(name) for name in names if name in source}
