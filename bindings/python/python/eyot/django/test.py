"""The helpers for tests: a response with every island in its place, asked for in process."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from asgiref.sync import async_to_sync, sync_to_async

from .. import assembly
from ..testing import ASKER, TOKEN_TYPE, Answer, asking, warn_of_misplaced
from .requests import request_line
from .responses import abody, body

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.test import AsyncClient, Client


def assemble(client: Client, response: Any) -> str:
    """Return the page of ``response`` with every island that ``client``, with its cookies, gets.

    An island that fails, or that another host answers, becomes its error slot or stays its fallback: exceptions of
    handlers are not raised. Warns with ``EyotWarning`` where a browser would not leave a placeholder, or a fallback,
    where it was written.
    """
    warn_of_misplaced(body(response))
    return _assembled(client, response, client.get, client.post)


async def aassemble(client: AsyncClient, response: Any) -> str:
    """Do what :func:`assemble` does, with Django's ``AsyncClient``."""
    warn_of_misplaced(await abody(response))
    return await sync_to_async(_assembled)(client, response, async_to_sync(client.get), async_to_sync(client.post))


def _assembled(client: Any, response: Any, get: Callable[..., Any], post: Callable[..., Any]) -> str:
    request: HttpRequest = getattr(response, "wsgi_request", None) or response.asgi_request
    mount = request_line(request).mount
    like: dict[str, Any] = {"secure": request.is_secure(), "headers": dict(ASKER)}
    # AsyncClient asks one host alone, and has no mount points.
    if hasattr(response, "wsgi_request"):
        like["headers"]["host"] = request.get_host()
        like["SCRIPT_NAME"] = mount
    ask = asking(
        lambda url: _answer(get(url.removeprefix(mount), **like)),
        lambda url, token: _answer(post(url.removeprefix(mount), token, content_type=TOKEN_TYPE, **like)),
    )
    raises, client.raise_request_exception = client.raise_request_exception, False
    try:
        return assembly.assemble(body(response).decode(response.charset), ask)
    finally:
        client.raise_request_exception = raises


def _answer(response: Any) -> Answer:
    return Answer(response.status_code, dict(response.headers), body(response).decode(response.charset))
