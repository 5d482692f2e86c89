"""``python -m shop``: serves the shop and prints where to look."""

import base64
import os
import secrets

import uvicorn

# Made for this run where none are given: shells in caches then turn stale with the next start, and heal.
os.environ.setdefault("EYOT_KEYS", base64.b64encode(secrets.token_bytes(32)).decode())
bind, port = os.environ.get("BIND", "127.0.0.1"), int(os.environ.get("PORT", "8000"))

from shop import create_app


class Server(uvicorn.Server):
    """Says when it can answer."""

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """Starts, then prints the address."""
        await super().startup(sockets)  # type: ignore[arg-type]
        print(f"http://{bind}:{port}/p/lantern", flush=True)


Server(uvicorn.Config(create_app(), host=bind, port=port, log_level="warning")).run()
