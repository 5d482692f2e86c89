"""ASGI: both stations around plain apps, FastAPI, Starlette, Litestar and Quart; and what goes wrong."""

from __future__ import annotations

import asyncio
import gzip
import re
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

import eyot
import httpx
import jinja2
import pytest
from eyot import Policy
from eyot.asgi import Island, Islands, Request
from eyot.asgi.test import aask, aassemble, ask, assemble, assert_shell
from fastapi import APIRouter, Cookie, Depends, FastAPI
from fastapi import Request as FastApiRequest
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from gateways import ASKER, KEYS, PAGE, source
from litestar import Litestar, MediaType, get
from litestar import Request as LitestarRequest
from litestar.di import NamedDependency, Provide
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.testing import TestClient as LitestarClient
from quart import Quart, session
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request as StarletteRequest
from starlette.responses import FileResponse, JSONResponse
from starlette.routing import Mount, Route, Router, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket

HTML = [(b"content-type", b"text/html; charset=utf-8")]
POST = {**ASKER, "Content-Type": "application/vnd.eyot.token"}
SECRET = "a secret of the tests, long enough: 0123456789"


def client(app: Any, **options: Any) -> TestClient:
    return TestClient(app, raise_server_exceptions=False, **options)


def answering(*chunks: str | bytes, headers: Any = HTML, status: int = 200, seen: list[Any] | None = None) -> Any:
    """An app that says one thing, in one message for each chunk, and notes the scopes that it sees."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        if seen is not None:
            seen.append(scope)
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        for index, chunk in enumerate(chunks):
            body = chunk.encode() if isinstance(chunk, str) else chunk
            await send({"type": "http.response.body", "body": body, "more_body": index + 1 < len(chunks)})

    return app


@pytest.fixture
def islands() -> Islands:
    made = Islands(keys=KEYS, shells={"/p/{sku}": Policy(cdn=600)})

    @made.island("Avatar")
    async def avatar(request: Request, island: Island[Any]) -> str:
        return f"<img alt={request.cookies.get('user', 'stranger')} width={island.props.get('size')}>"

    return made


def island(app: Any, name: str = "Avatar", page: str = "/", **headers: str) -> Any:
    """Ask for an island that the page at ``page`` holds."""
    asker = client(app)
    return asker.get(source(asker.get(page).text, name), headers={**ASKER, **headers})


# -- pages and islands --


def test_the_loader_in_the_page_and_links_are_options() -> None:
    islands = Islands(keys=KEYS, inline_loader=True, preload=True)
    islands.island("Avatar")(lambda request, island: "x")
    shell = client(islands.inner(answering(PAGE, headers=HTML))).get("/").text
    assert '<link rel="preload" as="fetch" crossorigin href="/_server-islands/Avatar/' in shell
    assert '<script data-eyot="loader.v1.js" data-base="/_server-islands">' in shell


def test_a_page_is_split_and_its_island_is_answered(islands: Islands) -> None:
    app = islands(answering(PAGE, headers=[*HTML, (b"content-length", str(len(PAGE.encode())).encode())]))
    shell = client(app).get("/")
    assert "<i>…</i></server-island>" in shell.text
    assert int(shell.headers["content-length"]) == len(shell.content)
    answer = island(app, Cookie="user=ada")
    assert answer.text == "<img alt=ada width=40>"
    assert (answer.headers["island"], answer.headers["cache-control"]) == ("Avatar", "private, no-store")


def test_what_is_no_html_passes_message_by_message(islands: Islands) -> None:
    sent: list[Any] = []
    run(islands(answering("a", PAGE, headers=[(b"content-type", b"text/plain")])), sent)
    assert [message.get("body") for message in sent] == [None, b"a", PAGE.encode()]


@pytest.mark.parametrize(
    ("answer", "status", "text"),
    [
        (b"<b>bytes</b>", 200, "<b>bytes</b>"),
        ((404, {"X-A": "b"}, "gone"), 404, "gone"),
        (None, 500, "internal server error\n"),
        ({"a": 1}, 500, "internal server error\n"),
        (HTMLResponse("<b>response</b>"), 200, "<b>response</b>"),
        (StreamingResponse(iter(["<b>", "stream</b>"]), media_type="text/html"), 200, "<b>stream</b>"),
        (RedirectResponse("/login"), 204, ""),
    ],
)
@pytest.mark.parametrize("is_async", [False, True])
def test_a_handler_answers_in_each_of_these_ways(
    islands: Islands, caplog: pytest.LogCaptureFixture, answer: Any, status: int, text: str, is_async: bool
) -> None:
    async def later(request: Request, island: Any) -> Any:
        return answer

    islands.island("Other")(later if is_async else lambda request, island: answer)
    got = island(islands(answering("<Other server:defer />")), "Other")
    if not (isinstance(answer, StreamingResponse) and is_async):
        assert (got.status_code, got.text) == (status, text)
    assert ("island" in got.headers) == (status in (200, 204))
    if isinstance(answer, dict):
        assert 'the handler answered "application/json"' in caplog.text
    elif status == 500:
        assert "'Other' returned" in caplog.text
        assert "return its HTML as str or bytes" in caplog.text


def test_a_handler_that_raises_is_logged_and_kept_nowhere(islands: Islands, caplog: pytest.LogCaptureFixture) -> None:
    @islands.island("Fails")
    async def fails(request: Any, island: Any) -> str:
        raise ConnectionError("no boathouse")

    got = island(islands(answering("<Fails server:defer />")), "Fails")
    assert (got.status_code, got.headers["cache-control"]) == (500, "no-store")
    assert "no boathouse" in caplog.text


def test_a_handler_that_blocks_runs_in_a_thread(islands: Islands) -> None:
    threads = set()

    @islands.island("Slow")
    def slow(request: Any, island: Any) -> str:
        threads.add(threading.current_thread())
        return str(islands.placeholder("Avatar"))

    async def page(scope: Any, receive: Any, send: Any) -> None:
        threads.add(threading.current_thread())
        await answering("<Slow server:defer />")(scope, receive, send)

    assert "island-src" in island(islands(page), "Slow").text
    assert len(threads) >= 2


def test_islands_within_an_island_are_split_and_assembled(islands: Islands) -> None:
    islands.island("Outer")(lambda request, island: "<b><Avatar server:defer size=1 /></b>")
    asker = client(islands(answering("<Outer server:defer />")))
    assert assemble(asker, asker.get("/")).endswith("<b><img alt=stranger width=1></b>")


def test_an_async_client_assembles_too(islands: Islands) -> None:
    islands.island("Long")(lambda request, island: str(len(island.props["text"])))

    async def assembled() -> str:
        transport = httpx.ASGITransport(app=islands(answering(f"<Long server:defer text={'x' * 5000} />")))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as asker:
            return await aassemble(asker, await asker.get("/"))

    assert asyncio.run(assembled()).endswith("5000")


def test_a_long_token_is_posted_and_its_handler_answers_a_get(islands: Islands) -> None:
    @islands.island("Long")
    async def long(request: Request, island: Any) -> str:
        message = await request.receive()
        return f"{len(island.props['text'])} {request.scope['method']} {message['body']!r}"

    asker = client(islands(answering(f"<Long server:defer text={'x' * 5000} />")))
    assert assemble(asker, asker.get("/")).endswith("5000 GET b''")


@pytest.mark.parametrize("path", ["/m/p", "/p"])
def test_urls_are_below_the_mount_point_whether_the_path_has_it_or_a_proxy_took_it_off(
    islands: Islands, path: str
) -> None:
    asker = client(islands(answering(PAGE)), root_path="/m")
    shell = asker.get(path)
    assert 'island-src="/m/_server-islands/Avatar/' in shell.text
    url = source(shell.text).removeprefix("" if path == "/m/p" else "/m")
    assert asker.get(url, headers=ASKER).status_code == 200


@pytest.mark.parametrize("mount", ["//evil.example", "/a//b", "/a/../b"])
def test_a_mount_point_that_urls_cannot_begin_with_is_a_400(islands: Islands, mount: str) -> None:
    answer = client(islands(answering(PAGE)), root_path=mount).get("/p")
    assert (answer.status_code, answer.headers["cache-control"]) == (400, "no-store")


def test_an_escaped_name_is_no_route(islands: Islands) -> None:
    asker = client(islands(answering(PAGE)))
    url = source(asker.get("/").text)
    assert asker.get(url.replace("/Avatar/", "/%41vatar/"), headers=ASKER).status_code == 404


def test_the_page_s_path_is_escaped_as_in_the_address_bar(islands: Islands) -> None:
    islands.island("Where")(lambda request, island: island.page.path)
    asker = client(islands(answering("<Where server:defer server:page />")))
    assert assemble(asker, asker.get("/ü%2fx?q=1")).endswith("/%C3%BC%2fx")


def test_websockets_and_lifespan_are_the_app_s(islands: Islands) -> None:
    begun = []

    async def echo(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(await socket.receive_text())
        await socket.close()

    async def lifespan(app: Any) -> AsyncIterator[None]:
        begun.append(True)
        yield

    from contextlib import asynccontextmanager

    inside = Starlette(routes=[WebSocketRoute("/_server-islands/x", echo)], lifespan=asynccontextmanager(lifespan))
    with client(islands(inside)) as asker, asker.websocket_connect("/_server-islands/x") as socket:
        socket.send_text("hello")
        assert socket.receive_text() == "hello"
    assert begun == [True]


# -- shells --


def test_a_shell_s_view_sees_no_visitor_and_caches_may_keep_it(islands: Islands) -> None:
    seen: list[Any] = []
    asker = client(islands(answering(PAGE, seen=seen)))
    hidden = {"Cookie": "user=ada", "Accept-Encoding": "gzip", "Range": "bytes=0-1"}
    assert asker.get("/p/rope?a=b&island-fresh=1", headers=hidden).headers["cache-control"] == "no-store"
    assert seen[0]["query_string"] == b"a=b"
    assert not {name.lower().encode() for name in hidden} & {name for name, _ in seen[0]["headers"]}
    shell = asker.get("/p/rope", headers=hidden)
    assert shell.headers["cache-control"] == "public, max-age=0, s-maxage=600"
    again = asker.get("/p/rope", headers={"If-None-Match": shell.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "cache-control" not in asker.get("/q/rope").headers


def test_head_says_of_a_shell_what_get_says(islands: Islands) -> None:
    asker = client(islands(answering(PAGE)))
    get, head = asker.get("/p/rope"), asker.head("/p/rope")
    assert (dict(head.headers), head.content) == (dict(get.headers), b"")


@pytest.mark.parametrize("debug", [False, True])
def test_a_leak_is_shown_while_debugging_and_never_kept(debug: bool, caplog: pytest.LogCaptureFixture) -> None:
    islands = Islands(keys=KEYS, shells={"/{all...}": Policy(cdn=600)}, debug=debug)
    shell = client(islands(answering("<p>", headers=[*HTML, (b"set-cookie", b"a=b")]))).get("/x")
    assert ("not the same for everybody" in shell.text) == debug
    assert "no-store" in shell.headers["cache-control"]
    assert "leak-cookie" in caplog.text


# -- streams --


def run(
    app: Any, sent: list[Any], path: str = "/", receive: Callable[[], Awaitable[Any]] | None = None, **more: Any
) -> None:
    """Call an app and note what it sends."""
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"shop.test"), *((k.lower().encode(), v.encode()) for k, v in ASKER.items())],
        **more,
    }

    async def waiting() -> Any:
        await asyncio.Event().wait()

    async def note(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive or waiting, note))


def test_a_streamed_page_is_split_message_by_message(islands: Islands) -> None:
    sent: list[Any] = []
    when: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [*HTML, (b"etag", b'"a"')]})
        for chunk in (b"<p>one</p>", b"<Ava", b"tar server:defer ", b"/><p>two</p>"):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            when.append(len(sent))
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    run(islands(app), sent)
    assert when == [2, 2, 2, 3]
    assert sent[0]["headers"] == HTML
    assert [message["more_body"] for message in sent[1:]] == [True, True, False]
    assert sent[2]["body"].endswith(b"</server-island><p>two</p>")


def test_a_page_of_known_length_is_no_stream_however_it_is_sent(islands: Islands) -> None:
    sent: list[Any] = []
    run(islands(answering(PAGE[:40], PAGE[40:], headers=[*HTML, (b"content-length", b"120")])), sent)
    assert len(sent) == 2
    assert dict(sent[0]["headers"])[b"content-length"] == str(len(sent[1]["body"])).encode()


@pytest.mark.parametrize("debug", [False, True])
def test_a_faulty_stream_under_a_policy_is_cut(debug: bool, caplog: pytest.LogCaptureFixture) -> None:
    islands = Islands(keys=KEYS, shells={"/": Policy(cdn=600, stream=True)}, debug=debug)
    sent: list[Any] = []
    with pytest.raises(eyot.Error, match="Avatar"):
        run(islands(answering("<p>one", "<Avatar server:defer />", "two")), sent)
    assert all(message.get("more_body", True) for message in sent)
    assert dict(sent[0]["headers"])[b"cache-control"].startswith(b"public")
    assert "/: line 1, column 7" in caplog.text


UTF_16 = '<p>one<Avatar server:defer secret="1" />'.encode("utf-16")


def test_a_stream_in_utf_16_with_a_directive_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    islands = Islands(keys=KEYS)
    answer = client(islands(answering(UTF_16[:1], UTF_16[1:9], UTF_16[9:]))).get("/")
    assert answer.content == UTF_16
    assert "page-encoding" in caplog.text


def test_a_stream_in_utf_16_with_a_directive_is_cut_under_a_policy(caplog: pytest.LogCaptureFixture) -> None:
    islands = Islands(keys=KEYS, shells={"/": Policy(cdn=600, stream=True)})
    sent: list[Any] = []
    with pytest.raises(eyot.MarkupError, match="UTF-8"):
        run(islands(answering(UTF_16[:9], UTF_16[9:])), sent)
    assert all(message.get("more_body", True) for message in sent)
    assert b"".join(message.get("body", b"") for message in sent) != UTF_16


def test_a_streamed_shell_is_buffered_and_judged_as_a_whole(islands: Islands) -> None:
    sent: list[Any] = []
    run(islands(answering("<p>one", "<Avatar server:defer />", "two")), sent, "/p/rope")
    assert len(sent) == 2
    assert b"etag" in dict(sent[0]["headers"])


def test_a_file_does_not_go_past_the_split(islands: Islands, tmp_path: Any) -> None:
    file = tmp_path / "page.html"
    file.write_text(PAGE)
    asker = client(islands(FileResponse(file)))
    shell = asker.get("/")
    assert "</server-island>" in shell.text
    assert not {"etag", "last-modified", "accept-ranges"} & shell.headers.keys()
    whole = asker.get("/", headers={"Range": "bytes=60-80"})
    assert (whole.status_code, whole.text) == (200, shell.text)


def test_a_file_without_islands_passes_with_its_validators_and_ranges(islands: Islands, tmp_path: Any) -> None:
    file = tmp_path / "page.html"
    file.write_text("<!doctype html><title>t</title>")
    asker = client(islands(FileResponse(file)))
    part = asker.get("/", headers={"Range": "bytes=2-8"})
    assert (part.status_code, part.text) == (206, "doctype")
    assert {"etag", "last-modified", "accept-ranges"} <= asker.get("/").headers.keys()
    # A changed file is read again.
    file.write_text(PAGE)
    assert asker.get("/", headers={"Range": "bytes=2-8"}).status_code == 200


def test_several_ranges_of_a_page_are_the_whole_page(islands: Islands, tmp_path: Any) -> None:
    file = tmp_path / "page.html"
    file.write_text(PAGE)
    whole = client(islands(FileResponse(file))).get("/", headers={"Range": "bytes=0-9,60-90"})
    assert (whole.status_code, "server:defer" in whole.text) == (200, False)
    assert "</server-island>" in whole.text


def test_a_server_sends_a_file_by_itself_once_it_is_known_to_hold_no_island(islands: Islands, tmp_path: Any) -> None:
    file = tmp_path / "page.html"
    file.write_text("<p>nothing to split")
    app = islands(FileResponse(file))

    def sent() -> list[str]:
        messages: list[Any] = []
        run(app, messages, "/", None, extensions={"http.response.pathsend": {}})
        return [message["type"].removeprefix("http.response.") for message in messages]

    assert [sent(), sent()] == [["start", "body"], ["start", "pathsend"]]
    file.write_text(PAGE)
    assert sent() == ["start", "body"]


# -- clients that go away --


def left_while_working(islands: Islands, app: Any, url: str, working: asyncio.Event) -> None:
    """Ask for an island and go away as soon as its handler is at work."""
    asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Any:
        for message in asked:
            return message
        await working.wait()
        return {"type": "http.disconnect"}

    run(app, [], url, receive)


def test_a_handler_whose_client_goes_away_is_cancelled(islands: Islands) -> None:
    working, ended = asyncio.Event(), []

    @islands.island("Slow")
    async def slow(request: Any, island: Any) -> str:
        working.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise
        return "too late"

    app = islands(answering("<Slow server:defer />"))
    left_while_working(islands, app, source(client(app).get("/").text, "Slow"), working)
    assert ended == ["cancelled"]


def test_a_handler_that_shields_itself_is_told_that_its_client_went_away(islands: Islands) -> None:
    working, told = asyncio.Event(), []

    @islands.island("Slow")
    async def slow(request: Request, island: Any) -> str:
        working.set()
        try:
            await asyncio.sleep(60)
        finally:
            assert (await request.receive())["type"] == "http.request"
            told.append((await request.receive())["type"])

        return "too late"

    app = islands(answering("<Slow server:defer />"))
    left_while_working(islands, app, source(client(app).get("/").text, "Slow"), working)
    assert told == ["http.disconnect"]


def test_what_is_done_after_the_answer_is_not_cancelled(islands: Islands) -> None:
    answered, done = asyncio.Event(), []

    async def later() -> None:
        answered.set()
        await asyncio.sleep(0.05)
        done.append("done")

    islands.island("Later")(lambda request, island: HTMLResponse("x", background=BackgroundTask(later)))
    app = islands(answering("<Later server:defer />"))
    left_while_working(islands, app, source(client(app).get("/").text, "Later"), answered)
    assert done == ["done"]


def test_a_client_s_own_cancellation_reaches_the_handler(islands: Islands) -> None:
    ended = []

    @islands.island("Slow")
    async def slow(request: Any, island: Any) -> str:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("ended")
        return "too late"

    app = islands(answering("<Slow server:defer />"))

    async def timed_out() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop.test") as asker:
            url = source((await asker.get("/")).text, "Slow")
            await asyncio.wait_for(asker.get(url, headers=ASKER), 0.1)

    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(timed_out())
    assert ended == ["ended"]


# -- what goes wrong --


@pytest.mark.parametrize(("debug", "shown"), [(False, "rest"), (True, "cannot be split")])
def test_a_faulty_page_is_shown_while_debugging_and_kept_nowhere(
    debug: bool, shown: str, caplog: pytest.LogCaptureFixture
) -> None:
    islands = Islands(keys=KEYS, debug=debug, shells={"/": Policy(cdn=600)})
    answer = client(islands(answering("<p><Avatr server:defer></Avatr>rest"))).get("/")
    assert shown in answer.text
    assert "no-store" in answer.headers["cache-control"]
    assert debug or "(name-unknown)" in caplog.text


def test_what_compresses_below_a_shell_is_not_asked_to(islands: Islands) -> None:
    page = "<p>" + "x" * 2000 + PAGE
    asker = client(islands(GZipMiddleware(answering(page))))
    shell = asker.get("/p/rope", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in shell.headers
    assert "</server-island>" in shell.text


def test_a_page_that_is_compressed_all_the_same_is_no_shell(islands: Islands, caplog: pytest.LogCaptureFixture) -> None:
    packed = answering(b"packed", headers=[*HTML, (b"content-encoding", b"x-own")])
    answer = client(islands(packed)).get("/p/rope")
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.content == b"packed"
    assert "compressed already (x-own); compress outside of eyot" in caplog.text


def test_a_page_that_is_compressed_all_the_same_is_undone_and_split(islands: Islands) -> None:
    packed = answering(gzip.compress(PAGE.encode()), headers=[*HTML, (b"content-encoding", b"gzip")])
    answer = client(islands(packed)).get("/p/rope")
    assert answer.headers["cache-control"] == "public, max-age=0, s-maxage=600"
    assert "content-encoding" not in answer.headers
    assert "</server-island>" in answer.text


@pytest.mark.parametrize("length", [None, str(1 << 20)])
def test_a_body_without_end_is_read_up_to_the_limit(islands: Islands, length: str | None) -> None:
    read = []

    def endless() -> Any:
        while True:
            read.append(1000)
            yield b"A" * 1000

    scope_headers = {**POST, **({"Content-Length": length} if length else {})}
    messages = endless()

    async def receive() -> Any:
        return {"type": "http.request", "body": next(messages), "more_body": True}

    sent: list[Any] = []

    async def note(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/_server-islands/Avatar",
        "query_string": b"",
        "headers": [(b"host", b"a"), *((k.lower().encode(), v.encode()) for k, v in scope_headers.items())],
    }
    asyncio.run(islands(answering(PAGE))(scope, receive, note))
    assert sent[0]["status"] == 413
    assert sum(read) <= 66000


def test_a_missing_key_is_said_at_start_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EYOT_KEYS", raising=False)
    islands = Islands()
    app = Starlette(middleware=[Middleware(islands.outer), Middleware(islands.inner)])
    with pytest.raises(eyot.InvalidKey, match="no key: set EYOT_KEYS or EYOT_KEYS_FILE"), TestClient(app):
        pass


def test_an_island_that_no_inner_station_saw_says_so(islands: Islands, caplog: pytest.LogCaptureFixture) -> None:
    url = source(client(islands(answering(PAGE))).get("/").text)
    half = islands.outer(answering("no", status=404))
    assert client(half).get(url, headers=ASKER).status_code == 404
    assert "without the inner station" in caplog.text


def test_a_policy_of_a_view_whose_app_is_not_mounted_is_said(islands: Islands) -> None:
    islands.shell(cdn=600)(lambda: "page")
    with pytest.raises(eyot.ConfigError, match=r"no app is mounted.*: call islands.mount\(app\)"):
        TestClient(islands(answering(PAGE))).get("/")


def test_no_trailers_follow_a_page_that_is_split(islands: Islands) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": HTML, "trailers": True})
        await send({"type": "http.response.body", "body": PAGE.encode(), "more_body": False})
        await send({"type": "http.response.trailers", "headers": [(b"content-digest", b"old")], "more_trailers": False})

    sent: list[Any] = []
    run(islands(app), sent)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert sent[0]["trailers"] is False


def test_language_and_audience_are_functions_of_the_scope() -> None:
    islands = Islands(keys=KEYS, lang=lambda scope: "de", audience=lambda scope: str(dict(scope["headers"])[b"host"]))
    islands.island("Where")(lambda request, island: island.page.lang)
    asker = client(islands(answering("<Where server:defer server:page />")))
    assert assemble(asker, asker.get("/")).endswith("de")
    url = source(asker.get("/").text, "Where")
    assert asker.get(url, headers={**ASKER, "Host": "other.test"}).status_code == 400


def test_a_name_registered_twice_is_refused(islands: Islands) -> None:
    with pytest.raises(eyot.ConfigError, match="'Avatar' has a handler already: remove one of the two"):
        islands.island("Avatar")(lambda request, island: "")


def test_islands_cannot_be_mounted_on_what_has_no_routes(islands: Islands) -> None:
    with pytest.raises(eyot.ConfigError, match="cannot be mounted on function: pass the app of FastAPI"):
        islands.mount(answering(""))


# -- FastAPI --


@dataclass
class Size:
    size: int


def stack(islands: Islands) -> list[Any]:
    return [Middleware(islands.outer), Middleware(SessionMiddleware, secret_key=SECRET), Middleware(islands.inner)]


@pytest.fixture
def shop() -> tuple[FastAPI, Islands]:
    islands = Islands(keys=KEYS)
    app = FastAPI(middleware=stack(islands))
    islands.mount(app)
    return app, islands


async def closed() -> None:
    raise ConnectionError("no boathouse")


async def visitor(request: FastApiRequest) -> str:
    return str(request.session.get("user", "stranger"))


def test_whatever_fastapi_injects_is_injected_into_a_handler(shop: tuple[FastAPI, Islands]) -> None:
    app, islands = shop

    @islands.island("Avatar", props=Size)
    async def avatar(
        island: Island[Size], user: Annotated[str, Depends(visitor)], seen: Annotated[str | None, Cookie()] = None
    ) -> str:
        return f"{user} {island.props.size + 1} {seen}"

    page = PAGE.replace('size="40"', "server:props='{\"size\":40}'")

    @app.get("/", response_class=HTMLResponse)
    def home() -> str:
        return page

    @app.get("/login")
    def login(request: FastApiRequest) -> str:
        request.session["user"] = "ada"
        return "ok"

    asker = client(app)
    assert assemble(asker, asker.get("/")).endswith("stranger 41 None")
    asker.cookies.set("seen", "yes")
    asker.get("/login")
    assert assemble(asker, asker.get("/")).endswith("ada 41 yes")
    assert island(app).headers["island"] == "Avatar"
    app.dependency_overrides[visitor] = lambda: "bram"
    assert assemble(asker, asker.get("/")).endswith("bram 41 yes")
    assert "Avatar" not in asker.get("/openapi.json").text


def test_a_blocking_handler_of_fastapi_runs_in_a_thread(shop: tuple[FastAPI, Islands]) -> None:
    app, islands = shop
    islands.island("Avatar")(lambda: threading.current_thread().name)
    app.get("/", response_class=HTMLResponse)(lambda: PAGE)
    assert "AnyIO" in island(app).text


def test_a_policy_on_a_path_operation_holds_for_included_routers_and_their_prefixes(
    shop: tuple[FastAPI, Islands],
) -> None:
    app, islands = shop
    router = APIRouter()

    @router.get("/p/{sku}", response_class=HTMLResponse)
    @islands.shell(cdn=600, swr=60)
    async def product(sku: str, request: FastApiRequest) -> str:
        assert not request.session
        return f"{sku} {request.headers.get('cookie')}"

    @router.get("/cart")
    async def cart() -> str:
        return "mine"

    app.include_router(router, prefix="/shop")
    asker = client(app)
    for method in ("GET", "HEAD"):
        shell = asker.request(method, "/shop/p/rope", headers={"Cookie": "session=x"})
        assert shell.headers["cache-control"] == "public, max-age=0, s-maxage=600, stale-while-revalidate=60"
    assert asker.get("/shop/p/rope").text == "rope None"
    assert "cache-control" not in asker.get("/shop/cart").headers


def test_a_view_of_a_mounted_app_can_be_exempt_from_the_html_pass(shop: tuple[FastAPI, Islands]) -> None:
    app, islands = shop
    islands.island("Avatar")(lambda: "x")

    @app.post("/raw", response_class=HTMLResponse)
    @islands.html_pass(False)
    async def raw() -> str:
        return PAGE

    app.get("/raw", response_class=HTMLResponse)(lambda: PAGE)
    asker = client(app)
    assert asker.post("/raw").text == PAGE
    assert "</server-island>" in asker.get("/raw").text


@pytest.mark.parametrize("is_split", [True, False])
def test_a_function_s_placeholder_brings_the_loader_where_the_page_is_split(
    shop: tuple[FastAPI, Islands], is_split: bool
) -> None:
    app, islands = shop
    islands.island("Avatar")(lambda: islands.placeholder("Inner"))
    islands.island("Inner")(lambda: "x")

    @app.get("/", response_class=HTMLResponse)
    @islands.html_pass(is_split)
    async def page() -> str:
        return f"<head></head>{islands.placeholder('Avatar')}"

    text = client(app).get("/").text
    assert ('loader.v1.js"></script></head>' in text) is is_split
    assert "server:" not in text
    assert island(app).text.startswith('<server-island island="Inner" island-src=')


def test_a_failing_dependency_shows_its_status_and_no_island(shop: tuple[FastAPI, Islands]) -> None:
    app, islands = shop

    @islands.island("Avatar")
    def avatar(closed: Annotated[None, Depends(closed)]) -> str:
        return "never"

    app.get("/", response_class=HTMLResponse)(lambda: PAGE)
    got = island(app)
    assert (got.status_code, got.headers["cache-control"]) == (500, "no-store")
    assert "island" not in got.headers


def test_a_handler_of_fastapi_that_returns_nothing_is_told_what_to_return(
    shop: tuple[FastAPI, Islands], caplog: pytest.LogCaptureFixture
) -> None:
    app, islands = shop
    islands.island("Avatar")(lambda: None)
    app.get("/", response_class=HTMLResponse)(lambda: PAGE)
    with pytest.raises(TypeError, match="'Avatar' returned None: return its HTML"):
        TestClient(app).get(source(TestClient(app).get("/").text), headers=ASKER)


def test_a_handler_of_fastapi_may_stream_and_redirect(shop: tuple[FastAPI, Islands]) -> None:
    app, islands = shop
    islands.island("Avatar")(lambda: StreamingResponse(iter(["<b>", "x"]), media_type="text/html"))
    islands.island("Gone")(lambda: RedirectResponse("/login"))
    app.get("/", response_class=HTMLResponse)(lambda: PAGE + "<Gone server:defer />")
    assert island(app).text == "<b>x"
    gone = island(app, "Gone")
    assert (gone.status_code, gone.headers["island-location"]) == (204, "/login")


@pytest.mark.parametrize("place", [0, 1, 3])
def test_middleware_that_makes_streams_of_responses_may_stand_anywhere(place: int) -> None:
    islands = Islands(keys=KEYS)
    middleware = stack(islands)
    middleware.insert(place, Middleware(BaseHTTPMiddleware, dispatch=lambda request, go_on: go_on(request)))
    app = FastAPI(middleware=middleware)
    islands.mount(app)
    islands.island("Avatar")(lambda island: f"<b>{island.props['size']}</b>")

    @app.get("/", response_class=HTMLResponse)
    @islands.shell(cdn=600)
    async def home() -> str:
        return PAGE

    asker = client(app)
    shell = asker.get("/")
    assert int(shell.headers["content-length"]) == len(shell.content)
    assert shell.headers["etag"]
    assert assemble(asker, shell).endswith("<b>40</b>")


def test_an_island_s_route_is_closed_to_those_who_come_past_the_stations(shop: tuple[FastAPI, Islands]) -> None:
    app, islands = shop
    islands.island("Avatar")(lambda island: "x")
    bare = FastAPI()
    islands.mount(bare)
    app.get("/", response_class=HTMLResponse)(lambda: PAGE)
    assert client(bare).get(source(client(app).get("/").text), headers=ASKER).status_code == 404


def test_an_annotation_that_cannot_be_resolved_is_said(shop: tuple[FastAPI, Islands]) -> None:
    class Local:
        pass

    def avatar(user: Annotated[Local, Depends(visitor)]) -> str:
        return "never"

    with pytest.raises(eyot.ConfigError, match="'Avatar': name 'Local' is not defined: what its annotations name must"):
        shop[1].island("Avatar")(avatar)


# -- Starlette --


def test_starlette_s_routes_mounts_and_policies(islands: Islands) -> None:
    islands = Islands(keys=KEYS)

    @islands.island("Avatar")
    async def avatar(request: StarletteRequest, island: Island[Any]) -> str:
        return f"{request.session.get('user')} {island.props['size']} {request.scope['path'][:9]}"

    @islands.island("Blocking")
    def blocking(request: StarletteRequest, island: Island[Any]) -> HTMLResponse:
        return HTMLResponse(threading.current_thread().name)

    @islands.shell(cdn=600)
    async def product(request: StarletteRequest) -> HTMLResponse:
        return HTMLResponse(PAGE + "<Blocking server:defer />")

    def data(request: StarletteRequest) -> JSONResponse:
        return JSONResponse({"a": 1})

    elsewhere = Mount("/", Router())
    below = Mount("/shop", routes=[Route("/p/{sku}", product), Route("/data", data)])
    app = Starlette(routes=[below, elsewhere], middleware=stack(islands))
    islands.mount(app)
    asker = client(app)
    shell = asker.get("/shop/p/rope")
    assert shell.headers["cache-control"] == "public, max-age=0, s-maxage=600"
    assert "None 40 /_server-" in assemble(asker, shell)
    assert "AnyIO" in assemble(asker, shell)
    assert "cache-control" not in asker.get("/shop/data").headers
    assert asker.head(source(shell.text), headers=ASKER).headers["island"] == "Avatar"


# -- Litestar --


def test_litestar_s_sessions_reach_handlers(islands: Islands) -> None:
    sessions = ServerSideSessionConfig()

    @islands.island("Who")
    async def who(request: Request, island: Island[Any]) -> str:
        return f"<b>{(request.session or {}).get('user', 'nobody')}</b>"

    @get("/", media_type=MediaType.HTML)
    async def home() -> str:
        return "<Who server:defer />"

    @get("/p/rope", media_type=MediaType.HTML, skip_session=True)
    async def product(request: LitestarRequest[Any, Any, Any]) -> str:
        return f"{PAGE}{request.headers.get('cookie')}"

    @get("/d", media_type=MediaType.HTML, skip_session=True)
    @islands.shell(cdn=60)
    async def decorated(request: LitestarRequest[Any, Any, Any]) -> str:
        return f"{PAGE}{request.headers.get('cookie')}"

    @get("/login")
    async def login(request: LitestarRequest[Any, Any, Any]) -> str:
        request.set_session({"user": "ada"})
        return "ok"

    inside = Litestar([home, product, login, decorated], middleware=[sessions.middleware, islands.inner])
    islands.mount(inside)
    with LitestarClient(app=islands.outer(inside)) as asker:
        assert assemble(asker, asker.get("/")).endswith("<b>nobody</b>")
        asker.get("/login")
        assert assemble(asker, asker.get("/")).endswith("<b>ada</b>")
        shell = asker.get("/p/rope")
        assert shell.headers["cache-control"] == "public, max-age=0, s-maxage=600"
        assert shell.text.endswith("None")
        assert asker.get("/d").headers["cache-control"] == "public, max-age=0, s-maxage=60"
        assert asker.get("/nowhere").status_code == 404


# -- Quart --


def test_quart_s_request_session_and_streams(islands: Islands) -> None:
    islands = Islands(keys=KEYS)
    app = Quart("shop")
    app.secret_key = SECRET

    @islands.island("Avatar")
    async def avatar(island: Island[Any]) -> str:
        return f"<b>{session.get('user', 'nobody')} {island.props['size']}</b>"

    @islands.island("Blocking")
    def blocking(island: Island[Any]) -> str:
        return threading.current_thread().name

    islands.mount(app)

    @app.get("/p/<sku>")
    @islands.shell(cdn=600)
    async def product(sku: str) -> str:
        return f"{PAGE}<Blocking server:defer />{session.get('user')}"

    @app.get("/s")
    async def stream() -> Any:
        async def parts() -> AsyncIterator[str]:
            yield "<p>"
            yield "<Avatar server:defer />"

        return parts()

    @app.get("/login")
    async def login() -> str:
        session["user"] = "ada"
        return "ok"

    app.asgi_app = islands.outer(islands.inner(app.asgi_app))  # type: ignore[method-assign,assignment]

    async def asked() -> None:
        transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as asker:
            assert "</server-island>" in (await asker.get("/s")).text
            await asker.get("/login")
            shell = await asker.get("/p/rope")
            assert shell.headers["cache-control"] == "public, max-age=0, s-maxage=600"
            assert shell.text.endswith("None")
            page = await aassemble(asker, shell)
            assert "<b>ada 40</b>" in page
            assert "<server-island" not in page

    asyncio.run(asked())


def test_a_sign_in_page_that_a_layer_answers_in_a_handler_s_place_is_no_island(islands: Islands) -> None:
    app, form = islands.inner(answering(PAGE)), answering("<form>sign in</form>")

    async def wall(scope: Any, receive: Any, send: Any) -> None:
        guarded = scope["type"] == "http" and scope["path"].startswith("/_server-islands/")
        await (form if guarded else app)(scope, receive, send)

    answer = island(islands.outer(wall))
    assert (answer.status_code, answer.text) == (404, "not found\n")
    assert "Island" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_error_page_around_all_middlewares_is_split(islands: Islands) -> None:
    app = FastAPI(middleware=[Middleware(islands.outer), Middleware(islands.inner)])
    islands.mount(app)

    @app.exception_handler(Exception)
    def failed(request: Any, error: Exception) -> HTMLResponse:
        return HTMLResponse(PAGE, 500)

    @app.get("/fails")
    def fails() -> None:
        raise ValueError("a view that fails")

    answer = TestClient(app, raise_server_exceptions=False).get("/fails")
    assert (answer.status_code, "server:" in answer.text) == (500, False)
    assert "</server-island>" in answer.text


def test_a_handler_that_takes_too_long_is_cancelled_and_answered_in_its_place(
    islands: Islands, caplog: pytest.LogCaptureFixture
) -> None:
    ended: list[str] = []

    @islands.island("Slow", deadline=1)
    async def slow(request: Request, island: Any) -> str:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise
        return "late"

    answer = island(islands(answering("<Slow server:defer />")), "Slow")
    assert (answer.status_code, answer.headers["Cache-Control"], "Island" in answer.headers) == (503, "no-store", False)
    assert ended == ["cancelled"]
    assert "and its deadline is 1 s (handler-slow)" in caplog.text


def test_a_stream_that_a_layer_ends_in_silence_is_cut(islands: Islands) -> None:
    async def fails(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
        await send({"type": "http.response.body", "body": b"<p>", "more_body": True})
        raise ValueError("half way")

    async def quiet(scope: Any, receive: Any, send: Any) -> None:
        try:
            await islands.inner(fails)(scope, receive, send)
        except ValueError:
            await send({"type": "http.response.body", "body": b""})

    with pytest.raises(eyot.Error, match="cut"):
        TestClient(islands.outer(quiet)).get("/")


# -- helpers for tests --


def test_one_island_is_asked_for_through_the_whole_app(islands: Islands) -> None:
    for app in (islands(answering(PAGE)), Starlette(middleware=[Middleware(islands.outer), Middleware(islands.inner)])):
        asker = client(app, cookies={"user": "ada"})
        answer = ask(asker, "Avatar", {"size": 7})
        assert (answer.status_code, answer.headers["Island"], answer.text) == (200, "Avatar", "<img alt=ada width=7>")
        assert ask(asker, "Avatar", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_one_island_is_asked_for_by_an_async_client(islands: Islands) -> None:
    async def asked() -> str:
        transport = httpx.ASGITransport(app=islands(answering(PAGE)))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as asker:
            return (await aask(asker, "Avatar", {"size": "x" * 5000})).text

    assert asyncio.run(asked()).endswith("xxx>")


def test_a_shell_is_one_that_caches_keep(islands: Islands) -> None:
    asker = client(islands(answering(PAGE)))
    assert_shell(asker.get("/p/rope"))
    with pytest.raises(AssertionError, match='this is no shell that caches keep; its Cache-Control is ""'):
        assert_shell(asker.get("/q"))


def test_an_island_that_cannot_be_had_fails_the_assembly_and_says_why(islands: Islands) -> None:
    islands.island("Broken")(lambda request, island: {"a": 1})
    asker = client(islands(answering("<Broken server:defer />")))
    with pytest.raises(AssertionError, match='the island Broken cannot be had: 500: the handler answered "application'):
        assemble(asker, asker.get("/"))


# -- islands that the app answers by a route of its own --


def test_an_app_answers_an_island_by_a_route_of_its_own(islands: Islands) -> None:
    @get(islands.route("Own") + "/{token:str}", media_type=MediaType.HTML)
    async def own(request: LitestarRequest[Any, Any, Any], greeting: NamedDependency[str]) -> str:
        island = islands.opened(request.scope)
        return f"{greeting} {island.props['size']} {request.cookies.get('user')}" if island else "not there"

    @get("/", media_type=MediaType.HTML)
    async def home() -> str:
        return "<Own server:defer size=3 />"

    async def hello() -> str:
        return "hello"

    inside = Litestar([home, own], middleware=[islands.inner], dependencies={"greeting": Provide(hello)})
    with LitestarClient(app=islands.outer(inside), cookies={"user": "ada"}) as asker:
        assert assemble(asker, asker.get("/")).endswith(">hello 3 ada")
        assert ask(asker, "Own", {"size": "x" * 5000}).text.startswith("hello xxx")
        refused = asker.get("/_server-islands/Own/AAAA", headers=ASKER)
        assert (refused.status_code, refused.text) == (400, "bad request\n")


def test_templates_may_be_rendered_asynchronously(islands: Islands) -> None:
    environment = jinja2.Environment(enable_async=True, autoescape=True)
    islands.install(environment)
    template = environment.from_string(
        '{% island "CartCount" when="idle" with of=sku() %}{{ sku() }}{% fallback %}<i>{{ sku() }}</i>{% endisland %}'
        '<p {{ island_attrs("CartCount", {"of": "B-2"}) }}></p>'
    )

    async def sku() -> str:
        return "A-1"

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        page = await template.render_async(sku=sku)
        await send({"type": "http.response.start", "status": 200, "headers": list(HTML)})
        await send({"type": "http.response.body", "body": page.encode()})

    @islands.island("CartCount")
    def cart_count(_request: Request, island: Island[dict[str, Any]]) -> str:
        return f"{island.props['of']}:{island.slots.get('default', '')}"

    visitor = client(islands(app))
    page = visitor.get("/").text
    assert "<i>A-1</i></server-island>" in page
    answers = [visitor.get(address, headers=ASKER).text for address in re.findall(r'island-src="([^"]+)"', page)]
    assert answers == ["A-1:A-1", "B-2:"]
