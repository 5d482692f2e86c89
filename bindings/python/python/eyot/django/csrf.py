"""The island that makes a form on a cached page post: the hidden field, or the cookie alone, of Django's protection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.utils.html import format_html

from . import conf
from .decorators import island
from .site import get_site, registry

if TYPE_CHECKING:
    from django.http import HttpRequest

    from ..island import Island

FIELD = "csrfmiddlewaretoken"
# Nothing to see and nothing to send. Without one, the audit would ask for a fallback that no visitor could use.
_FALLBACK = '<input type="hidden">'


def register() -> None:
    """Register the handler, unless the project has one of that name."""
    name = conf.csrf_island()
    if name and name not in registry:
        island(name)(csrf_field)


def csrf_field(request: HttpRequest, island: Island[dict[str, Any]]) -> HttpResponse:
    """Answer with the hidden field; with the prop ``cookie`` with nothing, and in both cases with the cookie."""
    token = get_token(request)
    if island.props.get("cookie"):
        return HttpResponse()
    return HttpResponse(format_html('<input type="hidden" name="{}" value="{}">', FIELD, token))


def props(*, cookie: bool) -> dict[str, Any] | None:
    """Return the props of the placeholder; refuses a cookie that no script could read."""
    if not cookie:
        return None
    for setting in ("CSRF_USE_SESSIONS", "CSRF_COOKIE_HTTPONLY"):
        if getattr(settings, setting):
            raise ImproperlyConfigured(
                f"{{% csrf_island cookie %}} is for scripts that read the CSRF cookie, and with {setting} they cannot: "
                f"put {{% csrf_island %}} into the form, or set {setting} to False"
            )
    return {"cookie": True}


def placeholder(*, cookie: bool = False) -> str:
    """Write the placeholder."""
    site = get_site()
    if not site.csrf_island:
        raise ImproperlyConfigured("EYOT['CSRF_ISLAND'] is empty: {% csrf_island %} needs the name of an island")
    return site.placeholder(site.csrf_island, props(cookie=cookie), fallback=_FALLBACK, error="", slots={}, options={})
