"""Files, ranges and other things that are no page."""

from pathlib import Path

from rows.shared import PAGE, PLAIN
from suite.table import *

topic("Files and ranges")

DATA = (Path(__file__).parent.parent / "probes/files/data.txt").read_text()
LONG = PAGE + "<!-- " + "x" * 500 + " -->"

row(
    "file-data",
    "A file that is no HTML passes: its bytes and its length",
    why="exchange.md 2: HTML file of the framework; wsgi.md: what is no HTML passes as the very object",
    says=file("data.txt"),
    leaves=[status(200), body(DATA), header("Content-Length", str(len(DATA))), silent()],
    needs=["files"],
    everywhere=True,
)
row(
    "file-html-plain",
    "A file of HTML without islands keeps its length and its validators",
    why="exchange.md 2: the file passes untouched: validators, length, 304, ranges",
    says=file("plain.html"),
    leaves=[
        status(200),
        has("a file without islands"),
        header("Content-Length", "/[0-9]+/"),
        header("Last-Modified", "/.+/"),
    ],
    needs=["files", "file validators"],
    feature="HTML files keep their validators",
)


def again(visit):
    """Asks for the file, then again with the date that it has."""
    first = visit.get()
    return visit.get(if_modified_since=first.get("Last-Modified") or "Wed, 21 Oct 2015 07:28:00 GMT")


row(
    "file-html-304",
    "A file of HTML without islands is answered with 304 where the client has it",
    why="exchange.md 2: the file passes untouched: validators, length, 304, ranges",
    at="/file-html-plain",
    ask=again,
    leaves=[status(304), body("")],
    needs=["files", "file conditions"],
)
row(
    "file-html-island",
    "A file of HTML with an island is split",
    why="exchange.md 2: HTML file of the framework: read once; markup.md",
    says=file("island.html"),
    leaves=[status(200), split(), has("a file with an island")],
    needs=["files"],
    feature="HTML files are split",
)
row(
    "file-html-range",
    "A range of a file of HTML without islands is a range",
    why="exchange.md 2: the file passes untouched: validators, length, 304, ranges",
    at="/file-html-plain",
    ask=get(range="bytes=0-9"),
    leaves=[status(206), body("<!doctype ")],
    needs=["files", "file ranges"],
)
row(
    "range-data",
    "A range of what is no HTML passes",
    why="http.md: what is no page is not touched",
    says={"text": "0123456789", "type": "text/plain", "ranges": True},
    ask=get(range="bytes=2-4"),
    leaves=[status(206), body("234"), header("Content-Range", "bytes 2-4/10"), silent()],
)
row(
    "range-page",
    "A range of a page with islands is answered with the whole page: the app is asked again without Range",
    why="exchange.md 2: 206 of HTML",
    says=page(LONG, ranges=True),
    ask=get(range="bytes=0-99", accept="text/html"),
    leaves=[status(200), split(), no("Content-Range"), whole()],
    feature="A range of a page is the whole page",
)
row(
    "range-shell",
    "On a route with a policy the app sees no Range, and the answer is the whole page",
    why="http.md, Shell policy: hidden on the way in",
    says=page(LONG, ranges=True),
    policy={"cdn": 600},
    ask=get(range="bytes=0-99"),
    leaves=[status(200), split(), no("Content-Range"), public(), saw(range=None)],
)
row(
    "range-if-range",
    "If-Range and Range of a page with islands never splice an old page and a new one",
    why="RFC 9110, 13.1.5; exchange.md 2: 206 of HTML",
    at="/range-page",
    ask=get(range="bytes=0-99", if_range='"abc"', accept="text/html"),
    leaves=[status(200), split()],
)
row(
    "download",
    "A download that contains HTML, but has another type, passes to the byte",
    why="http.md: what is split is what is HTML",
    says={"text": PLAIN, "type": "application/octet-stream", "headers": [["Content-Disposition", "attachment"]]},
    leaves=[status(200), body(PLAIN), silent()],
)
row(
    "redirect",
    "A redirect of the app's passes",
    why="http.md: what is no page is not touched",
    says={"redirect": "/elsewhere"},
    leaves=[status(302), header("Location", "/.*\\/elsewhere/"), silent()],
)
row(
    "no-content",
    "204 of the app's passes, without a body",
    why="RFC 9110, 15.3.5",
    says={"status": 204},
    leaves=[status(204), body("")],
    needs=["204"],
)
