"""A row of the table: what the app says, what is asked, and what must leave; with the words that rows are written in."""

from __future__ import annotations

import base64
import gzip
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .wire import Request, Response

#: All rows, by their names, in the order of the files.
ROWS: dict[str, Row] = {}
#: What the app says, by path: every route of the probe.
ROUTES: dict[str, dict[str, Any]] = {}
#: What the islands' handlers say, by the island's name.
ISLANDS: dict[str, dict[str, Any]] = {}


#: What the second set of islands has, below /second: routes and islands as above.
SECOND: dict[str, dict[str, dict[str, Any]]] = {"routes": {}, "islands": {}}


@dataclass(frozen=True)
class Seen:
    """What one exchange showed: the response, and what the probe noted meanwhile."""

    response: Response
    #: Lines of eyot's log: {"level": …, "text": …}.
    log: list[dict[str, str]]
    #: What handlers of the app saw: {"path", "method", "target", "headers": {…}}; one for each run.
    runs: list[dict[str, Any]]
    #: Refusals as the hook was told of them: {"reason", "status", "island"}.
    refusals: list[dict[str, Any]]
    #: Responses of the steps before the last one.
    before: Sequence[Response] = ()
    #: What the probe's process has written meanwhile, to its terminal.
    printed: str = ""


class Failed(AssertionError):
    """What left is not what must leave."""


@dataclass(frozen=True)
class Check:
    """One thing that must be so of what leaves; its text stands in reports."""

    text: str
    fails: Callable[[Seen], str | None]


Ask = Callable[[Any], Response] | Request


@dataclass(frozen=True)
class Row:
    """One exchange. ``ask`` is a request, or a function of the visit for what takes several steps."""

    name: str
    title: str
    why: str
    ask: Ask
    leaves: Sequence[Check]
    path: str
    #: The stacks in which the row is run every time; "everywhere" rows run in all plain stacks in the long run.
    stacks: Sequence[str] = ("bare",)
    everywhere: bool = False
    #: What a host has to be able to do; a host that lists it under `cannot` skips the row, with its reason.
    needs: Sequence[str] = ()
    #: What the row is about alone, such as WSGI or Django, as hosts list it under `speaks`; none for all.
    only: str = ""
    #: What the description has for this row alone, which gets a probe of its own: routes, islands, options, and more.
    adds: dict[str, Any] = field(default_factory=dict)
    #: False where the probe must not start, and must say why.
    starts: bool = True
    #: Only over HTTP/1: what is sent has no form in HTTP/2.
    http1: bool = False
    #: Only over HTTP/2.
    only_http2: bool = False
    #: The feature in the parity table.
    feature: str = ""
    topic: str = ""
    #: A probe that does not start, and says that the stations are wrong, is as good.
    or_no_start: bool = False
    #: What always holds, and does not here; the reason is in `why`.
    without: Sequence[str] = ()


def page(text: str, /, **more: Any) -> dict[str, Any]:
    """An HTML page that the app's view answers as a whole, in the framework's ordinary way."""
    return {"text": text, **more}


def pieces(*parts: str, pause: int = 0, **more: Any) -> dict[str, Any]:
    """The same in pieces, with milliseconds between them; ``length=True`` says its length."""
    return {"pieces": list(parts), "pause": pause, **more}


def encoded(text: str, coding: str, **more: Any) -> dict[str, Any]:
    """A page that the app compresses itself; what is neither gzip nor deflate is bytes that nobody can read."""
    pack = {"gzip": lambda data: gzip.compress(data, mtime=0), "deflate": zlib.compress}.get(
        coding, lambda data: data[::-1]
    )
    headers = [["Content-Encoding", coding], *more.pop("headers", [])]
    return {"base64": in_base64(pack(text.encode())), "headers": headers, **more}


def in_base64(data: bytes) -> str:
    """Bytes, as a description holds them."""
    return base64.b64encode(data).decode()


def file(name: str, **more: Any) -> dict[str, Any]:
    """A file, sent by the framework's own means (``send_file``, ``FileResponse``, ``sendFile``, ``ServeFile``)."""
    return {"file": name, **more}


def island(name: str, says: dict[str, Any], **options: Any) -> None:
    """Declare an island, and what its handler answers."""
    ISLANDS[name] = {**says, **options}


def route(path: str, says: dict[str, Any], **policy: Any) -> str:
    """Declare a route that several rows share."""
    ROUTES[path] = {**says, **({"policy": policy} if policy else {})}
    return path


def row(
    name: str,
    title: str,
    *,
    why: str,
    leaves: Sequence[Check],
    says: dict[str, Any] | None = None,
    policy: dict[str, Any] | None = None,
    at: str | None = None,
    ask: Ask | None = None,
    **more: Any,
) -> None:
    """Add a row. ``says`` is what the app answers at the row's own path; ``at`` is a path that rows share."""
    assert name not in ROWS, f"two rows are called {name}"
    assert set(more.get("without", ())) <= set(ALWAYS), f"{name} is without something that is not always there"
    path = at or f"/{name}"
    if says is not None:
        route(path, says, **(policy or {}))
    ROWS[name] = Row(name, title, why, ask or get(), leaves, path, topic=_topic[0], **more)


_topic = [""]


def topic(title: str) -> None:
    """Begin a topic: the rows below belong to it. A file of rows has one."""
    _topic[0] = title


# -- what is asked ------------------------------------------------------------------------------------------------------


def get(query: str = "", **headers: str) -> Request:
    """A GET of the row's path."""
    return ask("GET", query, **headers)


def head(query: str = "", **headers: str) -> Request:
    """A HEAD of the row's path."""
    return ask("HEAD", query, **headers)


def ask(method: str, query: str = "", /, body: bytes | None = None, **headers: str) -> Request:
    """Any request of the row's path; ``if_none_match="…"`` is the header."""
    return Request(query, method, {dashed(name): value for name, value in headers.items()}, body)


def raw(text: bytes) -> Request:
    """Bytes on the wire. ``{path}`` and ``{host}`` in it are replaced."""
    return Request(raw=text)


def dashed(name: str) -> str:
    """A header's name, from that of an argument."""
    return "-".join(part.capitalize() for part in name.split("_"))


def of_island(name: str, method: str = "GET", at: str = "/islands", **more: str) -> Callable[[Any], Response]:
    """A request of an island's placeholder on a page, as the loader sends it; headers are added, or None takes one off."""

    def asked(visit: Any) -> Response:
        return visit.ask(visit.request_of(name, at, method, {dashed(key): value for key, value in more.items()}))

    return asked


# -- what must leave ----------------------------------------------------------------------------------------------------


def check(text: str, holds: Callable[[Seen], Any], shows: Callable[[Seen], Any] | None = None) -> Check:
    """A check from a predicate; ``shows`` says what was there instead."""

    def fails(seen: Seen) -> str | None:
        if holds(seen):
            return None
        return f"{text}: {shows(seen)!r}" if shows else text

    return Check(text, fails)


def status(*codes: int) -> Check:
    """One of these statuses."""
    return check(
        f"status {' or '.join(map(str, codes))}", lambda s: s.response.status in codes, lambda s: s.response.status
    )


def header(name: str, value: str) -> Check:
    """This header, once, with this value; a value between slashes is a pattern."""
    pattern = value[1:-1] if value.startswith("/") and value.endswith("/") and len(value) > 1 else re.escape(value)
    return check(
        f"{name}: {value}",
        lambda s: re.fullmatch(pattern, s.response.get(name) or ""),
        lambda s: s.response.get(name),
    )


def no(*names: str) -> Check:
    """None of these headers."""
    return check(
        f"no {', '.join(names)}",
        lambda s: not any(s.response.all(name) for name in names),
        lambda s: [(name, s.response.get(name)) for name in names if s.response.all(name)],
    )


def has(text: str) -> Check:
    """The body has this text."""
    return check(f"body has {text!r}", lambda s: text in s.response.text, lambda s: s.response.text[:300])


def hasnt(text: str) -> Check:
    """The body does not have this text."""
    return check(f"body has no {text!r}", lambda s: text not in s.response.text, lambda s: s.response.text[:300])


def body(text: str | bytes) -> Check:
    """The body is this."""
    expected = text.encode() if isinstance(text, str) else text
    return check(f"the body is {text[:40]!r}", lambda s: s.response.body == expected, lambda s: s.response.text[:300])


def split(name: str = "Cart", times: int = 1) -> Check:
    """The page has placeholders of this island, with tokens, and no directive."""
    return check(
        f"{times} placeholder(s) of {name}",
        lambda s: len(re.findall(f'/_server-islands/{name}[/"]', s.response.text)) == times,
        lambda s: s.response.text[:300],
    )


def logged(pattern: str = "", level: str = "warning|error|critical") -> Check:
    """eyot's log has a line of this level that this pattern fits."""
    return check(
        f"a log line ({level}) that fits {pattern!r}",
        lambda s: any(re.search(pattern, line["text"]) and re.fullmatch(level, line["level"], re.I) for line in s.log),
        lambda s: s.log,
    )


def silent() -> Check:
    """eyot's log has no warning and no error."""
    return check(
        "no log line", lambda s: not [line for line in s.log if line["level"].lower() != "info"], lambda s: s.log
    )


def printed(pattern: str) -> Check:
    """What the probe wrote, before it ended without having started, has this pattern."""
    return check(
        f"printed: {pattern}", lambda s: re.search(pattern, s.printed, re.I), lambda s: s.printed.strip()[-300:]
    )


def refused(reason: str) -> Check:
    """The hook got one refusal, with this reason."""
    return check(f"refused: {reason}", lambda s: [r["reason"] for r in s.refusals] == [reason], lambda s: s.refusals)


def runs(times: int) -> Check:
    """The app's handler ran so often."""
    return check(f"the app ran {times} time(s)", lambda s: len(s.runs) == times, lambda s: [r["path"] for r in s.runs])


def saw(**headers: str | None) -> Check:
    """The last run saw these request headers; None is for one that it must not see."""
    expected = {dashed(name).lower(): value for name, value in headers.items()}
    return check(
        "the app saw " + ", ".join(f"{name}={value}" for name, value in expected.items()),
        lambda s: s.runs and all(s.runs[-1]["headers"].get(name) == value for name, value in expected.items()),
        lambda s: [{name: r["headers"].get(name) for name in expected} for r in s.runs],
    )


def whole() -> Check:
    """The answer ended as its head said."""
    return check("the answer is whole", lambda s: s.response.complete, lambda s: s.response.text[-100:])


def cut() -> Check:
    """The connection was cut before the end that the head promised."""
    return check("the answer is cut", lambda s: not s.response.complete, lambda s: s.response.text[-100:])


def uncached() -> Check:
    """No shared cache may keep it: `no-store` or `private` is there, and nothing that says otherwise."""
    targeted = ("CDN-Cache-Control", "Surrogate-Control", "Cloudflare-CDN-Cache-Control", "X-Accel-Expires")
    return check(
        "no cache may keep it",
        lambda s: (
            re.search("no-store|private", s.response.get("Cache-Control") or "")
            and "public" not in (s.response.get("Cache-Control") or "")
            and not any(s.response.all(name) for name in targeted)
        ),
        lambda s: [h for h in s.response.headers if "cache" in h[0].lower() or h[0] in targeted],
    )


def public(seconds: int = 600) -> Check:
    """Shared caches may keep it so long."""
    return header("Cache-Control", f"public, max-age=0, s-maxage={seconds}")


def not_public() -> Check:
    """eyot's policy has not been applied."""
    return check(
        "not public", lambda s: "public" not in (s.response.get("Cache-Control") or ""), lambda s: s.response.headers
    )


def unpacked(response: Response) -> bytes:
    """The body, undone where it is compressed by gzip."""
    return gzip.decompress(response.body) if response.get("Content-Encoding") == "gzip" else response.body


# -- what always holds --------------------------------------------------------------------------------------------------

DIRECTIVE = re.compile(r"server:[a-z]")


def _own_length(seen: Seen) -> bool:
    lengths = seen.response.all("Content-Length")
    bodiless = seen.response.status in (204, 304) or not seen.response.body
    return len(lengths) <= 1 and (not lengths or bodiless or int(lengths[0]) == len(seen.response.body))


ALWAYS = {
    "directive": check(
        "no directive leaves",
        lambda s: (
            not any(DIRECTIVE.search(unpacked(r).decode("utf-8", "replace")) for r in (s.response, *s.response.rest))
        ),
        lambda s: s.response.text[:300],
    ),
    "mark": check("no mark of eyot's own leaves", lambda s: not s.response.all("Eyot-Split")),
    "length": check("the length is the body's", _own_length, lambda s: s.response.all("Content-Length")),
    "one policy": check("one Cache-Control at most", lambda s: len(s.response.all("Cache-Control")) <= 1),
}


def judge(row: Row, seen: Seen) -> list[str]:
    """What is wrong; nothing if all is right."""
    always = [held for name, held in ALWAYS.items() if name not in row.without]
    return [failure for each in (*row.leaves, *always) if (failure := each.fails(seen))]


# -- what all probes are told --------------------------------------------------------------------------------------------

#: The page that layers between the stations answer: the app's layout, with an island.
LAYOUT = "<!doctype html><html><head><title>t</title></head><body><Cart server:defer note='secret'><i slot='fallback'>cart</i></Cart>layout</body></html>"
#: eyot's options in every probe.
OPTIONS = {
    "login_url": "/login",
    "locations": ["https://sso.example"],
    # The second one is written as people write it.
    "allowed_origins": ["https://shop.example", "https://Other.example:443/"],
    # Milliseconds, where a host has deadlines.
    "deadline": 1000,
}
