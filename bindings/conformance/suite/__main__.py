"""The command line: ``python -m suite [--all] [--host NAME] [--stack NAME] [--row PATTERN] …``, in this folder."""

from __future__ import annotations

import argparse
import fnmatch
import importlib
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from . import known, parity, table
from .probes import STACKS, Host, hosts
from .run import Outcome, is_broken, run_all

PLAIN_STACKS = ("bare", "mounted", "gzip around", "toolbar around", "limiter", "recover")


def main() -> int:
    arguments = parsed()
    load_rows()
    if arguments.list:
        return listed()
    started = time.monotonic()
    jobs = chosen(arguments)
    if not jobs:
        print("nothing fits", file=sys.stderr)
        return 2
    outcomes = run_all(jobs, arguments.workers, told)
    reasons = known.read()
    if arguments.write_known:
        known.write(outcomes, reasons, list(table.ROWS))
        reasons = known.read()
    return summed_up(outcomes, reasons, time.monotonic() - started, arguments)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m suite", description=__doc__)
    parser.add_argument("--all", action="store_true", help="all servers and stacks, not those of the short run alone")
    parser.add_argument("--host", action="append", help="a host, such as flask or flask@waitress; patterns too")
    parser.add_argument("--stack", action="append", help="a stack, such as bare")
    parser.add_argument("--row", action="append", help="a row's name; patterns too")
    parser.add_argument("--workers", type=int, default=max(3, (os.cpu_count() or 2) + 1))
    parser.add_argument("--list", action="store_true", help="print the table, and run nothing")
    parser.add_argument("--verbose", action="store_true", help="print known failures too")
    parser.add_argument("--write-parity", action="store_true", help="write docs/parity.md from this run")
    parser.add_argument("--write-known", action="store_true", help="write known-failures.toml anew from this run")
    return parser.parse_args()


def load_rows() -> None:
    """Read all files of rows, in their order."""
    folder = Path(__file__).resolve().parent.parent / "rows"
    sys.path.insert(0, str(folder.parent))
    for found in sorted(folder.glob("[0-9]*.py")):
        importlib.import_module(f"rows.{found.stem}")


def listed() -> int:
    for row in table.ROWS.values():
        print(f"{row.name} [{row.topic}; {', '.join(row.stacks)}]\n    {row.title}\n    {row.why}")
        for check in row.leaves:
            print(f"    - {check.text}")
    return 0


def chosen(arguments: argparse.Namespace) -> list[tuple[Host, str, list[table.Row]]]:
    """The jobs: a host, a stack, and the rows that are run there."""
    jobs = []
    for host in hosts():
        if arguments.host and not any(fnmatch.fnmatchcase(host.name, pattern) for pattern in arguments.host):
            continue
        if not host.always and not (arguments.all or arguments.host):
            continue
        for stack in STACKS:
            rows = [row for row in table.ROWS.values() if runs_in(row, stack, arguments)]
            if rows:
                jobs.append((host, stack, rows))
    # The long ones first, so that none is left alone at the end.
    return sorted(jobs, key=lambda job: -len(job[2]))


def runs_in(row: table.Row, stack: str, arguments: argparse.Namespace) -> bool:
    if arguments.stack and stack not in arguments.stack:
        return False
    if arguments.row and not any(fnmatch.fnmatchcase(row.name, pattern) for pattern in arguments.row):
        return False
    return stack in row.stacks or (arguments.all and row.everywhere and stack in PLAIN_STACKS)


def told(host: str, stack: str, outcomes: list[Outcome], seconds: float) -> None:
    counts = Counter(outcome.verdict for outcome in outcomes)
    numbers = ", ".join(
        f"{counts[verdict]} {verdict}" for verdict in ("passed", "failed", "skipped") if counts[verdict]
    )
    print(f"{host}, {stack}: {numbers} ({seconds:.1f} s)", flush=True)


def grouped(outcomes: Iterable[Outcome]) -> dict[tuple[str, str, str], list[str]]:
    """The rows with the same reason, by host, stack and reason."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for o in outcomes:
        found.setdefault((o.host, o.stack, o.why), []).append(o.row)
    return found


def left_out(outcomes: list[Outcome]) -> dict[tuple[str, str], list[str]]:
    """What was skipped, by host and reason: rows, or whole stacks."""
    run = {(o.host, o.stack) for o in outcomes if o.verdict != "skipped"}
    found: dict[tuple[str, str], list[str]] = {}
    for o in outcomes:
        place = o.row if (o.host, o.stack) in run else f"stack {o.stack}"
        if o.verdict == "skipped" and place not in found.setdefault((o.host, o.why), []):
            found[o.host, o.why].append(place)
    return found


def by_row(outcomes: Iterable[Outcome]) -> dict[str, dict[str, list[str]]]:
    """Places by row and by what was wrong."""
    found: dict[str, dict[str, list[str]]] = {}
    for o in outcomes:
        found.setdefault(o.row, {}).setdefault(o.why, []).append(f"{o.host}, {o.stack}")
    return found


def not_current(outcomes: list[Outcome], reasons: dict[known.Place, str], arguments: argparse.Namespace) -> int:
    """Whether docs/parity.md is not what this run would write. A run of a part cannot tell."""
    if arguments.host or arguments.stack or arguments.row or arguments.all:
        return 0
    page = parity.written(outcomes, reasons)
    if arguments.write_parity:
        parity.FILE.write_text(page)
    if parity.FILE.exists() and parity.FILE.read_text() == page:
        return 0
    print("FAILED: docs/parity.md is not what this run has found: --write-parity writes it")
    return 1


def summed_up(
    outcomes: list[Outcome], reasons: dict[known.Place, str], seconds: float, arguments: argparse.Namespace
) -> int:
    """Print what there is to say, and end with the line that CI reads."""
    fresh, mended = known.compare(outcomes, reasons)
    for (host, why), places in sorted(left_out(outcomes).items()):
        print(f"skipped: {host}: {', '.join(places)}: {why}")
    if arguments.verbose:
        for o in outcomes:
            if o.verdict == "failed" and o not in fresh:
                print(f"known: {o.row} on {o.host}, {o.stack}: {reasons[o.row, o.host, o.stack]}: {o.why}")
    for (host, stack, why), rows in sorted(grouped(o for o in fresh if is_broken(o)).items()):
        print(f"FAILED: {host}, {stack}, {len(rows)} rows: {why}")
    for name, found in by_row(o for o in fresh if not is_broken(o)).items():
        row = table.ROWS[name]
        print(f"FAILED: {name}: {row.title} ({row.why})")
        for why, places in found.items():
            print(f"        {'; '.join(places)}: {why}")
    for o in mended:
        print(f"PASSED, but listed as a known failure: {o.row} on {o.host}, {o.stack}: take it off the list")
    counts = Counter(o.verdict for o in outcomes)
    hosts_run, stacks_run = len({o.host for o in outcomes}), len({o.stack for o in outcomes})
    print(f"{len({o.row for o in outcomes})} rows, {hosts_run} hosts, {stacks_run} stacks, {seconds:.0f} s")
    stale = not_current(outcomes, reasons, arguments)
    print(f"{counts['failed'] - len(fresh)} exchanges fail as known-failures.toml says")
    failed = len(fresh) + len(mended) + stale
    print(f"{counts['passed'] - len(mended)} passed, {failed} failed, {counts['skipped']} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
