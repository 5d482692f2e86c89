"""The order of ``MIDDLEWARE``: what is wrong with it, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

OUTER = "eyot.django.middleware.OuterMiddleware"
INNER = "eyot.django.middleware.InnerMiddleware"
LOGIN_REQUIRED = "django.contrib.auth.middleware.LoginRequiredMiddleware"

_GZIP = "django.middleware.gzip.GZipMiddleware"
_UPDATE = "django.middleware.cache.UpdateCacheMiddleware"
_FETCH = "django.middleware.cache.FetchFromCacheMiddleware"
_REMOTE_USER = "django.contrib.auth.middleware.RemoteUserMiddleware"
# What reads cookies: a page that it shapes on a route with a policy would be one visitor's.
_PERSONAL = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    _REMOTE_USER,
    LOGIN_REQUIRED,
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
)
# What writes a policy with a nonce: only the leak guard can tell that a shell must not have one.
_NONCES = ("django.middleware.csp.ContentSecurityPolicyMiddleware", "csp.middleware.CSPMiddleware")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong: a code, a sentence, what to do, and whether the project must not start."""

    code: str
    text: str
    hint: str
    is_fatal: bool = True


def faults() -> list[Fault]:
    """Return all faults. A subclass of a middleware counts as that middleware."""
    names = [str(name) for name in settings.MIDDLEWARE]
    outers, inners = ([at for at, name in enumerate(names) if _is(name, (kind,))] for kind in (OUTER, INNER))
    missing = [kind for kind, places in ((OUTER, outers), (INNER, inners)) if not places]
    if missing:
        hint = f"put '{OUTER}' before SessionMiddleware and '{INNER}' last"
        return [Fault("eyot.E010", f"MIDDLEWARE lacks {' and '.join(missing)}", hint)]
    outer, inner = outers[0], inners[0]
    if outer > inner:
        hint = "exchange them: OuterMiddleware is the outer one"
        return [Fault("eyot.E011", f"{INNER} comes before {OUTER}", hint)]
    return [*_around_outer(names, outer), *_around_inner(names, outer, inner)]


@lru_cache(maxsize=1)
def trusted_meta(middleware: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys of ``request.META`` by which a server, and no cookie, says who the visitor is.

    Django's own is there whether its middleware is or not; a derived one may read another.
    """
    kinds = [_imported(name) for name in middleware if _is(name, (_REMOTE_USER,))]
    return ("REMOTE_USER", *dict.fromkeys(str(kind.header) for kind in kinds if kind.header != "REMOTE_USER"))


def _around_outer(names: list[str], outer: int) -> Iterator[Fault]:
    for name in names[:outer]:
        if _is(name, _PERSONAL):
            hint = f"move '{OUTER}' before it: views with a shell policy must not see what it finds in cookies"
            yield Fault("eyot.E012", f"{name} comes before {OUTER}", hint)
        if _is(name, _NONCES):
            hint = f"move '{OUTER}' before it, so that the leak guard sees a nonce"
            yield Fault("eyot.W013", f"{name} comes before {OUTER}", hint, is_fatal=False)
    for name in names[outer:]:
        if _is(name, (_UPDATE,)):
            hint = "make it the first: it would write Cache-Control, which then wins over every shell policy"
            yield Fault("eyot.E014", f"{name} comes after {OUTER}", hint)


def _around_inner(names: list[str], outer: int, inner: int) -> Iterator[Fault]:
    for name in names[inner:]:
        if _is(name, _PERSONAL):
            yield Fault("eyot.E015", f"{name} comes after {INNER}", f"move '{INNER}' behind it: islands need it")
        if _is(name, (_GZIP,)):
            hint = f"move it before '{OUTER}': a compressed page is not split"
            yield Fault("eyot.E016", f"{name} comes after {INNER}", hint)
        if _is(name, (_FETCH,)):
            hint = f"move '{INNER}' behind it: with 'island-fresh' in the query it would still answer from the cache"
            yield Fault("eyot.W017", f"{name} comes after {INNER}", hint, is_fatal=False)
    for name in names[outer:inner]:
        if _is(name, (_GZIP,)):
            hint = f"move it before '{OUTER}': there it compresses shells, and leaves their ETag alone"
            yield Fault("eyot.W018", f"{name} comes after {OUTER}", hint, is_fatal=False)


def _is(name: str, kinds: tuple[str, ...]) -> bool:
    """Tell whether a middleware is one of ``kinds``, or derived from one."""
    if name in kinds:
        return True
    found = _imported(name)
    classes = tuple(kind for kind in map(_imported, kinds) if isinstance(kind, type))
    return isinstance(found, type) and issubclass(found, classes)


@lru_cache(maxsize=256)
def _imported(name: str) -> Any:
    try:
        return import_string(name)
    except ImportError:
        # Django says so itself, or it is one of those that not every project has.
        return None
