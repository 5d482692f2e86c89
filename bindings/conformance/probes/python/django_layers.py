"""Layers of a Django stack: middlewares, synchronous and asynchronous."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any, ClassVar

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpResponse, HttpResponseRedirect
from django.middleware.gzip import GZipMiddleware
from probe import CSP, LAYOUT

NAMES = {
    "limiter": "Limiter",
    "error page": "ErrorPage",
    "gzip": "GZip",
    "toolbar": "Toolbar",
    "cache": "Cache",
    "timeout": "Timeout",
    "recover": "Recover",
    "csp": "ScriptPolicy",
    "language": "Language",
}


class Layer:
    """A middleware that is what its app is: synchronous or not."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: Any) -> Any:
        return self.later(request) if self.is_async else self.at_once(request)

    def at_once(self, request: Any) -> Any:
        return self.before(request) or self.after(request, self.get_response(request))

    async def later(self, request: Any) -> Any:
        return self.before(request) or self.after(request, await self.get_response(request))

    def before(self, request: Any) -> Any:
        return None

    def after(self, request: Any, response: Any) -> Any:
        return response


class Limiter(Layer):
    def before(self, request: Any) -> Any:
        return HttpResponse(LAYOUT, status=429) if "Probe-Limit" in request.headers else None


class ErrorPage(Layer):
    """As `process_exception` of many middlewares: what a view raises becomes the layout."""

    def process_exception(self, request: Any, error: Exception) -> Any:
        return HttpResponse(LAYOUT, status=500)

    def after(self, request: Any, response: Any) -> Any:
        return HttpResponse(LAYOUT, status=500) if response.status_code == 500 else response


class GZip(GZipMiddleware):
    """Django's own."""


class ScriptPolicy(Layer):
    """A policy for scripts on every answer, as helmets have it."""

    def after(self, request: Any, response: Any) -> Any:
        response["Content-Security-Policy"] = CSP
        return response


class Language(Layer):
    """Sends visitors to the path of their language, whatever they ask for."""

    def before(self, request: Any) -> Any:
        return HttpResponseRedirect(f"/en{request.path}") if "Probe-Language" in request.headers else None


class Urls(Layer):
    """Another URLconf for another host, as django-hosts has it; which stands first, outside of both stations."""

    host = "first.example"

    def before(self, request: Any) -> Any:
        if request.headers.get("Host") == self.host:
            request.urlconf = "probe_other_urls"


class LateUrls(Urls):
    """The same between the stations."""

    host = "between.example"


class Toolbar(Layer):
    def after(self, request: Any, response: Any) -> Any:
        if not response.streaming and response.content:
            response.content = response.content.replace(b"</body>", b"<p>toolbar</p></body>")
            if "Content-Length" in response:
                response["Content-Length"] = str(len(response.content))
        return response


class Cache(Layer):
    kept: ClassVar[dict[str, Any]] = {}

    def before(self, request: Any) -> Any:
        found = self.kept.get(request.get_full_path()) if request.method == "GET" else None
        return copied(found) if found else None

    def after(self, request: Any, response: Any) -> Any:
        if request.method == "GET" and "/_" not in request.path and not response.streaming:
            self.kept[request.get_full_path()] = copied(response)
        return response


def copied(response: Any) -> Any:
    copy = HttpResponse(response.content, status=response.status_code)
    for name, value in response.headers.items():
        copy[name] = value
    return copy


class Timeout(Layer):
    def at_once(self, request: Any) -> Any:
        answer: list[Any] = []
        worker = threading.Thread(target=lambda: answer.append(self.get_response(request)), daemon=True)
        worker.start()
        worker.join(0.4)
        return answer[0] if answer else HttpResponse(LAYOUT, status=503)

    async def later(self, request: Any) -> Any:
        try:
            return await asyncio.wait_for(self.get_response(request), 0.4)
        except TimeoutError:
            return HttpResponse(LAYOUT, status=503)


class Recover(Layer):
    """Swallows what a stream raises: it ends, as if it were whole."""

    def after(self, request: Any, response: Any) -> Any:
        if response.streaming:
            content = response.streaming_content
            response.streaming_content = aquiet(content) if hasattr(content, "__aiter__") else quiet(content)
        return response


def quiet(content: Any) -> Any:
    try:
        yield from content
    except Exception:
        return


async def aquiet(content: Any) -> Any:
    try:
        async for piece in content:
            yield piece
    except Exception:
        return
