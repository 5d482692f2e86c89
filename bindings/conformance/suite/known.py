"""The list of known failures: row, host and stack, each with its reason. It may only shrink."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from .run import Outcome, is_broken

FILE = Path(__file__).resolve().parent.parent / "known-failures.toml"
PREFACE = """\
# What is known to fail, and why: a row of the table, a reason, and the hosts with their stacks. A row that fails and is
# not listed fails the run, and so does a listed one that passes: take it off. `--write-known` writes the places; reasons
# are written by hand, and an entry without one fails the run.
"""
Place = tuple[str, str, str]


def read() -> dict[Place, str]:
    """The reason of each (row, host, stack)."""
    reasons: dict[Place, str] = {}
    for entry in tomllib.loads(FILE.read_text()).get("failure", []) if FILE.exists() else []:
        for at in entry["at"]:
            host, _, stacks = at.partition(": ")
            for stack in stacks.split(", "):
                reasons[entry["row"], host, stack] = entry["why"]
    return reasons


def compare(outcomes: Sequence[Outcome], reasons: dict[Place, str]) -> tuple[list[Outcome], list[Outcome]]:
    """What failed and is not listed, and what is listed and passed."""
    failed = [o for o in outcomes if o.verdict == "failed"]
    fresh = [o for o in failed if is_broken(o) or not reasons.get((o.row, o.host, o.stack))]
    mended = [o for o in outcomes if o.verdict == "passed" and (o.row, o.host, o.stack) in reasons]
    return fresh, mended


def write(outcomes: Sequence[Outcome], reasons: dict[Place, str], order: Sequence[str]) -> None:
    """Write the list anew for what has run; places that have not run stay. New ones take their row's first reason."""
    run = {(o.row, o.host, o.stack) for o in outcomes}
    kept = {place: why for place, why in reasons.items() if place not in run}
    first: dict[str, str] = {}
    for (row, _, _), why in reasons.items():
        first.setdefault(row, why)
    for o in outcomes:
        if o.verdict == "failed" and not is_broken(o):
            kept[o.row, o.host, o.stack] = reasons.get((o.row, o.host, o.stack)) or first.get(o.row, "")
    FILE.write_text(PREFACE + "".join(_entries(kept, order)))


def _entries(kept: dict[Place, str], order: Sequence[str]) -> list[str]:
    grouped: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for (row, host, stack), why in sorted(kept.items()):
        grouped[row, why][host].append(stack)
    places = {row: place for place, row in enumerate(order)}
    entries = []
    for (row, why), hosts in sorted(grouped.items(), key=lambda entry: (places.get(entry[0][0], 0), entry[0])):
        at = "".join(f'    "{host}: {", ".join(stacks)}",\n' for host, stacks in sorted(hosts.items()))
        entries.append(f'\n[[failure]]\nrow = "{row}"\nwhy = "{why}"\nat = [\n{at}]\n')
    return entries
