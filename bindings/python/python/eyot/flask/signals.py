"""The signal of refusals, for apps that listen rather than pass a function."""

from __future__ import annotations

from blinker import Namespace

island_refused = Namespace().signal("eyot-island-refused")
"""Sent with the app, and the :class:`~eyot.refusals.Refusal` as ``refusal``."""
