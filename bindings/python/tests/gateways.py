"""What the tests of hosts share: a key, pages, and the reading of placeholders."""

from __future__ import annotations

import re

KEYS = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
ASKER = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"}
PAGE = '<!doctype html><title>t</title></head><body><Avatar server:defer size="40"><i slot="fallback">…</i></Avatar>'


def source(html: str, name: str = "Avatar") -> str:
    """The URL of an island in a shell."""
    found = re.search(f'island="{name}" island-src="([^"]+)"', html)
    assert found, html
    return found[1]
