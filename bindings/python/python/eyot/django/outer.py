"""The outer station, outside of sessions: files and refusals, island answers, and shells as caches see them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse

from .._eyot import Pending, Reply, uncached_headers
from ..refusals import Refusal
from ..stations import Station
from . import order
from .mounting import mount
from .requests import Hidden, RequestLine, as_get, headers, is_token, note_urlconf, read_body, set_station
from .responses import Headers, abody, body, changed, instead, is_island, set_headers
from .responses import headers as answered_headers
from .site import enter, get_site, leave, registry

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from .._eyot import Policy, Sent, Visit
    from .site import Site

_CSP = "Content-Security-Policy"

GetResponse = Callable[["HttpRequest"], Any]


class ShellMiddleware:
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
        if not apps.is_installed("eyot.django"):
            raise ImproperlyConfigured("add 'eyot.django' to INSTALLED_APPS: its middlewares are in MIDDLEWARE")
        for fault in order.faults():
            if fault.is_fatal:
                raise ImproperlyConfigured(f"{fault.text}: {fault.hint} ({fault.code})")
        get_site().check()

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer a request, by the project or without it."""
        if self._is_async:
            return self._acall(request)
        crossing = _arriving(request)
        if isinstance(crossing, HttpResponse):
            return crossing
        enter(request)
        response: HttpResponseBase = self._get_response(request)
        whole = body(response) if crossing.wants_body(response) else None
        return _closing(crossing.back(response, whole))

    async def _acall(self, request: HttpRequest) -> HttpResponseBase:
        crossing = _arriving(request)
        if isinstance(crossing, HttpResponse):
            return crossing
        enter(request)
        response: HttpResponseBase = await self._get_response(request)
        whole = await abody(response) if crossing.wants_body(response) else None
        return _closing(crossing.back(response, whole))


class _Crossing:
    """A request on its way through the station that needs nothing on its way back."""

    def wants_body(self, response: HttpResponseBase) -> bool:  # noqa: ARG002 - as those below have it
        """Tell whether the whole body is to be judged."""
        return False

    def back(self, response: HttpResponseBase, whole: bytes | None) -> HttpResponseBase:  # noqa: ARG002 - as above
        """Return what is sent."""
        return response


class _IslandCrossing(_Crossing):
    """An island's request: what its handler answered becomes what is sent."""

    def __init__(self, site: Site, request: HttpRequest, pending: Pending, token: bytes) -> None:
        self._site = site
        self._request = request
        self._pending = pending
        # Known before the island is opened: FetchFromCacheMiddleware may answer in its place.
        self._state = Station(pending=pending, body=token, shared=registry[pending.name].shared)
        set_station(request, self._state)
        if token:
            as_get(request, token.decode("ascii"))
        self._hidden: Hidden | None = None
        if self._state.shared is not None:
            # Everybody gets what it answers, so it does not see who asks.
            trusted = order.trusted_meta(tuple(settings.MIDDLEWARE))
            self._hidden = Hidden(request, pending.hidden_headers, trusted)
        mount(request)

    def wants_body(self, response: HttpResponseBase) -> bool:  # noqa: ARG002 - as those above have it
        return self._state.shared is not None

    def back(self, response: HttpResponseBase, whole: bytes | None) -> HttpResponseBase:
        state = self._state
        if self._hidden:
            self._hidden.restore()
        if state.refusal:
            return self._instead(response, state.refusal)
        if state.own_policies is not None:
            response.headers.pop(_CSP, None)
            if state.own_policies:
                response.headers[_CSP] = ", ".join(state.own_policies)
        finished = state.finish(
            self._pending, response.status_code, self._answered(response), whole, foreign=not is_island(response)
        )
        if isinstance(finished, Reply):
            return self._instead(response, finished)
        if finished.leaks:
            self._site.log_leaks("a shared island", self._pending.name, finished.leaks)
            if self._site.is_debug and finished.shown:
                return _shown(response, finished.shown)
        if not finished.has_body:
            return instead(response, finished.status, finished.headers, b"")
        set_headers(response, finished.headers)
        return response

    def _answered(self, response: HttpResponseBase) -> Headers:
        """Return the headers; in an address to come back to, a posted token is not in the island's own path."""
        tail = f"/{self._state.body.decode('ascii')}" if self._state.body else ""
        return [
            (name, value.replace(tail, "") if tail and name.lower() == "location" else value)
            for name, value in answered_headers(response)
        ]

    def _instead(self, response: HttpResponseBase, reply: Reply) -> HttpResponse:
        self._site.refused(self._request, Refusal.of(reply))
        answered, content = self._site.shown(reply)
        return instead(response, reply.status, answered, content)


class _ShellCrossing(_Crossing):
    """A request on a route with a policy: its view sees no visitor, its page becomes a shell."""

    def __init__(self, site: Site, request: HttpRequest, policy: Policy, visit: Visit) -> None:
        self._site = site
        self._policy = policy
        self._visit = visit
        self._state = Station(policy=policy, query=visit.query, take_off=self._take_off)
        self._is_off = False
        set_station(request, self._state)
        self._path = RequestLine.of(request).path
        trusted = () if policy.cookies else order.trusted_meta(tuple(settings.MIDDLEWARE))
        self._hidden = Hidden(request, visit.hidden_headers, trusted)

    def _take_off(self) -> None:
        """End the policy: the view that runs does not have it."""
        self._is_off, self._state.policy = True, None
        self._hidden.restore()

    def wants_body(self, response: HttpResponseBase) -> bool:
        return not self._is_off and not (
            response.streaming and self._policy.streams and not response.has_header("Content-Length")
        )

    def back(self, response: HttpResponseBase, whole: bytes | None) -> HttpResponseBase:
        if self._is_off:
            return response
        self._hidden.restore(secrets=whole is not None)
        answered = answered_headers(response)
        if self._state.is_faulty:
            # Said once more: middlewares that ran after the split may have said otherwise.
            answered = uncached_headers(answered)
        verdict = self._visit.finish(response.status_code, answered, whole)
        self._state.leaks = verdict.leaks
        self._site.log_leaks("a shell", self._path, verdict.leaks)
        if whole is None:
            set_headers(response, verdict.headers)
            return response
        if verdict.shown and self._site.is_debug:
            return _shown(response, verdict.shown)
        if verdict.status == 304:
            return instead(response, 304, verdict.headers, b"")
        sent = changed(response, verdict.status, verdict.headers, whole)
        sent.headers["Content-Length"] = str(len(whole))
        return sent


def _arriving(request: HttpRequest) -> _Crossing | HttpResponse:
    """Tell what a request is, or answer it at once."""
    site = get_site()
    site.follow_keys()
    line = RequestLine.of(request)
    # Core refuses a mount point that is none.
    if line.mount or request.path_info.startswith(site.options.prefix):
        route = site.core.route(line.method, line.target, headers(request), line.mount)
        if isinstance(route, Reply):
            return _reply(site, request, route)
        if route is not None:
            return _island(site, request, route)
    note_urlconf(request)
    policy = site.policy(request)
    if policy is None:
        return _Crossing()
    visit = policy.incoming(site.core, line.method, line.target, headers(request), line.mount)
    return _ShellCrossing(site, request, policy, visit) if visit else _Crossing()


def _island(site: Site, request: HttpRequest, pending: Pending) -> _Crossing | HttpResponse:
    limit = pending.body_limit
    token = read_body(request, limit) if limit else b""
    if len(token) > limit:
        return _reply(site, request, pending.too_large())
    if limit and not is_token(token):
        # Core says what is wrong with it.
        opened = pending.open(token)
        if isinstance(opened, Reply):
            return _reply(site, request, opened)
    return _IslandCrossing(site, request, pending, token)


def _reply(site: Site, request: HttpRequest, reply: Reply) -> HttpResponse:
    if reply.reason:
        site.refused(request, Refusal.of(reply))
    answered, content = site.shown(reply)
    response = HttpResponse(content, status=reply.status)
    set_headers(response, answered)
    return response


def _shown(response: HttpResponseBase, shown: Sent) -> HttpResponse:
    return instead(response, shown.status, shown.headers, shown.body or b"")


def _closing(response: HttpResponseBase) -> HttpResponseBase:
    response._resource_closers.append(leave)  # type: ignore[attr-defined]
    return response
