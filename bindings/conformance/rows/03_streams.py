"""What comes in pieces: pages, events, downloads; and what happens when it breaks off."""

from rows.shared import CART, PLAIN, START
from suite.table import *

topic("Streams")


def early(seconds=0.35):
    """Something came well before the end."""
    return check(
        "the first bytes come before the last piece is made",
        lambda s: s.response.times and s.response.times[0][0] < s.response.times[-1][0] - seconds,
        lambda s: s.response.times,
    )


BAD = "<Cart server:defer server:props='no'><i slot='fallback'>cart</i></Cart>"

row(
    "stream-page",
    "A page in pieces is split piece by piece: what is certain goes out at once",
    why="flask.md, Streaming",
    says=pieces(START + "<p>first</p>", CART, "<p>last</p></body></html>", pause=300),
    leaves=[status(200), split(), early(), whole(), no("ETag")],
    needs=["stream"],
    feature="Streamed pages are split as they come",
    everywhere=False,
)
row(
    "stream-torn",
    "A directive that is torn between two pieces is an island all the same",
    why="ARCHITECTURE.md: chunked is whole",
    says=pieces(START + "<Cart ser", "ver:de", "fer note='sec", "ret'></Cart></body></html>", pause=20),
    leaves=[status(200), split(), hasnt("secret"), whole()],
)
row(
    "stream-plain",
    "A streamed page without islands has the bytes that it had",
    why="ARCHITECTURE.md: what is not part of an island passes through unchanged",
    says=pieces(PLAIN[:40], PLAIN[40:], pause=20),
    leaves=[status(200), body(PLAIN), whole()],
)
row(
    "stream-policy",
    "Under a policy a streamed page is split whole, judged, and gets its tag",
    why="http.md; flask.md, Streaming: buffered, so that the guard sees all of it",
    says=pieces(START, CART, "</body></html>", pause=20),
    policy={"cdn": 600},
    leaves=[status(200), split(), public(), header("ETag", '/W/".+"/'), whole()],
    feature="Streams under a policy are judged whole",
)
row(
    "stream-policy-early",
    "Under a policy with `stream` it goes out as it comes, without a tag",
    why="flask.md, Shells that caches keep: `stream`",
    says=pieces(START + "<p>first</p>", CART, "</body></html>", pause=300),
    policy={"cdn": 600, "stream": True},
    leaves=[status(200), split(), public(), no("ETag"), early(), whole()],
    needs=["stream", "stream policy"],
    feature="Policies that stream",
)
row(
    "stream-policy-faulty",
    "Under a policy with `stream` a page is cut at its first fault, in production too",
    why="flask.md, Streaming: caches discard a page whose chunked encoding has no end",
    says=pieces(START + "<p>first</p>" + "x" * 3000, BAD, "<p>after</p></body></html>", pause=100),
    policy={"cdn": 600, "stream": True},
    leaves=[cut(), hasnt("after"), logged()],
    needs=["stream", "stream policy"],
)
row(
    "stream-fails",
    "A streamed page whose app fails in the middle is cut, and never complete",
    why="PEP 3333; exchange.md 4: a stream that began and did not end is cut",
    says=pieces(START + "<p>first</p>" + "x" * 3000, CART, "!", pause=100),
    leaves=[cut()],
    needs=["stream"],
)
row(
    "stream-fails-recover",
    "So it is where a layer between the stations swallows the reason",
    why="cases S4, S5; exchange.md 4: cut by the outer station, whoever swallowed the reason",
    at="/stream-fails",
    leaves=[cut()],
    stacks=["recover"],
    needs=["stream"],
)
row(
    "stream-fails-exc-info",
    "A layer that calls start_response with exc_info after the head has gone gets the exception back",
    why="cases S4; PEP 3333: it must be re-raised",
    at="/stream-fails",
    ask=get(probe_exc_info="1"),
    leaves=[cut()],
    stacks=["recover"],
    needs=["stream"],
    only="WSGI",
)
row(
    "stream-faulty-recover",
    "A page that is cut at its fault under a policy stays cut where a layer between swallows the reason",
    why="cases S5: complete and public",
    at="/stream-policy-faulty",
    leaves=[
        check(
            "cut, or not public",
            lambda s: not s.response.complete or "public" not in (s.response.get("Cache-Control") or ""),
        )
    ],
    stacks=["recover"],
    needs=["stream", "stream policy"],
)
row(
    "events-plain",
    "Server-sent events pass at once",
    why="http.md: what is no page is not touched",
    says={"pieces": ["data: 1\n\n", "data: 2\n\n", "data: 3\n\n"], "pause": 300, "type": "text/event-stream"},
    leaves=[status(200), body("data: 1\n\ndata: 2\n\ndata: 3\n\n"), early()],
    needs=["stream"],
)
row(
    "events-policy",
    "Server-sent events on a route with a policy pass with their head, as they come",
    why="exchange.md 2: stream that is no HTML on a policy route",
    says={"pieces": ["data: 1\n\n", "data: 2\n\n", "data: 3\n\n"], "pause": 300, "type": "text/event-stream"},
    policy={"cdn": 600},
    leaves=[status(200), body("data: 1\n\ndata: 2\n\ndata: 3\n\n"), early(), not_public()],
    needs=["stream"],
    feature="Events pass on a route with a policy",
)
row(
    "download-policy",
    "A download in pieces on a route with a policy passes as it comes",
    why="exchange.md 2: stream that is no HTML on a policy route",
    says={"pieces": ["a" * 1000, "b" * 1000], "pause": 500, "type": "application/octet-stream"},
    policy={"cdn": 600},
    leaves=[status(200), body("a" * 1000 + "b" * 1000), early()],
    needs=["stream"],
)


def leaves_early(visit):
    """Reads the first bytes of a long stream, goes away, and waits until the app has noticed."""
    from suite.wire import Request

    before = visit.live()
    response = visit.ask(Request(leaves_after=1))
    visit.wait_for_handlers(before)
    return response


row(
    "stream-client-leaves",
    "When the client leaves in the middle, what makes the stream ends",
    why="asgi.md: the task is cancelled; node.md: `signal`; WSGI closes what the app returned",
    says=pieces(START + "<p>first</p>", *([CART + "<p>more</p>"] * 60), pause=200),
    ask=leaves_early,
    leaves=[status(200)],
    needs=["stream"],
)
