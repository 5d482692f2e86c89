"""Pages: what is split, what passes, and what becomes of status, length and validators."""

from suite.table import (
    body, encoded, file, get, has, hasnt, head, header, island, logged, no, page, pieces, public, row, runs, saw, silent, split,
    status, topic, uncached, whole,
)

topic("Pages")

CART = "<Cart server:defer note='secret'><i slot='fallback'>cart</i></Cart>"
START = "<!doctype html><html><head><title>t</title></head><body>"
PAGE = f"{START}{CART}</body></html>"
PLAIN = f"{START}nothing to split</body></html>"

island("Cart", page("<b>%user% has %props%</b>"))

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
    "A page that is split loses the validators of the page that it was",
    why="wsgi.md, asgi.md: `ETag`, `Last-Modified` and `Accept-Ranges` of a split page go",
    says=page(
        PAGE,
        headers=[["ETag", '"abc"'], ["Last-Modified", "Wed, 21 Oct 2026 07:28:00 GMT"], ["Accept-Ranges", "bytes"]],
    ),
    leaves=[status(200), split(), no("Last-Modified", "Accept-Ranges"), header("ETag", '/(?!"abc").*|/')],
)
row(
    "page-pieces-known",
    "HTML of known length that is written in pieces is split as a whole: the loader stands in the head",
    why="exchange.md 2: HTML of known length written in pieces",
    says=pieces(START, CART, "</body></html>", length=True),
    leaves=[status(200), split(), header("Content-Length", "/[0-9]+/"), has("loader.v1.js\"></script></head>"), whole()],
    needs=["length of pieces"],
)
row(
    "page-head",
    "HEAD without a policy stays HEAD for the app, and a page's answer has no length and no validators of the unsplit one",
    why="exchange.md 2: HEAD without a policy",
    says=page(PAGE, headers=[["ETag", '"abc"']], methods=["GET", "HEAD"]),
    ask=head(),
    leaves=[status(200), no("Content-Length", "ETag"), runs(1), header("Content-Type", "/text/html.*/")],
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
    "HTML that the app itself has compressed is undone, split and sent right",
    why="exchange.md 2: HTML compressed before the split",
    says=encoded(PAGE, "gzip"),
    ask=get(accept_encoding="gzip", accept="text/html"),
    leaves=[status(200), split(), no("Content-Encoding")],
)
