"""The parity table of the docs: which feature works in which host, as the last whole run has found it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from . import known, table
from .probes import ROOT, hosts
from .run import Outcome

FILE = ROOT / "docs/parity.md"
PREFACE = """\
# What works in which host

`make test-conformance` writes and checks this page: each line is a row of the [conformance suite](../bindings/conformance/README.md),
which asks every host the same by HTTP. ✓ works, ✗ does not yet (the reason is below), – means that the host has no such
thing.
"""


def written(outcomes: Sequence[Outcome], reasons: dict[known.Place, str]) -> str:
    """The page."""
    names = [host.name for host in hosts() if "@" not in host.name]
    features = {row.name: row.feature for row in table.ROWS.values() if row.feature}
    lines = [PREFACE]
    for part in (names[: len(names) // 2], names[len(names) // 2 :]):
        lines += [f"\n| feature | {' | '.join(part)} |\n", f"| --- |{' :-: |' * len(part)}\n"]
        for row, feature in features.items():
            cells = (cell([o for o in outcomes if o.row == row and o.host == host]) for host in part)
            lines.append(f"| {feature} | {' | '.join(cells)} |\n")
    lines.append("\n## Why not\n\n")
    for row, feature in features.items():
        for why, places in missing((o for o in outcomes if o.row == row and "@" not in o.host), reasons).items():
            lines.append(f"* **{feature}** ({', '.join(places)}): {why}.\n")
    return "".join(lines)


def cell(outcomes: Sequence[Outcome]) -> str:
    verdicts = {o.verdict for o in outcomes}
    return "✗" if "failed" in verdicts else "✓" if "passed" in verdicts else "–"


def missing(outcomes: Iterable[Outcome], reasons: dict[known.Place, str]) -> dict[str, list[str]]:
    """The hosts in which a feature does not work, by the reason."""
    found: dict[str, list[str]] = {}
    # Jobs end in any order, and the page must not depend on it.
    for o in sorted(outcomes, key=lambda o: (o.host, o.stack, o.why)):
        if o.verdict != "passed":
            why = o.why if o.verdict == "skipped" else reasons.get((o.row, o.host, o.stack), "not known")
            if o.host not in found.setdefault(why, []):
                found[why].append(o.host)
    return {why: sorted(places) for why, places in found.items()}
