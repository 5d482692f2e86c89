"""Under gunicorn: forked workers open each other's tokens, and raw targets and bodies arrive as they were sent."""

from __future__ import annotations

import http.client
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = """
import os
from flask import Flask, Response
from eyot.flask import Islands

app = Flask("shop")
app.config["SECRET_KEY"] = "a secret of the tests, long enough: 0123456789"
islands = Islands(app, url_limit=200)

@islands.island("Who")
def who(island):
    return f"{os.getpid()} {len(island.props.get('text', ''))}"

@app.get("/p")
@islands.shell(cdn=600)
def page():
    return "<Who server:defer server:seal=unlinkable />"

@app.get("/cut")
@islands.shell(cdn=600, stream=True)
def cut():
    return Response(iter(["<p>one", "<Who server:defer>", "two"]), mimetype="text/html")

@app.get("/long")
def long():
    return f"<Who server:defer text={'x' * 1000} />"
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("app")
    Path(folder, "shop_app.py").write_text(APP)
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--preload", "-w", "2", "-b", f"127.0.0.1:{port}", "shop_app:app"]
    server = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE)
    try:
        wait_until_it_listens(port, server)
        yield port
    finally:
        server.terminate()
        server.communicate(timeout=20)


def wait_until_it_listens(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("gunicorn did not start")


def ask(
    port: int, path: str, method: str = "GET", body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_every_worker_opens_every_token(port: int) -> None:
    workers, urls = set[str](), set[str]()
    deadline = time.monotonic() + 20
    while len(workers) < 2 and time.monotonic() < deadline:
        found = re.search('data-src="([^"]+)"', ask(port, "/p")[1])
        assert found
        urls.add(found[1])
        status, text = ask(port, found[1])
        assert status == 200
        workers.add(text.split()[0])
    assert len(workers) == 2
    assert len(urls) > 1


def test_an_escaped_name_is_no_route(port: int) -> None:
    found = re.search('data-src="([^"]+)"', ask(port, "/p")[1])
    assert found
    assert ask(port, found[1].replace("/Who/", "/%57ho/"))[0] == 404


def test_a_stream_with_a_fault_does_not_come_to_a_clean_end(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/cut")
    answer = connection.getresponse()
    assert answer.status == 200
    with pytest.raises(http.client.IncompleteRead):
        answer.read()
    connection.close()


@pytest.mark.parametrize("chunked", [False, True])
def test_a_posted_token_is_read_whole(port: int, chunked: bool) -> None:
    found = re.search('data-src="([^"]+)" data-token="([^"]+)"', ask(port, "/long")[1])
    assert found
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    body = iter([found[2].encode()]) if chunked else found[2].encode()
    connection.request("POST", found[1], body, {"Content-Type": "application/vnd.eyot.token"}, encode_chunked=chunked)
    answer = connection.getresponse()
    assert (answer.status, answer.read().decode().split()[1]) == (200, "1000")
    connection.close()


def test_a_body_over_the_limit_is_refused_however_it_is_sent(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    chunks = iter([b"A" * 10_000] * 7)
    connection.request(
        "POST", "/_server-islands/Who", chunks, {"Content-Type": "application/vnd.eyot.token"}, encode_chunked=True
    )
    assert connection.getresponse().status == 413
    connection.close()
