"""Shell policies by path, for apps whose framework has no routes that a decorator could mark."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ._eyot import Policy
from .errors import ConfigError

_PART = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)(:path)?\}")
# What another framework, or a regular expression, has for a part that varies: no path that is meant literally has it.
_FOREIGN = re.compile(r"[{}*<>\\^$\[\]?|]|/:|\(\?|\)[?+]")


class Table:
    """Policies by pattern: the first that fits a path counts.

    In a pattern ``{name}`` stands for one segment that is not empty, ``{name:path}`` for all that is left; anything
    else stands for itself. Paths are decoded, and begin below the mount point.
    """

    def __init__(self, policies: Mapping[str, Policy]) -> None:
        self._policies = [(_compiled(pattern), policy) for pattern, policy in policies.items()]

    def policy(self, path: str) -> Policy | None:
        """Return the policy for ``path``."""
        return next((policy for pattern, policy in self._policies if pattern.fullmatch(path)), None)


def _compiled(pattern: str) -> re.Pattern[str]:
    if not pattern.startswith("/"):
        raise ConfigError(f"shells: the pattern {pattern!r} does not begin with a slash: write '/{pattern}'", "option")
    parts, position = [], 0
    for found in _PART.finditer(pattern):
        parts.append(_literal(pattern, pattern[position : found.start()]))
        parts.append(".*" if found[2] else "[^/]+")
        position = found.end()
    return re.compile("".join([*parts, _literal(pattern, pattern[position:])]), re.DOTALL)


def _literal(pattern: str, text: str) -> str:
    if _FOREIGN.search(text):
        raise ConfigError(
            f"shells: the pattern {pattern!r} is unclear: write {{name}} for a segment, {{name:path}} for the rest",
            "option",
        )
    return re.escape(text)
