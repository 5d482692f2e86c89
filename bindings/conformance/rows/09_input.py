"""What no client would send: bytes by raw sockets. Nothing of it may make two readers see two requests."""

import contextlib
import socket
import time

from suite.table import *
from suite.wire import Request, written

topic("Bad input")

END = b"Connection: close\r\n\r\n"
HEAD = b"Host: {host}\r\n"
SAFE = [
    check(
        "refused, or one answer",
        lambda s: s.response.status == 0 or s.response.status >= 400 or not s.response.rest,
        lambda s: (s.response.status, len(s.response.rest)),
    )
]


def odd(name, title, text, leaves, why, **more):
    """A row of bytes for the shell's route."""
    row(f"input-{name}", title, why=why, at=more.pop("at", "/sees"), ask=raw(text), leaves=leaves, **more)


odd(
    "two-lengths",
    "Two Content-Lengths that differ are refused, or read as one request",
    b"POST {path} HTTP/1.1\r\n"
    + HEAD
    + b"Content-Length: 5\r\nContent-Length: 60\r\n"
    + END
    + b"a=1&bGET /page-split HTTP/1.1\r\nHost: x\r\n\r\n",
    SAFE,
    "RFC 9112, 6.3: a recipient must treat it as an unrecoverable error",
    needs=["two lengths"],
)
odd(
    "length-and-chunked",
    "A length beside chunked is refused, or chunked wins and the connection ends",
    b"POST {path} HTTP/1.1\r\n"
    + HEAD
    + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"
    + END
    + b"0\r\n\r\nGET /page-split HTTP/1.1\r\nHost: x\r\n\r\n",
    SAFE,
    "RFC 9112, 6.1",
)
odd(
    "obs-fold",
    "A header that is folded is refused, or never read as two",
    b"GET {path} HTTP/1.1\r\n" + HEAD + b"X-Folded: one\r\n Cookie: session=ada\r\n" + END,
    [
        check("no page that was read with that cookie", lambda s: "session=ada" not in s.response.text),
        status(0, 200, 400, 405),
    ],
    "RFC 9112, 5.2",
)
odd(
    "cookie-folded",
    "A cookie that is hidden stays hidden when its header is folded",
    b"GET {path} HTTP/1.1\r\n" + HEAD + b"Cookie: a=1;\r\n session=ada\r\n" + END,
    [check("no cookie in the page", lambda s: "session=ada" not in s.response.text)],
    "RFC 9112, 5.2; http.md, Shell policy",
)
odd(
    "two-cookies",
    "Two Cookie headers are both hidden",
    b"GET {path} HTTP/1.1\r\n" + HEAD + b"Cookie: a=1\r\ncookie: session=ada\r\nCOOKIE: b=2\r\n" + END,
    [status(200), has("nobody none none"), public()],
    "http.md, Shell policy",
)
odd(
    "underscore",
    "A header whose name has an underscore does not pass for another",
    b"GET {path} HTTP/1.1\r\n" + HEAD + b"Proxy_Authorization: x\r\nCookie_: session=ada\r\n" + END,
    [status(200, 400), check("no cookie in the page", lambda s: "session=ada" not in s.response.text)],
    "RFC 9110, 5.1; CGI maps - and _ to one",
)
odd(
    "no-host",
    "HTTP/1.1 without Host is refused, or answered like any other",
    b"GET {path} HTTP/1.1\r\n" + END,
    [status(0, 200, 400)],
    "RFC 9112, 3.2",
)
odd(
    "host-odd",
    "A Host that is none is the app's to answer, and no exception of eyot's",
    b"GET {path} HTTP/1.1\r\nHost: a..b\r\n" + END,
    [status(200, 400, 404), silent()],
    "cases S9",
)
odd(
    "host-odd-island",
    "So it is for an island",
    b"GET /_server-islands/Cart/AAAA HTTP/1.1\r\nHost: a..b\r\n" + END,
    [status(400, 404)],
    "cases S9",
)
odd(
    "http10",
    "HTTP/1.0 gets the page whole, without chunks",
    b"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n",
    [status(200), split(), no("Transfer-Encoding"), whole()],
    "RFC 9112, 7.1: a server must not send chunked to HTTP/1.0",
)
odd(
    "dots",
    "Dots in a path are no way around a policy",
    b"GET /x/..{path} HTTP/1.1\r\n" + HEAD + b"Cookie: session=ada\r\n" + END,
    [
        check(
            "not personal and public",
            lambda s: "session=ada" not in s.response.text or "public" not in (s.response.get("Cache-Control") or ""),
        )
    ],
    "http.md, Routes: nothing is merged",
)
odd(
    "dots-encoded",
    "Nor are encoded ones",
    b"GET /x/%2e%2e{path} HTTP/1.1\r\n" + HEAD + b"Cookie: session=ada\r\n" + END,
    [
        check(
            "not personal and public",
            lambda s: "session=ada" not in s.response.text or "public" not in (s.response.get("Cache-Control") or ""),
        )
    ],
    "http.md, Routes: nothing is merged",
)
odd(
    "slashes",
    "Nor are two slashes",
    b"GET /{path} HTTP/1.1\r\n" + HEAD + b"Cookie: session=ada\r\n" + END,
    [
        check(
            "not personal and public",
            lambda s: "session=ada" not in s.response.text or "public" not in (s.response.get("Cache-Control") or ""),
        )
    ],
    "http.md, Routes: nothing is merged",
)
odd(
    "path-encoded",
    "A path whose letters are encoded is no way to see a cookie on a shell",
    b"GET /%73ees HTTP/1.1\r\n" + HEAD + b"Cookie: session=ada\r\n" + END,
    [
        check(
            "not personal and public",
            lambda s: "session=ada" not in s.response.text or "public" not in (s.response.get("Cache-Control") or ""),
        )
    ],
    "http.md, Shell policy; RFC 3986, 6.2.2.2",
)
odd(
    "prefix-absolute",
    "An island is found in a target of absolute form, or nothing is",
    b"GET http://{host}/_server-islands/Cart/AAAA HTTP/1.1\r\n" + HEAD + END,
    [status(400, 404), no("Island")],
    "RFC 9112, 3.2.2",
)
odd(
    "prefix-slashes",
    "A second slash before the prefix is no way to an island",
    b"GET //_server-islands/Cart/AAAA HTTP/1.1\r\n" + HEAD + END,
    [status(301, 307, 308, 400, 404), no("Island"), runs(0)],
    "http.md, Routes: nothing is merged",
)
odd(
    "nul",
    "A NUL in a path is refused, or not found",
    b"GET /_server-islands/Cart/%00AAAA HTTP/1.1\r\n" + HEAD + END,
    [status(400, 404), no("Island")],
    "http.md, Refusals: shape",
)
odd(
    "crlf",
    "Encoded line breaks in a path never become a header",
    b"GET /islands%0d%0aSet-Cookie:%20a=1 HTTP/1.1\r\n" + HEAD + END,
    [no("Set-Cookie")],
    "ARCHITECTURE.md: no header value can hold CR, LF or NUL",
)
odd(
    "many-headers",
    "A flood of headers is refused or answered, and the host lives",
    b"GET {path} HTTP/1.1\r\n" + HEAD + b"".join(b"X-Flood-%d: %s\r\n" % (n, b"x" * 80) for n in range(400)) + END,
    [status(0, 200, 400, 413, 431)],
    "RFC 6585, 5",
)
odd(
    "long-target",
    "A target of 100,000 bytes is refused or not found, and the host lives",
    b"GET /_server-islands/Cart/" + b"A" * 100000 + b" HTTP/1.1\r\n" + HEAD + END,
    [status(0, 400, 404, 414, 431), no("Island")],
    "RFC 9110, 15.5.15",
)
odd(
    "method-odd",
    "A method that nobody knows is refused",
    b"BREW {path} HTTP/1.1\r\n" + HEAD + END,
    [status(0, 400, 404, 405, 501), not_public()],
    "RFC 9110, 15.6.2",
)
odd(
    "trace",
    "TRACE does not send cookies back",
    b"TRACE {path} HTTP/1.1\r\n" + HEAD + b"Cookie: session=ada\r\n" + END,
    [check("no cookie in the body", lambda s: "session=ada" not in s.response.text)],
    "RFC 9110, 9.3.8",
)
odd(
    "pipelined",
    "Two requests at once get two answers, in their order, and neither sees the other's cookie",
    b"GET /sees HTTP/1.1\r\n" + HEAD + b"Cookie: session=ada\r\n\r\nGET /page-plain HTTP/1.1\r\n" + HEAD + END,
    [
        status(200),
        has("nobody none none"),
        check(
            "two answers, or the connection ends",
            lambda s: not s.response.rest or "nothing to split" in s.response.rest[0].text,
            lambda s: s.response.rest,
        ),
    ],
    "RFC 9112, 9.3.2",
)
odd(
    "expect",
    "Expect: 100-continue for a token is answered",
    b"POST /_server-islands/Cart HTTP/1.1\r\n"
    + HEAD
    + b"Content-Type: application/vnd.eyot.token\r\nContent-Length: 4\r\nExpect: 100-continue\r\n"
    + END
    + b"AAAA",
    [status(400), no("Island")],
    "RFC 9110, 10.1.1",
)


def never_ends(visit):
    """Begins a posted token, leaves in the middle, and sees whether the host goes on."""

    with socket.create_connection(("127.0.0.1", visit.probe.port), timeout=5) as connection:
        connection.sendall(
            b"POST /_server-islands/Cart HTTP/1.1\r\nHost: x\r\nContent-Type: application/vnd.eyot.token\r\n"
            b"Content-Length: 60000\r\n\r\n" + b"A" * 1000
        )
        connection.settimeout(0.5)
        with contextlib.suppress(OSError):
            connection.recv(100)
    return visit.get("/page-plain")


row(
    "input-body-never-ends",
    "A body that never ends holds nobody up: the next visitor is served",
    why="ARCHITECTURE.md: memory is bounded; a body is never read before the rest is checked",
    at="/page-plain",
    ask=never_ends,
    leaves=[status(200), has("nothing to split")],
    http1=True,
)


def leaves_island(visit):
    """Asks for a slow island and goes away; then waits until its handler has noticed, or ended."""

    request = visit.request_of("Slow", "/islands", "GET", {})

    with socket.create_connection(("127.0.0.1", visit.probe.port), timeout=5) as connection:
        connection.sendall(written(visit.probe.port, request))
        time.sleep(0.2)
    if not visit.until(lambda: visit.live() == 0, 4):
        raise Failed(f"{visit.live()} handler(s) still run, seconds after the client left")
    return visit.get("/page-plain")


row(
    "input-island-left",
    "A client that leaves in the middle of an island does not hold its handler for ever",
    why="asgi.md, Handlers; node.md: `signal`",
    at="/page-plain",
    ask=leaves_island,
    leaves=[status(200)],
    http1=True,
)


def of_h2_origin(visit):
    """A posted token with this host's own Origin, and without Sec-Fetch-Site."""
    origin = {"Origin": f"http://127.0.0.1:{visit.probe.port}", "Sec-Fetch-Site": None, "Sec-Fetch-Dest": None}
    return visit.request_of("Cart", "/islands", "POST", origin)


def still_there(visit):
    """After all that, a page and an island as ever."""
    visit.get("/page-plain")
    return of_island("Cart")(visit)


row(
    "input-lives",
    "After all that the host answers as ever",
    why="ARCHITECTURE.md, Invariants",
    at="/page-plain",
    ask=still_there,
    leaves=[status(200), header("Island", "Cart")],
)
row(
    "input-h2-authority",
    "In HTTP/2 the authority is what an Origin is compared with",
    why="RFC 9113, 8.3.1; http.md, Refusals: origin",
    at="/islands",
    ask=lambda v: v.ask(of_h2_origin(v)),
    leaves=[status(200), header("Island", "Cart")],
    only_http2=True,
)
row(
    "input-h2-many-headers",
    "A flood of header fields is refused or answered, and the host lives",
    why="RFC 9113, 10.5.1",
    at="/sees",
    ask=Request(headers={f"x-flood-{n}": "x" * 80 for n in range(150)}),
    leaves=[status(0, 200, 400, 431)],
    only_http2=True,
)
row(
    "input-h2-left",
    "A client that leaves a stream in the middle leaves the host as it was",
    why="RFC 9113, 6.4",
    at="/stream-page",
    ask=lambda v: (v.ask(Request(leaves_after=1)), v.get("/page-plain"))[1],
    leaves=[status(200), has("nothing to split")],
    only_http2=True,
    needs=["stream"],
)
row(
    "input-h2-cookies",
    "In HTTP/2 a cookie may come in several fields: all of them are hidden",
    why="RFC 9113, 8.2.3; http.md, Shell policy",
    at="/sees",
    ask=Request(headers={"cookie": "a=1", "Cookie": "session=ada"}),
    leaves=[status(200), has("nobody none none"), public()],
)
