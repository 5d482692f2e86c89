"""eyot: server islands for Python web servers.

A page that is the same for everybody but for an avatar and a cart count belongs on a CDN. :class:`Islands` splits such
a page into a cacheable shell with placeholders, and opens the token again when the browser asks for an island.
:mod:`eyot.flask` plugs that into Flask.
"""

from __future__ import annotations

import base64
import secrets

try:
    from ._eyot import (
        LOADER_HASH,
        LOADER_MORE_HASH,
        STYLESHEET_HASH,
        Context,
        Diagnostic,
        Event,
        Exchange,
        Finding,
        Islands,
        KeyRing,
        Opened,
        Policy,
        Sent,
        WayOut,
        audit,
        encode_props,
    )
except ImportError as error:
    raise ImportError(
        f"eyot's native module cannot be loaded ({error}): install the package, pip install ./bindings/python in a "
        "copy of the repository; its folder python/eyot alone is not enough, nor is one built for another system"
    ) from error
from .errors import ConfigError, Error, EyotWarning, InvalidKey, MarkupError, PropsError, SealError, TokenError

__all__ = [
    "LOADER_HASH",
    "LOADER_MORE_HASH",
    "STYLESHEET_HASH",
    "ConfigError",
    "Context",
    "Diagnostic",
    "Error",
    "Event",
    "Exchange",
    "EyotWarning",
    "Finding",
    "InvalidKey",
    "Islands",
    "KeyRing",
    "MarkupError",
    "Opened",
    "Policy",
    "PropsError",
    "SealError",
    "Sent",
    "TokenError",
    "WayOut",
    "audit",
    "encode_props",
    "generate_key",
]


def generate_key() -> str:
    """Return a new key for ``EYOT_KEYS``: 32 random bytes in base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode()
