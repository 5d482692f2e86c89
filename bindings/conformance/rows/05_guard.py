"""The leak guard: what would make a shell one visitor's."""

from rows.shared import CART, PAGE, START
from suite.table import *

topic("Leak guard")

DRAWN = "d8a1f3c94b" * 4
FORM = f"{START}{CART}<form><input type='hidden' name='csrf_token' value='{'d8a1f3c9' * 5}'></form></body></html>"
LEAKS = {
    "cookie": (page(PAGE, headers=[["Set-Cookie", "seen=1"]]), "leak-cookie"),
    "vary": (page(PAGE, headers=[["Vary", "*"]]), "leak-vary"),
    "csrf": (page(FORM), "leak-csrf"),
    "nonce": (page(PAGE, headers=[["Content-Security-Policy", "script-src 'nonce-abcdefgh12345678'"]]), "leak-nonce"),
    "nonce report": (
        page(PAGE, headers=[["Content-Security-Policy-Report-Only", "script-src 'nonce-abcdefgh12345678'"]]),
        "leak-nonce",
    ),
    "nonce meta": (
        page(
            "<!doctype html><html><head><meta http-equiv='Content-Security-Policy' "
            f"content=\"script-src 'nonce-abcdefgh12345678'\"></head><body>{CART}</body></html>"
        ),
        "leak-nonce",
    ),
    "csrf button": (
        page(f"{START}{CART}<button name='csrf_token' value='{DRAWN}'>Buy</button></body></html>"),
        "leak-csrf",
    ),
    "csrf textarea": (
        page(f"{START}{CART}<textarea hidden name='csrf_token'>{DRAWN}</textarea></body></html>"),
        "leak-csrf",
    ),
    "csrf data": (page(f"{START}{CART}<div data-csrf='{DRAWN}'></div></body></html>"), "leak-csrf"),
    "csrf header": (page(PAGE, headers=[["X-CSRF-Token", DRAWN]]), "leak-csrf"),
    "session": (page(PAGE, session={"user": "ada"}), "leak-cookie"),
    "session csrf": (
        page(f"{START}{CART}<form><input type='hidden' name='csrf_token' value='%csrf%'></form></body></html>"),
        "leak-c",
    ),
}
for what, (says, code) in LEAKS.items():
    name = what.replace(" ", "-")
    needs = ["session on a shell"] if what.startswith("session") else []
    row(
        f"leak-{name}",
        f"A shell with a leak ({what}) is kept out of caches, and logged",
        why=f"http.md, Leak guard: {code}",
        says=says,
        policy={"cdn": 600},
        leaves=[status(200), split(), uncached(), no("ETag"), logged()],
        needs=needs,
        feature="Leak guard" if what == "csrf" else "",
    )
    row(
        f"leak-{name}-debug",
        "While debugging it is an error page that names the leak",
        why=f"http.md, Leak guard: {code}; while debugging the host shows an error page",
        at=f"/leak-{name}",
        leaves=[status(500), has(code), uncached(), no("Set-Cookie")],
        stacks=["debug"],
        needs=needs,
        feature="Leak guard shown while debugging" if what == "csrf" else "",
    )
row(
    "leak-blind-cookie",
    "A cookie that a view set without having seen the visitor's does not replace it",
    why="cases P3: dropped in production, with the log line",
    at="/leak-session",
    ask=get(cookie="session=mine"),
    leaves=[status(200), uncached(), no("Set-Cookie"), logged()],
    needs=["session on a shell"],
)
row(
    "leak-quoted",
    "Text in quotes in Cache-Control is no directive: such a page may be stored, and is judged",
    why="cases P5: by RFC 9111's grammar",
    says=page(PAGE, headers=[["Set-Cookie", "seen=1"], ["Cache-Control", 'max-age=60, note="a, private, no-store"']]),
    policy={"cdn": 600},
    leaves=[status(200), header("Cache-Control", "private, no-store"), logged()],
)
row(
    "leak-csrf-encoded",
    "A CSRF value in a page that the app has compressed does not become public",
    why="cases S3: judged as a stream, public with a CSRF value",
    says=encoded(FORM, "gzip"),
    policy={"cdn": 600},
    leaves=[status(200), uncached(), logged()],
)
row(
    "leak-status",
    "The guard looks at every status that a cache may store",
    why="http.md, Leak guard: of any status",
    says=page(PAGE, status=404, headers=[["Set-Cookie", "seen=1"], ["Cache-Control", "public, max-age=60"]]),
    policy={"cdn": 600},
    leaves=[status(404), uncached(), logged()],
)
row(
    "leak-private",
    "An answer that says that it is private is no leak",
    why="http.md, Leak guard: that a shared cache may store",
    says=page(PAGE, headers=[["Set-Cookie", "seen=1"], ["Cache-Control", "private"]]),
    policy={"cdn": 600, "cookies": True},
    leaves=[status(200), header("Cache-Control", "private"), header("Set-Cookie", "/seen=1.*/"), silent()],
)
row(
    "leak-private-targeted",
    "What forbids storing is no leak: values are read",
    why="cases P2",
    says=page(
        PAGE,
        headers=[
            ["Set-Cookie", "seen=1"],
            ["Cache-Control", "private"],
            ["X-Accel-Expires", "0"],
            ["CDN-Cache-Control", "no-store"],
        ],
    ),
    policy={"cdn": 600, "cookies": True},
    leaves=[status(200), header("Set-Cookie", "/seen=1.*/"), silent()],
)
row(
    "leak-path",
    "A leak's log line has the path, and nothing of what leaked",
    why="exchange.md 2: URL in a leak's log line: path always, never the token",
    at="/leak-cookie",
    ask=get(cookie="session=secret"),
    leaves=[logged("/leak-cookie"), check("no value", lambda s: "seen=1" not in str(s.log))],
)
row(
    "leak-fragment",
    "A fragment that a page answers to htmx is not public under the page's address",
    why="cases P6",
    says=page("<p>a fragment</p>"),
    policy={"cdn": 600},
    ask=get(hx_request="true"),
    leaves=[status(200), uncached()],
)
row(
    "leak-encoded",
    "Under a policy what is compressed in an unknown coding is kept out of caches",
    why="http.md, Leak guard: leak-encoded",
    says=encoded(PAGE, "x-secret"),
    policy={"cdn": 600},
    leaves=[uncached(), logged()],
)
