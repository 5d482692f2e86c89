"""Pages: what is split, what passes, and what becomes of status, length and validators."""

from rows.shared import CART, PAGE, PLAIN, START
from suite.table import *
from suite.wire import Request

topic("Pages")


def said(pattern):
    """The error page, the log or the terminal has this pattern."""
    return check(
        f"said: {pattern}",
        lambda s: any(re.search(pattern, text) for text in (s.response.text, s.printed, str(s.log))),
        lambda s: (s.log, s.printed[-200:], s.response.text[-200:]),
    )


row(
    "page-split",
    "A page is split, whole, and its length is the shell's",
    why="http.md; what is not part of an island passes unchanged",
    says=page(PAGE),
    leaves=[status(200), split(), has("<title>t</title>"), has("<i>cart</i>"), hasnt("secret"), whole(), silent()],
    everywhere=True,
    feature="Pages are split",
)
row(
    "page-plain",
    "A page without islands passes, to the byte",
    why="ARCHITECTURE.md: what is not part of an island passes through unchanged",
    says=page(PLAIN, headers=[["ETag", '"abc"'], ["Last-Modified", "Wed, 21 Oct 2026 07:28:00 GMT"]]),
    leaves=[status(200), body(PLAIN), header("ETag", '"abc"'), header("Last-Modified", "/.+/"), silent()],
)
row(
    "page-validators",
    "A page that is split loses the validators of the unsplit page",
    why="wsgi.md, asgi.md: `ETag`, `Last-Modified` and `Accept-Ranges` of a split page go",
    says=page(
        PAGE,
        headers=[["ETag", '"abc"'], ["Last-Modified", "Wed, 21 Oct 2026 07:28:00 GMT"], ["Accept-Ranges", "bytes"]],
    ),
    leaves=[status(200), split(), no("Last-Modified", "Accept-Ranges"), header("ETag", '/(?!"abc").*|/')],
)
row(
    "page-pieces-known",
    "HTML of known length that is written in pieces is split as a whole: the loader is in the head",
    why="exchange.md 2: HTML of known length written in pieces",
    says=pieces(START, CART, "</body></html>", length=True),
    leaves=[status(200), split(), header("Content-Length", "/[0-9]+/"), has('loader.v1.js"></script></head>'), whole()],
    needs=["length of pieces"],
)
route("/page-head", page(PAGE, headers=[["ETag", '"abc"']], methods=["GET", "HEAD"]))


def head_after_get(visit):
    """The page's length by GET, then its HEAD."""
    visit.get("/page-head")
    return visit.ask(head())


# What a client may rely on is RFC 9110: the length of a HEAD is the GET's, or is not there. What hosts must do is more, so
# that they do not differ: an app that answers HEAD itself has made no page, so eyot cannot know the length of its shell,
# and makes none for it. Nobody loses by that: a HEAD of a page is asked for its status and its policy.
row(
    "page-head",
    "A page's HEAD says nothing that is not true of its GET: no validators and no length of the unsplit page",
    why="RFC 9110, 9.3.2; exchange.md 2: HEAD without a policy",
    at="/page-head",
    ask=head_after_get,
    leaves=[
        status(200),
        no("ETag"),
        header("Content-Type", "/text/html.*/"),
        check(
            "no length, or the GET's",
            lambda s: s.response.get("Content-Length") in (None, s.before[0].get("Content-Length")),
        ),
    ],
    needs=["head"],
    feature="HEAD",
)
row(
    "page-head-stays",
    "HEAD without a policy stays HEAD for the app, which runs once",
    why="exchange.md 2: HEAD without a policy: HEAD stays HEAD for the app",
    at="/page-head",
    ask=head(),
    leaves=[status(200), runs(1), check("it saw HEAD", lambda s: s.runs[0]["method"] == "HEAD", lambda s: s.runs)],
    needs=["head"],
)
row(
    "page-head-length",
    "What is HTML loses its length in the answer to a HEAD, in every host",
    why="exchange.md 2: HEAD without a policy: HTML loses length and validators",
    at="/page-head",
    ask=head(),
    leaves=[status(200), no("Content-Length", "ETag", "Last-Modified")],
    needs=["head"],
)


def head_of_data(visit):
    """The HEAD of what is no page, which has the length that it has without eyot."""
    alone = visit.probe.twin().ask(Request(f"{visit.probe.mount}{visit.row.path}", "HEAD"))
    answer = visit.ask(head())
    if answer.get("Content-Length") != alone.get("Content-Length"):
        raise Failed(f"{answer.get('Content-Length')} with eyot, {alone.get('Content-Length')} without")
    return answer


row(
    "page-head-data",
    "What is no HTML keeps its length in the answer to a HEAD",
    why="exchange.md 2: HTML loses its length; 7: transparency",
    says={"text": "0123456789", "type": "text/plain", "methods": ["GET", "HEAD"]},
    ask=head_of_data,
    leaves=[status(200), body(""), silent()],
    needs=["head"],
)
row(
    "page-404",
    "The app's own 404 page is split too",
    why="cases S21; http.md: pages of any status are split",
    says=page(PAGE, status=404),
    leaves=[status(404), split(), whole()],
)
row(
    "page-no-pass",
    "A view whose HTML pass is off is left alone, to the byte",
    why="flask.md: `html_pass(False)` leaves that page alone",
    says=page(PAGE, html_pass=False),
    leaves=[status(200), body(PAGE)],
    without=["directive"],
    needs=["html_pass"],
    feature="HTML pass off for one view",
)
row(
    "page-json",
    "JSON passes, to the byte, even where it holds what looks like a directive",
    why="exchange.md 2: JSON is not searched",
    says={"text": '{"a": "<Cart server:defer></Cart>"}', "type": "application/json"},
    leaves=[status(200), body('{"a": "<Cart server:defer></Cart>"}'), silent()],
    without=["directive"],
)
row(
    "page-gzip",
    "HTML that the app itself has compressed is decompressed and split",
    why="exchange.md 2: HTML compressed before the split",
    says=encoded(PAGE, "gzip"),
    ask=get(accept_encoding="gzip", accept="text/html"),
    leaves=[status(200), split(), no("Content-Encoding")],
)
row(
    "page-deflate",
    "HTML in the coding deflate is decompressed and split, too",
    why="exchange.md 2: HTML compressed before the split",
    says=encoded(PAGE, "deflate"),
    ask=get(accept_encoding="deflate", accept="text/html"),
    leaves=[status(200), split(), no("Content-Encoding")],
)
row(
    "page-coding-unknown",
    "HTML in a coding that cannot be undone is kept out of caches and logged",
    why="exchange.md 2: HTML compressed before the split; else `no-store` and logged",
    says=encoded(PAGE, "x-secret"),
    leaves=[status(200), uncached(), logged()],
)
row(
    "page-coding-unknown-debug",
    "While debugging it is a 500",
    why="exchange.md 2: HTML compressed before the split; a 500 while debugging",
    at="/page-coding-unknown",
    leaves=[status(500)],
    stacks=["debug"],
)
row(
    "page-accept-encoding",
    "Where a page is asked for, the app is not asked for a coding that could not be undone",
    why="exchange.md 2: `Accept-Encoding` that the app sees is narrowed where `Accept` names `text/html`",
    says=page(PAGE),
    ask=get(accept_encoding="zstd;q=1.0, x-secret, gzip", accept="text/html"),
    leaves=[
        status(200),
        check(
            "the app does not see x-secret", lambda s: "x-secret" not in s.runs[0]["headers"].get("accept-encoding", "")
        ),
    ],
)
row(
    "page-xhtml",
    "A directive in an answer of another textual type is split, or reported and kept out of caches",
    why="cases H8b; http.md, Text that is not split: page-type",
    says={"text": PAGE, "type": "application/xhtml+xml"},
    leaves=[
        status(200, 500),
        check(
            "split, or logged and uncached",
            lambda s: (
                (s.log and "no-store" in (s.response.get("Cache-Control") or ""))
                or "_server-islands/Cart/" in s.response.text
            ),
            lambda s: (s.log, s.response.get("Cache-Control")),
        ),
    ],
    without=["directive"],
)
row(
    "page-plain-text",
    "A directive in text/plain is reported",
    why="exchange.md 2: `text/*`, XML and its suffixes are searched, and reported",
    says={"text": CART, "type": "text/plain; charset=utf-8"},
    leaves=[status(200), logged()],
    without=["directive"],
)
row(
    "page-svg",
    "A directive in a type with the suffix +xml is reported",
    why="exchange.md 2: `text/*`, XML and its suffixes are searched, and reported",
    says={"text": f"<svg xmlns='http://www.w3.org/2000/svg'>{CART}</svg>", "type": "image/svg+xml"},
    leaves=[status(200), logged()],
    without=["directive"],
)
row(
    "page-utf16",
    "A page in UTF-16 is not split: it is logged, and kept out of caches",
    why="cases H8: encodings that are not ASCII-compatible are not split: logged, `no-store`",
    says={"base64": in_base64(PAGE.encode("utf-16")), "type": "text/html; charset=utf-16"},
    leaves=[status(200), logged(), uncached()],
)
row(
    "page-fault",
    "In production a faulty island becomes its fallback; the page is kept out of caches, and the log has the place",
    why="flask.md, Faulty pages; markup.md: a page with problems must not be cached",
    says=page(f"{START}<Cart server:defer server:props='no'><i slot='fallback'>cart</i></Cart>{CART}</body></html>"),
    leaves=[status(200), has("<i>cart</i>"), split(), uncached(), logged("props")],
    feature="Faulty pages: fallback, and out of caches",
)
row(
    "page-fault-debug",
    "While debugging a page that cannot be split is an error page that shows the place, and a line in the log",
    why="flask.md, Faulty pages; cases N6: in the page and in the terminal",
    at="/page-fault",
    leaves=[status(500), has("props"), uncached(), logged("props")],
    stacks=["debug"],
    without=["directive"],
    feature="Faulty pages: shown while debugging",
)
row(
    "page-name-unknown",
    "In production an island that is not declared becomes its fallback, and a line in the log",
    why="cases N7; markup.md: `name-unknown`",
    says=page(f"{START}<Nobody server:defer><i slot='fallback'>kept</i></Nobody></body></html>"),
    leaves=[status(200), has("<i>kept</i>"), hasnt("Nobody"), uncached(), logged("Nobody")],
)
row(
    "page-misspelt",
    "An attribute that is nearly one of eyot's never leaves",
    why="cases H3: no attribute that begins with `server:` and a lower-case letter ever leaves",
    says=page(f"{START}<Avatar server:deffer server:prop='{{}}'></Avatar></body></html>"),
    leaves=[status(200), uncached(), logged()],
)
row(
    "page-too-many",
    "A page over a limit is a 500 without the page in it",
    why="markup.md, Problems: too-many-islands: no page",
    says=page(START + "<Cart server:defer />" * 1001),
    leaves=[status(500), uncached(), logged()],
)
row(
    "page-inline-type",
    "A page whose media type is written in another case, without a charset, is split",
    why="RFC 9110, 8.3.1: types are case-insensitive",
    says={"text": PAGE, "type": "Text/HTML"},
    leaves=[status(200), split()],
)
row(
    "page-post",
    "A page that answers a POST is split as well",
    why="http.md: pages are split whatever asked for them",
    says=page(PAGE, methods=["POST"]),
    ask=ask("POST", "", b"a=1", content_type="application/x-www-form-urlencoded"),
    leaves=[status(200), split()],
)
row(
    "page-cookies",
    "A page that is split keeps its cookies, each in its own header",
    why="cases S8; RFC 6265, 3: Set-Cookie cannot be folded",
    says=page(PAGE, headers=[["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"]]),
    leaves=[status(200), split(), check("two cookies", lambda s: len(s.response.all("Set-Cookie")) == 2)],
)
row(
    "page-path",
    "A path with escapes reaches the app as it was",
    why="http.md, Routes: nothing is decoded, nothing is merged",
    at="/page-split",
    ask=get("?q=%2e%2e%2f%26", x_probe="1"),
    leaves=[status(200), split(), check("target", lambda s: s.runs[0]["target"].endswith("?q=%2e%2e%2f%26"))],
)
row(
    "page-argument",
    "The arguments that a runtime passes to an app after the request reach the app",
    why="cases S10: `fetch(request, env, ctx)`",
    says=page(f"{START}{CART}%argument%</body></html>"),
    leaves=[status(200), split(), has("given")],
    only="fetch",
)
row(
    "page-headless",
    "An answer whose first message has no key `headers` passes",
    why="cases S7; ASGI, Response Start: `headers` may be missing",
    at="/page-plain",
    ask=get(probe_headless="1"),
    leaves=[status(200), body("no headers"), silent()],
    only="ASGI",
)
row(
    "page-write-head",
    "`writeHead(200, null, headers)` sends those headers, as it does in Node without eyot",
    why="cases S14; Node.js, response.writeHead: a reason phrase may come before the headers",
    says=page(PAGE, write_head={"Content-Type": "text/html; charset=utf-8", "X-Written": "yes"}),
    leaves=[
        status(200),
        header("X-Written", "yes"),
        header("Content-Type", "text/html; charset=utf-8"),
        split(),
        whole(),
    ],
    only="Node",
)


def tags(island_tag):
    """A page by a template with this tag, in Jinja and in Django's language."""
    text = f"{START}{island_tag}</body></html>"
    return page(PAGE, jinja=text, dtl=f"{{% load eyot %}}{text}")


KEPT = "{% fallback %}<i>kept</i>{% endisland %}"
row(
    "page-tag",
    "A template's tag renders an island with its fallback, and the same bytes each time",
    why="cases S17: an asynchronous Jinja",
    says=tags(f"{{% island 'Cart' %}}{KEPT}"),
    ask=lambda visit: (visit.get(), visit.get())[1],
    leaves=[
        status(200),
        split(),
        has("<i>kept</i>"),
        check("the same bytes", lambda s: s.response.body == s.before[0].body, lambda s: s.response.text[-200:]),
    ],
    only="template tags",
)
row(
    "page-tag-unknown",
    "In production a tag of an island that is not declared renders its fallback, and the log names the island",
    why="cases N7: 500 for the whole page",
    says=tags(f"{{% island 'Crat' %}}{KEPT}"),
    leaves=[status(200), has("<i>kept</i>"), logged("Crat")],
    only="template tags",
)
row(
    "page-tag-unknown-debug",
    "While debugging it is an error that names the island that is meant",
    why="cases N7: 'CartCount is meant'",
    at="/page-tag-unknown",
    leaves=[status(500), said("Crat"), said("Cart.{0,30}mean|mean.{0,30}Cart")],
    stacks=["debug"],
    without=["directive"],
    only="template tags",
)
for name, wrong, right in (
    ("option", "{% island 'Cart' wehn='idle' %}", r"wehn.{0,60}\bwhen\b"),
    ("props", "{% island 'Cart' sku=1 %}", r"with sku|sku.{0,60}\bwith\b"),
):
    row(
        f"page-tag-{name}",
        f"While debugging a mistake in a tag ({wrong}) is an error that names it, and what is meant",
        why="cases N8: each names the mistake and the cure",
        says=tags(wrong + KEPT),
        leaves=[status(500), said(right)],
        stacks=["debug"],
        # The framework's error page shows what the app had in hand.
        without=["directive"],
        only="template tags",
    )
row(
    "page-imports",
    "In production nothing imports Django's test client",
    why="cases S16: 65 modules, 0.3 s",
    says=page(f"{START}{CART}%imports%</body></html>"),
    leaves=[status(200), has("no test client")],
    only="Django",
)
row(
    "page-view",
    "Templates of @fastify/view have eyot's helpers, whichever of the two is registered first",
    why="cases N5; node.md: helpers are in `reply.locals`",
    says=page(PAGE, ejs=START + "<p <%- islandAttrs('Cart') %>></p></body></html>"),
    leaves=[status(200), split(), whole()],
    stacks=["view first", "view last"],
    only="Fastify",
)
row(
    "page-view-escaped",
    "While debugging a helper whose attributes a template has escaped is reported",
    why="cases N8: `<%= islandAttrs(…) %>`",
    says=page(PAGE, ejs=START + "<p <%= islandAttrs('Cart') %>></p></body></html>"),
    leaves=[status(200, 500), said("<%-")],
    stacks=["debug"],
    only="Fastify",
)
