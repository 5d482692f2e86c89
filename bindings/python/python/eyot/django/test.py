"""The helpers for tests: an island's answer, a shell that caches keep, and a page with every island in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from asgiref.sync import async_to_sync, sync_to_async

from .. import assembly, testing
from ..testing import ASKER, TOKEN_TYPE, Answer, asking, warn_of_misplaced
from .requests import request_line, station
from .responses import abody, body, headers
from .signals import island_event
from .site import get_site, script_name

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.test import AsyncClient, Client

    from .._eyot import Event


def ask(client: Client, name: str, props: Mapping[str, Any] | None = None, **extra: Any) -> Any:
    """Return the response of the island ``name``, asked for as the loader does: through all middlewares.

    ``extra`` is what ``client.get`` takes: ``headers`` are sent beside the loader's.
    """
    url, token = _address(name, props)
    return _sent(client, url, token, extra)


async def aask(client: AsyncClient, name: str, props: Mapping[str, Any] | None = None, **extra: Any) -> Any:
    """Do what :func:`ask` does, with Django's ``AsyncClient``."""
    url, token = _address(name, props)
    return await _sent(client, url, token, extra)


def _address(name: str, props: Mapping[str, Any] | None) -> tuple[str, str | None]:
    path, token = testing.address(get_site().attributes(name, props, {}))
    return path.removeprefix(script_name()), token


def _sent(client: Any, url: str, token: str | None, extra: Mapping[str, Any]) -> Any:
    like = {**extra, "headers": {**ASKER, **extra.get("headers", {})}}
    return client.get(url, **like) if token is None else client.post(url, token, content_type=TOKEN_TYPE, **like)


def assert_shell(response: Any) -> None:
    """Raise ``AssertionError`` unless caches may keep ``response`` for everybody, and say what is wrong with it.

    That is a page with a public ``Cache-Control``, no cookie, no directive that is left, and known islands alone.
    """
    site = get_site()
    problems = "; ".join(text for _, text in station(_request(response)).problems)
    names = {*site.registry, *site.options.elsewhere}
    text = body(response).decode(response.charset)
    testing.assert_shell(response.status_code, headers(response), text, names, problems)


def assemble(client: Client, response: Any) -> str:
    """Return the page of ``response`` with every island that ``client``, with its cookies, gets.

    An island that cannot be had is an ``AssertionError`` that says why, and what its handler raises is raised here, if
    that is how ``client`` is. A redirect, to sign-in above all, leaves the fallback, as in the browser, and so does an
    island that another host answers. Warns with ``EyotWarning`` where a browser would not leave a placeholder, or a
    fallback, where it was written.
    """
    warn_of_misplaced(body(response))
    return _assembled(response, client.get, client.post)


def missing(client: Client, response: Any) -> list[str]:
    """Return why islands on the page of ``response`` cannot be had, one text for each; for audits."""
    found: list[str] = []
    _assembled(response, client.get, client.post, lambda error: found.append(str(error)))
    return found


async def aassemble(client: AsyncClient, response: Any) -> str:
    """Do what :func:`assemble` does, with Django's ``AsyncClient``."""
    warn_of_misplaced(await abody(response))
    return await sync_to_async(_assembled)(response, async_to_sync(client.get), async_to_sync(client.post))


def _assembled(
    response: Any,
    get: Callable[..., Any],
    post: Callable[..., Any],
    failed: Callable[[AssertionError], object] | None = None,
) -> str:
    request = _request(response)
    mount = request_line(request).mount
    like: dict[str, Any] = {"secure": request.is_secure(), "headers": dict(ASKER)}
    # AsyncClient asks one host alone, and has no mount points.
    if hasattr(response, "wsgi_request"):
        like["headers"]["host"] = request.get_host()
        like["SCRIPT_NAME"] = mount

    def sent(url: str, token: str | None) -> Answer:
        path = url.removeprefix(mount)
        if token is None:
            return _answer(get, path, **like)
        return _answer(post, path, token, content_type=TOKEN_TYPE, **like)

    asked = asking(sent, failed)
    return assembly.assemble(body(response).decode(response.charset), asked)


def _answer(send: Callable[..., Any], *what: Any, **like: Any) -> Answer:
    with noted() as events:
        response = send(*what, **like)
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
