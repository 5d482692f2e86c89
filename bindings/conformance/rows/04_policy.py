"""Shells that caches keep: what a policy hides, adds and takes away."""

from rows.shared import CART, PAGE, PLAIN, START
from suite.table import *

topic("Shell policy")

SEES = f"{START}{CART}<p>%user% %cookie% %authorization%</p></body></html>"
route("/sees", page(SEES), cdn=600)

row(
    "shell-public",
    "A page with a policy may be kept by shared caches; it is split, has a tag, and no length but its own",
    why="http.md, Shell policy",
    at="/shell",
    leaves=[
        status(200),
        split(),
        public(),
        header("ETag", '/W/".+"/'),
        no("Expires", "Last-Modified", "Set-Cookie"),
        silent(),
    ],
    everywhere=True,
    feature="Shell policies",
)
row(
    "shell-plain",
    "A page without islands gets its policy as well",
    why="http.md, Shell policy",
    says=page(PLAIN),
    policy={"cdn": 60},
    leaves=[status(200), body(PLAIN), public(60), header("ETag", '/W/".+"/')],
)
row(
    "shell-stale",
    "Stale windows are in Cache-Control, and in CDN-Cache-Control as well",
    why="http.md, Shell policy: only with a stale window",
    says=page(PAGE),
    policy={"cdn": 600, "browser": 5, "swr": 60, "sie": 120},
    leaves=[
        header("Cache-Control", "public, max-age=5, s-maxage=600, stale-while-revalidate=60, stale-if-error=120"),
        header("CDN-Cache-Control", "max-age=600, stale-while-revalidate=60, stale-if-error=120"),
    ],
)
row(
    "shell-hides",
    "The app sees no cookie and no authorization, whoever asks",
    why="http.md, Shell policy: on the way in the app does not see",
    at="/sees",
    ask=get(cookie="session=ada; theme=dark", authorization="Bearer secret"),
    leaves=[status(200), has("nobody none none"), public(), saw(cookie=None, authorization=None), hasnt("ada")],
    everywhere=True,
    feature="Cookies are hidden from shells",
)
row(
    "shell-cookies",
    "With `cookies` the app sees them",
    why="http.md, Shell policy: unless the policy has `cookies`",
    says=page(f"{START}{CART}<p>%cookie%</p></body></html>"),
    policy={"cdn": 600, "cookies": True},
    ask=get(cookie="theme=dark"),
    leaves=[status(200), has("theme=dark"), public()],
)
row(
    "shell-conditions-hidden",
    "The app sees no condition: a 304 of its own would keep tokens of old keys alive",
    why="http.md, Shell policy: on the way in the app does not see",
    at="/sees",
    ask=get(
        if_none_match='"abc"',
        if_modified_since="Wed, 21 Oct 2026 07:28:00 GMT",
        if_match='"abc"',
        if_unmodified_since="Wed, 21 Oct 2015 07:28:00 GMT",
        accept_encoding="gzip",
    ),
    leaves=[
        status(200),
        saw(if_none_match=None, if_modified_since=None, if_match=None, if_unmodified_since=None, accept_encoding=None),
    ],
)
row(
    "shell-identity-hidden",
    "The app does not see who a proxy says that it is",
    why="cases P10: identity headers of proxies, visible to a cookieless view",
    at="/sees",
    ask=get(x_forwarded_user="ada", x_amzn_oidc_data="ada", proxy_authorization="Basic YWRh"),
    leaves=[status(200), saw(x_forwarded_user=None, x_amzn_oidc_data=None, proxy_authorization=None)],
)


def conditional(value, **more):
    """Asks for the page, then again with the tag that it has in this pattern."""

    def asked(visit):
        tag = visit.get("/shell").get("ETag") or ""
        return visit.get(
            "/shell", if_none_match=value.replace("TAG", tag).replace("PLAIN", tag.removeprefix("W/")), **more
        )

    return asked


for name, value, says in (
    ("same", "TAG", "where the client has it"),
    ("list", '"a", TAG, W/"b"', "where a list has it"),
    ("strong", "PLAIN", "compared weakly"),
    ("any", "*", "for `*`"),
):
    row(
        f"shell-304-{name}",
        f"A shell is a 304 {says}, with the headers that its 200 has",
        why="http.md, Shell policy; RFC 9110, 13.1.2 and 15.4.5",
        at="/shell",
        ask=conditional(value),
        leaves=[status(304), body(""), public(), header("ETag", '/W/".+"/'), no("Content-Encoding")],
        feature="304 for shells" if name == "same" else "",
    )
for name, value in (("other", '"other"'), ("prefix", "W/*"), ("unquoted", "abc")):
    row(
        f"shell-304-not-{name}",
        "Another tag, or a value that is no tag by the grammar, gets the page and not a 304",
        why="cases P5: by RFC 9110's grammar",
        at="/shell",
        ask=conditional(value),
        leaves=[status(200), split()],
    )
row(
    "shell-head",
    "HEAD under a policy has the head that GET has, and no body",
    why="exchange.md 2: as GET only under a policy; http.md",
    at="/shell",
    ask=head(),
    leaves=[status(200), body(""), public(), header("ETag", '/W/".+"/')],
    needs=["head"],
)
row(
    "shell-head-same",
    "The tag of HEAD is the tag of GET",
    why="RFC 9110, 9.3.2",
    at="/shell",
    ask=lambda visit: (visit.get("/shell"), visit.ask(head()))[1],
    leaves=[
        check(
            "the same tag",
            lambda s: s.response.get("ETag") == s.before[0].get("ETag"),
            lambda s: s.response.get("ETag"),
        )
    ],
    needs=["head"],
)
row(
    "shell-same-bytes",
    "The same page has the same bytes, and so the same tag",
    why="ARCHITECTURE.md: equal inputs give equal bytes",
    at="/shell",
    ask=lambda visit: (visit.get("/shell"), visit.get("/shell", cookie="session=other"))[1],
    leaves=[check("the same bytes", lambda s: s.response.body == s.before[0].body)],
)
row(
    "shell-fresh",
    "With `island-fresh` the page is `no-store`, without validators, and the app does not see the parameter",
    why="http.md, Shell policy",
    at="/shell",
    ask=get("?a=1&island-fresh&b=2"),
    leaves=[
        status(200),
        header("Cache-Control", "/.*no-store.*/"),
        no("ETag", "Last-Modified"),
        check(
            "the app sees the rest of the query",
            lambda s: s.runs[0]["target"].endswith("/shell?a=1&b=2"),
            lambda s: s.runs,
        ),
    ],
    feature="island-fresh",
)
row(
    "shell-fresh-alone",
    "A query of `island-fresh` alone is no query for the app",
    why="http.md, Shell policy",
    at="/shell",
    ask=get("?island-fresh"),
    leaves=[check("no query", lambda s: s.runs[0]["target"].endswith("/shell"), lambda s: s.runs)],
)
row(
    "shell-post",
    "A POST to a route with a policy has no policy, and sees its cookies",
    why="http.md, Shell policy: GET and HEAD",
    says=page(SEES, methods=["GET", "POST"]),
    policy={"cdn": 600},
    ask=ask("POST", "", b"", cookie="theme=dark", content_type="application/x-www-form-urlencoded"),
    leaves=[status(200), has("theme=dark"), not_public(), no("ETag")],
    needs=["post policy"],
)
for code in (404, 500, 302):
    row(
        f"shell-{code}",
        f"A {code} on a route with a policy is not made public",
        why="http.md, Shell policy: an answer with 200 and text/html",
        says=page(PAGE, status=code) if code != 302 else {"redirect": "/elsewhere"},
        policy={"cdn": 600},
        leaves=[status(code), not_public()],
    )
row(
    "shell-json",
    "JSON on a route with a policy is not made public",
    why="http.md, Shell policy: an answer with 200 and text/html",
    says={"json": {"a": 1}},
    policy={"cdn": 600},
    leaves=[status(200), not_public()],
)
row(
    "shell-own-control",
    "A page's own Cache-Control stays",
    why="http.md, Shell policy: a page with a `Cache-Control` of its own keeps it",
    says=page(PAGE, headers=[["Cache-Control", "private, max-age=5"]]),
    policy={"cdn": 600},
    leaves=[status(200), split(), header("Cache-Control", "private, max-age=5")],
)
row(
    "shell-loses",
    "A shell loses what the page said of its age, and Cookie in Vary",
    why="http.md, Shell policy: and loses",
    says=page(
        PAGE,
        headers=[
            ["Expires", "Wed, 21 Oct 2026 07:28:00 GMT"],
            ["Last-Modified", "Wed, 21 Oct 2026 07:28:00 GMT"],
            ["Vary", "Accept-Language, Cookie"],
            ["ETag", '"app"'],
        ],
    ),
    policy={"cdn": 600},
    leaves=[
        status(200),
        public(),
        no("Expires", "Last-Modified"),
        header("Vary", "Accept-Language"),
        header("ETag", '/W/(?!"app").+/'),
    ],
)
row(
    "shell-targeted",
    "Only the policy speaks: headers for one kind of cache go",
    why="cases P1",
    says=page(
        PAGE,
        headers=[
            ["X-Accel-Expires", "86400"],
            ["Surrogate-Control", "max-age=86400"],
            ["Cloudflare-CDN-Cache-Control", "max-age=86400"],
            ["Edge-Control", "max-age=86400"],
        ],
    ),
    policy={"cdn": 600},
    leaves=[
        status(200),
        public(),
        no("X-Accel-Expires", "Surrogate-Control", "Cloudflare-CDN-Cache-Control", "Edge-Control"),
    ],
)
row(
    "shell-outer-headers",
    "What the app says for itself stays: a request id, HSTS",
    why="exchange.md 2: what outer layers had set before stays",
    says=page(PAGE, headers=[["X-Request-Id", "abc"], ["Strict-Transport-Security", "max-age=1"]]),
    policy={"cdn": 600},
    leaves=[status(200), public(), header("X-Request-Id", "abc"), header("Strict-Transport-Security", "max-age=1")],
)
row(
    "shell-no-policy",
    "Without a policy eyot never touches Cache-Control",
    why="http.md, Shell policy",
    says=page(PAGE, headers=[["Cache-Control", "max-age=7"]]),
    leaves=[status(200), split(), header("Cache-Control", "max-age=7")],
)
row(
    "shell-absolute-form",
    "A target in absolute form has the policy of its path",
    why="cases S24; RFC 9112, 3.2.2: a server must accept the absolute form",
    at="/sees",
    ask=raw(b"GET http://{host}{path} HTTP/1.1\r\nHost: {host}\r\nCookie: session=ada\r\nConnection: close\r\n\r\n"),
    leaves=[
        check(
            "the policy's answer, or none",
            lambda s: (
                s.response.status in (400, 404)
                or ("public" in (s.response.get("Cache-Control") or "") and "nobody none" in s.response.text)
            ),
            lambda s: (s.response.status, s.response.get("Cache-Control")),
        ),
    ],
)
row(
    "shell-query",
    "Another query is the same route",
    why="http.md: a policy belongs to a route",
    at="/sees",
    ask=get("?utm=1", cookie="session=ada"),
    leaves=[status(200), public(), has("nobody none none")],
)


def on_host(name):
    """Asks for a page by another name of this host."""
    return get(host=name, cookie="theme=dark")


route("/per-host", page(SEES), cdn=600)
for name, place in (("first", "before both stations"), ("between", "between the stations")):
    row(
        f"shell-urlconf-{name}",
        f"Where a middleware {place} chooses the URLconf by host, the policy is that of the view that runs",
        why="cases S12",
        at="/per-host",
        ask=on_host(f"{name}.example"),
        leaves=[status(200), has("theme=dark"), not_public(), no("ETag")],
        only="Django",
    )
row(
    "shell-strict-query",
    "A route whose schema refuses what it does not know does not see `island-fresh`",
    why="cases S11; http.md, Shell policy: the app does not see the parameter",
    says=page(PAGE, strict_query=True),
    policy={"cdn": 600},
    ask=get("?island-fresh"),
    leaves=[status(200), split(), header("Cache-Control", "/.*no-store.*/")],
    only="Fastify",
)
for name, looks in (("first", {}), ("kept", {"probe_look": "1"})):
    row(
        f"shell-views-{name}",
        "Node's other views of a request's headers, such as `headersDistinct`, hide the cookie too"
        + (", where a layer further out has looked at them before" if looks else ""),
        why="cases S23: `req.headersDistinct`",
        says=page(f"{START}{CART}<p>%views%</p></body></html>"),
        policy={"cdn": 600},
        ask=get(cookie="session=ada", **looks),
        leaves=[status(200), public(), has("[]"), hasnt("ada")],
        only="Node",
    )


def told(text, pattern):
    """While debugging a response header of eyot's own, or its log, says so."""

    def holds(seen):
        names = [value for name, value in seen.response.headers if name.lower().startswith("eyot-")]
        lines = [line["text"] for line in seen.log if line["level"].lower() != "info"]
        return any(re.search(pattern, said, re.I) for said in names + lines)

    return check(text, holds, lambda s: s.log)


row(
    "policy-shown",
    "While debugging a response header says which policy was applied",
    why="cases N9",
    at="/shell",
    leaves=[status(200), told("the policy is named", "600")],
    stacks=["debug"],
    feature="Policies shown while debugging",
)
row(
    "policy-without-effect",
    "While debugging a policy that has no effect, since the view says its own Cache-Control, is reported",
    why="cases N9",
    at="/shell-own-control",
    leaves=[status(200), told("the view's own Cache-Control is named", "cache-control")],
    stacks=["debug"],
)
row(
    "policy-in-vain",
    "While debugging it is reported that a view under a policy has looked for what is hidden",
    why="cases N9: a view that reads the session and sees nobody",
    at="/sees",
    ask=get(cookie="session=ada"),
    leaves=[status(200), told("the hidden cookie is named", "cookie")],
    stacks=["debug"],
)
row(
    "policy-silent",
    "In production none of that is in headers or in the log",
    why="cases N9: while debugging",
    at="/sees",
    ask=get(cookie="session=ada"),
    leaves=[
        status(200),
        check(
            "no header of eyot's own",
            lambda s: not [name for name, _ in s.response.headers if name.lower().startswith("eyot-")],
        ),
        silent(),
    ],
)
