"""The pages and islands that rows share."""

from suite.table import island, page, pieces, route

CART = "<Cart server:defer note='secret'><i slot='fallback'>cart</i></Cart>"
START = "<!doctype html><html><head><title>t</title></head><body>"
PAGE = f"{START}{CART}</body></html>"
PLAIN = f"{START}nothing to split</body></html>"

island("Cart", page("<b>%user% has %props%</b>"))
#: Says who is there, as a header would.
island("Who", page("<b>%user%</b>"))
island("Same", page("<b>for everybody</b>"), options={"shared": 60})
island("SameCookie", page("<b>%user%</b>", headers=[["Set-Cookie", "seen=1"]]), options={"shared": 60})
island("Sets", page("<b>kept</b>", session={"user": "ada"}))
island("Moved", {"redirect": "/login?next=%path%"})
island("Elsewhere", {"redirect": "https://evil.example/"})
island("Listed", {"redirect": "https://sso.example/in"})
island("Refuses", page("who are you", status=401))
island("Missing", page("nothing", status=404))
island("Empty", {"status": 204})
island("Json", {"json": {"a": 1}})
island("Fails", {"raise": "secret in the handler"})
island("Nothing", {"nothing": True})
island("Public", page("<b>x</b>", headers=[["Cache-Control", "public, max-age=60"], ["Island", "Other"]]))
island(
    "Headers",
    page("<b>x</b>", headers=[["X-Frame-Options", "DENY"], ["Content-Security-Policy", "default-src 'self'"]]),
)
island("Nested", page("<b>%props%</b>" + CART))
island("Streams", pieces("<b>one</b>", "<b>two</b>", pause=50))
island("Slow", page("<b>late</b>", wait=2200))
island(
    "Edge",
    page("<b>x</b>", headers=[["Edge-Control", "max-age=60"], ["X-LiteSpeed-Cache-Control", "public,max-age=60"]]),
)
#: Its props are one text, `sku`: a dataclass, a schema, a struct.
island("Typed", page("<b>%props%</b>"), typed=True)
#: The hook of refusals raises for it.
island("HookRaises", page("<b>x</b>"))
island("Text", {"text": "plain", "type": "text/plain"})
#: Its tokens hold the page's path.
island("Paged", page("<b>%page%</b>"))
#: Its own HTML is not split.
island("Unsplit", page(f"<b>as it is</b>{CART}", html_pass=False))
island("OwnPolicy", page("<b>x</b>", headers=[["Content-Security-Policy", "default-src https:"]]))
#: Fastify registers it in a plugin with a prefix.
island("Plugged", page("<b>plugged</b>"), plugin="/under")

#: A page with a placeholder of each island; where they ask, rows find here.
NAMES = [
    "Cart",
    "Who",
    "Same",
    "SameCookie",
    "Sets",
    "Moved",
    "Elsewhere",
    "Listed",
    "Refuses",
    "Missing",
    "Empty",
    "Json",
    "Fails",
    "Nothing",
    "Public",
    "Headers",
    "Nested",
    "Streams",
    "Slow",
    "Text",
    "Edge",
    "HookRaises",
    "Unsplit",
    "OwnPolicy",
    "Plugged",
]
route("/islands", page(START + "".join(f"<{name} server:defer />" for name in NAMES) + "</body></html>"))
route("/shell", page(PAGE), cdn=600)
route("/login", page("in", session={"user": "%query.user%"}))
