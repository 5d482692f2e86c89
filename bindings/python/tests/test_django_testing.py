"""What a Django project's own tests are given, and the panel that its developers look at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import eyot
import pytest
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.test import AsyncClient, Client
from django.urls import include, path
from django_project import MIDDLEWARE, PAGE, Project, html, page, project
from eyot.django import html_pass, island, shell
from eyot.django.test import aask, ask, assemble, assert_shell
from test_django_async import asynchronous

__all__ = ["project"]


@dataclass
class RowProps:
    sku: str


def quiet(client: Client) -> Client:
    """Have ``client`` get the 500 of a handler that raises."""
    client.raise_request_exception = False
    return client


# -- ask --


def test_an_island_is_asked_for_by_its_name_and_props(project: Project) -> None:
    client = project.serve(page())
    answer = ask(client, "Avatar", {"size": 40})
    assert (answer.status_code, answer.text) == (200, "<img alt=stranger width=40>")


def test_the_island_that_is_asked_for_has_its_visitor_s_session_and_headers(project: Project) -> None:
    @island("Mine")
    @login_required
    def mine(request: Any, island: Any) -> HttpResponse:
        return HttpResponse(f"{request.user}, {request.headers['Accept-Language']}")

    client = project.serve(page())
    assert ask(client, "Mine").headers["Island-Location"].startswith("/login")
    from django.contrib.auth import get_user_model

    client.force_login(get_user_model().objects.get_or_create(username="ada")[0])
    assert ask(client, "Mine", headers={"Accept-Language": "de"}).text == "ada, de"


def test_an_island_whose_props_are_too_long_for_a_url_is_asked_for_too(project: Project) -> None:
    island("Long")(lambda request, island: HttpResponse(str(len(island.props["text"]))))
    assert ask(project.serve(page()), "Long", {"text": "x" * 3000}).text == "3000"


def test_to_ask_for_an_island_that_nobody_declares_is_an_error(project: Project) -> None:
    client = project.serve(page(), DEBUG=True)
    with pytest.raises(eyot.ConfigError, match='"Avatar" may be meant'):
        ask(client, "Avatr")


def test_an_island_is_asked_for_below_the_mount_point(project: Project) -> None:
    client = project.serve(page(), FORCE_SCRIPT_NAME="/shop")
    assert ask(client, "Avatar").status_code == 200


@asynchronous
async def test_an_island_is_asked_for_by_an_async_client(project: Project) -> None:
    project.serve(page())
    assert (await aask(AsyncClient(), "Avatar", {"size": 1})).content == b"<img alt=stranger width=1>"


# -- assert_shell --


def test_a_page_that_caches_keep_is_a_shell(project: Project) -> None:
    assert_shell(project.serve(page(shell(cdn=600)(html()))).get("/p"))


def cookie(request: Any) -> HttpResponse:
    answer = HttpResponse("<!doctype html>")
    answer.set_cookie("seen", "1")
    return answer


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (html(), 'Cache-Control is "": has its view a policy'),
        (shell(cdn=600)(html(Cache_Control="no-store")), 'Cache-Control is "no-store"'),
        (shell(cdn=600)(lambda request: cookie(request)), 'the cookie "seen"'),
        (cookie, "it sets a cookie"),
        (html(Vary="Cookie", Cache_Control="public, max-age=60"), "it varies on cookie"),
        (html_pass(False)(html(Cache_Control="public, max-age=60")), "a directive is left in it"),
        (
            html(
                '<p island="Gone" island-src="/_server-islands/Gone/AQtoken"></p>', Cache_Control="public, max-age=60"
            ),
            'island "Gone" is one that',
        ),
        (lambda request: HttpResponse(PAGE, status=404), "its status is 404"),
        (shell(cdn=600)(html("<Nobody server:defer></Nobody>")), "no island is declared"),
    ],
)
def test_a_page_that_is_no_shell_says_why(project: Project, view: Any, said: str) -> None:
    response = project.serve(page(view)).get("/p")
    with pytest.raises(AssertionError, match="this is no shell that caches keep") as error:
        assert_shell(response)
    assert said in str(error.value)


# -- assemble --


def row(request: Any, island: Any) -> HttpResponse:
    return HttpResponse(island.props.sku)


def refuse(request: Any, island: Any) -> HttpResponse:
    return HttpResponse("members only", status=403)


def fail(request: Any, island: Any) -> HttpResponse:
    raise LookupError("gone")


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (row, "the island Row cannot be had: 410: props.sku: is missing (props-type)"),
        (refuse, "the island Row cannot be had: 403: members only"),
        (fail, "the island Row cannot be had: 500: LookupError('gone')"),
        (lambda request, island: JsonResponse({}), 'the island Row cannot be had: 500: the handler answered "appl'),
    ],
)
def test_an_island_that_cannot_be_had_is_an_error_with_name_status_and_reason(
    project: Project, handler: Any, said: str
) -> None:
    island("Row", props=RowProps if handler is row else None)(handler)
    client = quiet(project.serve(page(html('<Row server:defer a="1"><i slot="fallback">…</i></Row>'))))
    with pytest.raises(AssertionError) as error:
        assemble(client, client.get("/p"))
    assert str(error.value).startswith(said)


def test_what_a_handler_raises_is_raised_in_the_test(project: Project) -> None:
    island("Row")(fail)
    client = project.serve(page(html("<Row server:defer></Row>")))
    with pytest.raises(LookupError, match="gone"):
        assemble(client, client.get("/p"))


def test_an_island_that_leads_to_sign_in_stays_its_fallback(project: Project) -> None:
    @island("Mine")
    @login_required
    def mine(request: Any, island: Any) -> HttpResponse:
        return HttpResponse()

    client = project.serve(page(html("<Mine server:defer><i slot=fallback>sign in</i></Mine>")))
    assert "<i>sign in</i>" in assemble(client, client.get("/p"))


def test_an_island_that_another_host_answers_stays_its_fallback(project: Project) -> None:
    text = "<Far server:defer><i slot=fallback>far</i></Far>"
    client = project.serve(page(html(text)), EYOT={"ELSEWHERE": ["Far"], "ORIGIN": "https://islands.example"})
    assert "<i>far</i>" in assemble(client, client.get("/p"))


# -- the panel of django-debug-toolbar --

TOOLBAR = "debug_toolbar.middleware.DebugToolbarMiddleware"


def panel(project: Project, view: Any) -> str:
    """Return what the panel shows of a page: in the bar beside it, and when it is opened."""
    project.set(DEBUG=True, DEBUG_TOOLBAR_CONFIG={"SHOW_TOOLBAR_CALLBACK": lambda request: True})
    routes = (page(view), path("__debug__/", include("debug_toolbar.urls")))
    client = quiet(project.serve(*routes, MIDDLEWARE=[TOOLBAR, *MIDDLEWARE]))
    shown = client.get("/p", headers={"Cookie": "a=b"}).text
    found = re.search(r'data-request-id="([^"]+)"', shown)
    beside = re.search(r"Islands.*?<small>([^<]*)", shown, re.DOTALL)
    assert found, shown
    assert beside, shown
    asked = {"request_id": found[1], "panel_id": "IslandsPanel"}
    return f"{beside[1]}\n{client.get('/__debug__/render_panel/', asked).json()['content']}"


def test_the_panel_shows_islands_with_the_size_of_their_tokens(project: Project) -> None:
    text = panel(project, html("<body><Avatar server:defer size='40' server:when='idle'></Avatar></body>"))
    assert text.startswith("1 on the page")
    assert "<td>Avatar</td>" in text
    assert " bytes</td>" in text
    assert "when=idle" in text


def test_the_panel_shows_the_policy_and_what_it_hid(project: Project) -> None:
    text = panel(project, shell(cdn=600)(html("<body></body>")))
    assert "public, max-age=0, s-maxage=600" in text
    assert "<code>cookie</code>" in text


def test_the_panel_shows_what_eyot_logged_of_the_page(project: Project) -> None:
    text = panel(project, shell(cdn=600)(html("<body></body>", Cache_Control="no-store")))
    assert "1 logged" in text.splitlines()[0]
    assert "<td>policy-without-effect</td>" in text


def test_the_panel_shows_no_token(project: Project) -> None:
    text = panel(project, html("<body><Avatar server:defer></Avatar></body>"))
    assert "AQ" not in text


@asynchronous
async def test_the_panel_is_there_under_asgi_too(project: Project) -> None:
    project.set(DEBUG=True, DEBUG_TOOLBAR_CONFIG={"SHOW_TOOLBAR_CALLBACK": lambda request: True})
    routes = (
        page(html("<body><Avatar server:defer></Avatar></body>")),
        path("__debug__/", include("debug_toolbar.urls")),
    )
    client = project.aserve(*routes, MIDDLEWARE=[TOOLBAR, *MIDDLEWARE])
    assert "1 on the page" in (await client.get("/p")).content.decode()
