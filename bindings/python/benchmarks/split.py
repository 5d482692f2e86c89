"""Splitting beside what Python sites rewrite HTML with: a page of 100 kB, each island's element replaced."""

from __future__ import annotations

import eyot
import lxml.html
from bs4 import BeautifulSoup
from rounds import Candidate, fastest, table
from selectolax.lexbor import LexborHTMLParser

KEY = "7Yp0Qm4bW9fJc2xkTn8uVhRzLs5aEoGd1tXi3qBvM6A="
LENGTH = 100_000
ISLAND = '<tr server:defer="Row" server:props=\'{"sku":"lantern-2","place":3}\'><td slot="fallback">…</td></tr>\n'
ROW = '<tr class="item row-{n}"><td><a href="/p/{n}?from=list&amp;page=2">Item {n}</a></td><td>£{n}.50</td></tr>\n'

REQUIRED = {"selectolax (lexbor)": 10.0, "BeautifulSoup(html.parser)": 500.0}


def page(islands: int) -> bytes:
    """Return a page of a table, with ``islands`` rows spread over it."""
    rows = [ROW.format(n=n) for n in range(LENGTH // len(ROW.format(n=1000)))]
    for place in range(islands):
        rows.insert((place + 1) * len(rows) // (islands + 1), ISLAND)
    body = "".join(rows)
    return f"<!doctype html><html><head><title>t</title></head><body><table>{body}</table></body></html>".encode()


def candidates(source: bytes) -> dict[str, Candidate]:
    """Return every way to rewrite ``source``, eyot's first. The rivals seal nothing."""
    islands = eyot.Islands(KEY, islands=["Row"])
    return {
        "eyot Islands.split": lambda: islands.split(source),
        "selectolax (lexbor)": lambda: _selectolax(source),
        "lxml.html": lambda: _lxml(source),
        "BeautifulSoup(html.parser)": lambda: _beautiful_soup(source),
    }


def _selectolax(source: bytes) -> bytes:
    tree = LexborHTMLParser(source)
    for node in tree.css("[server\\:defer]"):
        node.attrs["island"] = "Row"
        del node.attrs["server:defer"]
        del node.attrs["server:props"]
    return (tree.html or "").encode()


def _lxml(source: bytes) -> bytes:
    tree = lxml.html.document_fromstring(source)
    for node in tree.iter("tr"):
        if node.attrib.pop("server:defer", None):
            node.attrib["island"] = "Row"
            node.attrib.pop("server:props")
    return lxml.html.tostring(tree, encoding="utf-8")


def _beautiful_soup(source: bytes) -> bytes:
    tree = BeautifulSoup(source, "html.parser")
    for node in tree.find_all(attrs={"server:defer": True}):
        node["island"] = "Row"
        del node["server:defer"], node["server:props"]
    return tree.encode()


def main() -> None:
    """Print a table for each page."""
    for islands in (0, 5):
        source = page(islands)
        made = candidates(source)
        for name, call in made.items():
            # A rival that left a directive in, or found none, would not have done the work.
            rewritten = call()
            done = isinstance(rewritten, bytes) and rewritten.count(b'island="Row"') == islands
            if not done or b"server:defer" in rewritten:
                raise SystemExit(f"{name} did not rewrite the page")
        table(f"split {len(source)} bytes, {islands} islands", fastest(made), REQUIRED)


if __name__ == "__main__":
    main()
