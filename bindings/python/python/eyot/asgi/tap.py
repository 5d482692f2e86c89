"""The way out of what an ASGI app sends through either station."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ..files import Key, is_part, key
from ..page import look, marked, whole
from ..stations import Headers
from .messages import PATHSEND, Message, Send, read, send_whole, written

if TYPE_CHECKING:
    from .._eyot import Sent, WayOut
    from ..site import Site
    from ..stations import Station

Matters = Callable[[int, str | None, bool], bool]
"""Whether core is asked about a response, by its status, media type and mark."""


class Tap:
    """What the app sends, until core has said what becomes of it.

    ``begin`` begins the way out, of what ``matters``. ``again`` calls the app once more, for the whole page where this
    one is a part, and tells whether the part may go out; that call's own way out has the key of the ``part``. Without a
    ``target`` nothing is known by its validators.
    """

    def __init__(
        self,
        site: Site,
        state: Station,
        send: Send,
        begin: Callable[[], WayOut],
        matters: Matters,
        target: str | None,
        *,
        again: Callable[[Key | None], Awaitable[bool]] | None = None,
        part: Key | None = None,
    ) -> None:
        self._plain, self._state, self._send = site.plain, state, send
        self._make, self._matters, self._target, self._again, self._part = begin, matters, target, again, part
        self._key: Key | None = None
        self._start: Message = {}
        self._headers: Headers = []
        self._body = bytearray()
        self._coding: str | None = None
        # What core said last.
        self._step = "pass"
        self.is_over = False
        # Whether this is what the part is a part of, and holds nothing to split: then nothing of it goes out.
        self.is_same = False

    async def __call__(self, message: Message) -> None:
        """Take what the app sends, in the place of the server's ``send``."""
        kind = message["type"]
        if self.is_over:
            return
        if kind == "http.response.start":
            await self._begin(message)
        elif kind == PATHSEND and self._step != "pass":
            await self._file(message)
        elif self._step == "pass" or kind != "http.response.body":
            await self._send(message)
        else:
            await self._chunk(message.get("body", b""), more=bool(message.get("more_body", False)))

    async def _begin(self, message: Message) -> None:
        status = message["status"]
        raw = message.get("headers", ())
        media, is_marked = look(raw)
        matters = self._matters(status, None if media is None else media.decode("latin-1"), is_marked)
        if not matters and status != 206:
            return await self._send(message)
        self._start, self._headers = message, read(raw)
        is_range = self._again is not None and is_part(status, self._headers)
        if not (matters or is_range):
            return await self._send(message)
        self._key = key(self._target, status, self._headers) if self._target else None
        if self._key in self._plain:
            return await self._pass()
        if not (is_range and self._again):
            self._out = self._make()
            return await self._ask("unknown")
        self.is_over = not await self._again(self._key)
        return None if self.is_over else await self._pass()

    async def _pass(self) -> None:
        """Let what holds nothing to split pass as it is; nothing of it where its part goes out."""
        self.is_same = self._part is not None and self._key == self._part
        if self.is_same:
            self.is_over = True
        else:
            self._step = "pass"
            await self._send(self._known())

    def _known(self) -> Message:
        """Return the head of what is known to hold nothing to split."""
        return {**self._start, "headers": written(marked(self._state, self._headers))}

    async def _file(self, message: Message) -> None:
        """Read a file that the server would send by itself, unless it is known to hold nothing to split."""
        path = message["path"]
        stat = await asyncio.to_thread(os.stat, path)
        self._key = (str(path), str(stat.st_mtime_ns), str(stat.st_size)) if self._target else None
        if self._key in self._plain:
            await self._pass()
        elif self._step == "wait":
            await self._ask("more")
        if self._step == "pass":
            await self._send(message)
        elif not self.is_over:
            await self._chunk(await asyncio.to_thread(Path(path).read_bytes), more=False)

    async def _ask(self, size: Literal["unknown", "whole", "more"]) -> None:
        step = self._out.step(self._start["status"], self._headers, size)
        self._step, self._coding = step.kind, step.coding
        if step.kind == "pass":
            await self._send(self._start)
        elif step.sent:
            await self._say(step.sent)

    async def _say(self, sent: Sent) -> None:
        """Send what core says by the head alone: an answer, or the head of what follows."""
        self.is_over = sent.body is not None
        if self.is_over:
            return await send_whole(self._send, sent)
        if self._step == "edited":
            self._step = "pass"
            return await self._send({**self._start, "status": sent.status, "headers": written(sent.headers)})
        return await self._send_head(sent)

    async def _chunk(self, chunk: bytes, *, more: bool) -> None:
        if self._step == "wait":
            await self._ask("more" if more else "whole")
        if self._step == "pass":
            await self._send({"type": "http.response.body", "body": chunk, "more_body": more})
        elif self._step == "stream":
            await self._streamed(chunk, more=more)
        elif not self.is_over:
            # Most bodies come in one message, and are not copied.
            if more or self._body:
                self._body += chunk
            if not more:
                self.is_over = True
                await self._whole(bytes(self._body or chunk))

    async def _streamed(self, chunk: bytes, *, more: bool) -> None:
        shell = self._out.push(chunk)
        if not (more or self._out.is_over):
            shell += self._out.finish()
        if shell:
            await self._send({"type": "http.response.body", "body": shell, "more_body": True})
        if self._out.is_over:
            self.is_over = True
            # Raised into the app: the server then cuts the connection, and caches discard what they have.
            self._out.check()
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _whole(self, body: bytes) -> None:
        sent = whole(self._out, self._start["status"], self._headers, body, self._coding)
        if sent is None or sent.is_same:
            self._plain.add(self._key)
            self.is_same = self._part is not None and self._key == self._part
            if self.is_same:
                return
        if sent is None:
            await self._send(self._start)
        elif sent.is_same:
            await self._send({**self._start, "headers": written(sent.headers)})
        else:
            await self._send_head(sent)
            body = body if sent.body is None else sent.body
        await self._send({"type": "http.response.body", "body": body, "more_body": False})

    async def _send_head(self, sent: Sent) -> None:
        start = {**self._start, "status": sent.status, "headers": written(sent.headers)}
        # What follows a body that is rewritten, a digest for one, would be of the page before the split.
        await self._send({**start, "trailers": False} if start.get("trailers") else start)
