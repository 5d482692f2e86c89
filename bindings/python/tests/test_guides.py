"""The guides' quick starts: each is followed as printed, in an empty folder, by its own server."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from gateways import ASKER, source

DOCS = Path(__file__).parents[3] / "docs"
STARTS = ["flask.md", "asgi.md", "wsgi.md"]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def followed(guide: str, folder: Path) -> Iterator[str]:
    """Do what the guide's first screen says, on a port that is free; gives the address that it says to open."""
    text = (DOCS / guide).read_text()
    said = re.search(
        r"Save this as `(\S+)`, run `([^`]+)`, and open\s+<http://127.0.0.1:(\d+)>:\n\n```python\n(.*?)```", text, re.S
    )
    assert said, guide
    file, command, printed, code = said.groups()
    port = free_port()
    (folder / file).write_text(code.replace(printed, str(port)))
    program, *arguments = shlex.split(command)
    start = [] if program == "python" else ["-m", program]
    ports = [] if printed in code else ["--port", str(port)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EYOT_")}
    server = subprocess.Popen(
        [sys.executable, *start, *arguments, *ports], cwd=folder, env=environment, stderr=subprocess.DEVNULL
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def answered(client: httpx.Client) -> httpx.Response:
    for _ in range(100):
        try:
            return client.get("/")
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


@pytest.mark.parametrize("guide", STARTS)
def test_a_guide_s_first_screen_runs_as_printed(guide: str, tmp_path: Path) -> None:
    with followed(guide, tmp_path) as address, httpx.Client(base_url=address) as client:
        shell = answered(client)
        assert shell.headers["Cache-Control"] == "public, max-age=0, s-maxage=600"
        island = source(shell.text, "CartCount")
        assert client.get(island, headers=ASKER).text == "<b>0 in the cart</b>"
        assert client.post("/cart", follow_redirects=True).text == shell.text
        assert client.get(island, headers=ASKER).text == "<b>1 in the cart</b>"
