"""The helpers for tests: an island's answer, a shell that caches keep, and a page with every island in its place."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from asgiref.sync import async_to_sync, sync_to_async

from .. import testing
from ..testing import Answer, Assembling, warn_of_misplaced
from .requests import request_line, station
from .responses import abody, body, headers
from .signals import island_event
from .site import get_site, script_name

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.test import AsyncClient, Client

    from .._eyot import Ask, Event


def ask(client: Client, name: str, props: Mapping[str, Any] | None = None, **extra: Any) -> Any:
    """Return the response of the island ``name``, asked for as the loader does: through all middlewares.

    ``extra`` is what ``client.get`` takes: ``headers`` are sent beside the loader's.
    """
    return _sent(client, testing.asking(get_site(), name, props), extra)


async def aask(client: AsyncClient, name: str, props: Mapping[str, Any] | None = None, **extra: Any) -> Any:
    """Do what :func:`ask` does, with Django's ``AsyncClient``."""
    return await _sent(client, testing.asking(get_site(), name, props), extra)


def _sent(client: Any, asked: Ask, extra: Mapping[str, Any], mount: str = "") -> Any:
    like = {**extra, "headers": {**dict(asked.headers), **extra.get("headers", {})}}
    path = asked.url.removeprefix(mount or script_name())
    if asked.token is None:
        return client.get(path, **like)
    return client.post(path, asked.token, content_type=like["headers"].pop("Content-Type"), **like)


def assert_shell(response: Any) -> None:
    """Raise ``AssertionError`` unless caches may keep ``response`` for everybody, and say what is wrong with it.

    That is a page with a public ``Cache-Control``, no cookie, no directive that is left, and known islands alone.
    """
    site = get_site()
    problems = "; ".join(text for _, text in station(_request(response)).problems)
    text = body(response).decode(response.charset)
    testing.assert_shell(response.status_code, headers(response), text, site.core, problems)


def assemble(client: Client, response: Any, *, failing: Container[str] = ()) -> str:
    """Return the page of ``response`` with every island that ``client``, with its cookies, gets.

    An island that cannot be had is an ``AssertionError`` that says why, and what its handler raises is raised here, if
    that is how ``client`` is. A redirect, to sign-in above all, leaves the fallback, as in the browser, and so does an
    island that another host answers. Those that are to fail are ``failing``: they become their error slot, or stay
    their fallback. Warns with ``EyotWarning`` where a browser would not leave a placeholder, or a
    fallback, where it was written.
    """
    warn_of_misplaced(body(response))
    return _assembled(client, response, failing=failing)


def missing(client: Client, response: Any) -> list[str]:
    """Return why islands on the page of ``response`` cannot be had, one text for each; for audits."""
    found: list[str] = []
    _assembled(client, response, lambda error: found.append(str(error)))
    return found


async def aassemble(client: AsyncClient, response: Any, *, failing: Container[str] = ()) -> str:
    """Do what :func:`assemble` does, with Django's ``AsyncClient``."""
    warn_of_misplaced(await abody(response))
    return await sync_to_async(_assembled)(_Waiting(client), response, failing=failing)


class _Waiting:
    """An async client as one that is not."""

    def __init__(self, client: AsyncClient) -> None:
        self.get, self.post = async_to_sync(client.get), async_to_sync(client.post)


def _assembled(
    client: Any,
    response: Any,
    failed: Callable[[AssertionError], object] | None = None,
    failing: Container[str] = (),
) -> str:
    request = _request(response)
    mount = request_line(request).mount
    like: dict[str, Any] = {"secure": request.is_secure(), "headers": {}}
    # AsyncClient asks one host alone, and has no mount points.
    if hasattr(response, "wsgi_request"):
        like["headers"]["host"] = request.get_host()
        like["SCRIPT_NAME"] = mount

    def sent(asked: Ask) -> Answer:
        return _answer(lambda: _sent(client, asked, like, mount))

    return Assembling(body(response).decode(response.charset), failing, failed).all(sent)


def _answer(send: Callable[[], Any]) -> Answer:
    with noted() as events:
        response = send()
    reason = "; ".join(f"{event.message} ({event.code})" for event in events)
    if response.exc_info:
        reason = repr(response.exc_info[1])
    return Answer(response.status_code, dict(response.headers), body(response).decode(response.charset), reason)


def browser(**options: Any) -> Client:
    """Return a visitor, as Django's tests have one, for audits."""
    from django.test import Client

    return Client(**options)


@contextmanager
def noted() -> Iterator[list[Event]]:
    """Note what eyot logs meanwhile."""
    events: list[Event] = []

    def note(event: Event, **_: object) -> None:
        events.append(event)

    island_event.connect(note)
    try:
        yield events
    finally:
        island_event.disconnect(note)


def _request(response: Any) -> HttpRequest:
    found: HttpRequest = getattr(response, "wsgi_request", None) or response.asgi_request
    return found
