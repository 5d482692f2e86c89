"""Props that JSON cannot hold: the same rule wherever props come in, and never a silent change of a value."""

from __future__ import annotations

import datetime
import enum
import html
import json
import uuid
from collections.abc import Callable
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

import eyot
import pytest
from eyot import asgi, wsgi
from eyot.flask import Islands
from flask import Flask, render_template_string
from gateways import KEYS
from jinja2 import Environment


class Plain(enum.Enum):
    GOLD = "gold"


class Lazy:
    """What translation libraries hand out: text that is looked up when it is asked for."""

    def __str__(self) -> str:
        return "später"


VALUES = [
    Decimal("1.50"),
    datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.timezone.utc),
    datetime.date(2026, 1, 2),
    datetime.timedelta(seconds=1),
    uuid.UUID(int=1),
    Plain.GOLD,
    Lazy(),
    PurePosixPath("a"),
    {1, 2},
    b"bytes",
    1 + 2j,
]

Write = Callable[[dict[str, Any]], str]


def flask(template: str, default: Any) -> Write:
    def write(props: dict[str, Any]) -> str:
        app = Flask("shop")
        islands = Islands(app, keys=KEYS, default=default)
        islands.island("A")(lambda island: "")
        with app.test_request_context("/"):
            return render_template_string(template, props=props, v=props["v"])

    return write


def jinja(make: Any, template: str, default: Any) -> Write:
    def write(props: dict[str, Any]) -> str:
        islands = make(keys=KEYS, default=default)
        islands.island("A")(lambda request, island: "")
        environment = Environment(autoescape=True)
        islands.install(environment)
        return environment.from_string(template).render(props=props, v=props["v"])

    return write


def function(make: Any, name: str, default: Any) -> Write:
    def write(props: dict[str, Any]) -> str:
        islands = make(keys=KEYS, default=default)
        islands.island("A")(lambda request, island: "")
        call = getattr(islands, name)
        return str(call(props) if name == "props" else call("A", props))

    return write


TEMPLATES = {
    "tag": '{% island "A" with v=v %}{% endisland %}',
    "tag with a mapping": '{% island "A" with props %}{% endisland %}',
    "attributes": '{{ island_attrs("A", props) }}',
    "url": '{{ island_url("A", props) }}',
    "filter": "{{ props|island_props }}",
}


def everywhere(default: Any = None) -> list[Any]:
    ways = [(f"flask: {name}", flask(template, default)) for name, template in TEMPLATES.items()]
    for make in (wsgi.Islands, asgi.Islands):
        ways += [(f"{make.__module__}: {key}", jinja(make, text, default)) for key, text in TEMPLATES.items()]
        for name in ("placeholder", "attributes", "url", "props"):
            ways.append((f"{make.__module__}: {name}()", function(make, name, default)))
    return [pytest.param(write, id=name) for name, write in ways]


@pytest.mark.parametrize("write", everywhere())
@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_what_json_cannot_hold_is_an_error_with_the_prop_s_path(write: Write, value: Any) -> None:
    with pytest.raises(
        eyot.PropsError, match=rf"^props\.v\[1\]\.w: {type(value).__name__} is not JSON: convert it, or"
    ):
        write({"v": [0, {"w": value}]})


def stand_in(value: Any) -> Any:
    return {"was": type(value).__name__}


def opened(written: str) -> Any:
    """The props that travel in what was written; those of a filter stand there themselves."""
    if "/_server-islands/" not in written:
        return json.loads(html.unescape(written))
    token = written.split("/_server-islands/A/")[1].split('"')[0]
    return json.loads(eyot.KeyRing.parse(KEYS).open("A", token.encode()).props)


@pytest.mark.parametrize("write", everywhere(stand_in))
@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_default_is_asked_everywhere(write: Write, value: Any) -> None:
    assert opened(write({"v": [0, {"w": value}]})) == {"v": [0, {"w": {"was": type(value).__name__}}]}


@pytest.mark.parametrize("write", everywhere(stand_in))
def test_what_json_can_hold_arrives_as_it_was(write: Write) -> None:
    props = {"v": ["1.50", 1.5, 10**30, True, None, "<'&\">", {"ä": "\u2028"}]}
    assert opened(write(props)) == props
