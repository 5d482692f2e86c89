"""How an app starts: a mistake in its configuration is an error then, which names it, and not when a visitor comes."""

from rows.shared import PAGE
from suite.table import *

topic("Starting")


def mistake(name, title, says, *, why, **adds):
    """A row of a mistake for which the app must not start; what it prints names the mistake."""
    needs = adds.pop("needs", [])
    stack = adds.pop("stack", "bare")
    feature = adds.pop("feature", "")
    row(
        f"mistake-{name}",
        title,
        why=why,
        at=f"/mistake-{name}",
        leaves=[printed(says)],
        adds=adds,
        starts=False,
        needs=needs,
        stacks=[stack],
        feature=feature,
    )


def with_policy(name, **policy):
    """What the description has more: a route with this policy."""
    return {f"/mistake-{name}": page(PAGE, policy=policy)}


mistake(
    "island-name",
    "An island whose name cannot be one is refused when it is registered, by its name",
    "Card Row",
    why="exchange.md 2: bad island name: an error at registration",
    islands={"Card Row": page("<b>x</b>")},
    feature="Bad names are refused at the start",
)
mistake(
    "island-bare",
    "A handler in the place of the name is refused when it is registered",
    "island.*(name|needs|handler|parenthes)|name.*(text|string|str)",
    why="cases N8: `@island` without parentheses",
    mistakes=["island without parentheses"],
    needs=["untyped registration"],
)
mistake(
    "policy-option",
    "An option that policies do not have is refused by its name",
    "cnd",
    why="cases N8: each names the mistake and the cure",
    routes=with_policy("policy-option", cdn=60, cnd=600),
    needs=["untyped policies"],
    feature="Misspelt options of policies are refused at the start",
)
mistake(
    "policy-negative",
    "A time of a policy that is negative is refused by the option's name",
    "cdn",
    why="cases S14: negative numbers in options: refused by name",
    routes=with_policy("policy-negative", cdn=-5),
    needs=["signed times"],
)
mistake(
    "policy-fraction",
    "A time of a policy that is no whole number of seconds is refused by the option's name",
    "cdn",
    why="cases S14: fractional numbers in options: refused by name",
    routes=with_policy("policy-fraction", cdn=1.5),
    needs=["fractions"],
)
mistake(
    "policy-pattern",
    "A pattern in another framework's syntax is refused, with the syntax that is meant",
    "<int:id>",
    why="cases N8: a policy pattern in another framework's syntax",
    patterns={"/mistake/<int:id>": {"cdn": 60}},
    needs=["policy table"],
    feature="Patterns in another syntax are refused at the start",
)
mistake(
    "no-keys",
    "Without a key an app does not start, and says how to get one",
    "EYOT_KEYS",
    why="cases N11; keys.md",
    keys=None,
    needs=["keys by themselves"],
)
row(
    "start-no-keys-debug",
    "While debugging an app without a key starts with a temporary one",
    why="cases N11: a throw-away key while debugging, with a warning",
    at="/page-split",
    leaves=[status(200), split()],
    adds={"keys": None},
    needs=["keys by themselves"],
    stacks=["debug"],
    feature="Starts without a key while debugging",
)
row(
    "start-weak-secret-debug",
    'While debugging Flask\'s `SECRET_KEY = "dev"` will do, as it does for Flask',
    why="cases N11",
    at="/page-split",
    leaves=[status(200), split()],
    adds={"keys": None, "secret": "dev"},
    stacks=["debug"],
    only="Flask",
)
row(
    "start-duration",
    "A time of a policy may be written as a text, such as 10m",
    why='cases N8: `timedelta` and `"10m"` are durations',
    at="/start-duration",
    leaves=[status(200), split(), public()],
    adds={"routes": {"/start-duration": page(PAGE, policy={"cdn": "10m"})}},
    needs=["times as text"],
)
