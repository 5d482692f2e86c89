"""``settings.EYOT``: its options, as core and the middlewares take them, or what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.conf.urls.i18n import is_language_prefix_patterns_used
from django.core.serializers.json import DjangoJSONEncoder
from django.shortcuts import resolve_url
from django.utils import translation
from django.utils.module_loading import import_string

from .._eyot import Policy
from ..declared import policies
from ..errors import ConfigError
from ..site import PREFIX, Options

_FUNCTIONS = ("DEFAULT", "AUDIENCE", "LANG", "ON_EVENT")
# Those that core's configuration has no part in.
_OWN = ("KEYS_FILE", "CSRF_ISLAND", "SHELLS")
_CSRF_ISLAND = "CsrfField"


@dataclass(frozen=True)
class DjangoOptions:
    """What ``settings.EYOT`` says: core's options, and those of Django alone."""

    options: Options
    keys_file: Any
    csrf_island: str
    shells: Mapping[str, Policy | None]


def prefix() -> str:
    """Return the prefix of island routes, whatever else is wrong with the options."""
    return _text("PREFIX", PREFIX)


def csrf_island() -> str:
    """Return the name of the island with the CSRF field, likewise."""
    return _text("CSRF_ISLAND", _CSRF_ISLAND)


def _text(name: str, default: str) -> str:
    given = getattr(settings, "EYOT", None)
    found = given.get(name, default) if isinstance(given, Mapping) else default
    return found if isinstance(found, str) else default


def read() -> DjangoOptions:
    """Read ``settings.EYOT``; raises ``ConfigError`` for what cannot be used."""
    given = getattr(settings, "EYOT", {})
    if not isinstance(given, Mapping):
        raise ConfigError(f"settings.EYOT is {type(given).__name__} instead of a dict of options", "option")
    try:
        core = Options.read(_for_core({name: value for name, value in given.items() if name not in _OWN}))
        shells = policies(given.get("SHELLS") or {}, "SHELLS")
    except ConfigError as error:
        raise ConfigError(f"settings.EYOT: {error}", error.code) from error
    return DjangoOptions(core, given.get("KEYS_FILE"), csrf_island(), shells)


def _for_core(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return options as core takes them: what it reads itself it may name as Django spells it."""
    options: dict[str, Any] = {"upper": True, "default": DjangoJSONEncoder().default, "lang": lang}
    # The address of an island says nothing of its page's language; the token can.
    options["PAGE"] = settings.USE_I18N and is_language_prefix_patterns_used(settings.ROOT_URLCONF)[0]
    for name, value in given.items():
        if value is None:
            continue
        if name in _FUNCTIONS:
            options[name.lower()] = _function(name, value)
        elif name == "LOGIN_URL" and isinstance(value, str):
            options[name] = resolve_url(value)
        else:
            options["keys" if name == "KEYS" else name] = value
    return options


def _function(name: str, value: Any) -> Callable[..., Any]:
    if isinstance(value, str):
        try:
            value = import_string(value)
        except ImportError as error:
            raise ConfigError(f"{name}: {error}", "option") from error
    if not callable(value):
        raise ConfigError(f"{name} is {type(value).__name__} instead of a function or its dotted path", "option")
    found: Callable[..., Any] = value
    return found


def lang() -> str:
    """Return the language that Django has activated."""
    return translation.get_language() or "" if settings.USE_I18N else ""
