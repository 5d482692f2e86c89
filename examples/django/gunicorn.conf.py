"""How the shop is served: two workers with one secret, one key ring and one database, all made before the fork."""

import base64
import os
import secrets
from pathlib import Path

chdir = str(Path(__file__).parent)
wsgi_app = "config.wsgi"
bind = f"{os.environ.get('BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = 2
threads = 8
control_socket_disable = True

# Each worker reads these. A worker that made its own would not open the other's tokens.
os.environ.setdefault("EYOT_KEYS", base64.b64encode(secrets.token_bytes(32)).decode())
os.environ.setdefault("SHOP_SECRET", secrets.token_hex(32))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def on_starting(_server: object) -> None:
    """Makes the database, and fills it, if it is not there yet."""
    import django
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("seed", verbosity=0)
    connections.close_all()


def when_ready(_server: object) -> None:
    """Prints where to look, once the workers can answer."""
    print(f"http://{bind}/p/lantern", flush=True)
