"""The helpers for tests of ASGI apps: a response with every island in its place, asked for in process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .. import testing
from ..assembly import assemble as fill

if TYPE_CHECKING:
    import httpx

_POST = {**testing.ASKER, "Content-Type": testing.TOKEN_TYPE}


def assemble(client: httpx.Client, response: httpx.Response) -> str:
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


async def aassemble(client: httpx.AsyncClient, response: httpx.Response) -> str:
    """Do the same with an ``httpx.AsyncClient`` over ``httpx.ASGITransport``, for tests that are async."""
    testing.warn_of_misplaced(response.content)
    loop = asyncio.get_running_loop()

    def get(url: str) -> testing.Answer:
        return _read(asyncio.run_coroutine_threadsafe(client.get(url, headers=testing.ASKER), loop).result())

    def post(url: str, token: str) -> testing.Answer:
        sent = client.post(url, headers=_POST, content=token)
        return _read(asyncio.run_coroutine_threadsafe(sent, loop).result())

    return await asyncio.to_thread(fill, response.text, testing.asking(get, post))


def _read(answer: httpx.Response) -> testing.Answer:
    return testing.Answer(answer.status_code, dict(answer.headers), answer.text)
