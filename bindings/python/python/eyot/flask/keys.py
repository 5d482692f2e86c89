"""Where an app's keys come from, and whether their file has changed since."""

from __future__ import annotations

import os
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from .._eyot import KeyRing
from ..errors import InvalidKey

if TYPE_CHECKING:
    from flask import Flask

_SECONDS = 1.0


class KeySource:
    """The ``keys`` option, else ``EYOT_KEYS`` or ``EYOT_KEYS_FILE`` (the app's, the system's), else ``SECRET_KEY``."""

    def __init__(self, app: Flask, given: str | KeyRing | None) -> None:
        self._app = app
        self._given = given
        self._file: Path | None = None
        self._stamp: tuple[int, int, int] | None = None
        self._asked = 0.0

    def read(self) -> KeyRing:
        """Read the keys."""
        self._file = None
        if self._given:
            return KeyRing.parse(self._given) if isinstance(self._given, str) else self._given
        for source in (self._app.config, os.environ):
            if source.get("EYOT_KEYS"):
                return KeyRing.parse(source["EYOT_KEYS"])
            if source.get("EYOT_KEYS_FILE"):
                return self._read_file(Path(source["EYOT_KEYS_FILE"]))
        return _derived(self._app)

    def have_changed(self) -> bool:
        """Tell whether the file that was read is another by now. Asks the system once a second at most."""
        now = monotonic()
        if self._file is None or now - self._asked < _SECONDS:
            return False
        self._asked = now
        stamp = _stamp(self._file)
        # A file that is being replaced is not there for a moment.
        return stamp is not None and stamp != self._stamp

    def _read_file(self, file: Path) -> KeyRing:
        # The stamp comes first: what is written while the file is read counts as a change.
        self._file, self._stamp, self._asked = file, _stamp(file), monotonic()
        return KeyRing.parse_file(file.read_text(encoding="utf-8"))


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _derived(app: Flask) -> KeyRing:
    if not app.config.get("SECRET_KEY"):
        raise InvalidKey("no key: set EYOT_KEYS, or the app's SECRET_KEY", "key-missing")
    secrets = [app.config["SECRET_KEY"], *(app.config.get("SECRET_KEY_FALLBACKS") or ())]
    return KeyRing.derive([secret.encode() if isinstance(secret, str) else secret for secret in secrets])
