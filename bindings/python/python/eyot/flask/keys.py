"""Where an app's keys come from, and whether their file has changed since."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from .._eyot import KeyRing
from ..errors import InvalidKey

if TYPE_CHECKING:
    from flask import Flask

_SECONDS = 1.0


MISSING = (
    "no key: set EYOT_KEYS or EYOT_KEYS_FILE, in the app's configuration or the environment, or the app's SECRET_KEY, "
    "before init_app; python -m eyot keygen prints a key"
)


class KeySource:
    """The first that is there: the ``keys`` option; ``EYOT_KEYS``, then ``EYOT_KEYS_FILE``, in the app's configuration;
    the same two in the environment; ``SECRET_KEY`` with its fallbacks.
    """

    def __init__(self, app: Flask, given: str | KeyRing | None) -> None:
        self._app = app
        self._given = given
        self._file: Path | None = None
        self._stamp: tuple[int, int, int] | None = None
        self._asked = 0.0

    def exists(self) -> bool:
        """Tell whether there is a key, usable or not."""
        sources: tuple[Mapping[str, Any], ...] = (self._app.config, os.environ)
        named = any(source.get(name) for source in sources for name in ("EYOT_KEYS", "EYOT_KEYS_FILE"))
        return self._given is not None or named or bool(self._app.config.get("SECRET_KEY"))

    def read(self) -> KeyRing:
        """Read the keys; an ``InvalidKey`` says where the bad one stands."""
        self._file = None
        if self._given is not None:
            return self._given if isinstance(self._given, KeyRing) else _parsed("Islands(keys=…)", self._given)
        sources: tuple[tuple[str, Mapping[str, Any]], ...] = (
            ("app.config", self._app.config),
            ("the environment", os.environ),
        )
        for where, source in sources:
            if source.get("EYOT_KEYS"):
                return _parsed(f"EYOT_KEYS in {where}", source["EYOT_KEYS"])
            if source.get("EYOT_KEYS_FILE"):
                return self._read_file(Path(source["EYOT_KEYS_FILE"]), f"EYOT_KEYS_FILE in {where}")
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

    def _read_file(self, file: Path, where: str) -> KeyRing:
        # The stamp comes first: what is written while the file is read counts as a change.
        self._file, self._stamp, self._asked = file, _stamp(file), monotonic()
        try:
            text = file.read_text(encoding="utf-8")
        except OSError as error:
            raise InvalidKey(f"{where}: {file} cannot be read ({error.strerror})", "key-file") from error
        except UnicodeDecodeError as error:
            raise InvalidKey(f"{where}: {file} is not UTF-8", "key-file") from error
        with _naming(where):
            return KeyRing.parse_file(text)


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _derived(app: Flask) -> KeyRing:
    if not app.config.get("SECRET_KEY"):
        raise InvalidKey(MISSING, "key-missing")
    secrets = [app.config["SECRET_KEY"], *(app.config.get("SECRET_KEY_FALLBACKS") or ())]
    with _naming("SECRET_KEY with SECRET_KEY_FALLBACKS"):
        return KeyRing.derive([secret.encode() if isinstance(secret, str) else secret for secret in secrets])


def _parsed(where: str, text: str) -> KeyRing:
    with _naming(where):
        return KeyRing.parse(text)


@contextmanager
def _naming(where: str) -> Iterator[None]:
    try:
        yield
    except InvalidKey as error:
        raise InvalidKey(f"{where}: {error}", error.code) from None
