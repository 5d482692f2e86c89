"""Islands as Django views: opens the token, checks the props, calls the handler."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from inspect import iscoroutine
from typing import TYPE_CHECKING, Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation

from .._eyot import Sent
from .requests import station
from .responses import made

if TYPE_CHECKING:
    from django.http import HttpRequest

    from ..island import Island
    from ..registry import Registration

ISLAND = "__eyot_island__"


def view(registration: Registration) -> Callable[..., Any]:
    """Make the view of an island's route: it has its handler's name, for whoever watches requests."""
    made = _async_view(registration) if iscoroutinefunction(registration.handler) else _sync_view(registration)
    update_wrapper(made, registration.handler)
    # What is asked for has been checked already, and by stricter rules. A handler's own login_required still applies.
    vars(made).update({"csrf_exempt": True, "login_required": False, ISLAND: registration.name})
    return made


def _sync_view(registration: Registration) -> Callable[..., HttpResponseBase]:
    def island_view(request: HttpRequest, token: str = "") -> HttpResponseBase:  # noqa: ARG001 - the raw path counts
        opened = _opened(registration, request)
        if isinstance(opened, HttpResponse):
            return opened
        return _checked(registration, registration.handler(request, opened))

    return island_view


def _async_view(registration: Registration) -> Callable[..., Any]:
    async def island_view(request: HttpRequest, token: str = "") -> HttpResponseBase:  # noqa: ARG001 - as above
        opened = _opened(registration, request)
        if isinstance(opened, HttpResponse):
            return opened
        return _checked(registration, await registration.handler(request, opened))

    return island_view


def _opened(registration: Registration, request: HttpRequest) -> Island[Any] | HttpResponse:
    from .site import get_site

    exchange = station(request).exchange
    if exchange is None or exchange.name is None:
        raise Http404("an island is answered where eyot.django.middleware.OuterMiddleware has let its request in")
    opened = registration.open(exchange, get_site().audience(request))
    if isinstance(opened, Sent):
        return made(opened)
    if opened.page and opened.page.lang:
        _speak(request, opened.page.lang)
    return opened


def _speak(request: HttpRequest, lang: str) -> None:
    """Answer in the page's language; the inner station ends that when templates have been rendered, too."""
    if not settings.USE_I18N:
        return
    try:
        language = translation.get_supported_language_variant(lang)
    except LookupError:
        return
    translation.activate(language)
    request.LANGUAGE_CODE = language


def _checked(registration: Registration, answer: object) -> HttpResponseBase:
    if isinstance(answer, HttpResponseBase):
        return answer
    name = f"{registration.handler.__module__}.{getattr(registration.handler, '__qualname__', '…')}"
    cure = "return render(…), or HttpResponse(html)"
    if iscoroutine(answer):
        # Else Python warns that nobody awaited it, beside the error that says so.
        answer.close()
        cure = "await it"
    returned = "nothing" if answer is None else type(answer).__name__
    raise TypeError(
        f"the handler of the island {registration.name!r}, {name}, returned {returned} instead of an "
        f"HttpResponse: {cure}"
    )
