"""What developers get wrong, and what each host tells them: ``docs/mistakes.md``, from the files in ``mistakes``.

Each host's own tests make its mistakes and find the texts; this writes the page: ``python -m suite.mistakes``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from .probes import ROOT

FOLDER = Path(__file__).resolve().parent.parent / "mistakes"
FILE = ROOT / "docs/mistakes.md"
HOSTS = ("django", "flask", "asgi", "wsgi", "express", "fastify", "hono", "web", "node", "go", "c")
WHEN = {"build", "start", "first request", "request"}
PREFACE = """\
# Mistakes, and what eyot says to them

<!-- Written by `python -m suite.mistakes` in bindings/conformance from the files in its folder mistakes. -->

Search this page for a part of the message that you see. It stands in the terminal or the log, and while debugging on the
error page too. Each line is tried by the tests of its host: the mistake is made, and the text is found. Where a text holds a
name, yours holds your own. `asgi` stands for FastAPI, Starlette, Quart and Litestar, `web` for handlers of `Request`, `node`
for `node:http`.
"""


def read() -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    """The mistakes in words, and by host what is said to each."""
    titles = json.loads((FOLDER / "mistakes.json").read_text())
    return titles, {host: json.loads((FOLDER / f"{host}.json").read_text()) for host in HOSTS}


def faults() -> list[str]:
    """What is wrong with the files: a host that leaves a mistake out, or says nothing to it."""
    titles, hosts = read()
    found = []
    for host, said in hosts.items():
        found += [f"{host}.json lacks {name}" for name in titles if name not in said]
        found += [f"{host}.json has {name}, which mistakes.json lacks" for name in said if name not in titles]
        for name, one in said.items():
            is_whole = one.get("says") and one.get("when") in WHEN
            if not (one.get("cannot") or is_whole):
                found.append(f"{host}.json: {name} has neither `cannot`, nor `says` and `when`")
    return found


def page() -> str:
    """The page."""
    titles, hosts = read()
    lines = [PREFACE]
    for name, title in titles.items():
        lines.append(f"\n## {title}\n\n| host | when | says |\n| --- | --- | --- |\n")
        for row, names in alike({host: said[name] for host, said in hosts.items()}).items():
            lines.append(f"| {', '.join(names)} | {row} |\n")
    return "".join(lines)


def alike(said: dict[str, dict[str, str]]) -> dict[str, list[str]]:
    """The hosts that say the same, by what they say."""
    found: dict[str, list[str]] = {}
    for host, one in said.items():
        cannot = one.get("cannot")
        row = f"– | {cell(cannot)}" if cannot else f"{one['when']} | `{cell(one['says'])}`"
        found.setdefault(row, []).append(host)
    return found


def cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("`", "'")


if __name__ == "__main__":
    FILE.write_text(page())
    sys.exit("\n".join(faults()))
