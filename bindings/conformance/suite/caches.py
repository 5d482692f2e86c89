"""Real caches in front of a probe: nginx and Varnish, with the configurations of `examples/cdn`."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .probes import ROOT, free_port

CDN = ROOT / "examples/cdn"


@contextmanager
def cache(kind: str, origin: int) -> Iterator[int]:
    """A cache of this kind in front of this port; the value is its own."""
    folder = Path(tempfile.mkdtemp(prefix="conformance-cache-"))
    folder.chmod(0o755)  # both read it as another user
    port = free_port()
    command = {"nginx": nginx, "varnish": varnish}[kind](folder, port, origin)
    log = open(folder / "log", "wb")  # noqa: SIM115 - it lives as long as the process
    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        wait(port, process, folder / "log")
        yield port
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def nginx(folder: Path, port: int, origin: int) -> list[str]:
    for name in ("cache", "temp"):
        (folder / name).mkdir()
    text = (CDN / "nginx.conf").read_text()
    for old, new in ((":8001", f":{origin}"), (":8002", f":{origin}"), (":8080", f":{port}")):
        text = text.replace(old, new)
    (folder / "nginx.conf").write_text(text)
    settings = "daemon off; master_process off;"
    return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr", "-g", settings]


def varnish(folder: Path, port: int, origin: int) -> list[str]:
    (folder / "site.vcl").write_text((CDN / "varnish.vcl").read_text().replace('"8000"', f'"{origin}"'))
    return [
        "varnishd",
        "-F",
        "-n",
        str(folder / "n"),
        "-a",
        f"127.0.0.1:{port}",
        "-f",
        str(folder / "site.vcl"),
        "-s",
        "malloc,16m",
    ]


def wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise OSError(f"the cache did not start: {log.read_text(errors='replace')[-300:]}")
