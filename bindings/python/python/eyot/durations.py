"""Times as options take them: seconds, a ``timedelta``, or a text such as ``"10m"``, ``"2h"``, ``"1d"``."""

from __future__ import annotations

from datetime import timedelta

Duration = int | str | timedelta
