"""The exceptions: one class for each kind of failure, a stable code for each failure; and the warnings' category."""

from __future__ import annotations


class Error(Exception):
    """What every exception of this package is.

    ``code`` is stable, ``line`` and ``column`` (from 1) say where in the page, if the error has a place. The text
    holds no key, token or prop value, so it can be logged as it is.
    """

    code: str
    line: int | None
    column: int | None

    def __init__(self, message: str, code: str = "error", line: int | None = None, column: int | None = None) -> None:
        super().__init__(message, code, line, column)
        self.code = code
        self.line = line
        self.column = column

    def __str__(self) -> str:
        return str(self.args[0])


class ConfigError(Error):
    """A name or an option that cannot be used."""


class InvalidKey(Error):
    """A key that is missing, damaged or can be guessed."""


class PropsError(Error):
    """Props or slots that cannot travel: the text names the prop's path."""


class MarkupError(Error):
    """A page that cannot be split; ``line`` and ``column`` say where."""


class SealError(Error):
    """A token that cannot be made: too much content, an expiry out of range, no randomness."""


class TokenError(Error):
    """A token that does not open; ``code`` says why, for the log alone."""


class EyotWarning(UserWarning):
    """What is no error and that a test should show: a browser does not leave a page as it was written."""
