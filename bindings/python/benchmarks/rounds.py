"""Rounds: candidates timed in turns, so that noise meets all of them; the fastest round of each counts."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

Candidate = Callable[[], object]

_ROUNDS = 40
_ROUND_SECONDS = 0.01


def fastest(candidates: Mapping[str, Candidate]) -> dict[str, float]:
    """Return each candidate's seconds for one call."""
    repeats = {name: _repeats(call) for name, call in candidates.items()}
    best = dict.fromkeys(candidates, float("inf"))
    for _ in range(_ROUNDS):
        for name, call in candidates.items():
            best[name] = min(best[name], _timed(call, repeats[name]))
    return best


def table(title: str, best: Mapping[str, float], required: Mapping[str, float]) -> None:
    """Print the times, and how many times the first candidate's each is, beside what ``required`` asks for."""
    print(f"\n{title}")
    first = next(iter(best.values()))
    for name, seconds in best.items():
        aim = f"  (to reach: {required[name]:g})" if name in required else ""
        print(f"  {name:<44} {seconds * 1e6:>12.2f} us {seconds / first:>10.1f} x{aim}")


def _repeats(call: Candidate) -> int:
    """Return how many calls fill a round."""
    repeats = 1
    while (spent := _timed(call, repeats) * repeats) < _ROUND_SECONDS / 4:
        repeats *= 2
    return max(1, int(repeats * _ROUND_SECONDS / spent))


def _timed(call: Candidate, repeats: int) -> float:
    turns = range(repeats)
    start = time.perf_counter()
    for _ in turns:
        call()
    return (time.perf_counter() - start) / repeats
