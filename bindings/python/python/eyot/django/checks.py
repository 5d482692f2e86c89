"""The system checks: options, keys, the order of middlewares, routes, and policies on views that need cookies."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django.apps import AppConfig
from django.conf import settings
from django.contrib.auth import decorators as auth
from django.contrib.auth.mixins import AccessMixin
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import URLPattern, URLResolver, get_resolver
from django.views.generic.edit import FormMixin

from .. import errors
from .._eyot import nearest
from ..declared import policy as policy_of
from . import conf, order
from .site import get_site, registry
from .urls import includes
from .views import ISLAND

if TYPE_CHECKING:
    from .written import Written

Apps = Sequence[AppConfig] | None


def check_options(app_configs: Apps, **_: object) -> list[CheckMessage]:  # noqa: ARG001 - a check's signature
    """E001: ``settings.EYOT``. E002: the keys."""
    try:
        get_site().check()
    except errors.InvalidKey as error:
        return [Error(str(error), hint="manage.py eyot_key prints a key for EYOT_KEYS.", id="eyot.E002")]
    except errors.Error as error:
        return [Error(str(error), hint="docs/options.md lists the options.", id="eyot.E001")]
    return []


def check_middleware(app_configs: Apps, **_: object) -> list[CheckMessage]:  # noqa: ARG001 - a check's signature
    """E010 to W018: the order of ``MIDDLEWARE``."""
    return [
        (Error if fault.is_fatal else checks.Warning)(f"{fault.text}.", hint=f"{fault.hint}.", id=fault.code)
        for fault in order.faults()
    ]


def check_routes(app_configs: Apps, **_: object) -> list[CheckMessage]:  # noqa: ARG001 - a check's signature
    """E020: routes that are included where no island is asked for."""
    resolver = get_resolver()
    named = any(hasattr(route.pattern.callback, ISLAND) for route in routes(resolver.url_patterns))
    if not named or includes(settings.ROOT_URLCONF):
        return []
    hint = f'Write path("", include("eyot.django.urls")) at the root of {settings.ROOT_URLCONF}, above what takes all.'
    return [Error(f"eyot.django.urls is not reached at {conf.prefix()}.", hint=hint, id="eyot.E020")]


def check_policies(app_configs: Apps, **_: object) -> list[CheckMessage]:  # noqa: ARG001 - a check's signature
    """E030 to W032: policies on views that need to know their visitor."""
    found: list[CheckMessage] = []
    options = _options()
    shells = options.shells if options else {}
    names: set[str] = set()
    for pattern, name, _path in routes(get_resolver().url_patterns):
        names.add(name)
        policy = shells[name] if name in shells else policy_of(pattern.callback)
        # A policy with cookies shows its view the visitor.
        if policy is not None and not policy.cookies:
            found += _faults(pattern, name)
    for name in sorted(shells.keys() - names):
        near = nearest(name, sorted(names))
        hint = (
            f"{near!r} is meant." if near else "A key is what reverse() takes, and no path: 'name', 'namespace:name'."
        )
        text = f"EYOT['SHELLS'] has {name!r}, which is no view's name: its policy has no effect."
        found.append(checks.Warning(text, hint=hint, id="eyot.W033"))
    return found


def check_templates(app_configs: Apps, **_: object) -> list[CheckMessage]:  # noqa: ARG001 - a check's signature
    """E040: template tags of islands that nobody has registered. E041: tags that cannot be read, or written."""
    from .written import found

    options = _options()
    known = {*registry, *(options.options.elsewhere if options else ())}
    return [
        Error(f"{written.place} {written.fault.rstrip('.')}.", id="eyot.E041")
        if written.fault
        else _unknown(written, known)
        for written in sorted(set(found()))
        if written.fault or written.name not in known
    ]


def _unknown(written: Written, known: set[str]) -> CheckMessage:
    near = nearest(written.name, sorted(known))
    hint = (f"{near!r} is meant, or r" if near else "R") + "egister a handler, or list it in EYOT['ELSEWHERE']."
    return Error(f"{written.place} has the island {written.name!r}, which nobody declares.", hint=hint, id="eyot.E040")


CHECKS: tuple[Callable[..., list[CheckMessage]], ...] = (
    check_options,
    check_middleware,
    check_routes,
    check_policies,
    check_templates,
)


def _options() -> conf.DjangoOptions | None:
    try:
        return conf.read()
    except errors.Error:
        # Another check's to say.
        return None


class Route(NamedTuple):
    """A route of a URLconf, its name as ``reverse`` takes it, and its whole path."""

    pattern: URLPattern
    name: str
    path: str


def routes(patterns: Any, namespace: str = "", path: str = "") -> Iterator[Route]:
    """Return every route of a URLconf."""
    for pattern in patterns:
        whole = f"{path}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern.url_patterns, inner, whole)
        elif isinstance(pattern, URLPattern):
            yield Route(pattern, f"{namespace}{pattern.name}" if pattern.name else "", whole)


def _faults(pattern: URLPattern, name: str) -> Iterator[CheckMessage]:
    view = pattern.callback
    view_class = getattr(view, "view_class", None)
    where = f"{pattern.lookup_str}, the view of {name or str(pattern.pattern)!r}, has a shell policy"
    if _is_wrapped_by(view, auth) or (view_class and issubclass(view_class, AccessMixin)):
        hint = "Take the policy off; or take the login off, and put what it guards into an island with login_required."
        yield Error(f"{where} and asks for a login: it sees no cookies, so nobody gets in.", hint=hint, id="eyot.E030")
    elif order.LOGIN_REQUIRED in settings.MIDDLEWARE and getattr(view, "login_required", True):
        hint = "Decorate it with login_not_required: its page is public. What is not goes into islands."
        yield Error(f"{where}, and LoginRequiredMiddleware lets nobody in.", hint=hint, id="eyot.E031")
    if _is_protected(view) or (view_class and issubclass(view_class, FormMixin)):
        hint = (
            "Write {% csrf_island %} instead of {% csrf_token %}, and post the form to a view without a policy. A form "
            "that is sent by GET needs neither: silence the check."
        )
        yield checks.Warning(f"{where}, and maybe a form with CSRF protection.", hint=hint, id="eyot.W032")


def _is_wrapped_by(view: Any, module: types.ModuleType) -> bool:
    """Tell whether a decorator of ``module`` is around a view: its wrapper's code is from there."""
    codes = (getattr(function, "__code__", None) for function in _layers(view))
    return any(getattr(code, "co_filename", "") == module.__file__ for code in codes)


def _is_protected(view: Any) -> bool:
    """Tell whether ``csrf_protect``, ``ensure_csrf_cookie`` or their like is around a view: it holds a middleware."""
    return any(isinstance(held, CsrfViewMiddleware) for function in _layers(view) for held in _held(function, 2))


def _held(function: Any, depth: int) -> Iterator[Any]:
    """Return what a function has from around it, and what functions among that have."""
    for cell in getattr(function, "__closure__", None) or ():
        yield cell.cell_contents
        if depth > 1:
            yield from _held(cell.cell_contents, depth - 1)


def _layers(view: Any) -> list[Any]:
    """Return a view, what its decorators wrapped, and the methods of its class."""
    layers: list[Any] = []
    view_class = getattr(view, "view_class", None)
    for function in (view, getattr(view_class, "dispatch", None), getattr(view_class, "get", None)):
        while function is not None and function not in layers:
            layers.append(function)
            function = getattr(function, "__wrapped__", None)
    return layers
