"""Times in policies and options, as numbers, as texts and as ``timedelta``: in core's types, and in every host."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import eyot
import pytest
from django_project import Project, project
from eyot import asgi, flask, wsgi
from eyot.django import conf, island
from eyot.django import shell as django_shell
from eyot.django.site import registry as django_registry
from flask import Flask
from gateways import KEYS

__all__ = ["project"]

WRONG = [
    ("ten minutes", '"ten minutes" is not a time'),
    ("-5s", '"-5s" is not a time'),
    (-5, "-5 is no number of seconds"),
    (timedelta(seconds=1.5), "0:00:01.500000 is no whole number of seconds"),
    (timedelta(seconds=-1), "-1 day, 23:59:59 is no whole number of seconds"),
    ("99999d", "over 2147483647 seconds"),
]


@pytest.mark.parametrize("time", [600, "600", "10m", "600s", timedelta(minutes=10)])
def test_a_policy_takes_a_time_in_every_form(time: Any) -> None:
    assert eyot.Policy(cdn=time).life == 600
    assert eyot.Policy(cdn=0, browser=time, swr=time, sie=time).life == 1200


@pytest.mark.parametrize(("time", "text"), WRONG)
def test_what_is_no_time_is_refused_by_the_option_s_name_and_its_own_text(time: Any, text: str) -> None:
    with pytest.raises(eyot.ConfigError) as caught:
        eyot.Policy(cdn=60, swr=time)
    assert str(caught.value).startswith("swr: ")
    assert text in str(caught.value)
    with pytest.raises(eyot.ConfigError, match=r"^ttl: "):
        eyot.Islands(KEYS, islands=["A"], ttl=time)


@pytest.mark.parametrize("time", [True, 1.5, b"10m", []])
def test_what_is_of_another_type_is_a_type_error(time: Any) -> None:
    with pytest.raises(TypeError, match='cdn: a time is seconds, a timedelta, or a text such as "10m"'):
        eyot.Policy(cdn=time)


def attached(decorator: Any) -> eyot.Policy:
    """Return the policy that a decorator puts on its view."""
    policy: eyot.Policy = decorator(lambda: "").__eyot_policy__
    return policy


def test_every_decorator_of_shells_takes_a_text() -> None:
    for made in (flask.Islands(), asgi.Islands(keys=KEYS)):
        assert attached(made.shell(cdn="10m", swr=timedelta(days=1))).life == 87000
    assert attached(django_shell(cdn="10m")).life == 600


def test_a_shared_island_takes_a_text_in_every_host(project: Project) -> None:
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "a secret of the tests, long enough: 0123456789"
    for made in (flask.Islands(app), asgi.Islands(keys=KEYS), wsgi.Islands(keys=KEYS)):
        made.island("A", shared="2h")(lambda *_: "")
        registry = made._registrations if isinstance(made, flask.Islands) else made._registry
        assert registry["A"].shared == 7200
        with pytest.raises(eyot.ConfigError, match='shared: "soon" is not a time'):
            made.island("B", shared="soon")(lambda *_: "")
    island("A", shared=timedelta(hours=2))(lambda request, island: None)
    assert django_registry["A"].shared == 7200


def test_options_of_a_template_take_a_text() -> None:
    islands = eyot.Islands(KEYS, islands=["A"])
    assert 'island-timeout="120"' in islands.placeholder("A", timeout="2m")
    assert islands.url("A", ttl="1d") != islands.url("A", ttl="2d")
    with pytest.raises(eyot.ConfigError, match='ttl: "soon" is not a whole number'):
        islands.url("A", ttl="soon")


def test_django_s_settings_take_texts_and_name_those_that_are_none(project: Project) -> None:
    project.set(EYOT={"TTL": "1d", "SHELLS": {"page": {"cdn": "10m"}}})
    policy = conf.read().shells["page"]
    assert policy
    assert policy.life == 600
    project.set(EYOT={"SHELLS": {"page": {"cdn": "soon"}}})
    with pytest.raises(eyot.ConfigError, match='"soon" is not a time'):
        conf.read()
