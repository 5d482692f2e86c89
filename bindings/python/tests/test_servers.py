"""Under real servers: forked workers open each other's tokens, raw targets and bodies arrive as they were sent."""

from __future__ import annotations

import http.client
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
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


BIND = "127.0.0.1:{port}"
GUNICORN = [sys.executable, "-m", "gunicorn", "--preload", "-w", "2", "-b", BIND]
SERVERS = {
    "gunicorn": [*GUNICORN, "shop_app:app"],
    "gevent": [*GUNICORN, "-k", "gevent", "shop_app:app"],
    "uwsgi": [
        *(str(Path(sys.executable).with_name("uwsgi")), "--http-socket", BIND, "--module", "shop_app:app"),
        *("--master", "--processes", "2", "--threads", "4", "--die-on-term", "--need-app", "--virtualenv", sys.prefix),
    ],
}


@contextmanager
def serving(folder: Path, source: str, command: list[str]) -> Iterator[int]:
    """Serve an app while a test asks it, and stop the server then."""
    Path(folder, "shop_app.py").write_text(source)
    port = free_port()
    server = subprocess.Popen([part.format(port=port) for part in command], cwd=folder, stderr=subprocess.PIPE)
    try:
        wait_until_it_listens(port, server)
        yield port
    finally:
        server.terminate()
        server.communicate(timeout=20)


@pytest.fixture(scope="module", params=list(SERVERS))
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with serving(tmp_path_factory.mktemp("app"), APP, SERVERS[request.param]) as port:
        yield port


@pytest.fixture(scope="module")
def gunicorn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with serving(tmp_path_factory.mktemp("app"), APP, SERVERS["gunicorn"]) as port:
        yield port


def wait_until_it_listens(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server did not start")


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
        found = re.search('island-src="([^"]+)"', ask(port, "/p")[1])
        assert found
        urls.add(found[1])
        status, text = ask(port, found[1])
        assert status == 200
        workers.add(text.split()[0])
    assert len(workers) == 2
    assert len(urls) > 1


def test_an_escaped_name_is_no_route(port: int) -> None:
    found = re.search('island-src="([^"]+)"', ask(port, "/p")[1])
    assert found
    assert ask(port, found[1].replace("/Who/", "/%57ho/"))[0] == 404


def test_a_stream_with_a_fault_does_not_come_to_a_clean_end(gunicorn: int) -> None:
    cut_short(gunicorn)


def cut_short(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/cut")
    answer = connection.getresponse()
    assert answer.status == 200
    with pytest.raises(http.client.IncompleteRead):
        answer.read()
    connection.close()


def test_a_posted_token_is_read_whole(port: int) -> None:
    posted(port, chunked=False)


# uWSGI gives a chunked body in another way than others, so that eyot does not wait for it.
def test_a_token_that_is_posted_in_chunks_is_read_whole(gunicorn: int) -> None:
    posted(gunicorn, chunked=True)


def posted(port: int, *, chunked: bool) -> None:
    found = re.search('island-src="([^"]+)" island-token="([^"]+)"', ask(port, "/long")[1])
    assert found
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    body = iter([found[2].encode()]) if chunked else found[2].encode()
    connection.request("POST", found[1], body, {"Content-Type": "application/vnd.eyot.token"}, encode_chunked=chunked)
    answer = connection.getresponse()
    assert (answer.status, answer.read().decode().split()[1]) == (200, "1000")
    connection.close()


def test_a_body_over_the_limit_is_refused_however_it_is_sent(gunicorn: int) -> None:
    too_much(gunicorn)


def too_much(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    chunks = iter([b"A" * 10_000] * 7)
    connection.request(
        "POST", "/_server-islands/Who", chunks, {"Content-Type": "application/vnd.eyot.token"}, encode_chunked=True
    )
    assert connection.getresponse().status == 413
    connection.close()


# -- uvicorn --

ASGI_APP = """
import asyncio
from eyot import Policy
from eyot.asgi import Islands

islands = Islands(
    keys="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", shells={"/cut": Policy(cdn=600, stream=True)}, url_limit=200
)
left = []

@islands.island("Who")
async def who(request, island):
    return f"0 {len(island.props.get('text', ''))}"

@islands.island("Slow")
async def slow(request, island):
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        left.append("left")
        raise

PAGES = {
    "/p": ["<Who server:defer />"],
    "/slow": ["<Slow server:defer />"],
    "/cut": ["<p>one", "<Who server:defer>", "two"],
    "/long": ["<Who server:defer text=", "x" * 1000, " />"],
}

async def pages(scope, receive, send):
    chunks = PAGES.get(scope["path"], left)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
    for chunk in chunks:
        await send({"type": "http.response.body", "body": chunk.encode(), "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})

app = islands(pages)
"""


@pytest.fixture(scope="module")
def uvicorn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    command = [sys.executable, "-m", "uvicorn", "--port", "{port}", "--lifespan", "off", "shop_app:app"]
    with serving(tmp_path_factory.mktemp("app"), ASGI_APP, command) as port:
        yield port


def test_uvicorn_s_raw_paths_and_bodies_arrive_as_they_were_sent(uvicorn: int) -> None:
    found = re.search('island-src="([^"]+)"', ask(uvicorn, "/p")[1])
    assert found
    assert ask(uvicorn, found[1]) == (200, "0 0")
    assert ask(uvicorn, found[1].replace("/Who/", "/%57ho/"))[0] == 404
    for chunked in (False, True):
        posted(uvicorn, chunked=chunked)
    too_much(uvicorn)


def test_uvicorn_cuts_a_stream_with_a_fault(uvicorn: int) -> None:
    cut_short(uvicorn)


def test_uvicorn_s_handlers_are_cancelled_when_their_client_goes_away(uvicorn: int) -> None:
    found = re.search('island-src="([^"]+)"', ask(uvicorn, "/slow")[1])
    assert found
    connection = http.client.HTTPConnection("127.0.0.1", uvicorn, timeout=20)
    connection.request("GET", found[1])
    connection.sock.settimeout(0.5)
    with pytest.raises(TimeoutError):
        connection.sock.recv(1)
    connection.close()
    deadline = time.monotonic() + 20
    while ask(uvicorn, "/left")[1] != "left":
        assert time.monotonic() < deadline
        time.sleep(0.05)
