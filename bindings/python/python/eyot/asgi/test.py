"""The helpers for tests of ASGI apps: an island's answer, a shell that caches keep, a page with all islands."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from .. import testing
from ..assembly import assemble as fill
from ..gateway import islands_of


class Response(Protocol):
    """What a client got: httpx's response, and others of its shape."""

    @property
    def status_code(self) -> int:
        """The status code."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers."""

    @property
    def content(self) -> bytes:
        """The body."""

    @property
    def text(self) -> str:
        """The body, decoded."""


class Client(Protocol):
    """httpx's client, as the test clients of Starlette, FastAPI and Litestar are."""

    def get(self, url: str, /, *, headers: Mapping[str, str]) -> Response:
        """Send a GET."""

    def post(self, url: str, /, *, headers: Mapping[str, str], content: str) -> Response:
        """Send a POST."""


class AsyncClient(Protocol):
    """httpx's async client."""

    def get(self, url: str, /, *, headers: Mapping[str, str]) -> Awaitable[Response]:
        """Send a GET."""

    def post(self, url: str, /, *, headers: Mapping[str, str], content: str) -> Awaitable[Response]:
        """Send a POST."""


_POST = {**testing.ASKER, "Content-Type": testing.TOKEN_TYPE}


def ask(
    client: Client, name: str, props: Mapping[str, Any] | None = None, *, headers: Mapping[str, str] | None = None
) -> Response:
    """Return the response of the island ``name``, asked for as the loader does: through the whole app.

    ``client`` is one whose app is in process, as the test clients of Starlette, FastAPI and Litestar are. ``headers``
    are sent beside the loader's.
    """
    url, token = testing.address(islands_of(client).attributes(name, props))
    answer: Response = _sent(client, url, token, headers)
    return answer


async def aask(
    client: AsyncClient, name: str, props: Mapping[str, Any] | None = None, *, headers: Mapping[str, str] | None = None
) -> Response:
    """Do what :func:`ask` does, with an ``httpx.AsyncClient`` over ``httpx.ASGITransport``."""
    url, token = testing.address(islands_of(client).attributes(name, props))
    answer: Response = await _sent(client, url, token, headers)
    return answer


def assert_shell(response: Response) -> None:
    """Raise ``AssertionError`` unless caches may keep ``response`` for everybody, and say what is wrong with it.

    That is a page with a public ``Cache-Control``, no cookie, and no directive that is left.
    """
    testing.assert_shell(response.status_code, list(response.headers.items()), response.text)


def assemble(client: Client, response: Response) -> str:
    """Return the page of ``response`` with every island that ``client``, with its cookies, gets.

    An island that cannot be had is an ``AssertionError`` that says why; what its handler raises is raised here, unless
    the client was made with ``raise_server_exceptions=False``. A redirect, to sign-in above all, leaves the fallback,
    as in the browser, and so does an island that another host answers. Warns with ``EyotWarning`` where a browser would
    not leave a placeholder, or a fallback, where it was written.
    """
    testing.warn_of_misplaced(response.content)
    return _filled(client, response, lambda url, token: _sent(client, url, token))


async def aassemble(client: AsyncClient, response: Response) -> str:
    """Do what :func:`assemble` does, with an ``httpx.AsyncClient`` over ``httpx.ASGITransport``."""
    testing.warn_of_misplaced(response.content)
    loop = asyncio.get_running_loop()

    async def waited(url: str, token: str | None) -> Response:
        answer: Response = await _sent(client, url, token)
        return answer

    def sent(url: str, token: str | None) -> Response:
        return asyncio.run_coroutine_threadsafe(waited(url, token), loop).result()

    return await asyncio.to_thread(_filled, client, response, sent)


def _filled(client: Any, response: Response, send: Callable[[str, str | None], Response]) -> str:
    site = islands_of(client)._site

    def sent(url: str, token: str | None) -> testing.Answer:
        with testing.noted(site) as reasons:
            answer = send(url, token)
        return testing.Answer(answer.status_code, dict(answer.headers), answer.text, "; ".join(reasons))

    return fill(response.text, testing.asking(sent))


def _sent(client: Any, url: str, token: str | None, headers: Mapping[str, str] | None = None) -> Any:
    if token is None:
        return client.get(url, headers={**testing.ASKER, **(headers or {})})
    return client.post(url, headers={**_POST, **(headers or {})}, content=token)
