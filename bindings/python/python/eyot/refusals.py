"""Refusals: what a counter learns of a request that was not answered. Never anything of a token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request below the prefix was not answered: a stable code, the reason in words, the island if known."""

    reason: str
    explanation: str
    island: str | None
    status: int


OnRefusal = Callable[[Refusal], object]
