"""How an app starts: keys that are thrown away while debugging, and mistakes that are named when they are made."""

from __future__ import annotations

from typing import Any

import eyot
import pytest
from eyot import asgi, flask, wsgi
from eyot.django import island as django_island
from fastapi import FastAPI
from flask import Flask
from gateways import ASKER, KEYS


def nothing(*_: Any) -> Any:
    """Be an app."""


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EYOT_KEYS", "EYOT_KEYS_FILE"):
        monkeypatch.delenv(name, raising=False)


def test_without_a_key_an_app_starts_while_debugging_with_one_that_it_keeps(caplog: pytest.LogCaptureFixture) -> None:
    for made in (wsgi.Islands(debug=True), asgi.Islands(debug=True)):
        made.island("A")(lambda *_: "")
        made.outer(nothing)
        url = made.url("A")
        made.island("B")(lambda *_: "")
        assert made.url("A") == url
        made.reload_keys()
        assert made.url("A") == url
    assert caplog.text.count("a key that is thrown away with this process does") == 2


def test_an_app_that_is_mounted_on_debugs_for_its_islands() -> None:
    islands = asgi.Islands()
    islands.mount(FastAPI(debug=True))
    islands.outer(nothing)


def test_without_a_key_an_app_does_not_start_in_production() -> None:
    for made in (wsgi.Islands(), asgi.Islands()):
        with pytest.raises(eyot.InvalidKey, match="EYOT_KEYS"):
            made.outer(nothing)


def test_a_key_that_is_there_and_wrong_is_refused_while_debugging_too() -> None:
    with pytest.raises(eyot.InvalidKey):
        wsgi.Islands(keys="short", debug=True).outer(nothing)


@pytest.mark.parametrize("debug", [True, False])
def test_flask_s_weak_secret_does_while_debugging_alone(debug: bool, caplog: pytest.LogCaptureFixture) -> None:
    app = Flask(__name__)
    app.debug, app.secret_key = debug, "dev"
    if debug:
        flask.Islands(app)
        assert "thrown away" in caplog.text
    else:
        with pytest.raises(eyot.InvalidKey, match="SECRET_KEY"):
            flask.Islands(app)


@pytest.mark.parametrize("host", ["flask", "asgi", "wsgi", "django"])
def test_a_decorator_without_parentheses_is_named(host: str) -> None:
    island: Any = {
        "flask": flask.Islands().island,
        "asgi": asgi.Islands(keys=KEYS).island,
        "wsgi": wsgi.Islands(keys=KEYS).island,
        "django": django_island,
    }[host]

    def cart(*_: Any) -> str:
        return ""

    with pytest.raises(eyot.ConfigError, match=r"the handler 'cart' stands where .* @island\(\"CartCount\"\)"):
        island(cart)
    with pytest.raises(eyot.ConfigError, match="the name of an island is a string, and no int"):
        island(7)


@pytest.mark.parametrize("make", [wsgi.Islands, asgi.Islands])
def test_a_pattern_in_another_syntax_is_refused_with_the_one_that_is_meant(make: Any) -> None:
    with pytest.raises(eyot.ConfigError, match=r'shells: .*"/p/:id".*"/p/\{id\}" is meant'):
        make(keys=KEYS, shells={"/p/:id": eyot.Policy(cdn=60)})


def test_a_listener_that_raises_changes_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    def hook(event: Any) -> None:
        raise ValueError("in the hook")

    app = Flask(__name__)
    islands = flask.Islands(app, keys=KEYS, on_event=hook)
    islands.island("A")(lambda island: "")
    listener = flask.island_event.connect(lambda *_, **__: hook(None), weak=False)
    try:
        answer = app.test_client().get("/_server-islands/A/AAAA", headers=ASKER)
    finally:
        flask.island_event.disconnect(listener)
    assert (answer.status_code, answer.text) == (400, "bad request\n")
    assert caplog.text.count("what listens to eyot's events failed") == 2


def test_a_refusal_says_why_while_debugging(caplog: pytest.LogCaptureFixture) -> None:
    app = Flask(__name__)
    app.debug = True
    flask.Islands(app, keys=KEYS).island("A")(lambda island: "")
    answer = app.test_client().get("/_server-islands/A/AAAA", headers=ASKER)
    assert answer.status_code == 400
    assert "(token-" in answer.text
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert [record.levelname for record in caplog.records] == ["WARNING"]


@pytest.mark.parametrize(
    "island",
    [wsgi.Islands(keys=KEYS).island, asgi.Islands(keys=KEYS).island, flask.Islands(keys=KEYS).island, django_island],
)
def test_a_misspelt_option_of_an_island_is_told_with_the_one_that_is_meant(island: Any) -> None:
    with pytest.raises(
        eyot.ConfigError, match="the decorator of the island 'Row' has no option 'prop': 'props' is meant"
    ):
        island("Row", prop=dict)
    with pytest.raises(eyot.ConfigError, match="has no option 'colour': there are props, shared, deadline"):
        island("Row", colour="red")
