"""The inner station: splits the HTML that the app answers, before anything else touches it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from flask import Response, request
from werkzeug.wsgi import ClosingIterator

from .. import debug
from ..errors import Error, MarkupError
from .refusals import logger

if TYPE_CHECKING:
    from .._eyot import Context, Splitter
    from .site import Site


def split(site: Site, response: Response) -> Response:
    """Split ``response`` if it is HTML that is still to be read."""
    if response.mimetype != "text/html" or response.status_code == 206 or response.direct_passthrough:
        return response
    if response.headers.get("Content-Encoding", "identity") != "identity":
        logger.warning(
            "%s was not split: it is compressed already (%s); compress outside of the app, or after eyot",
            request.path,
            response.headers["Content-Encoding"],
        )
        return response
    return _split_stream(site, response) if response.is_streamed else _split_whole(site, response)


def _split_whole(site: Site, response: Response) -> Response:
    page, context = response.get_data(), site.context()
    try:
        shell = site.core.split(page, context)
    except Error as error:
        if site.app.debug:
            return Response(debug.markup_page(error, page), 500, mimetype="text/html")
        return _lenient(site, response, page, context)
    if shell is not page:
        response.set_data(shell)
        _drop_validators(response)
    return response


def _lenient(site: Site, response: Response, page: bytes, context: Context) -> Response:
    shell, problems = site.core.split_lenient(page, context)
    for problem in problems:
        log_problem(problem)
    response.set_data(shell)
    _drop_validators(response)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def log_problem(problem: MarkupError) -> None:
    """Log what is wrong with a page of this request."""
    logger.error("%s: %s (%s)", request.path, problem, problem.code)


def _split_stream(site: Site, response: Response) -> Response:
    source = response.response
    splitter = site.core.splitter(site.context())
    # Closing the generator alone would not close a source that was never begun.
    close = [source.close] if hasattr(source, "close") else []
    response.response = ClosingIterator(_shells(splitter, response.iter_encoded()), close)
    response.headers.pop("Content-Length", None)
    _drop_validators(response)
    return response


def _shells(splitter: Splitter, chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        if shell := splitter.push(chunk):
            yield shell
    if shell := splitter.finish():
        yield shell


def _drop_validators(response: Response) -> None:
    # They name the page before the split; a copy that they keep alive would hold tokens of dropped keys.
    response.headers.pop("ETag", None)
    response.headers.pop("Last-Modified", None)
