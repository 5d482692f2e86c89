"""Canaries: two visitors with secrets behind a real shared cache. No secret of one ever reaches the other."""

import random
import re
import secrets

from rows.shared import CART, START, island, page, pieces, route
from suite.caches import cache
from suite.run import ASKER
from suite.table import *
from suite.wire import Request, exchange

topic("Caches")

SECRETS = "%user% %cookie% %authorization%"
PERSONAL = f"{START}{CART}<Who server:defer></Who><p>{SECRETS}</p></body></html>"
SHELL = f"{START}{CART}<Who server:defer></Who><Same server:defer></Same><Sets server:defer></Sets><Moved server:defer></Moved><p>{SECRETS}</p></body></html>"
PATHS = [
    route("/canary-shell", page(SHELL), cdn=600),
    route("/canary-stale", page(SHELL), cdn=600, browser=5, swr=60),
    route("/canary-stream", pieces(START, CART, f"<p>{SECRETS}</p></body></html>", pause=10), cdn=600),
    route("/canary-cookie", page(SHELL, headers=[["Set-Cookie", "seen=1"]]), cdn=600),
    route(
        "/canary-csrf", page(f"{START}{CART}<input type=hidden name=csrf_token value='%csrf%'></body></html>"), cdn=600
    ),
    route("/canary-session", page(SHELL, session={"seen": "%user%"}), cdn=600),
    route("/canary-404", page(SHELL, status=404), cdn=600),
    route("/canary-vary", page(SHELL, headers=[["Vary", "Cookie"]]), cdn=600),
    route("/canary-personal", page(PERSONAL)),
    route("/canary-private", page(PERSONAL, headers=[["Cache-Control", "private, max-age=60"]])),
    route("/canary-json", {"text": '{"user": "%user%"}', "type": "application/json"}),
    route("/canary-redirect", {"redirect": "/in?%user%"}, cdn=600),
    route("/canary-fails", {"raise": "a view that fails"}, cdn=600),
]
SHARED = route("/canary-shared", page(f"{START}<SharedWho server:defer></SharedWho></body></html>"), cdn=600)
island("SharedWho", page("<b>%user%</b>"), options={"shared": 60})


class Visitor:
    """Somebody with secrets of their own: a session, a cookie, an authorization."""

    def __init__(self, port, mount):
        self.port, self.mount = port, mount
        self.secret = f"canary{secrets.token_hex(8)}"
        self.cookies = {"canary": self.secret}
        self.ask(f"{mount}/login?user={self.secret}")

    def ask(self, path, **headers):
        sent = {
            **ASKER,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Authorization": f"Bearer {self.secret}",
            **{dashed(name): value for name, value in headers.items()},
        }
        response = exchange(self.port, Request(path, headers=sent))
        for cookie in response.all("Set-Cookie"):
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return response


def behind(kind, paths, rounds):
    """A row's visit: both visitors at these pages and their islands, in an order of luck, behind this cache."""

    def visit_all(visit):
        luck = random.Random(1)
        with cache(kind, visit.probe.port) as port:
            first = None
            visitors = [Visitor(port, visit.probe.mount) for _ in range(2)]
            for _ in range(rounds):
                for path in luck.sample(paths, len(paths)):
                    for visitor in luck.sample(visitors, 2):
                        came = look(visit, visitor, visitors, path, luck)
                        first = next((r for r in came if r.get("X-Cache") == "HIT"), first or came[0])
            return first

    return visit_all


def look(visit, visitor, visitors, path, luck):
    """One page with its islands; and what came must hold nothing of the other visitor."""
    extra = luck.choice(
        ({}, {}, {"hx_request": "true"}, {"accept_encoding": "gzip"}, {"x_forwarded_user": visitor.secret})
    )
    query = luck.choice(("", "", "", "?island-fresh", f"?for={visitor.secret[:3]}"))
    shell = visitor.ask(visit.probe.mount + path + query, **extra)
    came = [
        shell,
        *(visitor.ask(found) for found in re.findall(r'"([^"]*/_server-islands/[A-Z][^"]+)"', shell.text)[:8]),
    ]
    for response in came:
        everything = f"{response.headers} {unpacked(response).decode('utf-8', 'replace')}"
        for other in visitors:
            if other is not visitor and other.secret in everything:
                raise Failed(f"{path}{query}: a secret of the other visitor: {response.status} {response.headers}")
        if DIRECTIVE.search(everything):
            raise Failed(f"{path}{query}: a directive: {response}")
    return came


for kind in ("nginx", "varnish"):
    row(
        f"canary-{kind}",
        f"Behind {kind} no visitor gets another's secret, and no directive leaves",
        why="exchange.md 7: canaries; SECURITY.md",
        at=PATHS[0],
        ask=behind(kind, PATHS, 2),
        leaves=[
            status(200),
            check("the cache was used", lambda s: s.response.get("X-Cache") == "HIT", lambda s: s.response.headers),
        ],
        http1=True,
        feature="A shared cache hands no visitor another's secrets" if kind == "nginx" else "",
    )
row(
    "canary-shared",
    "Nor does a shared island hand one visitor's name to another",
    why="cases P7; exchange.md 7: canaries",
    at=SHARED,
    ask=behind("nginx", [SHARED], 2),
    leaves=[status(200)],
    http1=True,
)
