"""Requests below the prefix that are refused, in the order in which they are; and eyot's own files."""

from rows.shared import START
from suite.run import TOKEN_TYPE
from suite.table import *
from suite.wire import Request

topic("Refusals")

AT = "/islands"
SAME = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"}
FIXED = [
    header("Cache-Control", "no-store"),
    header("X-Content-Type-Options", "nosniff"),
    header("Content-Type", "/text\\/plain.*/"),
]


def below(path, method="GET", body=None, **headers):
    """A request of a path below the prefix."""

    def asked(visit):
        sent = {**SAME, **{dashed(name): value for name, value in headers.items()}}
        return visit.ask(Request(f"{visit.probe.mount}/_server-islands{path}", method, sent, body))

    return asked


def changed(change, method="GET", **headers):
    """An island's request whose token is changed."""

    def asked(visit):
        request = visit.request_of("Cart", AT, method, {dashed(name): value for name, value in headers.items()})
        if method == "POST":
            request.body = change(request.body.decode()).encode()
        else:
            place, token = request.path.rsplit("/", 1)
            request.path = f"{place}/{change(token)}"
        return visit.ask(request)

    return asked


def refusal(name, title, code, reason, asked, *more, **options):
    """A row of the table in http.md: the status, one fixed text, and the reason for the log alone."""
    leaves = [
        status(code),
        *FIXED,
        refused(reason),
        no("Island", "Set-Cookie"),
        check("the reason stays here", lambda s: "-" not in reason or reason not in s.response.text),
        *more,
    ]
    why = options.pop("why", f"http.md, Refusals: {reason}")
    row(f"refused-{name}", title, at=AT, ask=asked, leaves=leaves, why=why, **options)


refusal("shape", "A path that no route has is not found", 404, "shape", below("/Cart/a/b"))
refusal("shape-encoded", "A path is read raw: what is encoded has no route's shape", 404, "shape", below("/C%61rt/abc"))
row(
    "refused-shape-dots",
    "Dots that are encoded lead nowhere",
    why="http.md, Routes: the path is read raw",
    at=AT,
    ask=below("/%2e%2e/Cart/abc"),
    leaves=[status(404), no("Island"), runs(0)],
    http1=True,
)
refusal("unknown", "A name that is not declared is not found", 404, "name-unknown", below("/Nobody/abc"))
refusal("case", "A name is compared exactly", 404, "name-unknown", below("/cart/abc"))
refusal(
    "method",
    "Another method is refused, with those that there are",
    405,
    "method",
    below("/Cart/abc", "DELETE"),
    header("Allow", "/.*GET.*/"),
)
refusal("query", "A query is refused", 400, "query", lambda v: changed(lambda token: token + "?a=1")(v))
refusal("site", "Another site's fetch is refused", 403, "fetch-site", changed(str, sec_fetch_site="cross-site"))
refusal(
    "same-site", "Another host of the same site is refused", 403, "fetch-site", changed(str, sec_fetch_site="same-site")
)
refusal("dest", "What is no script's fetch is refused", 403, "fetch-dest", changed(str, sec_fetch_dest="document"))
refusal(
    "origin",
    "A POST of an origin that is neither this host nor listed is refused, where Sec-Fetch-Site is missing",
    403,
    "origin",
    changed(str, "POST", origin="https://evil.example", sec_fetch_site=None, sec_fetch_dest=None),
)
refusal(
    "type",
    "A POST of another type is refused",
    415,
    "content-type",
    changed(str, "POST", content_type="application/json"),
)
refusal(
    "too-large",
    "A body that says that it is too large is refused",
    413,
    "body-too-large",
    below("/Cart", "POST", b"A" * 70000, content_type=TOKEN_TYPE),
)
refusal(
    "too-large-chunked",
    "So is one that does not say it, while it is read",
    413,
    "body-too-large",
    lambda v: v.ask(
        raw(
            b"POST "
            + v.probe.mount.encode()
            + b"/_server-islands/Cart HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
            b"Content-Type: application/vnd.eyot.token\r\nTransfer-Encoding: chunked\r\n\r\n"
            + (b"4000\r\n" + b"A" * 0x4000 + b"\r\n") * 6
            + b"0\r\n\r\n"
        )
    ),
    http1=True,
    needs=["chunked requests"],
)
refusal("short", "A token that is too short is bad", 400, "token-length", changed(lambda token: token[:20]))
refusal("encoding", "A token in another alphabet is bad", 400, "token-encoding", changed(lambda token: "!" + token[1:]))
refusal("version", "A token of another version is bad", 400, "token-version", changed(lambda token: "B" + token[1:]))
refusal(
    "flags", "A token with unknown flags is bad", 400, "token-flags", changed(lambda token: token[:2] + "g" + token[3:])
)
refusal(
    "tag",
    "A token that was changed is bad",
    400,
    "token-tag",
    changed(lambda token: token[:40] + ("A" if token[40] != "A" else "B") + token[41:]),
)
refusal(
    "tag-post",
    "So is one that was posted",
    400,
    "token-tag",
    changed(lambda token: token[:40] + ("A" if token[40] != "A" else "B") + token[41:], "POST"),
)
refusal(
    "other-island",
    "A token is for its island alone",
    400,
    "token-tag",
    lambda v: v.ask(_moved(v.request_of("Cart", AT, "GET", {}))),
)


def _moved(request):
    request.path = request.path.replace("/Cart/", "/Who/")
    return request


refusal(
    "stale",
    "A token of a key that is gone is stale",
    410,
    "token-kid",
    changed(lambda token: token[:4] + ("A" if token[4] != "A" else "B") + token[5:]),
    header("Island-Refused", "stale"),
    feature="Stale tokens have another status than bad ones",
)


def expires(visit):
    """Waits until a token with a second to live has expired."""
    import time

    request = visit.request_of("Cart", "/refused-expired", "GET", {})
    time.sleep(2.1)
    return visit.ask(request)


route("/refused-expired", page(f"{START}<Cart server:defer server:ttl=1></Cart></body></html>"))
refusal(
    "expired", "A token that has expired is stale", 410, "token-expired", expires, header("Island-Refused", "stale")
)
row(
    "refused-head",
    "A HEAD that is refused has no body",
    why="RFC 9110, 9.3.2",
    at=AT,
    ask=below("/Cart/abc", "HEAD"),
    leaves=[status(400), body("")],
)
row(
    "refused-warns-debug",
    "While debugging a refusal is a warning with its reason, in the log and in the body",
    why="cases N2; exchange.md 2: client-side refusals in the log",
    at=AT,
    ask=changed(lambda token: token[:40] + "AAAA" + token[44:]),
    leaves=[status(400), logged("token-tag|damaged|forged|tag"), has("token")],
    stacks=["debug"],
    feature="Refusals are shown while debugging",
)
row(
    "refused-logged",
    "In production a refusal is one line of the log, with the island and never the token",
    why="http.md, Refusals: the host's log gets the reason",
    at=AT,
    ask=changed(lambda token: token[:40] + "AAAA" + token[44:]),
    leaves=[
        status(400),
        logged(level=".*"),
        check("no token", lambda s: not re.search("[A-Za-z0-9_-]{60}", str(s.log)), lambda s: s.log),
    ],
)
row(
    "refused-props",
    "A cookie that the app set is not on a refusal",
    why="exchange.md 2: cookies on an answer of eyot's own",
    at=AT,
    ask=lambda v: (v.get("/login?user=ada"), changed(lambda token: token[:20])(v))[1],
    leaves=[status(400), no("Set-Cookie"), *FIXED],
)
row(
    "refused-hook-raises",
    "A hook that raises changes no refusal, and is logged",
    why="cases S13",
    at=AT,
    ask=below("/HookRaises/AAAA"),
    leaves=[status(400), *FIXED, logged()],
    needs=["hook"],
)
row(
    "preflight",
    "A preflight of a listed origin is answered",
    why="http.md, Routes and Other origins",
    at=AT,
    ask=below(
        "/Cart",
        "OPTIONS",
        origin="https://shop.example",
        access_control_request_method="POST",
        access_control_request_headers="content-type",
        sec_fetch_site="cross-site",
    ),
    leaves=[
        status(204, 200),
        header("Access-Control-Allow-Origin", "https://shop.example"),
        header("Access-Control-Allow-Credentials", "true"),
        runs(0),
    ],
)
refusal(
    "preflight",
    "A preflight of another origin is refused",
    403,
    "origin",
    below(
        "/Cart",
        "OPTIONS",
        origin="https://evil.example",
        access_control_request_method="POST",
        sec_fetch_site=None,
        sec_fetch_dest=None,
    ),
    no("Access-Control-Allow-Origin"),
)
for name, kind in (("loader.v1.js", "javascript"), ("island.v1.css", "css")):
    row(
        f"asset-{kind}",
        f"{name} is kept by everybody, and has a tag",
        why="http.md, Routes",
        at=AT,
        ask=below(f"/{name}", sec_fetch_dest="script"),
        leaves=[
            status(200),
            header("Cache-Control", "public, max-age=3600, stale-while-revalidate=86400"),
            header("Content-Type", f"/text\\/{kind}.*/"),
            header("ETag", '/(W\\/)?".+"/'),
            header("X-Content-Type-Options", "nosniff"),
            no("Set-Cookie"),
            runs(0),
            silent(),
        ],
        everywhere=True,
    )
    row(
        f"asset-{kind}-304",
        "With that tag it is a 304",
        why="http.md, Routes",
        at=AT,
        ask=lambda v, name=name: below(f"/{name}", if_none_match=below(f"/{name}")(v).get("ETag"))(v),
        leaves=[status(304), body(""), header("ETag", "/.+/")],
    )
    row(
        f"asset-{kind}-head",
        "HEAD has the length, and no body",
        why="http.md, Routes: GET, HEAD",
        at=AT,
        ask=below(f"/{name}", "HEAD"),
        leaves=[status(200), body(""), header("Content-Length", "/[1-9][0-9]*/")],
    )
