"""Guards: decorators that let only signed-in visitors in, found around a view whose policy shows it nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

# What decorators of this kind are called, in extensions and in apps' own code.
_NAMES = re.compile(r"(login|auth\w*|jwt|token|permissions?|roles?|fresh_login)_(required|accepted)|requires?(_\w+)?$")
_MODULES = (
    "flask_login",
    "flask_security",
    "flask_jwt_extended",
    "flask_httpauth",
    "quart_auth",
    "starlette.authentication",
)


def guard(view: Any) -> str | None:
    """Return the name of the guard around a view, if one is there."""
    for layer in _layers(view):
        code = layer.__code__
        # Python 3.11 and later; before, only what is known by its module is found.
        maker: str = getattr(code, "co_qualname", code.co_name).partition(".<locals>")[0].rpartition(".")[2]
        module = layer.__globals__.get("__name__", "")
        if maker != code.co_name and _NAMES.fullmatch(maker):
            return maker
        if module.startswith(_MODULES) and layer is not view:
            return str(module)
    return None


def described(where: str, found: str) -> str:
    """Say what is wrong with a guard below a policy."""
    return (
        f"{where} has a shell policy and {found}: under a policy it sees no cookie, so nobody gets in. Take the policy "
        "off, or take the guard off and put what it guards into an island whose handler has it"
    )


def _layers(view: Any) -> Iterator[Any]:
    while view is not None:
        if hasattr(view, "__code__"):
            yield view
        view = getattr(view, "__wrapped__", None)
