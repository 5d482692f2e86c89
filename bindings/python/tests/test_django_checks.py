"""Django's system checks, and what manage.py can do with islands."""

from __future__ import annotations

import base64
import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required, login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.urls import include, path
from django.views import View
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.generic import FormView
from django_project import FETCH, GZIP, MIDDLEWARE, Project, Routes, html, page, project
from eyot.django import island, shell

__all__ = ["project"]

LOGIN_REQUIRED = "django.contrib.auth.middleware.LoginRequiredMiddleware"


def found(project: Project, *routes: Any, **changed: Any) -> dict[str, str]:
    """Run the checks; return hints by id."""
    project.set(ROOT_URLCONF=Routes(*routes), **changed)
    return {str(message.id): f"{message.msg} {message.hint}" for message in run_checks(tags=["eyot"])}


def test_a_sound_project_has_nothing_to_be_told(project: Project) -> None:
    assert found(project, page(shell(cdn=600)(html())), path("mine", login_required(html()))) == {}


def test_options_and_keys_are_checked(project: Project) -> None:
    assert "PREFIX is meant" in found(project, page(), EYOT={"PREFIXX": "/x"})["eyot.E001"]
    keys = found(project, page(), EYOT={"KEYS": "secret"})["eyot.E002"]
    assert "EYOT_KEYS in settings.EYOT" in keys
    assert "manage.py eyot_key" in keys
    assert "secret" not in keys.replace("SECRET", "")
    assert "SECRET_KEY" in found(project, page(), EYOT={}, SECRET_KEY="short")["eyot.E002"]


def test_templates_that_name_an_island_which_nobody_declares_are_errors(project: Project, tmp_path: Path) -> None:
    tag = '{% island "Avatr" %}{% endisland %}<p {% island_attrs "Avatar" %}>{% island name %}{% endisland %}'
    for folder in ("django", "jinja"):
        (tmp_path / folder).mkdir()
    (tmp_path / "django/page.html").write_text("{% load eyot %}{% if x %}" + tag + "{% endif %}{% island_url 'Far' %}")
    (tmp_path / "django/broken.html").write_text("{% load eyot %}{% island %}")
    (tmp_path / "jinja/other.html").write_text('{% island "Gone" %}{% endisland %}{{ island_url("Avatar") }}')
    backends = "django.template.backends"
    templates = [
        {"BACKEND": f"{backends}.django.DjangoTemplates", "DIRS": [tmp_path / "django"], "APP_DIRS": True},
        {
            "BACKEND": f"{backends}.jinja2.Jinja2",
            "DIRS": [tmp_path / "jinja"],
            "OPTIONS": {"extensions": ["eyot.django.jinja2.Islands"]},
        },
    ]
    project.set(ROOT_URLCONF=Routes(page()), EYOT={"ELSEWHERE": ["Far"]}, TEMPLATES=templates)
    told = [f"{message.msg} {message.hint}" for message in run_checks(tags=["eyot"]) if message.id == "eyot.E040"]
    assert [line.split(", which")[0] for line in told] == [
        "other.html, line 1, has the island 'Gone'",
        "page.html, line 1, has the island 'Avatr'",
    ]
    assert "'Avatar' is meant" in told[1]


OUTER, SESSION, COMMON, CSRF, AUTH, INNER = MIDDLEWARE
CSP = "django.middleware.csp.ContentSecurityPolicyMiddleware"
UPDATE = "django.middleware.cache.UpdateCacheMiddleware"


@pytest.mark.parametrize(
    ("middleware", "codes"),
    [
        ([], {"eyot.E010"}),
        ([OUTER], {"eyot.E010"}),
        ([INNER, OUTER], {"eyot.E011"}),
        ([SESSION, OUTER, CSRF, AUTH, INNER], {"eyot.E012"}),
        ([CSP, OUTER, INNER], {"eyot.W013"}),
        ([OUTER, UPDATE, INNER], {"eyot.E014"}),
        ([OUTER, INNER, AUTH], {"eyot.E015"}),
        ([OUTER, INNER, GZIP], {"eyot.E016"}),
        ([UPDATE, OUTER, INNER, FETCH], {"eyot.W017"}),
        ([OUTER, GZIP, INNER], {"eyot.W018"}),
        ([UPDATE, GZIP, OUTER, SESSION, COMMON, CSRF, AUTH, FETCH, INNER], set()),
    ],
)
def test_the_order_of_middlewares_is_checked(project: Project, middleware: list[str], codes: set[str]) -> None:
    assert set(found(project, page(), MIDDLEWARE=middleware)) == codes


def test_a_middleware_of_one_s_own_counts_as_the_one_that_it_is_derived_from(project: Project) -> None:
    own = "django_project.OwnSessions"
    assert found(project, page(), MIDDLEWARE=["django_project.OwnOuter", own, COMMON, CSRF, AUTH, INNER]) == {}
    assert set(found(project, page(), MIDDLEWARE=[own, OUTER, COMMON, CSRF, AUTH, INNER])) == {"eyot.E012"}


def test_routes_that_are_included_elsewhere_than_asked_for_are_an_error(project: Project) -> None:
    assert found(project, path("", include("eyot.django.urls")), page()) == {}
    told = found(project, path("islands/", include("eyot.django.urls")), page())
    assert 'path("", include("eyot.django.urls"))' in told["eyot.E020"]
    assert "eyot.E020" in found(project, path("<path:_>", html()), path("", include("eyot.django.urls")))


class Guarded(LoginRequiredMixin, View):
    def get(self, request: Any) -> HttpResponse:
        return HttpResponse()


@pytest.mark.parametrize(
    ("view", "code"),
    [
        (shell(cdn=1)(login_required(html())), "eyot.E030"),
        (login_required(shell(cdn=1)(html())), "eyot.E030"),
        (shell(cdn=1)(Guarded.as_view()), "eyot.E030"),
        (shell(cdn=1)(ensure_csrf_cookie(html())), "eyot.W032"),
        (shell(cdn=1)(FormView.as_view(template_name="x")), "eyot.W032"),
    ],
)
def test_a_policy_on_a_view_that_needs_cookies_is_told(project: Project, view: Any, code: str) -> None:
    assert list(found(project, page(view))) == [code]


def test_a_policy_with_cookies_may_be_on_any_view(project: Project) -> None:
    assert found(project, page(shell(cdn=1, cookies=True)(login_required(html())))) == {}


def test_a_policy_needs_login_not_required_under_the_middleware(project: Project) -> None:
    middleware = [*MIDDLEWARE[:-1], LOGIN_REQUIRED, INNER]
    assert list(found(project, page(shell(cdn=1)(html())), MIDDLEWARE=middleware)) == ["eyot.E031"]
    assert found(project, page(login_not_required(shell(cdn=1)(html()))), MIDDLEWARE=middleware) == {}


def test_a_policy_in_the_settings_is_checked_like_one_on_a_view(project: Project) -> None:
    told = found(project, page(login_required(html())), EYOT={"SHELLS": {"page": {"cdn": 1}, "pgae": {"cdn": 1}}})
    assert set(told) == {"eyot.E030", "eyot.W033"}


# -- commands --


def test_a_key_is_printed(project: Project) -> None:
    out = StringIO()
    call_command("eyot_key", stdout=out)
    assert len(base64.b64decode(out.getvalue())) == 32


def audit(project: Project, *arguments: str, **views: Any) -> tuple[str, str | None]:
    project.serve(*[path(name, view, name=name) for name, view in views.items()])
    out = StringIO()
    try:
        call_command("eyot_audit", *arguments, stdout=out)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), None


def test_the_audit_renders_all_routes_with_a_policy(project: Project) -> None:
    good = shell(cdn=1)(html("<!doctype html><Avatar server:defer><i slot=fallback>f</i></Avatar>"))
    assert audit(project, a=good, b=html()) == ("/a: sound\n", None)


def test_the_audit_reports_leaks_faults_and_missing_fallbacks(project: Project) -> None:
    def leaking(request: Any) -> HttpResponse:
        answer = HttpResponse("<!doctype html>")
        answer.set_cookie("a", "b")
        return answer

    bare = shell(cdn=1)(html("<!doctype html><Avatar server:defer />"))
    faulty = shell(cdn=1)(html("<!doctype html>\n<Nobody server:defer />"))
    text, error = audit(project, leaking=shell(cdn=1)(leaking), bare=bare, faulty=faulty)
    for part in ("(leak-cookie)", "(fallback-missing)", "line 2, column 1: ", "(name-unknown)"):
        assert part in text, text
    assert error == "3 found on 3 pages"
    assert audit(project, "--ignore", "fallback-missing", bare=bare)[1] is None


def test_the_audit_finds_faults_of_pages_without_a_policy_too(project: Project) -> None:
    assert "(name-unknown)" in audit(project, "/a", a=html("<!doctype html><Nobody server:defer />"))[0]


def test_the_audit_of_a_page_that_is_none_says_so(project: Project) -> None:
    text, error = audit(project, "/nowhere", a=html())
    assert "answers 404" in text
    assert error
    assert audit(project, a=html())[1] == "no route with a shell policy can be rendered without arguments: name URLs"


def test_the_audit_opens_the_islands_of_its_pages(project: Project) -> None:
    @island("Broken")
    def broken(request: Any, island: Any) -> HttpResponse:
        raise LookupError("gone")

    page = shell(cdn=1)(html("<!doctype html><Broken server:defer><i slot=fallback>f</i></Broken>"))
    text, error = audit(project, a=page)
    assert "the island Broken cannot be had: 500: LookupError('gone') (island-missing)" in text
    assert error == "1 found on 1 pages"


def listed(project: Project, *arguments: str, **views: Any) -> str:
    project.serve(*[path(name, view, name=name) for name, view in views.items()], EYOT={"ELSEWHERE": ["Far"]})
    out = StringIO()
    call_command("eyot_islands", *arguments, stdout=out)
    return out.getvalue()


@login_required
def mine(request: Any, island: Any) -> HttpResponse:
    return HttpResponse()


def test_islands_and_shells_are_listed_with_where_they_are(project: Project) -> None:
    island("Mine", shared="1m", deadline=5)(mine)
    lines = listed(project, product=shell(cdn="10m", swr=60)(html()), other=html()).splitlines()
    [row] = [line.split() for line in lines if "Mine" in line]
    assert row[0] == "Mine"
    assert row[1].endswith("test_django_checks.mine")
    assert re.fullmatch(r"tests/test_django_checks.py:\d+", row[2])
    assert row[3:] == ["60", "5"]
    assert any(line.split() == ["Far", "-", "elsewhere", "-", "-"] for line in lines)
    assert lines[-2:] == [
        "shells: 1",
        "  product  /product  public, max-age=0, s-maxage=600, stale-while-revalidate=60  @shell",
    ]


def test_islands_are_listed_as_json_for_programs(project: Project) -> None:
    found = json.loads(listed(project, "--json", product=shell(cdn=60)(html())))
    assert {"Avatar", "CsrfField", "Far"} == {row["name"] for row in found["islands"]}
    assert found["shells"] == [
        {"view": "product", "route": "/product", "policy": "public, max-age=0, s-maxage=60", "by": "@shell"}
    ]
