"""What an installed package must do without any framework: run by `packages` in an empty environment."""

from __future__ import annotations

import subprocess
import sys
import threading
from importlib.metadata import files, version
from importlib.resources import files as resources
from typing import Any

import eyot
from eyot import asgi, wsgi
from eyot.wsgi.test import assemble


def page(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "text/html")])
    return [b"<!doctype html><title>t</title></head><body><Avatar server:defer size=40 />"]


def main() -> None:
    """Ask for an island in threads, print a key, look for what must be packed."""
    made = subprocess.run([sys.executable, "-m", "eyot", "keygen"], capture_output=True, text=True, check=True)
    islands = wsgi.Islands(keys=made.stdout.strip(), shells={"/": eyot.Policy(cdn=600)})
    islands.island("Avatar")(lambda request, island: f"<b>{island.props['size']}</b>")
    app = islands(page)
    answers: list[str] = []
    threads = [threading.Thread(target=lambda: answers.append(assemble(app, "/"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    packed = {file.name for file in files("eyot") or []}
    checks = {
        "an island is answered": len(answers) == 8 and all(answer.endswith("<b>40</b>") for answer in answers),
        "the ASGI part is there": asgi.Islands.__name__ == "Islands",
        "types are packed": resources("eyot").joinpath("py.typed").is_file() and "_eyot.pyi" in packed,
        "licences are packed": {"LICENSE-MIT", "LICENSE-APACHE"} <= packed,
    }
    failed = [name for name, holds in checks.items() if not holds]
    gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    print(f"eyot {version('eyot')} on Python {sys.version.split()[0]}{'' if gil else ' without the GIL'}")
    if failed:
        sys.exit(f"not so: {', '.join(failed)}")


main()
