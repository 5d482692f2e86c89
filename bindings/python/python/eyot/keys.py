"""Where an app's keys come from, and whether their file has changed since."""

from __future__ import annotations

import base64
import logging
import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from ._eyot import Event, KeyRing
from .errors import InvalidKey

_SECONDS = 1.0


def _environment() -> tuple[str, Mapping[str, Any]]:
    return "the environment", os.environ


@dataclass(frozen=True)
class Places:
    """Where a host looks for keys, in this order, and what it says when there is none.

    ``given`` is what the app's code passed. ``settings`` are mappings with ``EYOT_KEYS`` or ``EYOT_KEYS_FILE``, each
    with its name for messages. ``secrets`` returns the framework's own secrets, the current one first.
    """

    missing: str
    given: str | KeyRing | None = None
    given_name: str = "Islands(keys=…)"
    settings: Sequence[tuple[str, Mapping[str, Any]]] = field(default_factory=lambda: (_environment(),))
    secrets: Callable[[], Sequence[str | bytes]] = tuple
    secrets_name: str = "the secrets"


class KeySource:
    """Reads the keys from the first place that has some, and notices that their file has changed."""

    def __init__(self, places: Places) -> None:
        self._places = places
        # The one that was read, which may change.
        self.file: Path | None = None
        self._stamp: tuple[int, int, int] | None = None
        self._asked = 0.0
        self._thrown_away: KeyRing | None = None

    @property
    def missing(self) -> str:
        """What to say when there is no key: where one may stand, and how to make one."""
        return self._places.missing

    def exists(self) -> bool:
        """Tell whether there is a key, usable or not."""
        places = self._places
        named = any(source.get(name) for _, source in places.settings for name in ("EYOT_KEYS", "EYOT_KEYS_FILE"))
        return places.given is not None or named or bool(places.secrets())

    def read(self, *, debug: bool = False, log: Callable[[Event], object] = lambda _: None) -> KeyRing:
        """Read the keys; an ``InvalidKey`` says where the bad one stands.

        While debugging, a key that is thrown away with the process does where there is none, or a secret that can be
        guessed; ``log`` is told of it.
        """
        try:
            return self._read()
        except InvalidKey as error:
            if not debug or error.code not in ("key-missing", "secret-weak"):
                raise
            return self._temporary(error, log)

    def _temporary(self, error: InvalidKey, log: Callable[[Event], object]) -> KeyRing:
        if self._thrown_away is None:
            text = (
                f"{error}. While debugging a key that is thrown away with this process does: islands of pages from "
                "before its start load anew"
            )
            log(Event(logging.WARNING, "key-temporary", text))
            self._thrown_away = KeyRing.parse(base64.b64encode(secrets.token_bytes(32)).decode())
        return self._thrown_away

    def _read(self) -> KeyRing:
        self.file = None
        places = self._places
        if places.given is not None:
            return places.given if isinstance(places.given, KeyRing) else _parsed(places.given_name, places.given)
        for where, source in places.settings:
            if source.get("EYOT_KEYS"):
                return _parsed(f"EYOT_KEYS in {where}", source["EYOT_KEYS"])
            if source.get("EYOT_KEYS_FILE"):
                return self._read_file(Path(source["EYOT_KEYS_FILE"]), f"EYOT_KEYS_FILE in {where}")
        return self._derived()

    def have_changed(self) -> bool:
        """Tell whether the file that was read is another by now. Asks the system once a second at most."""
        if self.file is None or (now := monotonic()) - self._asked < _SECONDS:
            return False
        self._asked = now
        stamp = _stamp(self.file)
        # A file that is being replaced is not there for a moment.
        return stamp is not None and stamp != self._stamp

    def _read_file(self, file: Path, where: str) -> KeyRing:
        # The stamp comes first: what is written while the file is read counts as a change.
        self.file, self._stamp, self._asked = file, _stamp(file), monotonic()
        try:
            text = file.read_text(encoding="utf-8")
        except OSError as error:
            raise InvalidKey(f"{where}: {file} cannot be read ({error.strerror})", "key-file") from error
        except UnicodeDecodeError as error:
            raise InvalidKey(f"{where}: {file} is not UTF-8", "key-file") from error
        with _naming(where):
            return KeyRing.parse_file(text)

    def _derived(self) -> KeyRing:
        found = self._places.secrets()
        if not found:
            raise InvalidKey(self._places.missing, "key-missing")
        with _naming(self._places.secrets_name):
            return KeyRing.derive([secret.encode() if isinstance(secret, str) else secret for secret in found])


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _parsed(where: str, text: str) -> KeyRing:
    with _naming(where):
        return KeyRing.parse(text)


@contextmanager
def _naming(where: str) -> Iterator[None]:
    try:
        yield
    except InvalidKey as error:
        raise InvalidKey(f"{where}: {error}", error.code) from None
