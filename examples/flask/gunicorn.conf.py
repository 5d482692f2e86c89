"""How the shop is served: two workers with one secret and one key ring, both made before the fork."""

import base64
import os
import secrets
from pathlib import Path

chdir = str(Path(__file__).parent)
wsgi_app = "shop:create_app()"
bind = f"{os.environ.get('BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = 2
threads = 8
control_socket_disable = True

# Each worker reads these. A worker that made its own would not open the other's tokens.
os.environ.setdefault("EYOT_KEYS", base64.b64encode(secrets.token_bytes(32)).decode())
os.environ.setdefault("SHOP_SECRET", secrets.token_hex(32))


def when_ready(_server: object) -> None:
    """Prints where to look, once the workers can answer."""
    print(f"http://{bind}/p/lantern", flush=True)
