"""Files and ranges of pages: what is known to hold no directive passes as it is, with its validators and ranges."""

from __future__ import annotations

import threading

Headers = list[tuple[str, str]]
Key = tuple[str, ...]

_MOST = 1024
_VALIDATORS = ("etag", "last-modified")
_WHAT = (*_VALIDATORS, "content-type", "content-encoding", "content-length", "content-range")


def key(target: str, status: int, headers: Headers, *, is_read: bool = False) -> Key | None:
    """Return what says that a response to ``target`` is the same as an earlier one; ``None`` where nothing does.

    A part has the key of the whole that it is a part of. A date alone says so where the body ``is_read`` from a file:
    that of a page that a view has made may be the date of what it shows, whoever asks.
    """
    if status not in (200, 206):
        return None
    found = dict.fromkeys(_WHAT, "")
    found.update((name.lower(), value) for name, value in headers if name.lower() in found)
    length = found["content-range"].rpartition("/")[2] if status == 206 else found["content-length"]
    if not length.isdigit() or not (found["etag"] or (is_read and found["last-modified"])):
        return None
    # Parts of several ranges have a type of their own.
    kind = "" if is_multipart(found["content-type"]) else found["content-encoding"]
    return (target, found["etag"], found["last-modified"], kind, length)


def is_part(status: int, headers: Headers) -> bool:
    """Tell whether a response is a part of what may be a page."""
    if status != 206:
        return False
    kind = next((value for name, value in headers if name.lower() == "content-type"), "")
    return "html" in kind.lower() or is_multipart(kind)


def is_multipart(kind: str) -> bool:
    """Tell whether a media type is that of an answer to several ranges."""
    return kind.lower().lstrip().startswith("multipart/byteranges")


class Plain:
    """The responses that were read and hold no directive, by their keys; the oldest of many are forgotten."""

    def __init__(self) -> None:
        self._keys: dict[Key, None] = {}
        self._lock = threading.Lock()

    def __contains__(self, found: Key | None) -> bool:
        return found is not None and found in self._keys

    def add(self, found: Key | None) -> None:
        """Note a response that holds no directive."""
        if found is None:
            return
        with self._lock:
            self._keys[found] = None
            if len(self._keys) > _MOST:
                del self._keys[next(iter(self._keys))]
