"""Runs the benchmark of hosts: writes the pages that all of them answer, starts a process for each, prints the tables.

`make bench-hosts` calls it.

A host's program is called with its name and the path of the description; it prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TARGET = HERE.parents[1] / "target" / "bench-hosts"
PYTHON = [sys.executable, str(HERE / "python_hosts.py")]
NODE = ["node", str(HERE / "node_hosts.mjs")]
GO = [str(TARGET / "go")]
HOSTS = {
    **dict.fromkeys(["wsgi", "flask", "django", "asgi", "fastapi", "quart"], PYTHON),
    **dict.fromkeys(["node-http", "express", "fastify", "hono", "web"], NODE),
    "net-http": GO,
}
# What is asked for, with the path that the app answers at and what a row of the table is called.
CASES = [
    {"name": "json", "title": "JSON", "path": "/json"},
    {"name": "page", "title": "page, no island", "path": "/page"},
    {"name": "islands", "title": "page, five islands", "path": "/islands"},
    {"name": "shell", "title": "the same, policy", "path": "/shell"},
    {"name": "unchanged", "title": "the same, 304", "path": "/shell"},
    {"name": "island", "title": "an island", "path": "/fragment"},
    {"name": "stream", "title": "stream, 16 chunks", "path": "/stream"},
]
LENGTH = 100_000
ISLAND = '<tr server:defer="Row" server:props=\'{{"sku":"lantern-{n}","place":3}}\'><td slot="fallback">…</td></tr>\n'
ROW = '<tr class="item row-{n}"><td><a href="/p/{n}?from=list&amp;page=2">Item {n}</a></td><td>£{n}.50</td></tr>\n'


def page(islands: int) -> str:
    """Return a page of a table, with ``islands`` rows spread over it."""
    rows = [ROW.format(n=n) for n in range(LENGTH // len(ROW.format(n=1000)))]
    for place in range(islands):
        rows.insert((place + 1) * len(rows) // (islands + 1), ISLAND.format(n=place))
    body = "".join(rows)
    return f"<!doctype html><html><head><title>t</title></head><body><table>{body}</table></body></html>"


def described(seconds: float) -> Path:
    """Write what all programs are given."""
    with_islands = page(5)
    step = -(-len(with_islands) // 16)
    description = {
        "seconds": seconds,
        "cases": CASES,
        "json": {"id": 7, "name": "lantern", "price": 129.5, "tags": ["brass", "light"]},
        "page": page(0),
        "islands": with_islands,
        "fragment": "<td>lantern</td><td>3 in the basket</td>",
        "chunks": [with_islands[at : at + step] for at in range(0, len(with_islands), step)],
    }
    TARGET.mkdir(parents=True, exist_ok=True)
    path = TARGET / "description.json"
    path.write_text(json.dumps(description))
    return path


def measured(host: str, description: Path) -> dict[str, Any]:
    """Run a host's program."""
    # A key of the benchmark's own; production's modes, as frameworks know them.
    own = {"EYOT_KEYS": "7Yp0Qm4bW9fJc2xkTn8uVhRzLs5aEoGd1tXi3qBvM6A=", "NODE_ENV": "production"}
    command = [*HOSTS[host], host, str(description)]
    done = subprocess.run(command, env={**os.environ, **own}, stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def table(rows: list[list[str]]) -> str:
    """Return a table in Markdown: names to the left, numbers to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    sides = [str.ljust, *[str.rjust] * (len(widths) - 1)]
    lines = [
        "| " + " | ".join((side(cell, width) for side, cell, width in zip(sides, row, widths, strict=True))) + " |"
        for row in rows
    ]
    ruler = "|" + "|".join("-" * (width + 1) + ("-:"[place > 0]) for place, width in enumerate(widths)) + "|"
    return "\n".join([lines[0], ruler, *lines[1:]])


def of_host(host: str, found: dict[str, Any]) -> str:
    """Return a host's table."""
    rows = [["µs", "without", "added", "with a layer", "crossings", "allocations", "kB"]]
    for case in CASES:
        one = found["cases"][case["name"]]
        rows.append(
            [
                case["title"],
                f"{one['without'] * 1e6:.1f}",
                f"{(one['with'] - one['without']) * 1e6:+.1f}",
                f"{(one['with_layer'] - one['without_layer']) * 1e6:+.1f}",
                str(one["crossings"]) if "crossings" in one else "",
                f"{one['allocations']:+d}" if "allocations" in one else "",
                f"{one['bytes'] / 1000:+.1f}" if "bytes" in one else "",
            ]
        )
    core = ", ".join(f"{title} {seconds * 1e6:.1f} µs" for title, seconds in found["core"].items())
    return f"### {host}\n\n{table(rows)}\n\nCore alone: {core}."


def overview(found: dict[str, dict[str, Any]]) -> str:
    """Return the table of all hosts: what eyot adds."""
    rows = [["µs added", *(case["title"] for case in CASES)]]
    for host, one in found.items():
        cases = [one["cases"][case["name"]] for case in CASES]
        rows.append([host, *(f"{(case['with'] - case['without']) * 1e6:+.1f}" for case in cases)])
    return table(rows)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15, help="for each host, after its start")
    parser.add_argument("--only", nargs="+", choices=HOSTS, default=list(HOSTS), help="hosts")
    given = parser.parse_args()
    description = described(given.seconds)
    found = {}
    for host in given.only:
        found[host] = measured(host, description)
        print(of_host(host, found[host]), end="\n\n", flush=True)
    print("### All hosts\n\n" + overview(found))


if __name__ == "__main__":
    main()
