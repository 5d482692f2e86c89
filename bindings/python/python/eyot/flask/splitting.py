"""The inner station: splits the HTML that the app answers, before anything else touches it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from flask import Response, request
from werkzeug.wsgi import ClosingIterator

from .. import debug
from ..errors import Error
from . import auditing
from .environ import keep_out_of_caches, station
from .refusals import logger

if TYPE_CHECKING:
    from .._eyot import Context, Diagnostic, Islands, Splitter
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
        station(request.environ).is_faulty = True
        return response
    state = station(request.environ)
    # Caches would keep a page whose problems are found when its head has gone.
    if response.is_streamed and (state.policy is None or state.policy.streams):
        may_be_kept = state.policy is not None or state.shared is not None
        return _split_stream(site, response, must_be_sound=may_be_kept)
    return _split_whole(site, response)


def _split_whole(site: Site, response: Response) -> Response:
    page, context = response.get_data(), site.context()
    try:
        shell = _with_warnings(site.core, page, context) if site.app.debug else site.core.split(page, context)
    except Error as error:
        if site.app.debug:
            return _instead(response, debug.markup_page(error, page), "text/html")
        return _lenient(site.core, response, page, context)
    if shell is not page:
        response.set_data(shell)
        _drop_validators(response)
    return response


def _with_warnings(core: Islands, page: bytes, context: Context) -> bytes:
    shell, diagnostics = core.split_with_diagnostics(page, context)
    _warn(request.path, diagnostics)
    _warn_of_findings(request.path, shell)
    return shell


def _lenient(core: Islands, response: Response, page: bytes, context: Context) -> Response:
    try:
        shell, problems = core.split_lenient(page, context)
    except Error as error:
        # A page over the limits: there is nothing of it that could go out.
        _log(request.path, error)
        return _instead(response, b"internal server error\n", "text/plain")
    for problem in problems:
        _log(request.path, problem)
    response.set_data(shell)
    keep_out_of_caches(response.headers)
    station(request.environ).is_faulty = True
    return response


def _instead(response: Response, body: bytes, mimetype: str) -> Response:
    error = Response(body, 500, {"Cache-Control": "no-store"}, mimetype=mimetype)
    error.call_on_close(response.close)
    return error


def _split_stream(site: Site, response: Response, *, must_be_sound: bool) -> Response:
    source = response.response
    splitter = site.core.splitter(site.context(), lenient=not site.app.debug)
    # Closing the generator alone would not close a source that was never begun.
    close = [source.close] if hasattr(source, "close") else []
    shells = _shells(
        splitter, response.iter_encoded(), request.path, show_errors=site.app.debug, must_be_sound=must_be_sound
    )
    response.response = ClosingIterator(shells, close)
    response.headers.pop("Content-Length", None)
    _drop_validators(response)
    return response


def _shells(
    splitter: Splitter, chunks: Iterable[bytes], path: str, *, show_errors: bool, must_be_sound: bool
) -> Iterator[bytes]:
    """Split ``chunks``.

    Raises what is wrong where the head that has gone out says the page is sound, or the page cannot go on: a server
    then cuts the connection instead of ending the page, and caches discard what they have of it.
    """
    # The audit needs the whole of it.
    sent = bytearray()
    try:
        for shell in _pushed(splitter, chunks):
            if must_be_sound and splitter.problems:
                break
            if shell:
                sent += shell if show_errors else b""
                yield shell
    except Error as error:
        for problem in [*splitter.problems, error]:
            _log(path, problem)
        if show_errors:
            yield debug.markup_block(error)
        if must_be_sound or not show_errors:
            raise
        return
    for problem in splitter.problems:
        _log(path, problem)
    if must_be_sound and splitter.problems:
        raise splitter.problems[0]
    if show_errors:
        _warn(path, splitter.diagnostics)
        _warn_of_findings(path, bytes(sent))


def _pushed(splitter: Splitter, chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        yield splitter.push(chunk)
    yield splitter.finish()


def _log(path: str, problem: Error) -> None:
    logger.error("%s: %s (%s)", path, problem, problem.code)


def _warn(path: str, diagnostics: list[Diagnostic]) -> None:
    for found in diagnostics:
        place = f"line {found.line}, column {found.column}"
        logger.warning("%s: %s: %s (%s)", path, place, found.message, found.code)


def _warn_of_findings(path: str, shell: bytes) -> None:
    for found in auditing.findings(shell):
        logger.warning("%s: %s", path, auditing.described(found))


def _drop_validators(response: Response) -> None:
    # They name the page before the split; a copy that they keep alive would hold tokens of dropped keys.
    response.headers.pop("ETag", None)
    response.headers.pop("Last-Modified", None)
