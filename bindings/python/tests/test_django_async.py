"""Django under ASGI: the same stations, without a thread that nobody asked for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from functools import wraps
from typing import Any

import eyot
import pytest
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpResponse, StreamingHttpResponse
from django.utils.decorators import async_only_middleware
from django_project import ASKER, MIDDLEWARE, PAGE, Project, html, page, project, source
from eyot.django import island, shell
from eyot.django.test import aassemble

__all__ = ["project"]


def asynchronous(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    @wraps(test)
    def run(**fixtures: Any) -> None:
        asyncio.run(test(**fixtures))

    return run


async def show(request: Any) -> HttpResponse:
    return HttpResponse(PAGE)


@asynchronous
async def test_a_page_is_split_and_assembled(project: Project) -> None:
    client = project.aserve(page(shell(cdn=600)(show)))
    answer: Any = await client.get("/p")
    assert answer.headers["Cache-Control"] == "public, max-age=0, s-maxage=600"
    assert "alt=stranger" in await aassemble(client, answer)
    again: Any = await client.get("/p", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@asynchronous
async def test_posted_tokens_reach_async_handlers(project: Project) -> None:
    @island("Long")
    async def long(request: Any, island: Any) -> HttpResponse:
        return HttpResponse(f"{request.method} {len(island.props['text'])}")

    client = project.aserve(page(html(f"<Long server:defer text={'x' * 3000} />")))
    assert (await aassemble(client, await client.get("/p"))).endswith("GET 3000")


@asynchronous
async def test_everything_runs_in_one_thread_where_nothing_else_needs_another(project: Project) -> None:
    seen = []

    @island("Thread")
    async def thread(request: Any, island: Any) -> HttpResponse:
        seen.append(threading.get_ident())
        return HttpResponse()

    async def view(request: Any) -> HttpResponse:
        seen.append(threading.get_ident())
        return HttpResponse("<Thread server:defer />")

    client = project.aserve(page(shell(cdn=600)(view)), MIDDLEWARE=[MIDDLEWARE[0], MIDDLEWARE[-1]])
    hops: list[Any] = []
    loop = asyncio.get_running_loop()
    run_in_executor = loop.run_in_executor
    loop.run_in_executor = lambda *args: hops.append(args) or run_in_executor(*args)  # type: ignore[method-assign,func-returns-value]
    answer = await client.get("/p")
    assert (await client.get(source(answer, "Thread"), headers=ASKER)).status_code == 200
    assert seen == [threading.get_ident()] * 2
    # Django itself sends two signals and closes the response in a thread; with both middlewares it is no more.
    with_both, hops[:] = len(hops), []
    project.set(MIDDLEWARE=[])
    bare = project.aserve(page(view))
    await bare.get("/p")
    await bare.get("/p")
    assert with_both == len(hops)


@asynchronous
async def test_the_view_of_a_shell_sees_no_cookie_in_its_scope(project: Project) -> None:
    @shell(cdn=600)
    async def view(request: Any) -> HttpResponse:
        names = [name for name, _ in request.scope["headers"]]
        return HttpResponse(f"{request.COOKIES} {b'cookie' in names} {request.headers.get('Cookie')}")

    client = project.aserve(page(view))
    client.cookies["a"] = "b"
    answer: Any = await client.get("/p")
    assert answer.text == "{} False None"
    assert answer.asgi_request.COOKIES == {"a": "b"}
    assert b"cookie" in dict(answer.asgi_request.scope["headers"])


async def flow() -> AsyncIterator[str]:
    for chunk in ("<p>one", "<Avatar server", ":defer size=3 />", "two"):
        yield chunk


@asynchronous
async def test_an_async_stream_is_split_as_it_comes(project: Project) -> None:
    async def view(request: Any) -> StreamingHttpResponse:
        return StreamingHttpResponse(flow())

    answer: Any = await project.aserve(page(view)).get("/p")
    assert answer.streaming
    chunks = [chunk async for chunk in answer.streaming_content]
    assert chunks[0] == b"<p>one"
    assert b"island-src" in b"".join(chunks)


@asynchronous
async def test_an_async_stream_under_a_policy_is_split_whole(project: Project) -> None:
    @shell(cdn=600)
    async def view(request: Any) -> StreamingHttpResponse:
        return StreamingHttpResponse(flow())

    answer: Any = await project.aserve(page(view)).get("/p")
    assert (answer.streaming, "island-src" in answer.text) == (False, True)
    assert answer.headers["ETag"]


@asynchronous
async def test_a_faulty_async_stream_under_a_policy_is_cut(project: Project) -> None:
    async def faulty() -> AsyncIterator[str]:
        yield "<p>one"
        yield "<Nobody server:defer />"

    @shell(cdn=600, stream=True)
    async def view(request: Any) -> StreamingHttpResponse:
        return StreamingHttpResponse(faulty())

    answer: Any = await project.aserve(page(view)).get("/p")
    with pytest.raises(eyot.MarkupError, match="Nobody"):
        [chunk async for chunk in answer.streaming_content]


@asynchronous
async def test_a_stream_that_a_middleware_ends_in_silence_is_cut(project: Project) -> None:
    async def half() -> AsyncIterator[str]:
        yield "<p>"
        raise ValueError("half way")

    async def view(request: Any) -> StreamingHttpResponse:
        return StreamingHttpResponse(half())

    layers = [MIDDLEWARE[0], f"{__name__}.silent", MIDDLEWARE[-1]]
    answer: Any = await project.aserve(page(view), MIDDLEWARE=layers).get("/p")
    with pytest.raises(eyot.Error, match="cut"):
        [chunk async for chunk in answer]


@async_only_middleware
def silent(get_response: Any) -> Any:
    """Swallow what a stream raises."""

    async def layer(request: Any) -> Any:
        response = await get_response(request)
        content = response.streaming_content

        async def quiet() -> AsyncIterator[bytes]:
            with suppress(ValueError):
                async for chunk in content:
                    yield chunk

        response.streaming_content = quiet()
        return response

    return layer


@asynchronous
async def test_a_handler_that_takes_too_long_is_cancelled(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    @island("Slow", deadline="1s")
    async def slow(request: Any, island: Any) -> HttpResponse:
        await asyncio.sleep(30)
        return HttpResponse("late")

    client = project.aserve(page(html("<Slow server:defer />")), MIDDLEWARE=[MIDDLEWARE[0], MIDDLEWARE[-1]])
    answer: Any = await client.get(source(await client.get("/p"), "Slow"), headers=ASKER)
    assert (answer.status_code, answer.headers["Cache-Control"], "Island" in answer.headers) == (503, "no-store", False)
    assert "and its deadline is 1 s (handler-slow)" in caplog.text


@asynchronous
async def test_a_sync_view_and_its_stream_work_too(project: Project) -> None:
    @shell(cdn=600)
    def view(request: Any) -> StreamingHttpResponse:
        return StreamingHttpResponse(iter(["<Avatar server:", "defer />"]))

    client = project.aserve(page(view))
    assert "alt=stranger" in await aassemble(client, await client.get("/p"))


async def ask(target: bytes, root: str = "", headers: dict[str, str] | None = None) -> tuple[int, str]:
    """Speak ASGI to Django as a server does: with the raw path."""
    path = target.decode().replace("%41", "A")
    fields = [
        (name.lower().encode(), value.encode()) for name, value in {"host": "testserver", **(headers or {})}.items()
    ]
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": target,
        "root_path": root,
        "query_string": b"",
        "headers": fields,
        "scheme": "http",
        "server": ("testserver", 80),
        "client": ("127.0.0.1", 1),
    }
    sent: list[Any] = []
    received = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Any:
        for message in received:
            return message
        await asyncio.sleep(60)

    async def send(message: Any) -> None:
        sent.append(message)

    await ASGIHandler_loaded()(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]).decode()


def ASGIHandler_loaded() -> Any:  # noqa: N802 - makes one
    return ASGIHandler()


@asynchronous
async def test_the_raw_path_counts(project: Project) -> None:
    project.aserve(page())
    _, shell_text = await ask(b"/p")
    address = source(shell_text)
    assert (await ask(address.encode(), headers=ASKER))[0] == 200
    assert (await ask(address.replace("/Avatar/", "/%41vatar/").encode(), headers=ASKER))[0] == 404


@asynchronous
async def test_islands_live_below_the_root_path(project: Project) -> None:
    project.aserve(page())
    _, shell_text = await ask(b"/shop/p", "/shop")
    address = source(shell_text)
    assert address.startswith("/shop/_server-islands/Avatar/")
    status, text = await ask(address.encode(), "/shop", ASKER)
    assert (status, text) == (200, "<img alt=stranger width=40>")
