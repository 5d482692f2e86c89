"""The native module: what it holds, its types, and what it raises."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias, final

from .durations import Duration
from .errors import MarkupError

__all__ = [
    "LOADER_HASH",
    "LOADER_MORE_HASH",
    "MARK",
    "STYLESHEET_HASH",
    "Ask",
    "Assembly",
    "Context",
    "Diagnostic",
    "Event",
    "Exchange",
    "Finding",
    "Islands",
    "KeyRing",
    "Opened",
    "Paths",
    "Policy",
    "Prepared",
    "Sent",
    "Step",
    "WayOut",
    "_fail_next",
    "audit",
    "check_name",
    "encode_props",
    "nearest",
    "seconds",
    "shell_faults",
]

MARK: str
"""The response header in which the inner station tells the outer one that it has dealt with a response."""
LOADER_HASH: str
"""The source by which a ``Content-Security-Policy`` allows the loader in a page, in ``script-src``."""
LOADER_MORE_HASH: str
"""The source by which it allows the script that the loader fetches when a page needs it, in ``script-src``."""
STYLESHEET_HASH: str
"""The source by which it allows the style sheet in a page, in ``style-src``."""

_Headers: TypeAlias = Sequence[tuple[str, str]]
_Default: TypeAlias = Callable[[Any], Any]
_Seal: TypeAlias = Literal["stable", "unlinkable"]
_MakeContext: TypeAlias = Callable[[], Context]
_Log: TypeAlias = Callable[[Event], object]

def audit(shell: bytes, /) -> list[Finding]:
    """Parse a whole page's shell as a browser does, and tell what is not as it was written, in the shell's order.

    For debugging and tests: it costs far more than the split.
    """

def _fail_next() -> None:
    """Have the next call of core's panic; in builds for tests alone."""

def check_name(name: str, /) -> None:
    """Raise ``ConfigError`` where this is no island's name."""

def nearest(name: str, known: Sequence[str], /) -> str | None:
    """Return the known name that may be meant by one that does not exist."""

def seconds(name: str, value: Duration, /) -> int:
    """Return the seconds that the option ``name`` was given; a ``ConfigError`` names what is none."""

def encode_props(props: Mapping[str, Any] | None, /, *, default: _Default | None = None) -> bytes:
    """Encode props as a token holds them: as ``json.dumps(…, separators=(",", ":"), ensure_ascii=False)`` does.

    What JSON cannot hold goes to ``default``, or is a ``PropsError`` that names the prop's path.
    """

@final
class Context:
    """What one page brings to its islands.

    ``mount`` is the app's mount point as it stands in URLs, ``page`` the path and language that travel in tokens which
    ask for them, ``audience`` a string that sealing and opening must agree on, ``is_post`` whether the page answers
    something else than a GET, so that it cannot be fetched again, ``loader`` whether a split page gets the loader's
    tags (an island's own HTML does without), ``split`` whether what is written with it is split on its way out (then
    placeholders bring their page the loader's tags), ``seals`` whether tokens can be made (where the session is not
    known, islands become their fallbacks), ``shell_life`` how many seconds caches may keep the shell,
    ``now`` the Unix time (the system's, when it is not given).
    """

    def __new__(
        cls,
        *,
        mount: str = "",
        page: tuple[str, str] | None = None,
        audience: str = "",
        is_post: bool = False,
        loader: bool = True,
        split: bool = False,
        seals: bool = True,
        shell_life: int | None = None,
        now: int | None = None,
    ) -> Context: ...

@final
class Diagnostic:
    """Something that is no error and that the page's author should know."""

    @property
    def code(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...

@final
class Finding:
    """Something in a shell that is not as its author meant it; the place is that in the shell."""

    @property
    def code(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def island(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...

@final
class KeyRing:
    """One or more keys: the first seals, all open. Safe to share between threads."""

    @staticmethod
    def parse(text: str, /) -> KeyRing:
        """Read the comma separated form of ``EYOT_KEYS``."""
    @staticmethod
    def parse_file(text: str, /) -> KeyRing:
        """Read a key file's text: one key a line, ``#`` comments."""
    @staticmethod
    def derive(secrets: Sequence[bytes], /) -> KeyRing:
        """Derive a ring from a framework's own secrets, the current one first."""
    def ids(self) -> list[str]:
        """Return the keys' ids in hexadecimal, the sealing key's first."""
    def seal(
        self,
        name: str,
        props: bytes,
        /,
        *,
        slots: bytes = ...,
        page: bytes = ...,
        audience: str = "",
        expires: int | None = None,
        nonce: bytes | None = None,
    ) -> str:
        """Seal JSON bytes as tokens hold them; the same content gives the same token unless ``nonce`` is given."""
    def open(self, name: str, token: bytes, /, *, audience: str = "", now: int | None = None) -> Opened:
        """Open a token sealed for the island ``name``; raises ``TokenError``."""

@final
class Islands:
    """A host's configuration: its islands, its keys, where islands are asked for. Safe to share between threads.

    ``keys`` is a :class:`KeyRing` or the text of ``EYOT_KEYS``; without it that variable is read, or the file that
    ``EYOT_KEYS_FILE`` names.
    """

    def __new__(
        cls,
        keys: KeyRing | str | None = None,
        *,
        islands: Sequence[str] = ...,
        upper: bool = False,
        **options: Any,
    ) -> Islands: ...
    @property
    def prefix(self) -> str:
        """The prefix below which islands are asked for."""
    @property
    def html_pass(self) -> bool:
        """Whether HTML is searched for directives where no view says otherwise."""
    @property
    def deadline(self) -> int:
        """How many seconds a handler may take that has no deadline of its own; 0 for no limit."""
    @property
    def writes_loader(self) -> bool:
        """Whether split pages get the loader's tags; a site without has a loader of its own."""
    def set_keys(self, keys: KeyRing | str, /) -> None:
        """Replace the keys, while other threads use the object."""
    def split(self, page: bytes, context: Context | None = None, /) -> bytes:
        """Split a page; one without an island comes back as the very same object. Raises ``MarkupError``."""
    def split_lenient(self, page: bytes, context: Context | None = None, /) -> tuple[bytes, list[MarkupError]]:
        """Split a page as in production: a faulty island becomes its fallback. Returns what was wrong, too."""
    def split_with_diagnostics(self, page: bytes, context: Context | None = None, /) -> tuple[bytes, list[Diagnostic]]:
        """Split a page as :meth:`split` does. Returns what the page's author should know, too."""
    def prepare(self, page: bytes, /) -> Prepared:
        """Find a page's islands once, to render it often. Raises ``MarkupError``."""
    def placeholder(
        self,
        name: str,
        props: Mapping[str, Any] | None = None,
        /,
        *,
        fallback: str = "",
        error: str | None = None,
        slots: Sequence[tuple[str, str]] | None = None,
        context: Context | None = None,
        default: _Default | None = None,
        when: str | None = None,
        key: str | int | None = None,
        keep: bool | None = None,
        refresh: str | None = None,
        redirect: Literal["event", "follow"] | None = None,
        timeout: Duration | None = None,
        page: bool | None = None,
        seal: _Seal | None = None,
        ttl: Duration | None = None,
        deliver: Literal["fetch"] | None = None,
    ) -> str:
        """Write a placeholder: what ``split`` makes of the same island in a page.

        The options from ``when`` on are those of the directive.
        """
    def attributes(
        self,
        name: str,
        props: Mapping[str, Any] | None = None,
        /,
        *,
        context: Context | None = None,
        default: _Default | None = None,
        when: str | None = None,
        key: str | int | None = None,
        keep: bool | None = None,
        refresh: str | None = None,
        redirect: Literal["event", "follow"] | None = None,
        timeout: Duration | None = None,
        page: bool | None = None,
        seal: _Seal | None = None,
        ttl: Duration | None = None,
        deliver: Literal["fetch"] | None = None,
    ) -> str:
        """Write a placeholder's attributes, for an element that a template writes itself."""
    def url(
        self,
        name: str,
        props: Mapping[str, Any] | None = None,
        /,
        *,
        context: Context | None = None,
        default: _Default | None = None,
        page: bool | None = None,
        seal: _Seal | None = None,
        ttl: Duration | None = None,
    ) -> str:
        """Write an island's URL, for libraries that fetch fragments by themselves."""
    def loader_tags(self, context: Context | None = None, /) -> str:
        """Write the tags that load the loader and the style sheet, for pages that are not split."""
    def arrive(
        self,
        method: str,
        target: str,
        headers: _Headers,
        log: _Log,
        /,
        *,
        mount: str = "",
        policy: Policy | None = None,
        visitor: str | None = None,
    ) -> Sent | Exchange | None:
        """Tell what becomes of a request whose route has this policy: ``None`` where it is the app's.

        ``target`` is the raw request target, ``mount`` the mount point as it stands in it, ``visitor`` what layers
        around the outer station have put there that says who the visitor is. ``log`` is called with each event.
        """
    def page(
        self,
        path: str,
        context: _MakeContext,
        log: _Log,
        /,
        *,
        is_debug: bool = False,
        is_head: bool = False,
        splits: bool = True,
        is_marked: bool = False,
    ) -> WayOut:
        """Begin the way out of a response through the inner station, to a request that is none of eyot's own.

        ``context`` is called once there is something to seal. ``is_marked`` says that an outer station is there.
        """
    def out(self, path: str, context: _MakeContext, log: _Log, /, *, is_head: bool = False) -> WayOut:
        """Begin the same through the outer station, of what the inner one has not seen."""

@final
class Event:
    """One line for the log, which is its ``str``. Never anything of a token in it, nor of a query."""

    def __new__(
        cls, level: int, code: str, message: str, /, *, path: str = "", island: str | None = None, ms: int | None = None
    ) -> Event:
        """Make one of the host's own."""
    @property
    def level(self) -> int:
        """Its level as ``logging`` has it."""
    @property
    def code(self) -> str:
        """A stable, lower-case code."""
    @property
    def message(self) -> str:
        """What happened, and what to do about it."""
    @property
    def path(self) -> str:
        """The path, without an island's token; empty where it is about no request."""
    @property
    def island(self) -> str | None:
        """The island that was asked for, once its name is known to be one."""
    @property
    def status(self) -> int | None:
        """Of a refusal: the status that the client gets."""
    @property
    def place(self) -> str | None:
        """Where in the page, as ``line:column``."""
    @property
    def ms(self) -> int | None:
        """Of a slow handler: how long it took."""
    @property
    def line(self) -> str: ...
    def fields(self) -> dict[str, Any]:
        """Return what it has, by name: for structured logs."""

@final
class Step:
    """What a host does next with a response."""

    @property
    def kind(self) -> Literal["pass", "wait", "collect", "decode", "edited", "stream", "instead"]:
        """Which of these.

        ``pass``: send it as it is. ``wait``: keep the head and ask again. ``collect``: collect the body for
        ``WayOut.whole``; ``decode``: the same with the coding undone. ``edited``: send the head of ``sent``, and the
        body as it comes. ``stream``: send the head of ``sent`` and what ``push`` and ``finish`` return. ``instead``:
        send ``sent``.
        """
    @property
    def coding(self) -> str | None:
        """Of ``decode``: the content coding to undo."""
    @property
    def sent(self) -> Sent | None:
        """Of ``edited`` and ``stream`` the head, of ``instead`` the whole response."""

@final
class Prepared:
    """A page whose islands are found: what does not change from one rendering to the next is only copied."""

    @property
    def islands(self) -> list[str]:
        """The names of the page's islands."""
    def render(self, context: Context | None = None, /) -> bytes:
        """Return the shell, with tokens as they are now. Raises ``MarkupError`` where an island cannot be sealed."""

@final
class Sent:
    """What goes out instead of the app's own status and headers."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> list[tuple[str, str]]: ...
    @property
    def body(self) -> bytes | None:
        """The body; ``None`` where the app's own goes out."""
    @property
    def is_same(self) -> bool:
        """Whether nothing but the mark differs from what the app made."""

@final
class WayOut:
    """The way out of one response through a station. Belongs to one thread at a time."""

    def step(self, status: int, headers: _Headers, size: Literal["unknown", "whole", "more"], /) -> Step:
        """Decide what to do with a response of which so much is known."""
    def whole(self, status: int, headers: _Headers, body: bytes, /) -> Sent | None:
        """Return what goes out of a response with this whole body; ``None`` where it goes out as the app made it."""
    def undecoded(self, status: int, headers: _Headers, /) -> Sent | None:
        """Return what goes out of a compressed page that cannot be undone."""
    def push(self, chunk: bytes, /) -> bytes:
        """Take the next chunk of a streamed page and return what can go out, often nothing."""
    def finish(self) -> bytes:
        """End a streamed page and return the rest of it."""
    def check(self) -> None:
        """Raise where the connection is to be cut, once what the last call returned has gone out."""
    def note_cut(self) -> None:
        """Log that a stream is cut which the inner station began and did not end."""
    @property
    def is_over(self) -> bool:
        """Whether a streamed page has ended, so that nothing more of it goes out."""
    @property
    def is_open(self) -> bool:
        """Whether a stream has begun and not ended: the outer station then cuts it, whoever swallowed the reason."""

@final
class Exchange:
    """A request for an island, or for a page with a policy. Safe to share between threads."""

    @property
    def name(self) -> str | None:
        """The island that is asked for; ``None`` of a page."""
    @property
    def policy(self) -> Policy | None:
        """The policy of a page; ``None`` of an island."""
    @property
    def method(self) -> str:
        """The method that the app sees."""
    @property
    def path(self) -> str | None:
        """The path that the app sees where a token was posted: with the mount point, and with the token."""
    @property
    def query(self) -> bytes | None:
        """The query that the app sees instead of the one that was sent, if it sees another."""
    @property
    def hidden_headers(self) -> list[str]:
        """The headers of the request that the app must not see."""
    @property
    def body_limit(self) -> int:
        """How many bytes of body to read, and one more; 0 where there is nothing to read."""
    def take_body(self, body: bytes, log: _Log, /) -> Sent | None:
        """Take the body that was read; returns what is answered at once to one that is no token."""
    def share(self, seconds: int, /) -> None:
        """Say for how many seconds caches keep the island, for everyone."""
    def open(self, audience: str = "", now: int | None = None, /) -> Opened | Sent:
        """Open the token, or return what the inner station answers; the outer one sends the refusal."""
    def misfit(self, why: str, /) -> Sent:
        """Say why the props do not fit; returns what the inner station answers."""
    def note_faulty(self) -> None:
        """Note that something of the page is not as it was meant, so that no cache keeps it."""
    def page(self, context: _MakeContext, log: _Log, /, *, splits: bool) -> WayOut:
        """Begin the way out through the inner station."""
    def out(self, context: _MakeContext, log: _Log, /) -> WayOut:
        """Begin the way out through the outer station."""

@final
class Opened:
    """A token's content, genuine: props, slots and page as JSON bytes."""

    @property
    def name(self) -> str: ...
    @property
    def props(self) -> bytes: ...
    @property
    def slots(self) -> bytes: ...
    @property
    def page(self) -> bytes: ...
    @property
    def expires(self) -> int | None: ...

@final
class Ask:
    """An island to ask for, as the loader does."""

    @property
    def island(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def token(self) -> str | None:
        """The token to post there, where it is too long for the address."""
    @property
    def headers(self) -> list[tuple[str, str]]:
        """The headers by which the request is one of the loader's."""
    @property
    def is_elsewhere(self) -> bool:
        """Whether another host answers."""

@final
class Assembly:
    """A page whose placeholders are filled one after the other, those in islands' answers too."""

    def __new__(cls, page: bytes, /) -> Assembly: ...
    def next(self) -> Ask | None:
        """Return the next island to ask for."""
    def answer(self, status: int, headers: Sequence[tuple[str, str]], body: bytes, /) -> None:
        """Put the answer in the page; an ``AssertionError`` says why it is none that the loader would take."""
    def skip(self) -> None:
        """Leave the placeholder as it is."""
    def finish(self) -> bytes:
        """Return the page as it is now."""

def shell_faults(islands: Islands, status: int, headers: Sequence[tuple[str, str]], body: bytes, /) -> list[str]:
    """Return what is wrong with a response that is to be a shell which shared caches keep."""

@final
class Paths:
    """Policies by patterns of paths; the most specific one that fits counts."""

    def __new__(cls) -> Paths: ...
    def add(self, pattern: str, policy: Policy | None, /) -> None:
        """Add a pattern; without a policy it excepts what it fits."""
    def find(self, path: bytes, /) -> Policy | None:
        """Return the policy for a raw path below the mount point."""
    def tell_unused(self, log: Callable[[Event], object], /) -> None:
        """Call ``log`` with an event for each pattern that none of the first 25 paths fitted, once."""

@final
class Policy:
    """How long caches keep a route's shells, in seconds, and what shapes them."""

    def __new__(
        cls,
        *,
        cdn: Duration,
        browser: Duration | None = None,
        swr: Duration | None = None,
        sie: Duration | None = None,
        cookies: bool = False,
        stream: bool = False,
    ) -> Policy: ...
    @property
    def streams(self) -> bool: ...
    @property
    def life(self) -> int:
        """How long a shell may live in caches at most."""
    @property
    def cookies(self) -> bool:
        """Whether the app sees cookies, authorisation, and what else says who the visitor is."""
