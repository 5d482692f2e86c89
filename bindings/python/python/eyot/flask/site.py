"""One app's islands: its keys, its policies, its places among other extensions, and the current request's context."""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING

from flask import Flask, has_request_context, request
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from .. import _eyot, site
from ..declared import html_pass, policy
from ..guards import described, guard
from ..keys import KeySource, Places
from ..wsgi.environ import request_line, station
from .csrf import FALLBACK
from .inner import split
from .signals import island_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from flask import Response

    from ..registry import Registry
    from ..stations import RequestLine, Station
    from ..wsgi.environ import Environ

logger = logging.getLogger("eyot.flask")

_MISSING = (
    "no key: set EYOT_KEYS or EYOT_KEYS_FILE, in the app's configuration or the environment, or the app's SECRET_KEY, "
    "before init_app; python -m eyot keygen prints a key"
)


_MOST = 1000


class Site(site.Site):
    """The islands of one app. Also what its templates call."""

    def __init__(
        self,
        app: Flask,
        options: site.Options,
        names: Registry,
        has_policies: bool,
        shells: Mapping[str, _eyot.Policy | None],
    ) -> None:
        super().__init__(options, names, key_source(app, options.keys), logger)
        self.app = app
        self.has_policies = has_policies or bool(shells)
        self.shells = shells
        self.endpoints: list[str] = []
        # The endpoints of paths that were asked for: to find one takes longer than all else here.
        self._endpoints: dict[tuple[str, str], str] = {}
        self._settled = False
        self._lock = threading.Lock()

    @property
    def is_debug(self) -> bool:
        """Whether faults are shown to the visitor."""
        return self.app.debug if self.options.debug is None else self.options.debug

    def inner(self, response: Response) -> Response:
        """Act as the inner station."""
        return split(self, response, splits=self._splits())

    def _splits(self) -> bool:
        """Tell whether the HTML that the current request's view answers is split."""
        return html_pass(self.app.view_functions.get(request.endpoint or ""), self.options.html_pass)

    def arriving(self) -> None:
        """Do what is due when a request comes."""
        self._settle()
        self.follow_keys()

    def _settle(self) -> None:
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
        exempt_from_csrf(self.app, self.endpoints)
        self._check_policies()

    def add_csrf_island(self, name: str) -> None:
        """Give templates the function that writes the placeholder of the CSRF field."""

        def csrf_island() -> Markup:
            return Markup(self.placeholder(name, None, fallback=FALLBACK, error="", slots={}, options={}))  # noqa: S704

        self.app.jinja_env.globals["csrf_island"] = csrf_island

    def _check_policies(self) -> None:
        """Name views that do not exist, and those that need to know their visitor."""
        views = self.app.view_functions
        for endpoint in self.shells.keys() - views.keys():
            near = _eyot.nearest(endpoint, sorted(views))
            meant = f"{near!r} is meant" if near else "it takes what url_for() takes, not a path"
            self.mistake("shells-unknown", f"SHELLS has {endpoint!r}, which is no endpoint of this app: {meant}")
        for endpoint, view in views.items():
            found, policy = guard(view), self._policy_of(endpoint)
            if found and policy and not policy.cookies:
                self.mistake("policy-guarded", described(f"the view of {endpoint!r}", found))

    def _policy_of(self, endpoint: str) -> _eyot.Policy | None:
        return self.shells[endpoint] if endpoint in self.shells else policy(self.app.view_functions.get(endpoint))

    def policy(self, environ: Environ, line: RequestLine) -> _eyot.Policy | None:  # noqa: ARG002 - other hosts'
        """Return the shell policy of the view that Flask will choose."""
        if not self.has_policies:
            return None
        key = (environ["REQUEST_METHOD"], environ.get("PATH_INFO", ""))
        endpoint = self._endpoints.get(key)
        if endpoint is None:
            endpoint = self._endpoint_of(environ)
            if endpoint is not None and not (self.app.url_map.host_matching or self.app.subdomain_matching):
                if len(self._endpoints) >= _MOST:
                    self._endpoints.clear()
                self._endpoints[key] = endpoint
        return None if endpoint is None else self._policy_of(endpoint)

    def _endpoint_of(self, environ: Environ) -> str | None:
        try:
            # Raises for a Host that cannot be one: the app's own answer says so.
            adapter = self.app.create_url_adapter(self.app.request_class(environ))
            if adapter is None:
                return None
            endpoint: str = adapter.match()[0]
        except HTTPException:
            return None
        return endpoint

    def _listeners(self, state: Station | None) -> Iterator[Callable[[_eyot.Event], object]]:
        """Return who is told of events, the signal's listeners among them."""
        yield from super()._listeners(state)
        yield lambda event: island_event.send(self.app, event=event)

    def audience(self) -> str:
        """Return the string that sealing and opening must agree on."""
        return self.options.audience() if self.options.audience else ""

    def station(self) -> Station | None:
        """Return what the stations know of the current request."""
        return station(request.environ) if has_request_context() else None

    def path(self) -> str:
        """Return the path of the current request, as a browser shows it; nothing outside of one."""
        return request_line(request.environ).path if has_request_context() else ""

    def context(self) -> _eyot.Context:
        """Return what the current request brings to its islands."""
        if not has_request_context():
            return _eyot.Context(audience=self.audience())
        lang = self.options.lang() if self.options.lang else ""
        return self._context(
            request_line(request.environ),
            station(request.environ),
            audience=self.audience(),
            lang=lang,
            split=self._settled and self._splits(),
        )


def key_source(app: Flask, given: str | _eyot.KeyRing | None) -> KeySource:
    """Return where an app's keys are looked for: ``given``, its configuration, the environment, its secrets."""

    def secrets() -> list[str | bytes]:
        current = app.config.get("SECRET_KEY")
        return [current, *(app.config.get("SECRET_KEY_FALLBACKS") or ())] if current else []

    settings = (("app.config", app.config), ("the environment", os.environ))
    name = "SECRET_KEY with SECRET_KEY_FALLBACKS"
    return KeySource(Places(_MISSING, given=given, settings=settings, secrets=secrets, secrets_name=name))


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
