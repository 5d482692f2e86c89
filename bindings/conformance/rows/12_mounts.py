"""Mount points: the path that the app is below, as a proxy or a constructor says it."""

from suite.table import *

topic("Mount points")

for name, prefix in (("", "/shop"), ("-slash", "/shop/")):
    row(
        f"mount-proxy{name}",
        f"URLs begin with the prefix that a proxy took off the path and sent in a header ({prefix}), once",
        why="cases P4; http.md, Origins and mount points: `/shop/` is `/shop`",
        at="/page-split",
        ask=get(x_forwarded_prefix=prefix),
        leaves=[status(200), split(), has('"/shop/_server-islands/Cart'), has('"/shop/_server-islands/loader')],
        stacks=["proxy"],
        feature="" if name else "Mount points from a proxy",
    )
REFUSED = [status(400), hasnt("evil.example"), not_public(), refused("mount"), runs(0)]
# Where the framework's mount point is decoded text, eyot escapes it, and %5C is no other place.
ESCAPED = [
    check(
        "refused, or escaped",
        lambda s: s.response.status == 400 or ("/%5Cevil" in s.response.text and "\\" not in s.response.text),
        lambda s: s.response.text[:200],
    )
]
for name, prefix, leaves in (
    ("origin", "//evil.example", REFUSED),
    ("backslash", "/\\evil.example", ESCAPED),
    ("dots", "/a/../evil.example", REFUSED),
):
    for kind, at in (("page", "/page-split"), ("shell", "/shell")):
        row(
            f"mount-{name}-{kind}",
            f"A prefix that browsers would read as another place ({prefix}) is refused, and is in no {kind}",
            why="cases P8; http.md, Origins and mount points: 400 (`mount`)",
            at=at,
            ask=get(x_forwarded_prefix=prefix),
            leaves=leaves,
            stacks=["proxy"],
        )
row(
    "mount-none",
    "Without such a header the app is at the root",
    why="http.md, Origins and mount points",
    at="/page-split",
    leaves=[status(200), split(), has('"/_server-islands/Cart')],
    stacks=["proxy"],
)
row(
    "mount-root-path",
    "URLs begin with FastAPI's own root_path, where both stations are around the whole app",
    why='cases S25: `islands(FastAPI(root_path="/base"))`',
    at="/page-split",
    leaves=[status(200), split(), has('"/base/_server-islands/Cart'), has('"/base/_server-islands/loader')],
    stacks=["root path"],
    only="FastAPI",
)
