"""The inner station: splits the HTML that the app answers, before anything else touches it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request
from werkzeug.wsgi import ClosingIterator

from .._eyot import page_kind, split_headers
from ..splitting import Split, Splitting, shells, unsplittable
from ..wsgi.environ import station

if TYPE_CHECKING:
    from ..stations import Station
    from .site import Site


def split(site: Site, response: Response) -> Response:
    """Split ``response`` if it is HTML that is still to be read."""
    headers = list(response.headers)
    kind = page_kind(response.status_code, headers)
    if response.direct_passthrough or kind == "other":
        return response
    state = station(request.environ)
    page = Splitting(site.core, site.context, request.path, site.is_debug, site.logger)
    if kind == "text":
        return response if response.is_streamed else _text(page, response, state)
    if kind != "html":
        state.is_faulty = True
        refused = unsplittable(page, kind, headers)
        return response if refused is None else _instead(refused, response)
    if response.is_streamed and state.streams:
        return _as_it_comes(page, response, state)
    return _whole(page, response, state)


def _text(page: Splitting, response: Response, state: Station) -> Response:
    outcome = page.unsplit(response.status_code, list(response.headers), response.get_data())
    if outcome is None:
        return response
    state.is_faulty = outcome.is_faulty
    return _instead(outcome, response)


def _whole(page: Splitting, response: Response, state: Station) -> Response:
    body = response.get_data()
    outcome = page.whole(response.status_code, list(response.headers), body)
    if outcome.body is body and not outcome.is_faulty:
        return response
    state.is_faulty = outcome.is_faulty
    if outcome.status == response.status_code:
        response.set_data(outcome.body)
        response.headers.clear()
        response.headers.extend(outcome.headers)
        return response
    return _instead(outcome, response)


def _instead(outcome: Split, response: Response) -> Response:
    error = Response(outcome.body, outcome.status, outcome.headers)
    error.call_on_close(response.close)
    return error


def _as_it_comes(page: Splitting, response: Response, state: Station) -> Response:
    source = response.response
    # Closing the generator alone would not close a source that was never begun.
    close = [source.close] if hasattr(source, "close") else []
    stream = page.stream(must_be_sound=state.must_be_sound)
    response.response = ClosingIterator(shells(stream, response.iter_encoded()), close)
    changed = split_headers(list(response.headers), None)
    response.headers.clear()
    response.headers.extend(changed)
    return response
