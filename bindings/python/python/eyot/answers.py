"""What a handler may answer where no framework says so: text, bytes, or status with headers and body."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Headers = list[tuple[str, str]]

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Plain:
    """A whole answer."""

    status: int
    headers: Headers
    body: bytes

    @classmethod
    def text(cls, status: int, text: str) -> Plain:
        """Make an answer that is one line of plain text, kept nowhere."""
        return cls(
            status, [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")], text.encode()
        )

    def with_length(self) -> Headers:
        """Return the headers with the body's length."""
        rest = [field for field in self.headers if field[0].lower() != "content-length"]
        return [*rest, ("Content-Length", str(len(self.body)))]


def plain(name: str, answer: Any) -> Plain:
    """Read what the handler of the island ``name`` returned, if it is no response of a framework.

    Raises ``TypeError`` for what is no answer; its text says what to return instead.
    """
    if isinstance(answer, tuple) and len(answer) == 3:
        status, headers, body = answer
        return Plain(_status(name, status), _with_type(_headers(name, headers)), _body(name, body))
    if isinstance(answer, (dict, list)):
        # What frameworks make JSON of. Core says what to return instead, and sends nothing of it.
        return Plain(200, [("Content-Type", "application/json")], b"")
    return Plain(200, [("Content-Type", HTML)], _body(name, answer))


def _body(name: str, body: Any) -> bytes:
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body)
    raise not_answered(name, body, "a tuple (status, headers, body), or a response")


def not_answered(name: str, answer: Any, others: str) -> TypeError:
    """Make the error of a handler that returned what is no answer."""
    found = "None" if answer is None else type(answer).__name__
    return TypeError(f"the handler of the island {name!r} returned {found}: return its HTML as str or bytes, {others}")


def _status(name: str, status: Any) -> int:
    if isinstance(status, int) and 100 <= status <= 599:
        return int(status)
    raise TypeError(f"the handler of the island {name!r} returned a status that is no number from 100 to 599")


def _headers(name: str, headers: Any) -> Headers:
    pairs = list(headers.items()) if isinstance(headers, Mapping) else headers
    if isinstance(pairs, Sequence) and all(_is_pair(pair) for pair in pairs):
        return [(key, value) for key, value in pairs]
    raise TypeError(f"the handler of the island {name!r} returned headers that are neither a dict nor pairs of str")


def _is_pair(pair: Any) -> bool:
    return isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(part, str) for part in pair)


def _with_type(headers: Headers) -> Headers:
    has_type = any(name.lower() == "content-type" for name, _ in headers)
    return headers if has_type else [*headers, ("Content-Type", HTML)]
