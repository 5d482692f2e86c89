"""Clients that go away: the body of a request within a limit, and the end of work that nobody waits for so long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from .messages import AsgiApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from ..stations import Station


async def read_body(receive: Receive, limit: int) -> bytes | None:
    """Read a body, and stop when it is longer than ``limit``; ``None`` when the client went away."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > limit or not message.get("more_body", False):
            return bytes(body)


async def call_within(
    app: AsgiApp,
    scope: Scope,
    receive: Receive,
    send: Send,
    state: Station,
    seconds: int,
    late: Callable[[], Awaitable[None]],
) -> None:
    """Call ``app`` with a request whose body has been read, and cancel it when nobody waits for its answer any more.

    That is when the client goes away before the answer, and when that has not begun after ``seconds``: then ``late`` is
    awaited first. The app's own ``receive`` learns of the client's going, too. What the app does after its answer
    (background tasks, the end of dependencies) is left to it: to servers, a client that has its answer is gone.
    """
    left, begun, answered = asyncio.Event(), asyncio.Event(), asyncio.Event()
    is_late = False
    messages: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def replayed() -> Message:
        if messages:
            return messages.pop()
        await left.wait()
        return {"type": "http.disconnect"}

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            # What is left of a request is not waited for, and does not hold up the loop.
            await asyncio.sleep(0)
        left.set()

    async def noting(message: Message) -> None:
        if is_late:
            return
        begun.set()
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            answered.set()
        await send(message)

    work = asyncio.ensure_future(app(scope, replayed, noting))
    watching = asyncio.ensure_future(watch())
    try:
        await asyncio.wait((work, watching), timeout=seconds or None, return_when=asyncio.FIRST_COMPLETED)
        if not (work.done() or left.is_set() or begun.is_set()):
            is_late = True
            return await late()
        await asyncio.wait((work, watching), return_when=asyncio.FIRST_COMPLETED)
        is_unwanted = left.is_set() and not answered.is_set()
        state.is_left = left.is_set()
        if is_unwanted:
            work.cancel()
        await asyncio.wait((work,))
        if not (is_unwanted and work.cancelled()):
            work.result()
    finally:
        for task in (work, watching):
            task.cancel()
        await asyncio.gather(work, watching, return_exceptions=True)
