"""What a handler of a WSGI app gets beside its island: the request, as the app's own code would see it."""

from __future__ import annotations

from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .environ import Environ


@dataclass(frozen=True, slots=True)
class Request:
    """The request for an island. What sessions and authentication put into ``environ`` is there."""

    environ: Environ

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies by name; none where they cannot be read."""
        try:
            return {name: morsel.value for name, morsel in SimpleCookie(self.environ.get("HTTP_COOKIE", "")).items()}
        except CookieError:
            return {}

    def header(self, name: str) -> str | None:
        """Return a header's value."""
        key = name.upper().replace("-", "_")
        value = self.environ.get(key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}")
        return None if value is None else str(value)
