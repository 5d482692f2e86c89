"""What a developer gets wrong in Django, a function for each: it returns what they see, at start or in the page.

`mistakes/django.json` of the conformance suite says which text is there, or in the log.
"""

from __future__ import annotations

import html as escaping
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import eyot
import pytest
from django.contrib.auth.decorators import login_required
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse, JsonResponse
from django.test import Client
from django_project import ASKER, GZIP, MIDDLEWARE, PAGE, Project, Routes, html, page, project
from eyot.django import html_pass, island, shell
from test_django_templates import rendered

__all__ = ["project"]

TABLE = Path(__file__).parents[2] / "conformance/mistakes"
MISTAKES: dict[str, Any] = json.loads((TABLE / "mistakes.json").read_text())
ANSWERS: dict[str, dict[str, str]] = json.loads((TABLE / "django.json").read_text())
OUTER, SESSION, COMMON, CSRF, AUTH, INNER = MIDDLEWARE

made: dict[str, Callable[[Project], str]] = {}


def mistake(name: str) -> Callable[[Callable[[Project], str]], Callable[[Project], str]]:
    """Say which mistake a function makes."""

    def register(make: Callable[[Project], str]) -> Callable[[Project], str]:
        made[name] = make
        return make

    return register


def checked(project: Project, *routes: Any, **changed: Any) -> str:
    """Return what the system checks say, and so every start of a server."""
    project.set(ROOT_URLCONF=Routes(*(routes or (page(),))), **changed)
    return "\n".join(f"{message.id}: {message.msg} {message.hint}" for message in run_checks(tags=["eyot"]))


def raised(work: Callable[..., Any], *arguments: Any, **options: Any) -> str:
    """Return what an error says."""
    with pytest.raises((eyot.Error, ImproperlyConfigured)) as error:
        work(*arguments, **options)
    return str(error.value)


def started(project: Project, **changed: Any) -> str:
    """Return why a server does not start."""
    project.set(ROOT_URLCONF=Routes(page()), **changed)
    return raised(WSGIHandler)


def shown(project: Project, view: Any, path: str = "/p", **changed: Any) -> str:
    """Return the page that a developer gets."""
    project.serve(page(view), **{"DEBUG": True, **changed})
    return escaping.unescape(Client(raise_request_exception=False).get(path).text)


def asked(project: Project, markup: str, **changed: Any) -> str:
    """Return what a page's only island answers while debugging."""
    project.serve(page(html(markup)), **{"DEBUG": True, **changed})
    client = Client(raise_request_exception=False)
    address = client.get("/p").text.split('island-src="')[1].split('"')[0]
    return escaping.unescape(client.get(address, headers=ASKER).text)


# -- stations and the app --


@mistake("stations-exchanged")
def exchanged(project: Project) -> str:
    return started(project, MIDDLEWARE=[OUTER, INNER][::-1]) + checked(project, MIDDLEWARE=[INNER, OUTER])


@mistake("outer-missing")
def no_outer(project: Project) -> str:
    return started(project, MIDDLEWARE=[SESSION, INNER]) + checked(project, MIDDLEWARE=[SESSION, INNER])


@mistake("inner-missing")
def no_inner(project: Project) -> str:
    return started(project, MIDDLEWARE=[OUTER, SESSION]) + checked(project, MIDDLEWARE=[OUTER, SESSION])


@mistake("outer-after-session")
def after_session(project: Project) -> str:
    return started(project, MIDDLEWARE=[SESSION, OUTER, INNER])


@mistake("outer-around-compression")
def around_compression(project: Project) -> str:
    return checked(project, MIDDLEWARE=[OUTER, GZIP, INNER])


@mistake("app-not-set-up")
def no_app(project: Project) -> str:
    return started(project, INSTALLED_APPS=["django.contrib.sessions"])


# -- options and keys --


@mistake("option-typo")
def option_typo(project: Project) -> str:
    return checked(project, EYOT={"PRELAOD": True})


@mistake("option-type")
def option_type(project: Project) -> str:
    return checked(project, EYOT={"URL_LIMIT": "2000"})


@mistake("option-value")
def option_value(project: Project) -> str:
    return checked(project, EYOT={"URL_LIMIT": -1})


@mistake("key-missing")
def no_key(project: Project) -> str:
    return started(project, SECRET_KEY="")


@mistake("key-missing-debug")
def no_key_debugging(project: Project) -> str:
    return shown(project, html(), SECRET_KEY="", SECRET_KEY_FALLBACKS=[])


@mistake("key-weak")
def weak_key(project: Project) -> str:
    return started(project, SECRET_KEY="django-insecure-" + "x" * 50)


@mistake("key-malformed")
def malformed_key(project: Project) -> str:
    return checked(project, EYOT={"KEYS": "no key"})


# -- policies --


@mistake("policy-typo")
def policy_typo(project: Project) -> str:
    return raised(shell, cnd=600)


@mistake("policy-empty")
def policy_empty(project: Project) -> str:
    return raised(shell, html()) + "\n" + raised(shell)


@mistake("policy-duration")
def policy_duration(project: Project) -> str:
    return raised(shell, cdn="soon")


@mistake("policy-foreign-pattern")
def policy_pattern(project: Project) -> str:
    return checked(project, EYOT={"SHELLS": {"/p/{sku}": {"cdn": 600}}})


@mistake("policy-overridden")
def policy_overridden(project: Project) -> str:
    return shown(project, shell(cdn=600)(html(PAGE, Cache_Control="no-store")))


@mistake("policy-guarded")
def policy_guarded(project: Project) -> str:
    return checked(project, page(shell(cdn=600)(login_required(html()))))


@mistake("policy-session-read")
def session_read(project: Project) -> str:
    def view(request: Any) -> HttpResponse:
        return HttpResponse(f"<p>{request.user.username}</p>")

    return shown(project, shell(cdn=600)(view))


@mistake("policy-session-written")
def session_written(project: Project) -> str:
    def view(request: Any) -> HttpResponse:
        request.session["seen"] = 1
        return HttpResponse(PAGE)

    return shown(project, shell(cdn=600)(view))


@mistake("policy-csrf")
def policy_csrf(project: Project) -> str:
    return shown(project, shell(cdn=600)(rendered("<form>{% csrf_token %}</form>")))


@mistake("policy-nonce")
def policy_nonce(project: Project) -> str:
    return shown(project, shell(cdn=600)(html(PAGE, Content_Security_Policy="script-src 'nonce-abc'")))


# -- islands in pages --


def templates(project: Project, text: str) -> str:
    """Return what the checks say of a template."""
    folder = project.folder()
    (folder / "page.html").write_text("{% load eyot %}\n" + text)
    backend = {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [folder], "APP_DIRS": True}
    return checked(project, TEMPLATES=[backend])


@mistake("island-unknown-tag")
def unknown_tag(project: Project) -> str:
    text = '{% island "Avatr" %}{% endisland %}'
    return shown(project, rendered(text)) + "\n" + templates(project, text)


@mistake("island-unknown-markup")
def unknown_markup(project: Project) -> str:
    return shown(project, html("<Avatr server:defer></Avatr>"))


@mistake("island-unclosed")
def unclosed(project: Project) -> str:
    return shown(project, html("<body><Avatar server:defer><p>")) + templates(project, '{% island "Avatar" %}')


@mistake("island-name")
def bad_name(project: Project) -> str:
    return raised(island, "Card Row")


@mistake("island-twice")
def twice(project: Project) -> str:
    return raised(island("Avatar"), lambda request, island: HttpResponse())


@mistake("island-without-parentheses")
def bare(project: Project) -> str:
    def cart_count(request: Any, island: Any) -> HttpResponse:
        return HttpResponse()

    return raised(island, cart_count)


@mistake("island-option-typo")
def island_option(project: Project) -> str:
    return templates(project, '{% island "Avatar" wehn="idle" %}{% endisland %}')


@mistake("island-when")
def when(project: Project) -> str:
    text = '{% island "Avatar" when="idel" %}{% endisland %}'
    return shown(project, rendered(text)) + templates(project, text)


# -- props --


@mistake("props-bad-json")
def bad_json(project: Project) -> str:
    return shown(project, html("<Avatar server:defer server:props='{size: 40}'></Avatar>"))


@mistake("props-as-options")
def as_options(project: Project) -> str:
    return templates(project, '{% island "Avatar" size=40 %}{% endisland %}')


@mistake("props-not-json")
def not_json(project: Project) -> str:
    return shown(project, rendered('{% island "Avatar" with of=of %}{% endisland %}', of={1, 2}))


@mistake("props-undefined")
def undefined(project: Project) -> str:
    return shown(project, rendered('{% island "Avatar" with size=prodcut.size %}{% endisland %}'))


@dataclass
class Props:
    sku: str


@mistake("props-misfit")
def misfit(project: Project) -> str:
    @island("Row", props=Props)
    def row(request: Any, island: Any) -> HttpResponse:
        return HttpResponse()

    return asked(project, "<Row server:defer server:props='{\"sku\":7}'></Row>")


# -- handlers --


def handled(project: Project, answer: Any) -> str:
    """Return what an island's answer is where its handler returns ``answer``."""

    @island("Row")
    def row(request: Any, island: Any) -> Any:
        return answer

    return asked(project, "<Row server:defer></Row>")


@mistake("handler-nothing")
def nothing(project: Project) -> str:
    return handled(project, None)


@mistake("handler-object")
def an_object(project: Project) -> str:
    return handled(project, Props("a"))


@mistake("handler-json")
def json_answer(project: Project) -> str:
    return handled(project, JsonResponse({}))


@mistake("handler-signature")
def signature(project: Project) -> str:
    def cart_row(request: Any) -> HttpResponse:
        return HttpResponse()

    return raised(island("Row"), cart_row)


# -- helpers --


@mistake("loader-forgotten")
def no_loader(project: Project) -> str:
    text = '<!doctype html><html><head></head><body>{% island "Avatar" %}{% endisland %}</body></html>'
    return shown(project, html_pass(False)(rendered(text)))


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_is_answered_where_the_developer_looks(
    project: Project, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delenv("EYOT_KEYS", raising=False)
    answer = ANSWERS[name]
    if "cannot" in answer:
        assert name not in made
        return
    seen = made[name](project)
    assert answer["says"] in seen + caplog.text


def test_every_answer_is_one_to_a_mistake_of_the_list() -> None:
    assert ANSWERS.keys() == MISTAKES.keys()
    assert {name for name, answer in ANSWERS.items() if "says" in answer} == made.keys()
