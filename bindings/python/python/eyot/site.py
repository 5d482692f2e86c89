"""One app's islands, whatever its framework: options, keys, core's configuration, and what templates call."""

from __future__ import annotations

import base64
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from . import _eyot
from .errors import ConfigError, Error
from .files import Plain
from .keys import KeySource
from .registry import Registry
from .stations import RequestLine, Station

PREFIX = "/_server-islands"
# Options that core has no part in.
_FUNCTIONS = ("default", "audience", "lang", "on_event")
_OF_HOSTS = ("keys", *_FUNCTIONS)
URL_OPTIONS = ("page", "seal", "ttl")
OPTIONS = ("when", "key", "keep", "refresh", "redirect", "timeout", *URL_OPTIONS, "deliver")


@dataclass(frozen=True, slots=True)
class Options:
    """What an app's islands were given. What ``audience`` and ``lang`` are called with is the host's to say."""

    # As they were given, for core to read.
    core: Mapping[str, Any]
    prefix: str
    html_pass: bool
    deadline: int
    keys: str | _eyot.KeyRing | None = None
    debug: bool | None = None
    default: Callable[[Any], Any] | None = None
    audience: Callable[..., str] | None = None
    lang: Callable[..., str] | None = None
    on_event: Callable[[_eyot.Event], object] | None = None

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Options:
        """Read options as they were given; a ``ConfigError`` names what is none, or cannot be used."""
        own = {name: given[name] for name in _OF_HOSTS if name in given}
        for name in _FUNCTIONS:
            if own.get(name) is not None and not callable(own[name]):
                raise ConfigError(f"{name}: is of the type {type(own[name]).__name__}: use a function", "option")
        # An iterator would be read once only.
        core: dict[str, Any] = {
            name: tuple(value) if isinstance(value, Iterator) else value
            for name, value in given.items()
            if name not in _OF_HOSTS
        }
        # The key is never used: what core makes of the options does not depend on it.
        read = _eyot.Islands(base64.b64encode(bytes(range(32))).decode(), **core)
        made = cls(core, read.prefix, read.html_pass, read.deadline, **own)
        return replace(made, debug=core.get(made._spelt("debug")))

    @property
    def elsewhere(self) -> Sequence[str]:
        """The islands that another host answers."""
        return tuple(self.core.get(self._spelt("elsewhere")) or ())

    def _spelt(self, name: str) -> str:
        return name.upper() if self.core.get("upper") else name

    def configured(self, keys: _eyot.KeyRing, names: Iterable[str], *, debug: bool = False) -> _eyot.Islands:
        """Make core's configuration for the islands ``names``, which have their handlers here."""
        return _eyot.Islands(keys, islands=list(names), **{**self.core, self._spelt("debug"): debug})


class Site:
    """The islands of one app. A host derives from it and says what the current request's context is.

    ``registry`` may grow: :meth:`changed` then has core's configuration made anew.
    """

    def __init__(self, options: Options, registry: Registry, keys: KeySource, logger: logging.Logger) -> None:
        self.options = options
        self.logger = logger
        self.registry = registry
        self._keys = keys
        self._core: _eyot.Islands | None = None
        self._core_debugs = False
        self.plain = Plain()
        # Who is told of events beside the option: tests.
        self.listeners: list[Callable[[_eyot.Event], object]] = []

    @property
    def is_debug(self) -> bool:
        """Whether faults are shown to the visitor."""
        return bool(self.options.debug)

    @property
    def core(self) -> _eyot.Islands:
        """Core's configuration, made when it is first asked for: islands may be declared until then, and after."""
        is_debug = self.is_debug
        if self._core is None or self._core_debugs is not is_debug:
            self._core, self._core_debugs = self._configured(), is_debug
        return self._core

    def _configured(self) -> _eyot.Islands:
        return self.options.configured(self._read_keys(), self.registry, debug=self.is_debug)

    def _read_keys(self) -> _eyot.KeyRing:
        return self._keys.read(debug=self.is_debug, log=partial(self.log, None))

    def changed(self) -> None:
        """Forget core's configuration: an island was declared."""
        self._core = None

    def check(self) -> None:
        """Refuse keys and options that cannot be used, before there is a visitor; warn where there is no key yet."""
        if self._keys.exists():
            self._configured()
        else:
            missing = f"{self._keys.missing}; without one the first request fails"
            self.log(None, _eyot.Event(logging.WARNING, "key-missing", missing))

    def reload_keys(self) -> None:
        """Read the keys again."""
        keys = self._read_keys()
        if self._core is not None:
            self._core.set_keys(keys)

    def follow_keys(self) -> None:
        """Read the keys again if their file changed; keys that cannot be read leave those in force."""
        if self._keys.file is None or not self._keys.have_changed():
            return
        try:
            self.reload_keys()
        except Error as error:
            unread = f"the changed key file was not read, the keys before it stay in force: {error}"
            self.log(None, _eyot.Event(logging.ERROR, "keys-unreadable", unread))
        else:
            changed = "the key file changed: its keys are in force"
            self.log(None, _eyot.Event(logging.INFO, "keys-changed", changed))

    def arrive(
        self,
        state: Station,
        line: RequestLine,
        headers: list[tuple[str, str]],
        policy: _eyot.Policy | None,
        visitor: str | None,
    ) -> _eyot.Sent | None:
        """Ask core what a request is: return what is answered at once, or note in ``state`` the exchange that it is."""
        log = partial(self.log, state)
        found = self.core.arrive(
            line.method, line.target, headers, log, mount=line.mount, policy=policy, visitor=visitor
        )
        if not isinstance(found, _eyot.Exchange):
            return found
        state.exchange = found
        if found.policy:
            state.is_anonymous = not found.policy.cookies
        elif found.name:
            shared = self.registry[found.name].shared
            if shared is not None:
                # Known before the island is opened: a cache between the stations may answer in its place.
                found.share(shared)
                state.is_anonymous = True
        return None

    def take_body(self, state: Station, body: bytes) -> _eyot.Sent | None:
        """Take in a posted token; returns what is answered at once to a body that is none."""
        return state.exchange.take_body(body, partial(self.log, state)) if state.exchange else None

    def log(self, state: Station | None, event: _eyot.Event) -> None:
        """Log what core or the host says of a request, or of none, and tell who asked to be told."""
        self.logger.log(event.level, "%s", event, extra={"eyot": event.fields()})
        if state and event.level >= logging.ERROR:
            state.problems += ((event.code, event.message),)
        for listener in self._listeners(state):
            try:
                listener(event)
            except Exception:  # noqa: PERF203 - one or two
                self.logger.exception("what listens to eyot's events failed, which changes nothing else")

    def mistake(self, code: str, text: str, *, path: str = "") -> None:
        """Raise what a developer got wrong while debugging; in production it is logged."""
        if self.is_debug:
            raise ConfigError(text, code)
        self.log(None, _eyot.Event(logging.ERROR, code, text, path=path))

    def note_session(self, state: Station, path: str, session: Any) -> None:
        """Say, while debugging, that a view under a policy read the session and saw nobody, or wrote to it."""
        if not (self.is_debug and state.is_anonymous and state.exchange and state.exchange.policy):
            return
        cure = "use the session in an island, or let the policy show cookies to the view (cookies=True)"
        if getattr(session, "modified", False):
            keys = ", ".join(map(repr, session.keys()))
            text = f"the view wrote {keys or 'nothing'} to the session, which nobody keeps under a shell policy: {cure}"
            self.log(state, _eyot.Event(logging.WARNING, "policy-session-written", text, path=path))
        elif getattr(session, "accessed", False):
            text = f"the view read the session, or the user in it, and saw nobody, as its shell policy says: {cure}"
            self.log(state, _eyot.Event(logging.WARNING, "policy-session-read", text, path=path))

    def _listeners(self, state: Station | None) -> Iterator[Callable[[_eyot.Event], object]]:  # noqa: ARG002 - a host's
        """Return who is told of events; hosts with signals add theirs."""
        yield from self.listeners
        if self.options.on_event:
            yield self.options.on_event

    def deadline(self, name: str | None) -> int:
        """Return how many seconds the handler of an island may take; 0 where there is no limit."""
        if name is None:
            return 0
        own = self.registry[name].deadline
        return self.options.deadline if own is None else own

    def log_late(self, state: Station, seconds: float) -> None:
        """Log that a handler took too long."""
        name = state.name or ""
        text = f"the handler of the island {name} took {seconds:.1f} s, and its deadline is {self.deadline(name)} s"
        path, ms = f"{self.options.prefix}/{name}", int(seconds * 1000)
        self.log(state, _eyot.Event(logging.ERROR, "handler-slow", text, path=path, island=name, ms=ms))

    @contextmanager
    def timed(self, state: Station) -> Iterator[None]:
        """Log where the handler, which nothing can stop in its thread, takes longer than its deadline."""
        started, deadline = time.monotonic(), self.deadline(state.name)
        yield
        seconds = time.monotonic() - started
        if deadline and seconds > deadline:
            self.log_late(state, seconds)

    def _fall_back(self, error: ConfigError) -> None:
        """Log what a page's markup would have been forgiven for; raise it while debugging, and anything else."""
        if self.is_debug or error.code != "name-unknown":
            raise error
        state, path = self.station(), self.path()
        if state and state.exchange:
            state.exchange.note_faulty()
        self.log(state, _eyot.Event(logging.ERROR, error.code, str(error), path=path))

    def station(self) -> Station | None:
        """Return what the stations know of the current request."""
        raise NotImplementedError

    def path(self) -> str:
        """Return the path of the current request, as a browser shows it; nothing outside of one."""
        raise NotImplementedError

    def context(self) -> _eyot.Context:
        """Return what the current request brings to its islands."""
        raise NotImplementedError

    @property
    def seals_outside(self) -> bool:
        """Whether tokens can be made at the outer station, where the session is not known."""
        return not (self.options.audience or self.options.lang)

    def outside(self, line: RequestLine, state: Station) -> _eyot.Context:
        """Return what a request brings to islands of a page that the inner station has not seen."""
        return self._context(line, state, audience="", lang="", split=True, seals=self.seals_outside)

    def _context(
        self, line: RequestLine, state: Station, *, audience: str, lang: str, split: bool, seals: bool = True
    ) -> _eyot.Context:
        policy = state.exchange.policy if state.exchange else None
        # An island within an island belongs to no page of its own, and the page around it has the loader.
        return _eyot.Context(
            mount=line.mount,
            page=None if state.name else (line.path, lang),
            audience=audience,
            is_post=line.method not in ("GET", "HEAD"),
            loader=state.name is None,
            split=split,
            seals=seals,
            shell_life=policy.life if policy else None,
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
        """Write a placeholder; in production the fallback of an island that is not declared."""
        check_options(name, options)
        try:
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
        except ConfigError as unknown:
            self._fall_back(unknown)
            return fallback

    def attributes(self, name: str, props: Mapping[str, Any] | None, options: Mapping[str, Any]) -> str:
        """Write the attributes of a placeholder; in production none for an island that is not declared."""
        check_options(name, options)
        try:
            return self.core.attributes(name, props, context=self.context(), default=self.default, **options)
        except ConfigError as unknown:
            self._fall_back(unknown)
            return ""

    def url(self, name: str, props: Mapping[str, Any] | None, options: Mapping[str, Any]) -> str:
        """Write the URL of an island; in production one with nothing there, for an island that is not declared."""
        check_options(name, options, URL_OPTIONS)
        try:
            return self.core.url(name, props, context=self.context(), default=self.default, **options)
        except ConfigError as unknown:
            self._fall_back(unknown)
            return "about:blank"

    def loader_tags(self) -> str:
        """Write the tags of loader and style sheet."""
        return self.core.loader_tags(self.context())


def check_options(name: str, options: Iterable[str], known: Sequence[str] = OPTIONS) -> None:
    """Refuse an option that islands do not have: a slip, or a prop that stands where options do."""
    for option in options:
        if option in known:
            continue
        near = _eyot.nearest(option, known)
        meant = f"{near!r} is meant" if near else f"a prop stands behind 'with' in a tag, as in with {option}=…"
        raise ConfigError(
            f"the island {name!r} has no option {option!r}: {meant}; options are {', '.join(known)}; "
            "functions get props as a dict",
            "option",
        )
