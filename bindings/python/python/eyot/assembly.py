"""Assembly: a page with every island in its place, for tests. Knows no framework: it is given a function that asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser

Ask = Callable[[str, str | None], str | None]
"""Gets an island's HTML by its URL and, for a POST, its token; ``None`` when there is no such HTML."""

_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_DEPTH = 8
_MOST = 1000


def assemble(page: str, ask: Ask) -> str:
    """Fill every placeholder of ``page`` with what ``ask`` gets, those inside islands too.

    As in the browser, a component's placeholder is replaced unless it is kept, an island element is filled, and an
    island that cannot be had becomes its error slot, or stays its fallback. At most 1,000 islands, eight levels deep.
    """
    return _Assembly(ask).fill(page, 0)


@dataclass
class _Placeholder:
    tag: str
    attributes: dict[str, str | None]
    start: int
    inner_start: int
    inner_end: int = -1
    end: int = -1
    error: tuple[int, int] | None = None

    @property
    def url(self) -> str:
        """Where the island is; nothing where that is no island's address, which the loader leaves alone too."""
        url, name = self.attributes.get("island-src") or "", self.attributes["island"]
        parts = url.partition("?")[0].split("/")
        is_islands = name in parts[-1 if "island-token" in self.attributes else -2 :] and not {".", ".."} & {*parts}
        return url if is_islands else ""


class _Assembly:
    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._left = _MOST

    def fill(self, page: str, depth: int) -> str:
        parts, position = [], 0
        for found in _Finder.placeholders(page):
            parts.append(page[position : found.start])
            parts.append(self._island(page, found, depth))
            position = found.end
        return "".join([*parts, page[position:]])

    def _island(self, page: str, found: _Placeholder, depth: int) -> str:
        opening, closing = page[found.start : found.inner_start], page[found.inner_end : found.end]
        html = self._content(page, found, depth)
        replaced = found.tag == "server-island" and not {"island-keep", "island-refresh"} & found.attributes.keys()
        return html if replaced else opening + html + closing

    def _content(self, page: str, found: _Placeholder, depth: int) -> str:
        if depth == _DEPTH or self._left == 0:
            raise RecursionError("the islands of this page do not come to an end: does one hold itself?")
        self._left -= 1
        html = self._ask(found.url, found.attributes.get("island-token"))
        if html is not None:
            return self.fill(html, depth + 1)
        if found.error:
            return page[slice(*found.error)]
        return self.fill(page[found.inner_start : found.inner_end], depth + 1)


class _Finder(HTMLParser):
    """Finds the outermost placeholders of a page, and where each begins and ends."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self._lines = [0]
        for line in page.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self._page = page
        self._open: _Placeholder | None = None
        self._same = 0
        self._templates = 0
        self._error_start: int | None = None
        self.found: list[_Placeholder] = []

    @classmethod
    def placeholders(cls, page: str) -> list[_Placeholder]:
        finder = cls(page)
        finder.feed(page)
        finder.close()
        return finder.found

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        start, end = self._offset(), self._offset() + len(self.get_starttag_text() or "")
        attributes = dict(attrs)
        if self._open is None:
            if "island" in attributes and self._templates == 0 and tag not in _VOID:
                self._open, self._same = _Placeholder(tag, attributes, start, end), 1
        elif tag == self._open.tag:
            self._same += 1
        if tag == "template":
            self._templates += 1
            if self._open and self._templates == 1 and attributes.get("island-slot") == "error":
                self._error_start = end

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # To a browser, the slash of `<div/>` means nothing.
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "template" and self._templates:
            self._end_template()
        if self._open is None or tag != self._open.tag:
            return
        self._same -= 1
        if self._same == 0:
            self._open.inner_end = self._offset()
            # An error slot that ends earlier belongs to an island within the fallback.
            if self._open.error and self._open.error[1] + len("</template>") != self._open.inner_end:
                self._open.error = None
            self._open.end = self._page.index(">", self._offset()) + 1
            self.found.append(self._open)
            self._open = None

    def _end_template(self) -> None:
        self._templates -= 1
        if self._open and self._templates == 0 and self._error_start is not None:
            self._open.error = (self._error_start, self._offset())
            self._error_start = None
