"""Stacks: layers between the stations or around them, which answer, change, cache or swallow responses."""

from rows.shared import PAGE, PLAIN
from suite.table import *
from suite.wire import Request

topic("Layers between and around")

S1 = "cases S1; exchange.md 4: whatever leaves through the outer station has been split"

row(
    "between-limiter",
    "A page that a layer between the stations answers is split by the outer one",
    why=S1,
    at="/page-plain",
    ask=get(probe_limit="1"),
    leaves=[status(429), split(), hasnt("secret"), runs(0)],
    stacks=["limiter"],
    feature="Pages that a layer between the stations answers are split",
)
row(
    "between-limiter-shell",
    "On a route with a policy it never becomes public",
    why=S1,
    at="/shell",
    ask=get(probe_limit="1"),
    leaves=[status(429), not_public(), split()],
    stacks=["limiter"],
)
row(
    "between-limiter-json",
    "A layer that does not answer leaves a page as it is",
    why=S1,
    at="/page-plain",
    leaves=[status(200), body(PLAIN)],
    stacks=["limiter", "recover", "timeout", "cache", "error page"],
)
row(
    "between-error",
    "An error page of a layer between, with an island in it, is split",
    why=S1,
    says={"raise": "a view that fails"},
    leaves=[status(500), split(), hasnt("secret")],
    stacks=["error page"],
)
row(
    "between-error-shell",
    "On a route with a policy it never becomes public",
    why=S1,
    says={"raise": "a view that fails"},
    policy={"cdn": 600},
    leaves=[status(500), not_public(), split()],
    stacks=["error page"],
)
row(
    "between-error-island",
    "Where it answers for an island that failed, it goes out without the island's name",
    why="http.md, Island answers: anything else",
    at="/islands",
    ask=of_island("Fails"),
    leaves=[status(500), no("Island"), header("Cache-Control", "/.*no-store.*/")],
    stacks=["error page"],
)
row(
    "between-error-none",
    "A view that fails without any error page of the app's is a 500 or a cut connection, and never public",
    why="http.md, Shell policy: an answer with 200 and text/html",
    at="/between-error-shell",
    leaves=[status(500, 0), not_public()],
)
row(
    "between-timeout",
    "A 503 page of a layer's timeout is split",
    why=S1,
    says=page(PAGE, wait=900),
    leaves=[status(503), split(), hasnt("secret")],
    stacks=["timeout"],
)
row(
    "between-timeout-shell",
    "On a route with a policy it never becomes public",
    why=S1,
    says=page(PAGE, wait=900),
    policy={"cdn": 600},
    leaves=[status(503), not_public(), split()],
    stacks=["timeout"],
)
row(
    "between-cache",
    "A page that a cache between the stations keeps is split each time, with the same bytes",
    why="exchange.md 4: layers that cache a response keep headers",
    at="/page-split",
    ask=lambda v: (v.get("/page-split"), v.get("/page-split"))[1],
    leaves=[
        status(200),
        split(),
        check("the same bytes", lambda s: s.response.body == s.before[0].body),
        check("kept", lambda s: len(s.runs) == 1),
    ],
    stacks=["cache"],
)
row(
    "between-cache-shell",
    "A page with a policy that such a cache keeps has the same tag, and stays public",
    why="exchange.md 4: layers that cache a response keep headers",
    at="/shell",
    ask=lambda v: (v.get("/shell"), v.get("/shell"))[1],
    leaves=[
        status(200),
        split(),
        public(),
        check("the same tag", lambda s: s.response.get("ETag") == s.before[0].get("ETag")),
    ],
    stacks=["cache"],
)
row(
    "between-cache-fresh",
    "A page that the app's own cache keeps heals: `island-fresh` passes it by, or the token is made anew",
    why="cases S18",
    at="/shell",
    ask=lambda v: (v.get("/shell"), v.get("/shell?island-fresh"))[1],
    leaves=[status(200), split(), header("Cache-Control", "/.*no-store.*/")],
    stacks=["cache"],
)
row(
    "between-gzip",
    "A page that a layer between the stations compresses is split all the same",
    why="exchange.md 2: HTML compressed before the split; cases S3",
    at="/page-split",
    ask=get(accept_encoding="gzip"),
    leaves=[
        status(200),
        check(
            "split inside",
            lambda s: b"_server-islands/Cart/" in unpacked(s.response),
            lambda s: unpacked(s.response)[:200],
        ),
        check("no directive inside", lambda s: b"server:defer" not in unpacked(s.response)),
    ],
    stacks=["gzip between"],
    feature="Compression between the stations",
)
row(
    "between-gzip-shell",
    "With a policy it stays public, and uncompressed: nobody inside was asked for a coding",
    why="http.md, Shell policy: the app does not see Accept-Encoding",
    at="/shell",
    ask=get(accept_encoding="gzip"),
    leaves=[status(200), public(), check("split inside", lambda s: b"_server-islands/Cart/" in unpacked(s.response))],
    stacks=["gzip between"],
)
row(
    "between-gzip-csrf",
    "What is compressed between the stations is judged: a CSRF value in it does not become public",
    why="cases S3: judged as a stream, public with a CSRF value",
    at="/leak-csrf",
    ask=get(accept_encoding="gzip"),
    leaves=[status(200), uncached()],
    stacks=["gzip between"],
)
row(
    "around-gzip",
    "Compression around both stations compresses the split page",
    why="flask.md, Deployment: compression belongs around the app",
    at="/shell",
    ask=get(accept_encoding="gzip"),
    leaves=[
        status(200),
        public(),
        header("Content-Encoding", "gzip"),
        header("ETag", "/.+/"),
        check("split inside", lambda s: b"_server-islands/Cart/" in unpacked(s.response)),
    ],
    stacks=["gzip around"],
    feature="Compression around the stations",
)
row(
    "between-toolbar",
    "A layer that writes into the page leaves it split, with its length",
    why="exchange.md 4: layers that change a response keep headers",
    at="/page-split",
    leaves=[status(200), split(), has("<p>toolbar</p>")],
    stacks=["toolbar between", "toolbar around"],
)
row(
    "between-toolbar-shell",
    "With a policy the tag is of what really leaves",
    why="http.md, Shell policy: ETag of the shell's bytes",
    at="/shell",
    leaves=[status(200), split(), public(), has("<p>toolbar</p>"), header("ETag", '/W/".+"/')],
    stacks=["toolbar between"],
)

row(
    "island-catch-all",
    "A page that a route for every path answers in an island's place is refused, and logged: its handler never ran",
    why="cases S19: a catch-all route before `islands.mount(app)`",
    at="/islands",
    ask=of_island("Cart"),
    leaves=[
        status(404, 500),
        no("Island"),
        header("Cache-Control", "/.*no-store.*/"),
        check("no page", lambda s: "layout" not in s.response.text, lambda s: s.response.text[-100:]),
        logged("Cart"),
    ],
    stacks=["catch-all"],
    only="FastAPI",
)
SCRIPTS = "Content-Security-Policy"
row(
    "between-csp-page",
    "A policy for scripts that a layer between says of every answer stays on pages",
    why="exchange.md 2: what outer layers had set before stays",
    at="/page-split",
    leaves=[status(200), split(), header(SCRIPTS, "default-src 'self'")],
    stacks=["csp between"],
)
for name, of, policy, more in (
    ("island", "Cart", "default-src 'none'; sandbox", {}),
    ("own", "OwnPolicy", "default-src https:", {}),
    ("unsplit", "Unsplit", "default-src 'none'; sandbox", {"without": ["directive"]}),
):
    row(
        f"between-csp-{name}",
        {
            "island": "An island does not get that policy of pages, but the island's",
            "own": "An island whose handler sets a policy for scripts has that one",
            "unsplit": "An island whose HTML pass is off has the island's policy as well",
        }[name],
        why="http.md, Island answers; cases S14: `htmlPass: false` on an island",
        at="/islands",
        ask=of_island(of),
        leaves=[status(200), header("Island", of), header(SCRIPTS, policy)],
        stacks=["csp between"],
        **more,
    )
row(
    "between-language",
    "A layer that redirects an island's request to the same island elsewhere is reported",
    why="cases S22: 204 to `/en/_server-islands/…` for ever, no log",
    at="/islands",
    ask=of_island("Cart", probe_language="1"),
    leaves=[no("Location"), uncached(), runs(0), logged("/en|redirect")],
    stacks=["language between"],
    feature="A redirect of an island to itself is reported",
)

topic("Two sets of islands in one app")

SETS = "cases S14: two sets of islands in one app: each its own"
SECOND["islands"]["Cart"] = page("<b>second %user%</b>")
SECOND["routes"]["/page"] = page(PAGE)
SECOND["routes"]["/shell"] = page(f"{PAGE}<p>%user% %cookie%</p>", policy={"cdn": 60})
row(
    "sets-first",
    "The first set's page is split once, by the first",
    why=SETS,
    at="/page-split",
    leaves=[status(200), split(), has('"/_server-islands/Cart'), hasnt("/second/"), silent()],
    stacks=["two sets"],
    feature="Two sets of islands in one app",
)
row(
    "sets-first-island",
    "Its island is answered by its own handler",
    why=SETS,
    at="/islands",
    ask=of_island("Cart"),
    leaves=[status(200), has("nobody has"), header("Island", "Cart"), runs(1)],
    stacks=["two sets"],
)
row(
    "sets-first-shell",
    "Its policies are its own",
    why=SETS,
    at="/sees",
    ask=get(cookie="theme=dark"),
    leaves=[status(200), public(), has("nobody none none")],
    stacks=["two sets"],
)
row(
    "sets-second",
    "The page of an app with a set of its own, below a path of the first, is split once, by the second",
    why=SETS,
    at="/second/page",
    leaves=[
        status(200),
        split(),
        has('"/second/_server-islands/Cart'),
        has('"/second/_server-islands/loader'),
        silent(),
    ],
    stacks=["two sets"],
)
row(
    "sets-second-island",
    "An island of the same name is answered by the second's handler",
    why=SETS,
    at="/second/page",
    ask=of_island("Cart", at="/second/page"),
    leaves=[
        status(200),
        has("<b>second"),
        runs(1),
        header("Island", "Cart"),
        header("Cache-Control", "private, no-store"),
    ],
    stacks=["two sets"],
)
row(
    "sets-second-shell",
    "The second's policies are its own",
    why=SETS,
    at="/second/shell",
    ask=get(cookie="theme=dark"),
    leaves=[status(200), public(60), split(), header("ETag", '/W/".+"/'), saw(cookie=None)],
    stacks=["two sets"],
)

topic("Order of the stations")

row(
    "order-no-inner",
    "Without the inner station no directive leaves: the outer one splits, or says what is missing",
    why="cases N1; exchange.md 4: an inner station without an outer one, and the reverse",
    at="/page-split",
    leaves=[status(200, 500), logged()],
    stacks=["no inner"],
    or_no_start=True,
    feature="A missing station is reported",
)
row(
    "order-no-inner-shell",
    "Under a policy such a page is never public",
    why="cases N1: `200 public` with the directive and its props in clear",
    at="/shell",
    leaves=[status(200, 500), not_public()],
    stacks=["no inner"],
    or_no_start=True,
)
row(
    "order-no-inner-island",
    "An island that nobody answers is no island: no name, no cache",
    why="http.md, Island answers: anything else",
    at="/islands",
    ask=lambda v: v.ask(
        Request(f"{v.probe.mount}/_server-islands/Cart/AAAA", headers={"Sec-Fetch-Site": "same-origin"})
    ),
    leaves=[status(400, 404, 500), no("Island"), header("Cache-Control", "/.*no-store.*/")],
    stacks=["no inner"],
    or_no_start=True,
)
row(
    "order-no-outer",
    "Without the outer station no directive leaves",
    why="cases N1; exchange.md 4",
    at="/page-split",
    leaves=[status(200, 500)],
    stacks=["no outer"],
    or_no_start=True,
)
row(
    "order-no-outer-shell",
    "Under a policy such a page is never public",
    why="cases N1; exchange.md 4",
    at="/shell",
    leaves=[status(200, 500), not_public()],
    stacks=["no outer"],
    or_no_start=True,
)
row(
    "order-session-outside",
    "A session outside of the outer station makes no shell personal",
    why="cases S2; exchange.md 4: order guards: in production logged, and no policy",
    at="/sees",
    ask=lambda v: (v.get("/login?user=ada"), v.get("/sees"))[1],
    leaves=[
        check(
            "not both personal and public",
            lambda s: "ada" not in s.response.text or "public" not in (s.response.get("Cache-Control") or ""),
        )
    ],
    stacks=["session outside"],
    or_no_start=True,
    feature="Sessions outside of the stations are reported",
)
row(
    "order-session-outside-reported",
    "A session outside of the outer station is an error, or a line in the log",
    why="cases S2: error at start or while debugging; in production a log line and no policy",
    at="/sees",
    ask=lambda v: (v.get("/login?user=ada"), v.get("/sees"))[1],
    leaves=[check("reported", lambda s: s.response.status == 500 or s.log, lambda s: s.log), not_public()],
    stacks=["session outside"],
    or_no_start=True,
)
