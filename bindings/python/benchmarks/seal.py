"""Sealing beside what Python sites seal with today: a dict of about 200 bytes of JSON, to a text that fits a URL."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from typing import Any

import eyot
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core import signing
from itsdangerous import URLSafeSerializer
from rounds import Candidate, fastest, table

KEY = "7Yp0Qm4bW9fJc2xkTn8uVhRzLs5aEoGd1tXi3qBvM6A="
SECRET = "a secret of the benchmark, long enough: 0123456789"

REQUIRED = {
    "itsdangerous URLSafeSerializer": 20.0,
    "django.core.signing": 20.0,
    "json.dumps + Fernet": 10.0,
    "json.dumps + AESGCM + base64": 4.0,
}

PLAIN: dict[str, Any] = {
    "sku": "lantern-brass-2",
    "title": "Brass lantern, second size",
    "place": 3,
    "boathouse": "Upper Lock",
    "segment": "guest",
    "in_stock": True,
    "tags": ["brass", "light", "gift"],
    "cents": 12900,
    "note": "ships in two days from the depot",
}
FLOATS: dict[str, Any] = {
    "sku": "lantern-brass-2",
    "title": "Brass lantern, second size",
    "price": 129.0,
    "weight": 1.375,
    "rating": 4.612903225806452,
    "at": [51.75222, -1.25596],
    "in_stock": True,
    "cents": 12900,
    "note": "ships in two days from the depot",
}


def candidates(props: dict[str, Any]) -> dict[str, Candidate]:
    """Return every way to seal ``props``, eyot's first."""
    islands = eyot.Islands(KEY, islands=["Product"])
    return {
        "eyot Islands.url": lambda: islands.url("Product", props),
        "eyot Islands.placeholder": lambda: islands.placeholder("Product", props),
        "itsdangerous URLSafeSerializer": _itsdangerous(props),
        "django.core.signing": _django(props),
        "json.dumps + Fernet": _fernet(props),
        "json.dumps + AESGCM + base64": _aesgcm(props),
    }


def _itsdangerous(props: dict[str, Any]) -> Callable[[], object]:
    serializer = URLSafeSerializer(SECRET)
    return lambda: serializer.dumps(props)


def _django(props: dict[str, Any]) -> Callable[[], object]:
    if not settings.configured:
        settings.configure(SECRET_KEY=SECRET)
    return lambda: signing.dumps(props)


def _fernet(props: dict[str, Any]) -> Callable[[], object]:
    fernet = Fernet(Fernet.generate_key())
    return lambda: fernet.encrypt(json.dumps(props).encode()).decode()


def _aesgcm(props: dict[str, Any]) -> Callable[[], object]:
    cipher = AESGCM(AESGCM.generate_key(256))

    def seal() -> str:
        nonce = os.urandom(12)
        sealed = nonce + cipher.encrypt(nonce, json.dumps(props).encode(), b"Product")
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    return seal


def main() -> None:
    """Print a table for each dict."""
    for title, props in (("strings, integers, booleans", PLAIN), ("floats among them", FLOATS)):
        table(f"seal {len(eyot.encode_props(props))} bytes: {title}", fastest(candidates(props)), REQUIRED)


if __name__ == "__main__":
    main()
