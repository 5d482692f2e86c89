"""The options of islands, as types.

Written by ``cargo run -p eyot --example options -- --write`` from core/src/options: change it there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from .durations import Duration

if TYPE_CHECKING:
    from ._eyot import Event


class Options(TypedDict, total=False):
    """The options that every host's ``Islands`` takes, beside its keys and policies."""

    prefix: str
    """The path below which islands are asked for. Default: ``/_server-islands``."""

    elsewhere: Iterable[str]
    """Names of islands that pages may hold and another host answers. Default: none."""

    origin: str
    """Another origin that answers the islands of this host's shells, such as ``https://islands.example``. Default:
    this host.
    """

    allowed_origins: Iterable[str]
    """Origins whose shells this host answers islands for. Default: none."""

    login_url: str
    """Where a handler's 401 sends the visitor: a path from the root, or an http(s) URL. Default: nowhere."""

    locations: Iterable[str]
    """Origins, other than the host's own, that a handler may redirect to. Default: none."""

    identity_headers: Iterable[str]
    """The headers that say who the visitor is, beside ``Cookie`` and ``Authorization``. Views under a policy without
    cookies, and shared islands, do not see them. A ``*`` at a name's end stands for any ending. Default: those that
    proxies are known to send.
    """

    ttl: Duration
    """How long tokens stay valid that do not say. Default: for ever."""

    ttl_grid: Duration
    """The step that expiries are rounded up to, so that tokens stay the same inside it. Default: the time to live."""

    seal: Literal["stable", "unlinkable"]
    """How tokens are sealed that do not say: ``stable`` (the same content gives the same token) or ``unlinkable`` (no
    two tokens can be linked). Default: ``stable``.
    """

    page: bool
    """Whether the page's path and language travel in tokens that do not say. Default: off."""

    url_limit: int
    """The length in bytes above which an island is asked for by POST. Default: 2,000."""

    max_islands: int
    """The most islands on a page. Default: 1,000."""

    max_island_bytes: int
    """The most bytes of one island in a page. Default: 1 MiB."""

    deadline: Duration
    """How long the handler of an island may take; 0 for no limit. Default: 30 seconds."""

    html_pass: bool
    """Whether HTML is searched for directives. Without it, the template helpers write placeholders. Default: on."""

    loader: bool
    """Whether split pages get the loader's tags. Default: on."""

    stylesheet: bool
    """Whether the style sheet's tag is among the loader's tags. A site that turns it off says
    ``server-island{display:contents}`` in its own. Default: on.
    """

    inline_loader: bool
    """Whether the loader and the style sheet stand in the page itself, instead of in files of their own. It saves a
    visitor's first page a round trip, and costs each page 3 kB. A ``Content-Security-Policy`` allows them by their
    hashes. Default: off.
    """

    preload: bool
    """Whether the head of a page that is split whole gets a ``<link rel="preload">`` for each island that is loaded at
    once, so that the browser asks for them before the loader runs. Islands of another origin, that are asked for by
    POST, or that stand in a ``template`` or an error slot get none. Default: off.
    """

    debug: bool
    """Whether faults are shown to the visitor: in place of a page, in a refusal's body, and in the browser's console,
    where the loader says what is wrong with an island that fails or is slow. For development. Default: as the
    framework has it.
    """

    default: Callable[[Any], Any]
    """What makes a value that JSON can hold of a prop that it cannot hold. Default: the framework's own encoder, where
    it has one.
    """

    audience: Callable[..., str]
    """Tells a text that sealing and opening must agree on, such as the tenant. Default: none."""

    lang: Callable[..., str]
    """Tells the language of the page, for tokens that hold the page. Default: the language that the framework has
    activated, where it has one.
    """

    on_event: Callable[[Event], object]
    """Is called with each event: refusals, leaks, faults, keys that changed, handlers that took too long. Never with a
    token or a prop. Default: none.
    """


class DjangoOptions(TypedDict, total=False):
    """What ``settings.EYOT`` takes."""

    PREFIX: str
    """The path below which islands are asked for. Default: ``/_server-islands``."""

    ELSEWHERE: Iterable[str]
    """Names of islands that pages may hold and another host answers. Default: none."""

    ORIGIN: str
    """Another origin that answers the islands of this host's shells, such as ``https://islands.example``. Default:
    this host.
    """

    ALLOWED_ORIGINS: Iterable[str]
    """Origins whose shells this host answers islands for. Default: none."""

    LOGIN_URL: str
    """Where a handler's 401 sends the visitor: a path from the root, or an http(s) URL. Default: nowhere."""

    LOCATIONS: Iterable[str]
    """Origins, other than the host's own, that a handler may redirect to. Default: none."""

    IDENTITY_HEADERS: Iterable[str]
    """The headers that say who the visitor is, beside ``Cookie`` and ``Authorization``. Views under a policy without
    cookies, and shared islands, do not see them. A ``*`` at a name's end stands for any ending. Default: those that
    proxies are known to send.
    """

    TTL: Duration
    """How long tokens stay valid that do not say. Default: for ever."""

    TTL_GRID: Duration
    """The step that expiries are rounded up to, so that tokens stay the same inside it. Default: the time to live."""

    SEAL: Literal["stable", "unlinkable"]
    """How tokens are sealed that do not say: ``stable`` (the same content gives the same token) or ``unlinkable`` (no
    two tokens can be linked). Default: ``stable``.
    """

    PAGE: bool
    """Whether the page's path and language travel in tokens that do not say. Default: off."""

    URL_LIMIT: int
    """The length in bytes above which an island is asked for by POST. Default: 2,000."""

    MAX_ISLANDS: int
    """The most islands on a page. Default: 1,000."""

    MAX_ISLAND_BYTES: int
    """The most bytes of one island in a page. Default: 1 MiB."""

    DEADLINE: Duration
    """How long the handler of an island may take; 0 for no limit. Default: 30 seconds."""

    HTML_PASS: bool
    """Whether HTML is searched for directives. Without it, the template helpers write placeholders. Default: on."""

    LOADER: bool
    """Whether split pages get the loader's tags. Default: on."""

    STYLESHEET: bool
    """Whether the style sheet's tag is among the loader's tags. A site that turns it off says
    ``server-island{display:contents}`` in its own. Default: on.
    """

    INLINE_LOADER: bool
    """Whether the loader and the style sheet stand in the page itself, instead of in files of their own. It saves a
    visitor's first page a round trip, and costs each page 3 kB. A ``Content-Security-Policy`` allows them by their
    hashes. Default: off.
    """

    PRELOAD: bool
    """Whether the head of a page that is split whole gets a ``<link rel="preload">`` for each island that is loaded at
    once, so that the browser asks for them before the loader runs. Islands of another origin, that are asked for by
    POST, or that stand in a ``template`` or an error slot get none. Default: off.
    """

    DEBUG: bool
    """Whether faults are shown to the visitor: in place of a page, in a refusal's body, and in the browser's console,
    where the loader says what is wrong with an island that fails or is slow. For development. Default: as the
    framework has it.
    """

    KEYS: str
    """The text of the key ring, as in ``EYOT_KEYS``, or a ring that is there already. Without keys an app does not
    start; while debugging it gets a temporary one, with a warning. Default: ``EYOT_KEYS``, else ``EYOT_KEYS_FILE``.
    """

    KEYS_FILE: str | Path
    """The path of a key file, which is read again when it changes. Default: ``EYOT_KEYS_FILE``."""

    SHELLS: Mapping[str, Mapping[str, Any]]
    """Policies of pages that no decorator marks: by the name of a route or endpoint (Django, Flask), by a pattern of
    paths elsewhere. Default: none.
    """

    DEFAULT: Callable[[Any], Any] | str
    """What makes a value that JSON can hold of a prop that it cannot hold. Default: the framework's own encoder, where
    it has one.
    """

    AUDIENCE: Callable[[Any], str] | str
    """Tells a text that sealing and opening must agree on, such as the tenant. Default: none."""

    LANG: Callable[[Any], str] | str
    """Tells the language of the page, for tokens that hold the page. Default: the language that the framework has
    activated, where it has one.
    """

    ON_EVENT: Callable[[Event], object] | str
    """Is called with each event: refusals, leaks, faults, keys that changed, handlers that took too long. Never with a
    token or a prop. Default: none.
    """

    CSRF_ISLAND: str
    """The name of the island that holds the field with the CSRF token. Default: ``CsrfField``."""
