"""Clients that go away: the body of a request within a limit, and the end of work that nobody waits for."""

from __future__ import annotations

import asyncio

from .messages import AsgiApp, Message, Receive, Scope, Send


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


async def call_until_left(app: AsgiApp, scope: Scope, receive: Receive, send: Send, body: bytes) -> None:
    """Call ``app`` with a request whose body has been read, and cancel it when the client goes away.

    The app's own ``receive`` gives the body, and then learns of the client's going too.
    """
    left = asyncio.Event()
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

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

    work = asyncio.ensure_future(app(scope, replayed, send))
    watching = asyncio.ensure_future(watch())
    try:
        await asyncio.wait((work, watching), return_when=asyncio.FIRST_COMPLETED)
        if left.is_set():
            work.cancel()
        await asyncio.wait((work,))
        if not (left.is_set() and work.cancelled()):
            work.result()
    finally:
        for task in (work, watching):
            task.cancel()
        await asyncio.gather(work, watching, return_exceptions=True)
