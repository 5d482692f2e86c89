"""The signal of events, for apps and extensions that listen rather than pass a function."""

from __future__ import annotations

from blinker import Namespace

island_event = Namespace().signal("eyot-island-event")
"""Sent with the app, and the :class:`~eyot.Event` as ``event``: what eyot logs."""
