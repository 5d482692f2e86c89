"""The audit of pages while debugging and in tests: what a browser would not leave as it was written."""

from __future__ import annotations

from ._eyot import Finding, audit

# The rest is advice: no fallback, a token too long for a URL.
_MISPLACED = ("placeholder-", "fallback-moved", "fallback-swallows")
_HEAD = 1024


def findings(shell: bytes, *, writes_loader: bool = True) -> list[Finding]:
    """Audit a shell. A part of a page is not audited: only where it is put in tells what a browser makes of it.

    Without ``writes_loader`` the site has a loader of its own, which may be called anything.
    """
    start = shell[:_HEAD].lower()
    if b"<!doctype" not in start and b"<html" not in start:
        return []
    return [found for found in audit(shell) if writes_loader or found.code != "loader-missing"]


def misplaced(shell: bytes) -> list[Finding]:
    """Return the findings of placeholders and fallbacks that do not stand where they were written."""
    return [found for found in findings(shell) if found.code.startswith(_MISPLACED)]


def described(found: Finding) -> str:
    """Describe a finding in one line."""
    return f"line {found.line}, column {found.column} of the shell: {found.island}: {found.message} ({found.code})"
