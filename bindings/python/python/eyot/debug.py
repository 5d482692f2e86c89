"""Error pages for development: they show the place of a markup error, or what leaks from a shell."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from .errors import Error

_AROUND = 2
_WIDTH = 100

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>eyot: {title}</title>
<body style="font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:3rem auto;padding:0 1rem">
<h1 style="font-size:1.3rem">eyot: {title}</h1>
{content}
<p style="color:#666">Shown while debugging. {production}</p>
"""


def markup_page(error: Error, page: bytes) -> bytes:
    """Show what is wrong with ``page``, and where."""
    content = f"<p>{escape(str(error))} <code>({escape(error.code)})</code></p>"
    if error.line is not None and error.column is not None:
        excerpt = escape(_excerpt(page.decode("utf-8", "replace"), error.line, error.column))
        content += f'<pre style="background:#f4f4f4;padding:1rem;overflow:auto">{excerpt}</pre>'
    return _page(
        "this page cannot be split",
        content,
        "In production the faulty island becomes its fallback, and no cache keeps the page.",
    )


def markup_block(error: Error) -> bytes:
    """Show what is wrong with a page whose beginning has gone out already."""
    return f"<pre>eyot: {escape(str(error))} ({escape(error.code)})</pre>".encode()


def leak_page(leaks: Iterable[tuple[str, str]]) -> bytes:
    """Show what is one visitor's in a shell that everybody would get."""
    items = "".join(f"<li>{escape(text)} <code>({escape(code)})</code></li>" for code, text in leaks)
    return _page("this shell is not the same for everybody", f"<ul>{items}</ul>", "In production no cache keeps it.")


def _page(title: str, content: str, production: str) -> bytes:
    return _PAGE.format(title=escape(title), content=content, production=production).encode()


def _excerpt(text: str, line: int, column: int) -> str:
    """Cut out the lines around a place, with a caret below the column."""
    lines = text.split("\n")
    first = max(line - 1 - _AROUND, 0)
    start = max(column - 1 - _WIDTH // 2, 0)
    shown = []
    for number, source in enumerate(lines[first : line + _AROUND], first + 1):
        shown.append(f"{number:>5} | {source.rstrip()[start : start + _WIDTH]}")
        if number == line:
            # A tab keeps its width, so that the caret stands where it should.
            indent = "".join("\t" if character == "\t" else " " for character in source[start : column - 1])
            shown.append(f"      | {indent}^")
    return "\n".join(shown)
