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


OnRefusal = Callable[[Refusal], object]


def report(refusal: Refusal, logger: logging.Logger, on_refusal: OnRefusal | None) -> None:
    """Log a refusal and tell who asked to be told."""
    # What clients send is their business; what a handler did wrong is the app's.
    level = logging.ERROR if refusal.status >= 500 else logging.INFO
    logger.log(level, "island %s refused: %s (%s)", refusal.island or "-", refusal.explanation, refusal.reason)
    if on_refusal:
        on_refusal(refusal)
