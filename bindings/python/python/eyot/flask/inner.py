"""The inner station of a Flask app: splits the HTML that the app answers, before anything else touches it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, request
from flask.globals import request_ctx
from werkzeug.wsgi import ClosingIterator

from .._eyot import MARK
from ..files import Key, is_part, key
from ..page import inside, matters, shells, whole
from ..wsgi.environ import request_line, station

if TYPE_CHECKING:
    from .._eyot import Sent, WayOut
    from .site import Site


def split(site: Site, response: Response, *, splits: bool) -> Response:
    """Split ``response`` if it is HTML that is still to be read; without ``splits`` tell of it alone."""
    if site.is_debug:
        # Not by the proxy, which would note that the session was read.
        site.note_session(station(request.environ), request.path, getattr(request_ctx, "_session", None))
    state = station(request.environ)
    if state.coding is not None:
        # Extensions that compress come after the split.
        request.environ["HTTP_ACCEPT_ENCODING"] = state.coding
    if splits and "HTTP_RANGE" in request.environ and is_part(response.status_code, list(response.headers)):
        return _part(site, response)
    return _page(site, response, splits=splits)


def _part(site: Site, part: Response) -> Response:
    """Answer a range of a page: with the whole of it, unless that is known to hold nothing to split."""
    found = _key(part)
    if found in site.plain:
        return _marked(part)
    for name in ("HTTP_RANGE", "HTTP_IF_RANGE"):
        request.environ.pop(name, None)
    for name in ("range", "if_range"):
        request.__dict__.pop(name, None)
    answered = site.app.make_response(_answered(site))
    same = found is not None and found == _key(answered)
    whole = _page(site, answered, splits=True)
    if same and found in site.plain:
        whole.close()
        return _marked(part)
    part.close()
    return whole


def _answered(site: Site) -> Any:
    try:
        return site.app.dispatch_request()
    except Exception as error:  # noqa: BLE001 - Flask's own way with what a view raises
        return site.app.handle_user_exception(error)


def _key(response: Response) -> Key | None:
    return key(request_line(request.environ).target, response.status_code, list(response.headers))


def _marked(response: Response) -> Response:
    response.headers[MARK] = "1"
    return response


def _page(site: Site, response: Response, *, splits: bool) -> Response:
    state, status, headers = station(request.environ), response.status_code, list(response.headers)
    if not matters(state, status, response.content_type, splits=splits):
        return response
    if _key(response) in site.plain and not state.name:
        return _marked(response)
    out = inside(site, state, request_line(request.environ), splits=splits)
    step = out.step(status, headers, "more" if response.is_streamed else "whole")
    if step.kind in ("collect", "decode"):
        return _whole(site, out, response, step.coding)
    if step.kind == "stream" and step.sent:
        return _as_it_comes(out, step.sent, response)
    return _sent(step.sent, response) if step.sent else response


def _whole(site: Site, out: WayOut, response: Response, coding: str | None) -> Response:
    found = _key(response)
    # A file that the server would send by itself is read here.
    response.direct_passthrough = False
    sent = whole(out, response.status_code, list(response.headers), response.get_data(), coding)
    if sent is None or sent.is_same:
        site.plain.add(found)
    return _sent(sent, response) if sent else response


def _sent(sent: Sent, response: Response) -> Response:
    """Send what core says: the same response wherever that is possible."""
    if sent.status != response.status_code:
        other = Response(sent.body, sent.status, sent.headers)
        other.call_on_close(response.close)
        return other
    if sent.body is not None:
        response.set_data(sent.body)
        # That of an answer to HEAD is told in no host: most of them do not know it.
        response.automatically_set_content_length = request.method != "HEAD"
    _set_headers(response, sent)
    return response


def _as_it_comes(out: WayOut, head: Sent, response: Response) -> Response:
    source = response.response
    # Closing the generator alone would not close a source that was never begun.
    close = [source.close] if hasattr(source, "close") else []
    response.response = ClosingIterator(shells(out, response.iter_encoded()), close)
    _set_headers(response, head)
    return response


def _set_headers(response: Response, sent: Sent) -> None:
    response.headers.clear()
    response.headers.extend(sent.headers)
