"""What no client would send: bytes by raw sockets. Nothing of it may make two readers see two requests."""

import contextlib
import socket
import time

from rows.shared import CART, START
from suite.table import *
from suite.wire import Request, exchange_h2_at_once, written

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
    "The app answers a Host that is not valid, and eyot raises no exception",
    b"GET {path} HTTP/1.1\r\nHost: a..b\r\n" + END,
    [status(200, 400, 404), silent()],
    "cases S9",
)
odd(
    "host-odd-island",
    "An island's request with such a Host is refused",
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

    request, before = visit.request_of("Slow", "/islands", "GET", {}), visit.live()

    with socket.create_connection(("127.0.0.1", visit.probe.port), timeout=5) as connection:
        connection.sendall(written(visit.probe.port, request))
        time.sleep(0.2)
    visit.wait_for_handlers(before)
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


row(
    "input-h2-authority",
    "In HTTP/2 the authority is what an Origin is compared with",
    why="RFC 9113, 8.3.1; http.md, Refusals: origin",
    at="/islands",
    ask=lambda v: v.ask(of_h2_origin(v)),
    leaves=[status(200), header("Island", "Cart")],
    only_http2=True,
)


def h2(name, title, request, leaves, why, **more):
    """A row of a form that HTTP/2 alone has."""
    row(
        f"input-h2-{name}",
        title,
        why=why,
        at=more.pop("at", "/sees"),
        ask=request,
        leaves=leaves,
        only_http2=True,
        **more,
    )


MALFORMED = "RFC 9113, 8.1.1: a malformed request is a stream error"
h2(
    "many-headers",
    "A flood of header fields is refused or answered, and the host lives",
    Request(headers={f"x-flood-{n}": "x" * 80 for n in range(150)}),
    [status(0, 200, 400, 431)],
    "RFC 9113, 10.5.1",
)
h2(
    "left",
    "A client that leaves a stream in the middle leaves the host as it was",
    lambda v: (v.ask(Request(leaves_after=1)), v.get("/page-plain"))[1],
    [status(200), has("nothing to split")],
    "RFC 9113, 6.4",
    at="/stream-page",
    needs=["stream"],
)
h2(
    "connection",
    "A field that speaks of a connection is refused, or has no effect",
    Request(headers={"cookie": "session=ada"}, fields=[("connection", "cookie"), ("transfer-encoding", "chunked")]),
    [status(0, 200, 400), hasnt("session=ada")],
    "RFC 9113, 8.2.2",
)
h2(
    "two-lengths",
    "Two lengths that differ are refused, or the body that came is read",
    Request(
        method="POST",
        body=b"a=1&b",
        fields=[("content-length", "5"), ("content-length", "60")],
    ),
    [status(0, 400, 403, 404, 405, 413, 415), not_public()],
    MALFORMED,
)
h2(
    "length-wrong",
    "A token whose length is not what its head says is refused, and no island",
    lambda v: v.ask(
        Request(
            f"{v.probe.mount}/_server-islands/Cart",
            "POST",
            {"content-type": "application/vnd.eyot.token"},
            b"AAAA",
            fields=[("content-length", "60")],
        )
    ),
    [status(0, 400), no("Island")],
    MALFORMED,
)
h2(
    "line-break",
    "A line break in a field never becomes a header of the answer",
    Request(fields=[("x-odd", "a\r\nset-cookie: a=1")]),
    [status(0, 200, 400), no("Set-Cookie")],
    "RFC 9113, 8.2.1",
)
h2(
    "capitals",
    "A field with capitals in its name is refused, or is the same field: a hidden cookie stays hidden",
    Request(fields=[("Cookie", "session=ada")]),
    [status(0, 200, 400), hasnt("session=ada")],
    "RFC 9113, 8.2",
)
h2(
    "path-absolute",
    "A path that is a whole URL is refused, or has the policy of its path",
    lambda v: v.ask(Request(f"http://127.0.0.1:{v.probe.port}/sees", headers={"cookie": "session=ada"})),
    [status(0, 200, 301, 307, 308, 400, 404), hasnt("session=ada")],
    "RFC 9113, 8.3.1",
)
h2(
    "dots",
    "Dots in a path, encoded or not, are no way around a policy",
    lambda v: v.ask(Request("/x/%2e%2e/../sees", headers={"cookie": "session=ada"})),
    [
        check(
            "not personal and public",
            lambda s: "session=ada" not in s.response.text or "public" not in (s.response.get("Cache-Control") or ""),
        )
    ],
    "http.md, Routes: nothing is merged",
)
h2(
    "host",
    "A Host that is not the authority makes no other site's Origin this host's",
    lambda v: v.ask(of_other_host(v)),
    [status(0, 400, 403), no("Island")],
    "RFC 9113, 8.3.1; http.md, Refusals: origin",
    at="/islands",
)


def of_other_host(visit):
    """A posted token of another site, which is named in a Host beside the authority."""
    origin = {"Origin": "http://evil.example", "Sec-Fetch-Site": None, "Sec-Fetch-Dest": None}
    request = visit.request_of("Cart", "/islands", "POST", origin)
    request.fields = [("host", "evil.example")]
    return request


def at_once(visit):
    """Two visitors on one connection, as a proxy has them: each gets its own page."""
    asked = [
        Request(f"{visit.probe.mount}/sees", headers={"cookie": "session=ada"}),
        Request(f"{visit.probe.mount}/page-cookie", headers={"cookie": "theme=dark"}),
        Request(f"{visit.probe.mount}/page-cookie", headers={"cookie": "theme=light"}),
    ]
    shell, dark, light = exchange_h2_at_once(visit.probe.port, asked)
    for answer, text in ((shell, "nobody none none"), (dark, "theme=dark"), (light, "theme=light")):
        if text not in answer.text:
            raise Failed(f"{text} is missing: {answer}")
    return shell


route("/page-cookie", page(f"{START}{CART}<p>%cookie%</p></body></html>"))
h2(
    "at-once",
    "Requests at once on one connection get their own answers, and none sees another's cookie",
    at_once,
    [status(200), public()],
    "RFC 9113, 5",
)


def body_never_ends(visit):
    """Begins a posted token on a stream that does not end; meanwhile somebody else asks on the same connection."""
    token = {"content-type": "application/vnd.eyot.token"}
    begun = Request(f"{visit.probe.mount}/_server-islands/Cart", "POST", token, b"A" * 1000, ends=False, leaves_after=0)
    return exchange_h2_at_once(visit.probe.port, [begun, Request(f"{visit.probe.mount}/page-plain")])[1]


h2(
    "body-never-ends",
    "A stream that never ends holds nobody up: the next visitor is served",
    body_never_ends,
    [status(200), has("nothing to split")],
    "ARCHITECTURE.md: memory is bounded; RFC 9113, 6.9",
    at="/page-plain",
)
row(
    "input-h2-cookies",
    "In HTTP/2 a cookie may come in several fields: all of them are hidden",
    why="RFC 9113, 8.2.3; http.md, Shell policy",
    at="/sees",
    ask=Request(headers={"cookie": "a=1", "Cookie": "session=ada"}),
    leaves=[status(200), has("nobody none none"), public()],
)


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
