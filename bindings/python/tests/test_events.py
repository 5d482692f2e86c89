"""Events: who listens gets what is logged, with its fields, from every kind of event and in every host."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path
from typing import Any

import eyot
import pytest
from eyot import Event, flask, wsgi
from flask import Flask
from gateways import KEYS

ASKER = {"Sec-Fetch-Site": "same-origin"}


def app_with(**options: Any) -> tuple[Flask, flask.Islands, list[Event]]:
    app, told = Flask(__name__), list[Event]()
    return app, flask.Islands(app, on_event=told.append, **options), told


def test_a_refusal_has_its_status_and_its_island() -> None:
    app, islands, told = app_with(keys=KEYS)
    islands.island("A")(lambda island: "")
    app.test_client().get("/_server-islands/A/AAAA", headers=ASKER)
    assert [(event.code, event.island, event.status, event.level) for event in told] == [
        ("token-length", "A", 400, logging.INFO)
    ]
    assert told[0].path == "/_server-islands/A"


def test_a_log_record_has_the_fields_of_its_event(caplog: pytest.LogCaptureFixture) -> None:
    app, _, _ = app_with(keys=KEYS)
    caplog.set_level(logging.INFO)
    app.test_client().get("/_server-islands/A/AAAA", headers=ASKER)
    record: Any = caplog.records[-1]
    assert record.eyot["code"] == "name-unknown"
    assert record.eyot.keys() == {"code", "message", "path", "island", "status", "place", "ms"}


def test_a_changed_key_file_is_an_event(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(eyot.generate_key())
    app, _, told = Flask(__name__), None, list[Event]()
    app.config["EYOT_KEYS_FILE"] = str(file)
    flask.Islands(app, on_event=told.append)
    client = app.test_client()
    client.get("/")
    for content in (eyot.generate_key(), "no key"):
        file.write_text(content)
        os.utime(file, ns=(0, time.monotonic_ns()))
        app.extensions["eyot"]._keys._asked = 0
        client.get("/")
    assert [(event.code, event.path, event.status) for event in told] == [
        ("keys-changed", "", None),
        ("keys-unreadable", "", None),
    ]


def test_a_temporary_key_is_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EYOT_KEYS", raising=False)
    told: list[Event] = []
    wsgi.Islands(debug=True, on_event=told.append)(lambda environ, start: [])
    assert [(event.code, event.level) for event in told] == [("key-temporary", logging.WARNING)]


def test_a_slow_handler_is_an_event_that_says_how_long_it_took() -> None:
    app, islands, told = app_with(keys=KEYS, deadline=1)

    @islands.island("Slow")
    def slow(island: Any) -> str:
        time.sleep(1.1)
        return ""

    with app.test_request_context("/p"):
        url = app.extensions["eyot"].url("Slow", {}, {})
    assert app.test_client().get(url, headers=ASKER).status_code == 200
    assert [(event.code, event.island, event.path) for event in told] == [
        ("handler-slow", "Slow", "/_server-islands/Slow")
    ]
    assert 1100 <= (told[0].ms or 0) < 5000


def test_the_islands_that_a_template_names_wrongly_are_events_with_the_path_of_the_page() -> None:
    app, islands, told = app_with(keys=KEYS)
    islands.island("Cart")(lambda island: "")

    @app.get("/p")
    def page() -> str:
        return f"<p {app.jinja_env.globals['island_attrs']('Crat')}></p>"  # type: ignore[operator]

    assert app.test_client().get("/p").status_code == 200
    assert [(event.code, event.path, event.level) for event in told] == [("name-unknown", "/p", logging.ERROR)]


def test_a_fault_of_a_page_and_a_leak_have_their_places() -> None:
    app, islands, told = app_with(keys=KEYS)
    token = "IjkxZjMyYzE4ZTVhN2I0ZDY0ZjBhZWU1MGM3ZGE2ZTFkMjRmMDg5YjAi.Zx1k2A.q8o0Xn"
    leak = f'<!doctype html>\n<input type="hidden" name="csrf_token" value="{token}">'
    app.add_url_rule("/fault", "fault", lambda: "<p>\n<Nobody server:defer />")
    app.add_url_rule("/leak", "leak", islands.shell(cdn=60)(lambda: leak))
    for path in ("/fault", "/leak"):
        app.test_client().get(path)
    assert [(event.code, event.place) for event in told] == [("name-unknown", "2:1"), ("leak-csrf", "2:1")]
