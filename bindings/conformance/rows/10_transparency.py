"""What has no islands is the same with and without eyot, to the byte: random answers, from a seed."""

import os
import random

from rows.shared import START
from suite.table import *
from suite.wire import Request

topic("Transparency")

SEED = int(os.environ.get("CONFORMANCE_SEED", "20261128"))
#: Text that is nearly something: no directive is in it.
BITS = (
    "<p>",
    "</p>",
    "plain ",
    "&amp;",
    "é",
    "漢字",
    "<!-- server: up -->",
    "<server-island>",
    "</server-island>",
    "<a href='?x=1&y=2'>",
    "<script>if (a < b && c > d) x('</div>')</script>",
    "<br/>",
    "\n",
    "\t",
    "<svg><path d='M0'/></svg>",
    "Server:defer",
    "island-src",
    "<textarea><p></textarea>",
    "'",
    '"',
    "<",
    ">",
    "=",
    '<div class="a">',
    "</div>",
    "&#0;",
    "<style>a>b{}</style>",
    "loader.v1.js",
)
HEADERS = (
    ("ETag", '"abc"'),
    ("ETag", 'W/"abc"'),
    ("Last-Modified", "Wed, 21 Oct 2026 07:28:00 GMT"),
    ("Cache-Control", "max-age=5"),
    ("Cache-Control", "public, s-maxage=60"),
    ("Vary", "Accept-Language"),
    ("Set-Cookie", "a=1"),
    ("Set-Cookie", "b=2"),
    ("Content-Language", "de"),
    ("Link", "</a.css>; rel=preload; as=style"),
    ("X-Request-Id", "r1"),
    ("Expires", "0"),
    ("Content-Security-Policy", "default-src 'self'"),
    ("Server-Timing", "db;dur=5"),
    ("X-Accel-Expires", "10"),
    ("Accept-Ranges", "bytes"),
)
OTHER = (
    "text/plain; charset=utf-8",
    "application/json",
    "text/css; charset=utf-8",
    "application/octet-stream",
    "image/svg+xml",
    "application/xml",
)
ASKED = (
    {},
    {"Accept-Encoding": "gzip, br"},
    {"Cookie": "session=unknown; a=1"},
    {"Accept": "text/html"},
    {"If-None-Match": '"zzz"'},
)


def text(luck):
    return "".join(luck.choice(BITS) for _ in range(luck.randrange(1, 60)))


def headers(luck):
    chosen = dict(luck.sample(HEADERS, luck.randrange(0, 5)))
    cookies = [["Set-Cookie", "c=3"]] if "Set-Cookie" in chosen and luck.random() < 0.5 else []
    return [[name, value] for name, value in chosen.items()] + cookies


def answers(kind, number):
    """Routes with random answers of this kind, and what each is asked with."""
    luck = random.Random(f"{SEED} {kind}")
    for place in range(number):
        status = luck.choice((200, 200, 200, 201, 404, 410, 500, 503))
        body = START + text(luck) + "</body></html>" if kind in ("html", "pieces") else text(luck)
        says = {"status": status, "headers": headers(luck)}
        if kind != "html":
            says["type"] = luck.choice(OTHER) if kind != "pieces" or luck.random() < 0.4 else "text/html; charset=utf-8"
        if kind == "pieces":
            cut = sorted(luck.randrange(len(body)) for _ in range(3))
            parts = [body[: cut[0]], body[cut[0] : cut[1]], body[cut[1] : cut[2]], body[cut[2] :]]
            says |= {
                "pieces": [part for part in parts if part] or ["-"],
                "pause": luck.choice((0, 0, 30)),
                "length": False,
            }
        else:
            says["text"] = body
        yield route(f"/random-{kind}-{place}", says), luck.choice(ASKED)


def compared(kind, number):
    """A row's visit: each of these at the probe, and at its twin without eyot."""
    asked = list(answers(kind, number))

    def visit_all(visit):
        twin = visit.probe.twin()
        for path, sent in asked:
            first, second = (
                probe.ask(Request(f"{probe.mount}{path}", headers=dict(sent))) for probe in (visit.probe, twin)
            )
            if difference := different(first, second, kind):
                raise Failed(f"{path} (seed {SEED}) {sent}: {difference}")
        return first

    return visit_all


def different(with_eyot, without, kind):
    """What is not the same; nothing if all is."""
    for what in ("status", "body", "complete"):
        if getattr(with_eyot, what) != getattr(without, what):
            return f"{what}: {getattr(with_eyot, what)!r:.200} with eyot, {getattr(without, what)!r:.200} without"
    # Whether a page has islands is not known when the head of a stream goes.
    unknown = ("etag", "last-modified", "accept-ranges") if kind == "pieces" else ()
    mine, its = heads(with_eyot, unknown), heads(without, unknown)
    return f"headers: {mine - its} with eyot, {its - mine} without" if mine != its else None


def heads(response, unknown):
    """The headers, but for those of the moment and of the connection; a session's name is another each time."""
    known = [(name.lower(), re.sub("session=[0-9a-f]+", "session=", value)) for name, value in response.headers]
    return {(name, value) for name, value in known if name not in ("date", "connection", "keep-alive", *unknown)}


for kind, number, title in (
    ("html", 25, "Pages without islands"),
    ("other", 25, "Answers that are no pages"),
    ("pieces", 12, "Answers in pieces"),
):
    row(
        f"transparent-{kind}",
        f"{title} are the same with and without eyot, to the byte",
        why="exchange.md 7: transparency; ARCHITECTURE.md: what is not part of an island passes through unchanged",
        at=f"/random-{kind}-0",
        ask=compared(kind, number),
        leaves=[],
        without=["directive", "one policy"],
        feature="Responses without islands pass unchanged, to the byte" if kind == "html" else "",
    )


def timed(visit):
    """How late the first piece is, with and without eyot."""
    twin = visit.probe.twin()
    first, second = (probe.ask(Request(f"{probe.mount}/random-timed")) for probe in (visit.probe, twin))
    late = (first.times[0][0] if first.times else 9) - (second.times[0][0] if second.times else 0)
    if late > 0.4:
        raise Failed(f"the first piece comes {late:.2f} s later")
    return first


route("/random-timed", {"pieces": [START, "<p>one</p>", "<p>two</p></body></html>"], "pause": 400})
row(
    "transparent-timing",
    "Pieces go out when they would without eyot, loosely",
    why="exchange.md 7: transparency: chunk timing",
    at="/random-timed",
    ask=timed,
    leaves=[status(200)],
    needs=["stream"],
)
