"""What a handler that is no route of a framework gets beside its island: the request."""

from __future__ import annotations

from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .messages import Receive, Scope


@dataclass(frozen=True, slots=True)
class Request:
    """The request for an island. What sessions and authentication put into ``scope`` is there."""

    scope: Scope
    receive: Receive

    @property
    def session(self) -> Any:
        """``scope["session"]``, where Starlette's and Litestar's sessions are."""
        return self.scope["session"]

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies by name; none where they cannot be read."""
        try:
            return {name: morsel.value for name, morsel in SimpleCookie(self.header("cookie") or "").items()}
        except CookieError:
            return {}

    def header(self, name: str) -> str | None:
        """Return a header's value, repeated ones joined as HTTP allows it."""
        wanted = name.lower().encode("latin-1")
        values = [value.decode("latin-1") for known, value in self.scope["headers"] if known.lower() == wanted]
        return ("; " if wanted == b"cookie" else ", ").join(values) if values else None
