"""Pages that are split once and rendered often, such as one that is made when the app starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import _eyot
    from .site import Site


class Prepared:
    """A page whose islands are found once: :meth:`render` copies it, and seals what has to be sealed anew."""

    def __init__(self, site: Callable[[], Site], page: str | bytes) -> None:
        self._site = site
        self._page = page.encode() if isinstance(page, str) else page
        self._core: _eyot.Islands | None = None

    @property
    def islands(self) -> list[str]:
        """The names of the page's islands."""
        return self._made().islands

    def render(self) -> bytes:
        """Return the shell for the current request. Raises ``MarkupError`` for a page that cannot be split."""
        return self._made().render(self._site().context())

    def _made(self) -> _eyot.Prepared:
        core = self._site().core
        if self._core is not core:
            # Islands that are declared later are another configuration.
            self._prepared, self._core = core.prepare(self._page), core
        return self._prepared
