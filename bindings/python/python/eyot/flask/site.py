"""One app's islands: options, keys, core's configuration, and the context of the current request."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from flask import Flask, has_request_context, request

from .. import _eyot
from ..errors import Error
from . import declared
from .environ import RequestLine, station
from .keys import MISSING, KeySource
from .refusals import logger
from .splitting import split

if TYPE_CHECKING:
    from flask import Response

    from .refusals import OnRefusal
    from .views import Registration


@dataclass(frozen=True, slots=True)
class Options:
    """What :class:`eyot.flask.Islands` was given, for one app."""

    keys: str | _eyot.KeyRing | None = None
    elsewhere: tuple[str, ...] = ()
    prefix: str = "/_server-islands"
    origin: str | None = None
    allowed_origins: tuple[str, ...] = ()
    login_url: str | None = None
    locations: tuple[str, ...] = ()
    url_limit: int = 2000
    loader: bool = True
    stylesheet: bool = True
    html_pass: bool = True
    seal: Literal["stable", "unlinkable"] = "stable"
    page: bool = False
    ttl: int | None = None
    ttl_grid: int | None = None
    max_islands: int | None = None
    max_island_bytes: int | None = None
    default: Callable[[Any], Any] | None = None
    audience: Callable[[], str] | None = None
    lang: Callable[[], str] | None = None
    on_refusal: OnRefusal | None = None


@dataclass(slots=True)
class Site:
    """The islands of one app. Also what its templates call."""

    app: Flask
    options: Options
    names: dict[str, Registration]
    has_policies: bool = False
    _core: _eyot.Islands | None = None
    _settled: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _keys: KeySource = field(init=False)

    def __post_init__(self) -> None:
        self._keys = KeySource(self.app, self.options.keys)

    def inner(self, response: Response) -> Response:
        """Act as the inner station."""
        state = station(request.environ)
        # An error that the handler forwards is no island, and keeps what the app puts on its pages.
        if state.pending and response.status_code in (200, 304):
            state.own_policies = response.headers.getlist("Content-Security-Policy")
        switch = declared.html_pass(self.app, request.endpoint)
        return split(self, response) if (self.options.html_pass if switch is None else switch) else response

    @property
    def core(self) -> _eyot.Islands:
        """Core's configuration, made when it is first asked for: islands may be declared until then, and after."""
        if self._core is None:
            self._core = self._configured()
        return self._core

    def _configured(self) -> _eyot.Islands:
        options = self.options
        return _eyot.Islands(
            self._keys.read(),
            islands=list(self.names),
            elsewhere=options.elsewhere,
            prefix=options.prefix,
            origin=options.origin,
            allowed_origins=options.allowed_origins,
            login_url=options.login_url,
            locations=options.locations,
            url_limit=options.url_limit,
            loader=options.loader,
            stylesheet=options.stylesheet,
            seal=options.seal,
            page=options.page,
            ttl=options.ttl,
            ttl_grid=options.ttl_grid,
            max_islands=options.max_islands,
            max_island_bytes=options.max_island_bytes,
        )

    def changed(self) -> None:
        """Forget core's configuration: an island was declared."""
        self._core = None

    def check(self) -> None:
        """Refuse keys and options that cannot be used, before there is a visitor; warn where there is no key yet."""
        if self._keys.exists():
            self._configured()
        else:
            logger.warning("%s; without one the first request fails", MISSING)

    def reload_keys(self) -> None:
        """Read the keys again."""
        keys = self._keys.read()
        if self._core is not None:
            self._core.set_keys(keys)

    def follow_keys(self) -> None:
        """Read the keys again if their file changed; keys that cannot be read leave those in force."""
        if not self._keys.have_changed():
            return
        try:
            self.reload_keys()
        except Error as error:
            logger.error("the changed key file was not read, the keys before it stay in force: %s", error)
        else:
            logger.info("the key file changed: its keys are in force")

    def settle(self) -> None:
        """Take the places that depend on other extensions, once all of them have theirs: at the first request."""
        if self._settled:
            return
        with self._lock:
            if not self._settled:
                self._take_places()
                self._settled = True

    def _take_places(self) -> None:
        # Flask runs the last one first: the page is split before it is minified or compressed.
        self.app.after_request_funcs.setdefault(None, []).append(self.inner)
        exempt_from_csrf(self.app, [f"eyot.{name}" for name in self.names])

    def audience(self) -> str:
        """Return the string that sealing and opening must agree on."""
        return self.options.audience() if self.options.audience else ""

    def context(self) -> _eyot.Context:
        """Return what the current request brings to its islands."""
        if not has_request_context():
            return _eyot.Context(audience=self.audience())
        line, state = RequestLine.of(request.environ), station(request.environ)
        lang = self.options.lang() if self.options.lang else ""
        # An island within an island belongs to no page of its own, and the page around it has the loader.
        return _eyot.Context(
            mount=line.mount,
            page=None if state.pending else (line.path, lang),
            audience=self.audience(),
            is_post=line.method not in ("GET", "HEAD"),
            loader=state.pending is None,
            shell_life=state.policy.life if state.policy else None,
        )

    @property
    def default(self) -> Callable[[Any], Any] | None:
        """What converts a prop that JSON cannot hold."""
        return self.options.default

    def placeholder(
        self,
        name: str,
        props: Mapping[str, Any] | None,
        *,
        fallback: str,
        error: str,
        slots: Mapping[str, str],
        options: Mapping[str, Any],
    ) -> str:
        """Write a placeholder."""
        return self.core.placeholder(
            name,
            props,
            fallback=fallback,
            error=error or None,
            slots=list(slots.items()),
            context=self.context(),
            default=self.default,
            **options,
        )

    def attributes(self, name: str, props: Mapping[str, Any] | None, options: Mapping[str, Any]) -> str:
        """Write the attributes of a placeholder."""
        return self.core.attributes(name, props, context=self.context(), default=self.default, **options)

    def url(self, name: str, props: Mapping[str, Any] | None, options: Mapping[str, Any]) -> str:
        """Write the URL of an island."""
        return self.core.url(name, props, context=self.context(), default=self.default, **options)

    def loader_tags(self) -> str:
        """Write the tags of loader and style sheet."""
        return self.core.loader_tags(self.context())


def exempt_from_csrf(app: Flask, endpoints: list[str]) -> None:
    """Exempt island routes: a sealed token, and the checks of where a request comes from, do that work there."""
    found = [app.extensions.get("csrf")]
    # SeaSurf leaves no trace but its method.
    found += [getattr(function, "__self__", None) for function in app.before_request_funcs.get(None, ())]
    for extension in found:
        exempt = getattr(extension, "exempt", None)
        if type(extension).__name__ in ("CSRFProtect", "SeaSurf") and callable(exempt):
            for endpoint in endpoints:
                exempt(app.view_functions[endpoint])
