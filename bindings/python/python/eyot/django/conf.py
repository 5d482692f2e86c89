"""``settings.EYOT``: its options, as core and the middlewares take them, or what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.conf.urls.i18n import is_language_prefix_patterns_used
from django.core.serializers.json import DjangoJSONEncoder
from django.shortcuts import resolve_url
from django.utils import translation
from django.utils.module_loading import import_string

from .._eyot import Policy, nearest
from ..declared import policies
from ..errors import ConfigError
from ..site import PREFIX, Options

_LISTS = ("ELSEWHERE", "ALLOWED_ORIGINS", "LOCATIONS", "IDENTITY_HEADERS")
_FUNCTIONS = ("DEFAULT", "AUDIENCE", "LANG", "ON_EVENT")
_PLAIN = {
    "PREFIX": str,
    "ORIGIN": str,
    "LOGIN_URL": str,
    "URL_LIMIT": int,
    "LOADER": bool,
    "STYLESHEET": bool,
    "INLINE_LOADER": bool,
    "PRELOAD": bool,
    "HTML_PASS": bool,
    "SEAL": str,
    "PAGE": bool,
    "TTL": None,
    "TTL_GRID": None,
    "MAX_ISLANDS": int,
    "MAX_ISLAND_BYTES": int,
    "DEADLINE": None,
    "KEYS": str,
    "KEYS_FILE": None,
    "CSRF_ISLAND": str,
    "SHELLS": dict,
}
_KNOWN = [*_LISTS, *_FUNCTIONS, *_PLAIN]
# Those that core's configuration has no part in.
_OWN = ("KEYS_FILE", "CSRF_ISLAND", "SHELLS")


@dataclass(frozen=True)
class DjangoOptions:
    """What ``settings.EYOT`` says: core's options, and those of Django alone."""

    options: Options
    keys_file: Any = None
    csrf_island: str = "CsrfField"
    shells: Mapping[str, Policy | None] = field(default_factory=dict)


def prefix() -> str:
    """Return the prefix of island routes, whatever else is wrong with the options."""
    return _text("PREFIX", PREFIX)


def csrf_island() -> str:
    """Return the name of the island with the CSRF field, likewise."""
    return _text("CSRF_ISLAND", DjangoOptions.csrf_island)


def _text(name: str, default: str) -> str:
    given = getattr(settings, "EYOT", None)
    found = given.get(name, default) if isinstance(given, Mapping) else default
    return found if isinstance(found, str) else default


def read() -> DjangoOptions:
    """Read ``settings.EYOT``; raises ``ConfigError`` for what cannot be used."""
    given = getattr(settings, "EYOT", {})
    if not isinstance(given, Mapping):
        raise _wrong(f"is {type(given).__name__} instead of a dict of options")
    values = {name: _value(name, value) for name, value in given.items() if value is not None}
    own = {name.lower(): values.pop(name) for name in _OWN if name in values}
    own["shells"] = policies(own.get("shells", {}), "settings.EYOT['SHELLS']")
    core = {name.lower(): value for name, value in values.items()}
    core.setdefault("default", DjangoJSONEncoder().default)
    core.setdefault("lang", lang)
    # The address of an island says nothing of its page's language; the token can.
    core.setdefault("page", _has_language_prefixes())
    if "login_url" in core:
        core["login_url"] = resolve_url(core["login_url"])
    return DjangoOptions(Options.read(core), **own)


def _value(name: Any, value: Any) -> Any:
    if name not in _KNOWN:
        near = nearest(str(name).upper(), _KNOWN)
        raise _wrong(f"has no option {name!r}: " + (f"{near!r} is meant" if near else f"there are {', '.join(_KNOWN)}"))
    if name in _LISTS:
        if isinstance(value, str) or not all(isinstance(item, str) for item in value):
            raise _wrong(f"[{name!r}] is a list of strings")
        return tuple(value)
    if name in _FUNCTIONS:
        return _function(name, value)
    kind = _PLAIN[name]
    if kind is not None and type(value) is not kind and not (kind is dict and isinstance(value, Mapping)):
        raise _wrong(f"[{name!r}] is {type(value).__name__} instead of {kind.__name__}")
    return value


def _function(name: str, value: Any) -> Callable[..., Any]:
    if isinstance(value, str):
        try:
            value = import_string(value)
        except ImportError as error:
            raise _wrong(f"[{name!r}]: {error}") from error
    if not callable(value):
        raise _wrong(f"[{name!r}] is {type(value).__name__} instead of a function or its dotted path")
    found: Callable[..., Any] = value
    return found


def _wrong(what: str) -> ConfigError:
    return ConfigError(f"settings.EYOT {what}" if what[0] != "[" else f"settings.EYOT{what}", "option")


def lang() -> str:
    """Return the language that Django has activated."""
    return translation.get_language() or "" if settings.USE_I18N else ""


def _has_language_prefixes() -> bool:
    return bool(settings.USE_I18N and is_language_prefix_patterns_used(settings.ROOT_URLCONF)[0])
