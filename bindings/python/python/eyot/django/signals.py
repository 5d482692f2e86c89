"""The signal of events, for apps that listen rather than name a function in the settings."""

from django.dispatch import Signal

island_event = Signal()
"""Sent with the ``request``, ``None`` outside of one, and the :class:`~eyot.Event` as ``event``: what eyot logs."""
