"""What becomes of an island's answer on its way to the browser."""

import html
import json

from rows.shared import START
from suite.table import *

topic("Island answers")

AT = "/islands"
NOT_STORED = header("Cache-Control", "private, no-store")


def island_row(name, title, of, leaves, **more):
    """A row about the answer of one island on the page of all."""
    why = more.pop("why", "http.md, Island answers")
    row(name, title, at=AT, ask=more.pop("ask", of_island(of)), leaves=leaves, why=why, **more)


island_row(
    "island-answer",
    "An island's answer is its HTML, for nobody to keep, inert by itself",
    "Cart",
    [
        status(200),
        has("<b>nobody has"),
        header("Island", "Cart"),
        header("Content-Type", "text/html; charset=utf-8"),
        NOT_STORED,
        header("Content-Security-Policy", "default-src 'none'; sandbox"),
        header("X-Content-Type-Options", "nosniff"),
        header("X-Robots-Tag", "noindex"),
        header("Cross-Origin-Resource-Policy", "cross-origin"),
        runs(1),
        silent(),
    ],
    everywhere=True,
    feature="Islands",
)
row(
    "island-props",
    "A handler gets the props that the page's author wrote, text for text",
    why="markup.md, Props; ARCHITECTURE.md: props are bytes",
    says=page(
        START
        + """<Cart server:defer size=40 name='a"b&lt;&#233;' on server:props='{"n":1.10,"d":[1,{"é":null}]}'></Cart></body></html>"""
    ),
    ask=of_island("Cart", at="/island-props"),
    leaves=[
        status(200),
        check(
            "the props",
            lambda s: (
                json.loads(html.unescape(s.response.text.split(" has ")[1].removesuffix("</b>")))
                == {"size": "40", "name": 'a"b<é', "on": True, "n": 1.1, "d": [1, {"é": None}]}
            ),
            lambda s: s.response.text,
        ),
    ],
)


def as_ada(name, **more):
    """Signs in, then asks for the island with that session."""

    def asked(visit):
        visit.get("/login?user=ada")
        return of_island(name, **more)(visit)

    return asked


island_row(
    "island-session",
    "A handler sees the visitor's session, whatever page its placeholder is on",
    "Who",
    [status(200), body("<b>ada</b>"), NOT_STORED],
    ask=as_ada("Who"),
    why="http.md, Two stations: handlers are ordinary code of the app",
    everywhere=True,
    feature="Islands see the session",
)
row(
    "island-session-shell",
    "It sees the session from a shell that everybody gets, too",
    why="http.md, Shell policy",
    at="/shell",
    ask=as_ada("Cart", at="/shell"),
    leaves=[status(200), has("<b>ada has")],
    everywhere=True,
)
island_row(
    "island-session-set",
    "A handler may begin a session: its cookie goes out",
    "Sets",
    [status(200), header("Set-Cookie", "/.+/"), NOT_STORED],
    why="http.md, Island answers: cookies go out",
)
island_row(
    "island-head",
    "HEAD of an island has its head, and no body",
    "Cart",
    [status(200), body(""), header("Island", "Cart"), NOT_STORED],
    ask=of_island("Cart", "HEAD"),
    why="http.md, Routes: GET, HEAD",
)
island_row(
    "island-post",
    "A posted token gets the answer that a GET of its URL gets",
    "Cart",
    [status(200), has("nobody has"), header("Island", "Cart"), NOT_STORED, runs(1)],
    ask=of_island("Cart", "POST"),
    why="http.md, Routes",
    feature="Posted tokens",
)
island_row(
    "island-post-is-get",
    "The handler of a posted token, and the layers between, see a GET with the token in its path",
    "Cart",
    [
        status(200),
        check("a GET", lambda s: s.runs[0]["method"] == "GET", lambda s: s.runs),
        check("its path", lambda s: s.runs[0]["path"].count("/") == 3, lambda s: s.runs),
    ],
    ask=of_island("Cart", "POST"),
    why="cases S6: a posted token is the GET that it stands for, in every host",
)
row(
    "island-post-long",
    "Props that are too long for a URL are posted, and arrive",
    why="markup.md, The placeholder: `url_limit`",
    says=page(f"{START}<Cart server:defer big='{'x' * 4000}'></Cart></body></html>"),
    ask=of_island("Cart", at="/island-post-long"),
    leaves=[status(200), has("x" * 4000)],
)
island_row(
    "island-shared",
    "A shared island may be kept, as long as it says, and purged by its name",
    "Same",
    [
        status(200),
        header("Cache-Control", "public, max-age=60"),
        header("Cache-Tag", "island-Same"),
        header("Surrogate-Key", "island-Same"),
        no("Set-Cookie"),
    ],
    feature="Shared islands",
)
island_row(
    "island-shared-cookie",
    "A cookie that a shared island sets is dropped and logged, and no cache keeps the answer",
    "SameCookie",
    [status(200), no("Set-Cookie"), uncached(), logged("cookie")],
    why="http.md, Island answers and Leak guard: leak-cookie",
)
row(
    "island-shared-session",
    "A shared island does not see who asks",
    why="cases P7: cookies hidden from a shared handler",
    at=AT,
    ask=as_ada("Same"),
    leaves=[
        status(200),
        check("no cookie", lambda s: not s.runs[-1]["headers"].get("cookie"), lambda s: s.runs[-1]["headers"]),
    ],
)
island_row(
    "island-redirect",
    "A redirect becomes a 204 with the address, and the island's own path in it goes",
    "Moved",
    [
        status(204),
        header("Island", "Moved"),
        header("Island-Location", "/\\/(base\\/)?login(\\?.*)?/"),
        no("Location"),
        body(""),
    ],
    feature="Redirects of islands",
)
island_row(
    "island-redirect-referer",
    "In that address the island's own path becomes that of the page, by its Referer",
    "Moved",
    [status(204), header("Island-Location", "/\\/login\\?next=(%2F|\\/)p(%2F|\\/)1/")],
    ask=lambda visit: of_island("Moved", referer=f"http://127.0.0.1:{visit.probe.port}/p/1")(visit),
)
island_row(
    "island-redirect-referer-evil",
    "A Referer with a path that a browser would read as another origin does not go into it",
    "Moved",
    [
        status(204),
        check(
            "no //",
            lambda s: "//" not in (s.response.get("Island-Location") or "").replace("%2F", "/"),
            lambda s: s.response.headers,
        ),
    ],
    ask=lambda visit: of_island("Moved", referer=f"http://127.0.0.1:{visit.probe.port}//evil.example/x")(visit),
    why="cases P9",
)
island_row(
    "island-redirect-elsewhere",
    "A redirect to an origin that is not listed is a 500",
    "Elsewhere",
    [status(500), no("Island", "Island-Location", "Location"), uncached(), logged()],
    why="http.md, Refusals: location-origin",
)
island_row(
    "island-redirect-listed",
    "A redirect to a listed origin is a 204 with the address",
    "Listed",
    [status(204), header("Island-Location", "https://sso.example/in")],
)
island_row(
    "island-401",
    "A 401 leads to the login that is configured",
    "Refuses",
    [status(204), header("Island", "Refuses"), header("Island-Location", "/login"), body("")],
)
island_row(
    "island-404",
    "A handler's own 404 is forwarded, without the island's name",
    "Missing",
    [status(404), no("Island"), header("Cache-Control", "/.*no-store.*/")],
)
island_row(
    "island-204",
    "204: the fallback stays",
    "Empty",
    [status(204), header("Island", "Empty"), body(""), NOT_STORED],
    needs=["204"],
)
island_row(
    "island-fails",
    "A handler that fails is a 500 for nobody to keep, without the island's name",
    "Fails",
    [status(500), no("Island"), header("Cache-Control", "/.*no-store.*/")],
    why="http.md, Island answers: anything else: the same, `no-store`, without `Island`",
    feature="Handlers that fail",
)
island_row(
    "island-json",
    "A handler that answers JSON is a 500, and the log names the handler and the type",
    "Json",
    [status(500), no("Island"), logged("Json.*json|json.*Json|application/json")],
    why="cases N3",
)
island_row(
    "island-text",
    "A handler that answers plain text is a 500 as well",
    "Text",
    [status(500), no("Island"), logged()],
    why="cases N3",
)
island_row(
    "island-nothing",
    "A handler that returns nothing is an error at once",
    "Nothing",
    [status(500), no("Island"), check("at once", lambda s: s.response.seconds < 0.8, lambda s: s.response.seconds)],
    why="cases N4; asgi.md: anything else, `None` above all, is a TypeError that says so",
    needs=["nothing"],
)
island_row(
    "island-own-headers",
    "What a handler sets itself stays",
    "Headers",
    [
        status(200),
        header("X-Frame-Options", "DENY"),
        header("Content-Security-Policy", "default-src 'self'"),
        header("Island", "Headers"),
    ],
)
island_row(
    "island-own-public",
    "A handler of an island that is not shared cannot make it public, and cannot name it",
    "Public",
    [status(200), header("Island", "Public"), uncached()],
)
island_row(
    "island-targeted",
    "Headers for one kind of cache do not make an island public that is not shared",
    "Edge",
    [status(200), NOT_STORED, no("Edge-Control", "X-LiteSpeed-Cache-Control")],
    why="cases P10",
)
row(
    "island-typed",
    "Props that fit the handler's type arrive",
    why="flask.md, go.md, node.md: the props of a handler",
    says=page(f"{START}<Typed server:defer sku=rope></Typed></body></html>"),
    ask=of_island("Typed", at="/island-typed"),
    leaves=[status(200), has("rope")],
    needs=["typed props"],
    feature="Typed props",
)
row(
    "island-typed-misfit",
    "A prop that does not fit, on a page of another version, is answered as stale: the page heals once",
    why="cases S20",
    says=page(f"{START}<Typed server:defer code=rope></Typed></body></html>"),
    ask=of_island("Typed", at="/island-typed-misfit"),
    leaves=[status(410), header("Island-Refused", "stale"), refused("props-type"), logged("Typed|props", ".*")],
    needs=["typed props"],
)
island_row(
    "island-nested",
    "An island in an island's answer is one as well; the loader does not come again",
    "Nested",
    [status(200), split(), hasnt("loader.v1.js")],
    why="markup.md, Slots: what a handler answers is split too",
    feature="Islands in islands",
)
island_row(
    "island-streams",
    "An island's answer in pieces arrives",
    "Streams",
    [status(200), body("<b>one</b><b>two</b>"), header("Island", "Streams"), whole()],
    why="http.md, Island answers",
    needs=["stream islands"],
)
row(
    "island-slot",
    "Slots travel sealed: what they hold is not in the page",
    why="markup.md, Slots",
    says=page(f"{START}<Cart server:defer>sealed words<p slot='footer'>foot words</p></Cart></body></html>"),
    leaves=[status(200), split(), hasnt("sealed words"), hasnt("foot words")],
)
island_row(
    "island-deadline",
    "A handler that takes longer than its deadline is a 503 or a 504, and logged",
    "Slow",
    [
        status(503, 504),
        check("in time", lambda s: s.response.seconds < 2, lambda s: s.response.seconds),
        no("Island"),
        uncached(),
    ],
    why="exchange.md 2: deadline of a handler",
    needs=["deadline"],
    feature="Deadlines of handlers",
)
island_row(
    "island-origin-listed",
    "A listed origin may read the answer, with its cookies",
    "Cart",
    [
        status(200),
        header("Access-Control-Allow-Origin", "https://shop.example"),
        header("Access-Control-Allow-Credentials", "true"),
        header("Access-Control-Expose-Headers", "Island, Island-Location, Island-Refused, Retry-After"),
        header("Vary", "/.*Origin.*/"),
        header("Cross-Origin-Resource-Policy", "cross-origin"),
    ],
    ask=of_island("Cart", origin="https://shop.example", sec_fetch_site="cross-site"),
    why="http.md, Other origins",
    feature="Islands for other origins",
)
island_row(
    "island-vary-origin",
    "Where other origins are allowed, every answer varies on Origin",
    "Cart",
    [header("Vary", "/.*Origin.*/"), no("Access-Control-Allow-Origin")],
    why="http.md, Other origins: `Vary: Origin` is on all",
)
row(
    "island-in-catch-all",
    "When another layer answers for an island, its answer goes out without the island's name",
    why="http.md, Island answers: what another layer answers before the token was opened; cases S19",
    at=AT,
    ask=of_island("Cart", probe_limit="1"),
    leaves=[no("Island"), header("Cache-Control", "/.*no-store.*/"), split(times=1)],
    stacks=["limiter"],
)
row(
    "island-page",
    "A handler gets the path of its page, where the island asks for it",
    why="cases N10; markup.md: `server:page`",
    says=page(f"{START}<Paged server:defer server:page></Paged></body></html>"),
    ask=of_island("Paged", at="/island-page"),
    leaves=[
        status(200),
        check("the page's path", lambda s: s.response.text.endswith("/island-page</b>"), lambda s: s.response.text),
    ],
    stacks=["bare", "mounted"],
)
island_row(
    "island-unsplit",
    "An island whose HTML pass is off is left alone, to the byte",
    "Unsplit",
    [status(200), has("<b>as it is</b><Cart server:defer"), header("Island", "Unsplit"), NOT_STORED],
    why="flask.md: `html_pass(False)`; node.md: `htmlPass`",
    without=["directive"],
)
island_row(
    "island-plugged",
    "An island that is registered in a plugin with a prefix is asked for, and answered, where all islands are",
    "Plugged",
    [status(200), body("<b>plugged</b>"), header("Island", "Plugged")],
    why="cases S11: `app.island` under a prefix",
    only="Fastify",
)
island_row(
    "island-origin-written",
    "An origin that is configured as people write it, with capitals, port and slash, is allowed",
    "Cart",
    [status(200), header("Access-Control-Allow-Origin", "https://other.example")],
    ask=of_island("Cart", origin="https://other.example", sec_fetch_site="cross-site"),
    why="cases P4; http.md, Origins and mount points",
)
