"""The helpers for tests of ASGI apps: a response with every island in its place, asked for in process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Protocol

from .. import testing
from ..assembly import assemble as fill


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


def assemble(client: Client, response: Response) -> str:
    """Return the page of ``response`` with every island that ``client``, with its cookies, gets.

    ``client`` is an ``httpx.Client``, as the test clients of Starlette, FastAPI and Litestar are. Make it with
    ``raise_server_exceptions=False`` where an island that fails should become its error slot, or stay its fallback.
    Warns with ``EyotWarning`` where a browser would not leave a placeholder, or a fallback, where it was written.
    """
    testing.warn_of_misplaced(response.content)

    def get(url: str) -> testing.Answer:
        return _read(client.get(url, headers=testing.ASKER))

    def post(url: str, token: str) -> testing.Answer:
        return _read(client.post(url, headers=_POST, content=token))

    return fill(response.text, testing.asking(get, post))


async def aassemble(client: AsyncClient, response: Response) -> str:
    """Do the same with an ``httpx.AsyncClient`` over ``httpx.ASGITransport``, for tests that are async."""
    testing.warn_of_misplaced(response.content)
    loop = asyncio.get_running_loop()

    def get(url: str) -> testing.Answer:
        return _waited(client.get(url, headers=testing.ASKER), loop)

    def post(url: str, token: str) -> testing.Answer:
        return _waited(client.post(url, headers=_POST, content=token), loop)

    return await asyncio.to_thread(fill, response.text, testing.asking(get, post))


def _waited(sent: Awaitable[Response], loop: asyncio.AbstractEventLoop) -> testing.Answer:
    async def answered() -> Response:
        return await sent

    return _read(asyncio.run_coroutine_threadsafe(answered(), loop).result())


def _read(answer: Response) -> testing.Answer:
    return testing.Answer(answer.status_code, dict(answer.headers), answer.text)
