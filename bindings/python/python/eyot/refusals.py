"""Refusals: what a counter or a log learns of a request that was not answered. Never anything of a token."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from ._eyot import Reply


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request below the prefix was not answered: a stable code, the reason in words, the island if known."""

    reason: str
    explanation: str
    island: str | None
    status: int

    @classmethod
    def of(cls, reply: Reply) -> Refusal:
        """Read a refusing reply."""
        return cls(reply.reason or "", reply.explanation or "", reply.island, reply.status)

    def line(self, *, debug: bool) -> str:
        """Return what a client reads of a refusal that the inner station makes; while debugging that says why."""
        return f"{self.explanation} ({self.reason})\n" if debug else "bad request\n"


OnRefusal = Callable[[Refusal], object]


def report(refusal: Refusal, logger: logging.Logger, on_refusal: OnRefusal | None, *, debug: bool) -> None:
    """Log a refusal and tell who asked to be told; the refusal stands whatever becomes of that."""
    # What clients send is their business, but for a developer's own; what a handler did wrong is the app's.
    below = logging.WARNING if debug else logging.INFO
    level = logging.ERROR if refusal.status >= 500 else below
    logger.log(level, "island %s refused: %s (%s)", refusal.island or "-", refusal.explanation, refusal.reason)
    if on_refusal:
        tell(lambda: on_refusal(refusal), logger)


def tell(listener: Callable[[], object], logger: logging.Logger) -> None:
    """Call who asked to be told of a refusal, which stands even if that fails."""
    try:
        listener()
    except Exception:
        logger.exception("what is told of refusals of islands failed")


def shown(reply: Reply) -> tuple[list[tuple[str, str]], bytes]:
    """Return headers and body of a reply, with the reason of a refusal in the body."""
    if not (reply.reason and reply.body):
        return reply.headers, reply.body
    body = f"{reply.explanation} ({reply.reason})\n".encode()
    rest = [(name, value) for name, value in reply.headers if name != "Content-Length"]
    return [*rest, ("Content-Length", str(len(body)))], body
