"""The signal that tells of refusals."""

from django.dispatch import Signal

island_refused = Signal()
"""Sent by ``OuterMiddleware`` with the ``request`` and the :class:`Refusal` as ``refusal``."""
