"""The two middlewares: the outer station, before sessions, and the inner one, the last of all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from . import order
from .inner import Inside
from .outer import Crossing
from .responses import abody, body
from .site import get_site

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

GetResponse = Callable[["HttpRequest"], Any]


def _check_setup() -> None:
    """Raise what would make shells personal or islands fail, whether the system checks have run or not."""
    if not apps.is_installed("eyot.django"):
        raise ImproperlyConfigured("add 'eyot.django' to INSTALLED_APPS: its middlewares are in MIDDLEWARE")
    for fault in order.faults():
        if fault.is_fatal:
            raise ImproperlyConfigured(f"{fault.text}: {fault.hint} ({fault.code})")


class OuterMiddleware:
    """Stands before ``SessionMiddleware``, after ``UpdateCacheMiddleware`` and ``GZipMiddleware``.

    Raises at start-up what would make shells personal or islands fail: a wrong order, keys that cannot be used.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)
        _check_setup()
        get_site().check()

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer a request, by the project or without it."""
        if self._is_async:
            return self._acall(request)
        crossing = Crossing(request)
        if crossing.answer:
            return crossing.answer
        response: HttpResponseBase
        if crossing.state.exchange:
            with crossing.site.timed(crossing.state):
                response = self._get_response(request)
        else:
            response = self._get_response(request)
        return crossing.back(response, body(response) if crossing.wants_body(response) else None)

    async def _acall(self, request: HttpRequest) -> HttpResponseBase:
        crossing = Crossing(request)
        if crossing.answer:
            return crossing.answer
        response = await crossing.within(self._get_response(request))
        return crossing.back(response, await abody(response) if crossing.wants_body(response) else None)


class InnerMiddleware:
    """Stands last, so that nothing changes, compresses or keeps pages before they are split."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)
        _check_setup()

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Have a request answered, and split the answer."""
        if self._is_async:
            return self._acall(request)
        passage = Inside(request)
        response: HttpResponseBase = self._get_response(request)
        part = response if passage.is_part(response) else None
        if part:
            response = self._get_response(request)
        answer = passage.sent(response, body(response) if passage.wants_body(response) else None)
        return passage.chosen(part, answer) if part else answer

    async def _acall(self, request: HttpRequest) -> HttpResponseBase:
        passage = Inside(request)
        response: HttpResponseBase = await self._get_response(request)
        part = response if passage.is_part(response) else None
        if part:
            response = await self._get_response(request)
        answer = passage.sent(response, await abody(response) if passage.wants_body(response) else None)
        return passage.chosen(part, answer) if part else answer
