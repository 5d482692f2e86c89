"""``manage.py eyot_key``: prints a new key for ``EYOT_KEYS``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from .... import generate_key


class Command(BaseCommand):
    """Print a key."""

    help = "Prints a new key for EYOT_KEYS: 32 random bytes in base64."
    # It is called where checks fail for want of a key.
    requires_system_checks: list[str] = []  # noqa: RUF012 - as Django declares it

    def handle(self, *_: Any, **__: Any) -> None:
        """Run the command."""
        self.stdout.write(generate_key())
