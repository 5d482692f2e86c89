"""Shortcuts: a page that is split once and rendered often."""

from __future__ import annotations

from ..prepared import Prepared
from .site import get_site


def prepare(page: str | bytes) -> Prepared:
    """Find the islands of a page once, such as one that is made when the project starts.

    ``prepare(page).render()`` is its shell for the current request: a view returns it in an ``HttpResponse``.
    """
    return Prepared(get_site, page)
