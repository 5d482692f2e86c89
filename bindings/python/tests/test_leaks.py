"""What a request leaves behind: nothing, as soon as its response is closed, and without Python's collector."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.http import StreamingHttpResponse
from django_project import MIDDLEWARE, PAGE, Project, html, page, project
from eyot import _eyot, stations, wsgi
from eyot.django import shell
from gateways import KEYS

__all__ = ["project"]


def alive() -> int:
    """Count what the stations of requests have made and not let go of."""
    return sum(isinstance(found, (stations.Station, _eyot.WayOut)) for found in gc.get_objects())


def left(work: Callable[[], object]) -> int:
    """Return how much more there is after ``work``, which is done often, than before."""
    work()
    gc.collect()
    gc.disable()
    try:
        before = alive()
        for _ in range(10):
            work()
        return alive() - before
    finally:
        gc.enable()


def chunks(request: Any) -> StreamingHttpResponse:
    """Stream a page."""
    return StreamingHttpResponse(iter([PAGE[:40], PAGE[40:]]))


@pytest.mark.parametrize("view", [html(), html("<p>nothing"), shell(cdn=60)(html()), chunks])
def test_django_keeps_nothing_of_a_request(project: Project, view: Any) -> None:
    # Authentication leaves each request to the collector: its lazy user holds it.
    project.serve(page(view), MIDDLEWARE=[MIDDLEWARE[0], MIDDLEWARE[-1]])
    app = WSGIHandler()
    assert left(lambda: answered(app)) <= 2


def answered(app: Any) -> None:
    """Ask a WSGI app for its page, as a server does."""
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/p", "SCRIPT_NAME": "", "QUERY_STRING": ""}
    server = {"SERVER_NAME": "a", "SERVER_PORT": "80", "wsgi.url_scheme": "http", "wsgi.input": BytesIO()}
    answer = app({**environ, **server}, lambda *_: None)
    b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()


def pieces(*texts: bytes) -> Any:
    """Make a WSGI app that answers in these pieces."""

    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/html")])
        return iter(texts)

    return app


@pytest.mark.parametrize("texts", [[PAGE.encode()], [PAGE[:40].encode(), PAGE[40:].encode()], [b"<p>nothing"]])
def test_wsgi_keeps_nothing_of_a_request(texts: list[bytes]) -> None:
    islands = wsgi.Islands(keys=KEYS, elsewhere=["Avatar"])
    app = islands.outer(islands.inner(pieces(*texts)))
    assert left(lambda: answered(app)) <= 2


def test_a_stream_that_is_left_is_collected(project: Project) -> None:
    client = project.serve(page(chunks))

    def ask() -> None:
        response: Any = client.get("/p")
        next(iter(response))
        response.close()

    ask()
    gc.collect()
    before = alive()
    for _ in range(10):
        ask()
    gc.collect()
    assert alive() - before <= 2
