"""Django: shells, islands, policies, other middlewares, keys, mount points, through the test client."""

from __future__ import annotations

import gzip
import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import eyot
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required, login_required
from django.core.exceptions import ImproperlyConfigured
from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.test import Client
from django.urls import get_resolver, include, path, register_converter, reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import cache_page
from django.views.decorators.http import require_safe
from django_project import (
    ASKER,
    FETCH,
    GZIP,
    MIDDLEWARE,
    PAGE,
    SECRET,
    UPDATE,
    Project,
    Routes,
    html,
    page,
    project,
    source,
)
from eyot import Event
from eyot.django import Island, html_pass, island, island_event, shell, site
from eyot.django.responses import body
from eyot.django.shortcuts import prepare
from eyot.django.test import assemble, assert_shell

__all__ = ["project"]

LOCMEM = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "tests"}}


def public(text: str = PAGE, **policy: Any) -> Any:
    return shell(**{"cdn": 600, **policy})(html(text))


def asked(client: Client, address: str, **headers: str) -> Any:
    return client.get(address, headers={**ASKER, **headers})


def sign_in(client: Client, user: str = "ada") -> None:
    session = client.session
    session["user"] = user
    session.save()
    client.cookies["sessionid"] = str(session.session_key)


# -- shells and islands --


def test_a_page_is_split_and_its_island_is_answered(project: Project) -> None:
    client = project.serve(page())
    shell = client.get("/p")
    assert "<i>…</i></server-island>" in shell.text
    assert "server:defer" not in shell.text
    answer = asked(client, source(shell))
    assert answer.text == "<img alt=stranger width=40>"
    assert answer.headers["Island"] == "Avatar"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Robots-Tag"] == "noindex"


def test_the_handler_has_the_visitor_s_session(project: Project) -> None:
    client = project.serve(page())
    sign_in(client)
    assert "alt=ada" in assemble(client, client.get("/p"))


def test_a_head_request_for_an_island_has_its_headers_alone(project: Project) -> None:
    client = project.serve(page())
    answer: Any = client.head(source(client.get("/p")), headers=ASKER)
    assert (answer.status_code, answer.content, answer.headers["Island"]) == (200, b"", "Avatar")
    assert answer.headers["Content-Length"] == str(len("<img alt=stranger width=40>"))


def test_the_loader_and_the_style_sheet_are_served(project: Project) -> None:
    client = project.serve(page())
    shell = client.get("/p").text
    for address in re.findall(r'(?:href|src)="(/_server-islands/(?:loader|island)[^"]+)"', shell):
        file: Any = client.get(address)
        assert file.status_code == 200
        assert "max-age=3600" in file.headers["Cache-Control"]
        assert client.get(address, headers={"If-None-Match": file.headers["ETag"]}).status_code == 304


def test_a_page_without_islands_is_left_alone(project: Project) -> None:
    text = "<p>no island\n" * 100
    answer: Any = project.serve(page(html(text, ETag='"mine"'))).get("/p")
    assert (answer.text, answer.headers["ETag"]) == (text, '"mine"')


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "image/svg+xml"])
def test_what_is_no_html_is_left_alone(project: Project, kind: str) -> None:
    assert project.serve(page(html(PAGE, Content_Type=kind))).get("/p").text == PAGE


def test_a_content_length_of_the_view_is_that_of_the_shell(project: Project) -> None:
    answer: Any = project.serve(page(html(PAGE, Content_Length=str(len(PAGE.encode()))))).get("/p")
    assert answer.headers["Content-Length"] == str(len(answer.content)) != str(len(PAGE.encode()))


def test_an_etag_of_the_view_does_not_outlive_the_split(project: Project) -> None:
    assert "ETag" not in project.serve(page(html(PAGE, ETag='"mine"'))).get("/p").headers


def test_the_project_s_error_page_is_split_too(project: Project) -> None:
    client = project.serve(Routes(handler404=lambda request, exception: HttpResponse(PAGE, status=404)))
    answer = client.get("/missing")
    assert (answer.status_code, "island-src" in answer.text) == (404, True)


@pytest.mark.parametrize(("method", "is_told"), [("get", False), ("post", True)])
def test_the_loader_is_told_of_a_page_that_cannot_be_fetched_again(
    project: Project, method: str, is_told: bool
) -> None:
    client = project.serve(page())
    assert (" data-post></script>" in getattr(client, method)("/p").text) == is_told


def test_a_range_of_a_page_is_refused(project: Project) -> None:
    def part(request: Any) -> HttpResponse:
        return HttpResponse(PAGE[10:], status=206, headers={"Content-Range": "bytes 10-99/100"})

    assert project.serve(page(part)).get("/p").status_code == 416


def test_islands_within_an_island_are_split_and_assembled(project: Project) -> None:
    island("Outer")(html_of("<b><Avatar server:defer size=1 /></b>"))
    client = project.serve(page(html("<Outer server:defer />")))
    assert assemble(client, client.get("/p")).endswith("<b><img alt=stranger width=1></b>")


def html_of(text: str) -> Any:
    def handler(request: Any, island: Any) -> HttpResponse:
        return HttpResponse(text)

    return handler


def test_slots_and_page_reach_the_handler(project: Project) -> None:
    @island("Card")
    def card(request: Any, island: Island[dict[str, Any]]) -> HttpResponse:
        assert island.page
        return HttpResponse(f"{island.slots['default']}|{island.slots['foot']}|{island.page.path}|{island.expires}")

    text = '<Card server:defer server:page><p>x</p><b slot="foot">y</b></Card>'
    client = project.serve(page(html(text), "ü"))
    assert "<p>x</p>|<b>y</b>|/%C3%BC|None" in assemble(client, client.get("/ü?q=1"))


def test_a_faulty_page_shows_its_place_while_debugging(project: Project) -> None:
    answer = project.serve(page(html("<p>\n<Nobody server:defer />")), DEBUG=True).get("/p")
    assert answer.status_code == 500
    assert "name-unknown" in answer.text
    assert "Nobody server:defer" in answer.text


def test_a_faulty_page_goes_out_without_the_island_and_stays_out_of_caches(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    answer: Any = project.serve(page(public("<p>a<Nobody server:defer><i slot=fallback>f</i></Nobody>"))).get("/p")
    assert answer.text == "<p>a<i>f</i>"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "name-unknown" in caplog.text


# -- handlers --


@dataclass
class Row:
    sku: str
    count: int = 1


def test_props_that_do_not_fit_their_type_have_the_page_asked_for_anew(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    island("Row", props=Row)(html_of("row"))
    client = project.serve(page(html("<Row server:defer count=two sku=a />")))
    with caplog.at_level(logging.INFO, "eyot.django"):
        assert asked(client, source(client.get("/p"), "Row")).status_code == 410
    assert "props.count: is str instead of an integer" in caplog.text


def test_a_handler_may_be_a_class_based_view(project: Project) -> None:
    @island("Class", props=Row)
    class Class(View):
        def get(self, request: Any, island: Island[Row]) -> HttpResponse:
            return HttpResponse(f"class {island.props.sku}")

    class Other(View):
        word = ""

        def get(self, request: Any, island: Island[Row]) -> HttpResponse:
            return HttpResponse(f"{self.word} {island.props.sku}")

    island("View", props=Row)(Other.as_view(word="view"))
    client = project.serve(page(html("<Class server:defer sku=a />, <View server:defer sku=b />")))
    assert assemble(client, client.get("/p")).endswith("class a, view b")


def test_a_handler_may_be_async(project: Project) -> None:
    @island("Later")
    async def later(request: Any, island: Any) -> HttpResponse:
        return HttpResponse("later")

    client = project.serve(page(html("<Later server:defer />")))
    assert assemble(client, client.get("/p")).endswith("later")


def test_a_posted_token_is_a_get_to_the_handler(project: Project) -> None:
    @island("Long")
    @require_safe
    def long(request: Any, island: Any) -> HttpResponse:
        assert request.POST == {}
        return HttpResponse(f"{request.method} {len(island.props['text'])} {request.path.count('/')}")

    client = project.serve(page(html(f"<Long server:defer text={'x' * 3000} />")))
    assert "island-token" in client.get("/p").text
    assert assemble(client, client.get("/p")).endswith("GET 3000 3")


def test_cache_page_keeps_posted_islands_apart(project: Project) -> None:
    @island("Long")
    @cache_page(60)
    def long(request: Any, island: Any) -> HttpResponse:
        return HttpResponse(island.props["text"][-1])

    text = f"<Long server:defer text={'x' * 3000}a /><Long server:defer text={'x' * 3000}b server:key=2 />"
    client = project.serve(page(html(text)), CACHES=LOCMEM)
    for _ in range(2):
        assert assemble(client, client.get("/p")).endswith("ab")


def test_a_token_that_is_none_is_refused_however_it_is_sent(project: Project) -> None:
    client = project.serve(page())
    kind = "application/vnd.eyot.token"
    for token in ("AAAA", "../..", "a/b", "é"):
        answer = client.post("/_server-islands/Avatar", token, content_type=kind, headers=ASKER)
        assert answer.status_code == 400, token
        assert answer.headers["Cache-Control"] == "no-store"
    assert asked(client, "/_server-islands/Avatar/AAAA").status_code == 400
    assert client.post("/_server-islands/Avatar", "A" * 70000, content_type=kind, headers=ASKER).status_code == 413


def test_a_handler_may_answer_a_template_response(project: Project) -> None:
    from django.template import engines

    template = engines["django"].from_string("{{ island.slots.default }}{{ word }}")

    @island("Card")
    def card(request: Any, island: Any) -> TemplateResponse:
        return TemplateResponse(request, template, {"island": island, "word": "<"})

    client = project.serve(page(html("<Card server:defer><p>x</p></Card>")))
    assert assemble(client, client.get("/p")).endswith("<p>x</p>&lt;")


def test_a_handler_may_stream(project: Project) -> None:
    @island("Flow")
    def flow(request: Any, island: Any) -> StreamingHttpResponse:
        return StreamingHttpResponse(iter(["<b>1", "</b><Avatar ser", "ver:defer size=2 />"]))

    client = project.serve(page(html("<Flow server:defer />")))
    assert assemble(client, client.get("/p")).endswith("<b>1</b><img alt=stranger width=2>")


@pytest.mark.parametrize(
    ("answer", "what", "cure"),
    [
        (None, "nothing", "return render"),
        (b"<b>", "bytes", "HttpResponse(html)"),
        ("<b>", "str", "HttpResponse(html)"),
    ],
)
def test_a_handler_that_returns_no_response_is_told_what_to_return(
    project: Project, answer: Any, what: str, cure: str
) -> None:
    @island("Odd")
    def odd(request: Any, island: Any) -> Any:
        return answer

    client = project.serve(page(html("<Odd server:defer />")))
    with pytest.raises(TypeError, match=f"the handler of the island 'Odd', .*odd, returned {what} instead") as caught:
        asked(client, source(client.get("/p"), "Odd"))
    assert cure in str(caught.value)


def test_a_handler_that_forgot_to_await_is_told_so(project: Project) -> None:
    async def later() -> HttpResponse:
        return HttpResponse()

    island("Odd")(lambda request, island: later())
    client = project.serve(page(html("<Odd server:defer />")))
    with pytest.raises(TypeError, match="await it"):
        asked(client, source(client.get("/p"), "Odd"))


def test_a_handler_that_raises_is_a_500_without_the_island_s_name(project: Project) -> None:
    @island("Broken")
    def broken(request: Any, island: Any) -> HttpResponse:
        raise LookupError("gone")

    client = project.serve(page(html("<Broken server:defer>f<b slot=error>e</b></Broken>")))
    shell = client.get("/p")
    with pytest.raises(LookupError, match="gone"):
        asked(client, source(shell, "Broken"))
    client.raise_request_exception = False
    answer = asked(client, source(shell, "Broken"))
    assert (answer.status_code, "Island" in answer.headers) == (500, False)
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_redirect_becomes_news_for_the_page(project: Project) -> None:
    island("Moved")(lambda request, island: redirect("/elsewhere"))
    client = project.serve(page(html("<Moved server:defer />")))
    answer = asked(client, source(client.get("/p"), "Moved"))
    assert (answer.status_code, answer.headers["Island-Location"]) == (204, "/elsewhere")
    assert "Location" not in answer.headers


@pytest.mark.parametrize("text", ["a", "x" * 3000])
def test_login_required_leads_back_to_the_page(project: Project, text: str) -> None:
    @island("Mine")
    @login_required
    def mine(request: Any, island: Any) -> HttpResponse:
        return HttpResponse("mine")

    client = project.serve(page(html(f"<Mine server:defer server:page text={text} />")))
    shell = client.get("/p").text
    posted = re.search('island-token="([^"]+)"', shell)
    kind = "application/vnd.eyot.token"
    answer: Any = (
        client.post(source(shell, "Mine"), posted[1], content_type=kind, headers=ASKER)
        if posted
        else asked(client, source(shell, "Mine"))
    )
    assert (answer.status_code, answer.headers["Island-Location"]) == (204, "/login?next=/p")


def test_a_name_has_one_handler(project: Project) -> None:
    with pytest.raises(eyot.ConfigError, match="'Avatar' has a handler already"):
        island("Avatar")(html_of(""))


def test_an_island_is_a_route_with_the_name_of_its_handler(project: Project) -> None:
    seen = []

    @island("Seen")
    def seen_handler(request: Any, island: Any) -> HttpResponse:
        seen.append((request.resolver_match.view_name, request.resolver_match._func_path, request.resolver_match.route))
        return HttpResponse(reverse("page"))

    client = project.serve(page(html("<Seen server:defer />")))
    assert assemble(client, client.get("/p")).endswith("/p")
    [(name, function, route)] = seen
    assert (name, route) == ("eyot:Seen", "_server-islands/Seen/<token>")
    assert function.endswith("seen_handler")


def test_routes_may_stand_in_the_urlconf(project: Project) -> None:
    client = project.serve(path("", include("eyot.django.urls")), page(), path("<path:_>", html("all")))
    assert reverse("eyot:Avatar", args=["x"]) == "/_server-islands/Avatar/x"
    assert "alt=stranger" in assemble(client, client.get("/p"))
    assert client.get("/other").text == "all"


def test_a_route_that_takes_all_leaves_islands_alone(project: Project) -> None:
    client = project.serve(page(), path("<path:_>/", html("all")))
    assert "alt=stranger" in assemble(client, client.get("/p"))


def test_a_urlconf_of_a_middleware_has_islands_too(project: Project) -> None:
    project.set(MIDDLEWARE=[*MIDDLEWARE[:1], "django_project.tenant", *MIDDLEWARE[1:]])
    client = project.serve(path("", html("the root")))
    assert "alt=stranger" in assemble(client, client.get("/tenant"))


def test_a_shared_island_may_be_kept_and_sets_no_cookie(project: Project) -> None:
    island("Tide", shared=60)(html_of("high"))

    @island("Bad", shared=60)
    def bad(request: Any, island: Any) -> HttpResponse:
        request.session["x"] = 1
        return HttpResponse("")

    client = project.serve(page(html("<Tide server:defer /><Bad server:defer />")))
    shell = client.get("/p")
    assert asked(client, source(shell, "Tide")).headers["Cache-Control"] == "public, max-age=60"
    bad_one = asked(client, source(shell, "Bad"))
    assert (bad_one.status_code, len(bad_one.cookies)) == (200, 0)
    assert bad_one.headers["Cache-Control"] == "private, no-store"


def test_a_404_of_a_handler_is_forwarded_while_debugging_too(project: Project) -> None:
    @island("Gone")
    def gone(request: Any, island: Any) -> HttpResponse:
        raise Http404("gone")

    client = project.serve(page(html("<Gone server:defer />")), DEBUG=True)
    answer = asked(client, source(client.get("/p"), "Gone"))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")
    assert "Island" not in answer.headers


# -- events --


def test_who_listens_is_told_of_events(project: Project) -> None:
    told: list[Event] = []
    heard: list[Event] = []

    def hear(event: Event, **_: Any) -> None:
        heard.append(event)

    client = project.serve(page(), EYOT={"ON_EVENT": told.append})
    island_event.connect(hear)
    try:
        assert client.get("/_server-islands/Nobody/x").status_code == 404
        assert client.get(source(client.get("/p")), headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    finally:
        island_event.disconnect(hear)
    assert [event.code for event in told] == ["name-unknown", "fetch-site"]
    assert heard == told


def test_an_escaped_name_is_no_route(project: Project) -> None:
    client = project.serve(page())
    address = source(client.get("/p"))
    escaped = address.replace("/Avatar/", "/%41vatar/")
    assert asked(client, escaped).status_code == 200  # the test client has no raw target
    assert client.get(address, headers=ASKER, RAW_URI=escaped).status_code == 404


# -- policies --


class Page(View):
    def get(self, request: Any) -> HttpResponse:
        return HttpResponse(PAGE)


@shell(cdn=600)
class OnClass(Page):
    pass


@method_decorator(shell(cdn=600), name="dispatch")
class OnDispatch(Page):
    pass


class OnGet(Page):
    @method_decorator(shell(cdn=600))
    def get(self, request: Any) -> HttpResponse:
        return super().get(request)


@pytest.mark.parametrize(
    "view", [public(), OnClass.as_view(), OnDispatch.as_view(), OnGet.as_view(), shell(cdn=600)(Page.as_view())]
)
def test_a_policy_goes_on_functions_classes_methods_and_routes(project: Project, view: Any) -> None:
    answer: Any = project.serve(page(view)).get("/p")
    assert answer.headers["Cache-Control"] == "public, max-age=0, s-maxage=600"
    assert answer.headers["ETag"].startswith('W/"')


def test_a_policy_may_stand_in_the_settings_by_a_view_s_name(project: Project) -> None:
    client = project.serve(page(), EYOT={"SHELLS": {"page": {"cdn": 5, "swr": 7}}})
    wanted = "public, max-age=0, s-maxage=5, stale-while-revalidate=7"
    assert client.get("/p").headers["Cache-Control"] == wanted


def test_a_path_that_finds_its_view_later_has_the_policy_of_it(project: Project) -> None:
    known: set[str] = set()

    class Known:
        regex = "[a-z]+"

        def to_python(self, value: str) -> str:
            if value not in known:
                raise ValueError
            return value

        def to_url(self, value: str) -> str:
            return value

    @shell(cdn=600)
    def view(request: Any, name: str) -> HttpResponse:
        return HttpResponse(PAGE)

    register_converter(Known, "known")
    client = project.serve(path("of/<known:name>", view))
    assert client.get("/of/rope").status_code == 404
    known.add("rope")
    assert [client.get("/of/rope").headers["Cache-Control"] for _ in range(2)] == [
        "public, max-age=0, s-maxage=600"
    ] * 2


def test_paths_by_the_thousand_are_found_and_not_all_kept(project: Project) -> None:
    @shell(cdn=600)
    def view(request: Any, number: int) -> HttpResponse:
        return HttpResponse(PAGE)

    client = project.serve(path("of/<int:number>", view))
    answers = {client.get(f"/of/{number}").headers["Cache-Control"] for number in [*range(1100), 3]}
    assert answers == {"public, max-age=0, s-maxage=600"}
    assert len(vars(get_resolver())["_eyot_policies"][1]) <= 1000


def test_a_shell_is_the_same_for_everybody(project: Project) -> None:
    @shell(cdn=600)
    def view(request: Any) -> HttpResponse:
        who = (request.session.get("user"), str(request.user), request.COOKIES, request.headers.get("Authorization"))
        assert "HTTP_COOKIE" not in request.META
        return HttpResponse(f"{who}{PAGE}")

    client = project.serve(page(view))
    stranger: Any = client.get("/p")
    sign_in(client)
    ada: Any = client.get("/p", headers={"Authorization": "Basic eA=="})
    assert ada.content == stranger.content
    assert ada.headers["ETag"] == stranger.headers["ETag"]
    assert "Cookie" not in ada.headers.get("Vary", "")
    assert ada.wsgi_request.COOKIES["sessionid"]
    assert ada.wsgi_request.headers["Authorization"]


@pytest.mark.parametrize("key", ["REMOTE_USER", "HTTP_X_OWN_USER"])
def test_whom_a_server_says_it_is_does_not_shape_a_shell(project: Project, key: str) -> None:
    seen = []

    @shell(cdn=600)
    def view(request: Any) -> HttpResponse:
        seen.append(str(request.user))
        return HttpResponse(PAGE)

    remote = "django_project.OwnRemoteUser" if "OWN" in key else "django.contrib.auth.middleware.RemoteUserMiddleware"
    client = project.serve(
        page(view),
        path("mine", lambda request: HttpResponse(str(request.user))),
        MIDDLEWARE=[*MIDDLEWARE[:-1], remote, MIDDLEWARE[-1]],
        AUTHENTICATION_BACKENDS=["django.contrib.auth.backends.RemoteUserBackend"],
    )
    says: dict[str, Any] = {key: "ada"}
    assert client.get("/mine", **says).text == "ada"
    answer: Any = client.get("/p", **says)
    assert seen == ["AnonymousUser"]
    assert answer.wsgi_request.META[key] == "ada"


def test_a_policy_with_cookies_shows_the_view_its_visitor(project: Project) -> None:
    @shell(cdn=600, cookies=True)
    def view(request: Any) -> HttpResponse:
        return HttpResponse(request.COOKIES.get("theme", "none"))

    client = project.serve(page(view))
    client.cookies["theme"] = "dark"
    assert client.get("/p").text == "dark"


def test_a_cache_that_has_the_shell_gets_a_304(project: Project) -> None:
    client = project.serve(page(public()))
    first: Any = client.get("/p")
    again: Any = client.get("/p", headers={"If-None-Match": f'"x", {first.headers["ETag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]


def test_a_head_has_the_etag_and_the_length_of_the_page(project: Project) -> None:
    seen = []

    @shell(cdn=600)
    def view(request: Any) -> HttpResponse:
        seen.append(request.method)
        return HttpResponse(PAGE)

    client = project.serve(page(view))
    got: Any = client.get("/p")
    head: Any = client.head("/p")
    assert head.headers["ETag"] == got.headers["ETag"]
    assert head.headers["Content-Length"] == str(len(got.content))
    assert seen == ["GET", "GET"]
    assert head.wsgi_request.method == "HEAD"


def test_island_fresh_is_not_seen_by_the_view_and_not_kept(project: Project) -> None:
    @shell(cdn=600)
    def view(request: Any) -> HttpResponse:
        return HttpResponse(f"{dict(request.GET)} {request.get_full_path()}")

    answer: Any = project.serve(page(view)).get("/p?a=1&island-fresh")
    assert answer.text == "{'a': ['1']} /p?a=1"
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("leak", "code"),
    [
        (lambda request, answer: answer.set_cookie("a", "b"), "leak-cookie"),
        (lambda request, answer: answer.headers.update(Vary="*"), "leak-vary"),
    ],
)
def test_a_leak_is_kept_out_of_caches_and_shown_while_debugging(
    project: Project, caplog: pytest.LogCaptureFixture, leak: Any, code: str
) -> None:
    @shell(cdn=600)
    def view(request: Any) -> HttpResponse:
        answer = HttpResponse(PAGE)
        if code == "leak-cookie":
            answer.set_cookie("a", "b")
        else:
            answer.headers["Vary"] = "*"
        return answer

    client = project.serve(page(view))
    answer: Any = client.get("/p")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in answer.headers
    assert code in caplog.text
    project.set(DEBUG=True)
    shown: Any = Client().get("/p")
    assert (shown.status_code, code in shown.text) == (500, True)


def test_a_csrf_token_on_a_shell_is_a_leak(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    from django.template import engines

    template = engines["django"].from_string("<form>{% csrf_token %}</form>")
    view = shell(cdn=600)(lambda request: HttpResponse(template.render({}, request)))
    answer: Any = project.serve(page(view)).get("/p")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "leak-csrf" in caplog.text
    assert "leak-cookie" in caplog.text


def test_a_cache_control_of_the_view_wins(project: Project) -> None:
    answer: Any = project.serve(page(shell(cdn=600)(html(PAGE, Cache_Control="max-age=5")))).get("/p")
    assert answer.headers["Cache-Control"] == "max-age=5"


def test_without_a_policy_cache_control_is_not_touched(project: Project) -> None:
    assert "Cache-Control" not in project.serve(page()).get("/p").headers


def test_the_html_pass_can_be_off_and_on(project: Project) -> None:
    off = path("off", html_pass(False)(html()))
    on = path("on", html_pass()(html()))
    assert project.serve(off, page()).get("/off").text == PAGE
    client = project.serve(on, page(), EYOT={"HTML_PASS": False})
    assert client.get("/p").text == PAGE
    assert "island-src" in client.get("/on").text


# -- streams --


def flow(*chunks: str | bytes) -> Any:
    return lambda request: StreamingHttpResponse(iter(chunks))


CHUNKS = ("<p>one", "<Avatar server", ":defer size=3 />", "two")


def test_a_stream_is_split_as_it_comes(project: Project) -> None:
    answer: Any = project.serve(page(flow(*CHUNKS))).get("/p")
    assert answer.streaming
    chunks = list(answer.streaming_content)
    assert chunks[0] == b"<p>one"
    assert b"island-src" in b"".join(chunks)


def test_a_stream_under_a_policy_is_split_whole(project: Project) -> None:
    answer: Any = project.serve(page(shell(cdn=600)(flow(*CHUNKS)))).get("/p")
    assert not answer.streaming
    assert answer.headers["ETag"]
    assert "island-src" in answer.text


def test_a_stream_that_its_policy_lets_pass_sees_no_cookie_to_its_end(project: Project) -> None:
    @shell(cdn=600, stream=True)
    def view(request: Any) -> StreamingHttpResponse:
        def chunks() -> Any:
            yield f"{request.COOKIES}{request.META.get('HTTP_COOKIE')}"
            yield from CHUNKS

        return StreamingHttpResponse(chunks())

    client = project.serve(page(view))
    client.cookies["a"] = "b"
    answer: Any = client.get("/p")
    assert answer.headers["Cache-Control"] == "public, max-age=0, s-maxage=600"
    assert b"".join(answer.streaming_content).startswith(b"{}None<p>one")


UTF_16 = '<p>one<Avatar server:defer secret="1" />'.encode("utf-16")


def test_a_page_in_utf_16_with_a_directive_is_logged_and_kept_nowhere(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    answer: Any = project.serve(page(lambda request: HttpResponse(UTF_16))).get("/p")
    assert (answer.content, answer.headers["Cache-Control"]) == (UTF_16, "private, no-store")
    assert "page-encoding" in caplog.text


def test_a_stream_in_utf_16_with_a_directive_is_logged(project: Project, caplog: pytest.LogCaptureFixture) -> None:
    answer: Any = project.serve(page(flow(UTF_16[:9], UTF_16[9:]))).get("/p")
    assert b"".join(answer.streaming_content) == UTF_16
    assert "page-encoding" in caplog.text


def test_a_faulty_stream_under_a_policy_is_cut(project: Project) -> None:
    view = shell(cdn=600, stream=True)(flow("<p>one", "<Nobody server:defer />", "two"))
    answer: Any = project.serve(page(view)).get("/p")
    with pytest.raises(eyot.MarkupError, match="Nobody"):
        b"".join(answer.streaming_content)


# -- other middlewares --


def test_the_etag_is_there_before_gzip_pads_the_page_at_random(project: Project) -> None:
    client = project.serve(page(public(PAGE + "<p>" * 500)), MIDDLEWARE=[GZIP, *MIDDLEWARE])
    answers: list[Any] = [client.get("/p", headers={"Accept-Encoding": "gzip"}) for _ in range(2)]
    assert answers[0].headers["Content-Encoding"] == "gzip"
    assert answers[0].headers["ETag"] == answers[1].headers["ETag"]
    assert b"island-src" in gzip.decompress(answers[0].content)


def test_conditional_get_outside_leaves_the_etag(project: Project) -> None:
    client = project.serve(page(public()), MIDDLEWARE=["django.middleware.http.ConditionalGetMiddleware", *MIDDLEWARE])
    first: Any = client.get("/p")
    again = client.get("/p", headers={"If-None-Match": first.headers["ETag"]})
    assert first.headers["ETag"].startswith("W/")
    assert again.status_code == 304
    assert "ETag" not in asked(client, source(first)).headers


def test_the_cache_of_the_site_keeps_shells_and_no_islands(project: Project) -> None:
    calls = []

    @shell(cdn=600, browser=60)
    def view(request: Any) -> HttpResponse:
        calls.append(1)
        return HttpResponse(PAGE)

    middleware = [UPDATE, *MIDDLEWARE[:-1], FETCH, MIDDLEWARE[-1]]
    client = project.serve(page(view), MIDDLEWARE=middleware, CACHES=LOCMEM)
    from django.core.cache import cache

    cache.clear()
    first: Any = client.get("/p")
    sign_in(client)
    again: Any = client.get("/p")
    assert len(calls) == 1
    assert first.content == again.content
    assert again.headers["Cache-Control"] == "public, max-age=60, s-maxage=600"
    assert asked(client, source(first)).text == "<img alt=ada width=40>"
    assert asked(Client(), source(first)).text == "<img alt=stranger width=40>"
    fresh = client.get("/p?island-fresh")
    assert len(calls) == 2
    assert "no-store" in fresh.headers["Cache-Control"]


def test_the_cache_of_the_site_keeps_what_an_island_shares(project: Project) -> None:
    calls = []

    @island("Tide", shared=60)
    def tide(request: Any, island: Any) -> HttpResponse:
        calls.append(1)
        return HttpResponse("high")

    middleware = [UPDATE, *MIDDLEWARE[:-1], FETCH, MIDDLEWARE[-1]]
    client = project.serve(page(html("<Tide server:defer />")), MIDDLEWARE=middleware, CACHES=LOCMEM)
    from django.core.cache import cache

    cache.clear()
    address = source(client.get("/p"), "Tide")
    answers = [asked(visitor, address) for visitor in (client, Client())]
    assert len(calls) == 1
    assert [answer.text for answer in answers] == ["high", "high"]
    assert [answer.headers["Cache-Control"] for answer in answers] == ["public, max-age=60"] * 2


def test_cache_page_keeps_the_page_before_its_split(project: Project) -> None:
    calls = []

    @shell(cdn=600)
    @cache_page(60)
    def view(request: Any) -> HttpResponse:
        calls.append(1)
        return HttpResponse(PAGE)

    client = project.serve(page(view), CACHES=LOCMEM)
    from django.core.cache import cache

    cache.clear()
    answers: list[Any] = [client.get("/p") for _ in range(2)]
    assert len(calls) == 1
    assert answers[0].content == answers[1].content
    assert answers[0].headers["Cache-Control"] == "max-age=60"
    assert "alt=stranger" in assemble(client, answers[1])


def test_login_required_middleware_lets_island_requests_to_their_handlers(project: Project) -> None:
    @island("Mine")
    @login_required
    def mine(request: Any, island: Any) -> HttpResponse:
        return HttpResponse(f"mine: {request.user}")

    view = login_not_required(public(PAGE + "<Mine server:defer server:page>f</Mine>"))
    login = "django.contrib.auth.middleware.LoginRequiredMiddleware"
    client = project.serve(page(view), path("private", html()), MIDDLEWARE=[*MIDDLEWARE[:-1], login, MIDDLEWARE[-1]])
    assert client.get("/private").status_code == 302
    shell = client.get("/p")
    assert "alt=stranger" in assemble(client, shell)
    assert asked(client, source(shell, "Mine")).headers["Island-Location"] == "/login?next=/p"
    user, _ = get_user_model().objects.get_or_create(username="ada")
    client.force_login(user)
    assert "mine: ada" in assemble(client, shell)


def test_the_debug_toolbar_finds_its_page_and_leaves_islands_alone(project: Project) -> None:
    project.set(DEBUG=True, DEBUG_TOOLBAR_CONFIG={"SHOW_TOOLBAR_CALLBACK": lambda request: True})
    toolbar = "debug_toolbar.middleware.DebugToolbarMiddleware"
    routes = (page(public(PAGE + "</body>")), path("__debug__/", include("debug_toolbar.urls")))
    client = project.serve(*routes, MIDDLEWARE=[toolbar, *MIDDLEWARE])
    shell: Any = client.get("/p")
    assert 'id="djDebug"' in shell.text
    assert "djDebug" not in asked(client, source(shell)).text
    assert shell.headers["Cache-Control"] == "public, max-age=0, s-maxage=600"


def test_whitenoise_serves_files_beside_islands(project: Project, tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("b{}")
    noise = "whitenoise.middleware.WhiteNoiseMiddleware"
    client = project.serve(page(public()), MIDDLEWARE=[noise, *MIDDLEWARE], STATIC_ROOT=str(tmp_path))
    file: Any = client.get("/static/a.css")
    assert b"".join(file.streaming_content) == b"b{}"
    file.close()
    assert "alt=stranger" in assemble(client, client.get("/p"))


def test_a_page_that_an_inner_layer_compressed_is_undone_and_split(project: Project) -> None:
    def view(request: Any) -> HttpResponse:
        return HttpResponse(gzip.compress(PAGE.encode()), headers={"Content-Encoding": "gzip"})

    answer: Any = project.serve(page(shell(cdn=600)(view))).get("/p")
    assert answer.headers["Cache-Control"] == "public, max-age=0, s-maxage=600"
    assert b"<server-island" in answer.content
    assert "Content-Encoding" not in answer.headers


def test_a_page_in_a_coding_that_is_not_known_goes_out_with_a_warning(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    def view(request: Any) -> HttpResponse:
        return HttpResponse(b"packed", headers={"Content-Encoding": "x-own"})

    answer: Any = project.serve(page(shell(cdn=600)(view))).get("/p")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "was not split: it is compressed already (x-own)" in caplog.text


def test_what_stands_outside_has_its_request_as_it_came(project: Project) -> None:
    project.set(MIDDLEWARE=["django_project.Witness", *MIDDLEWARE])
    client = project.serve(page(public()))
    client.cookies["a"] = "b"
    sent = {"If-None-Match": '"x"', "Accept-Encoding": "gzip", "Authorization": "Basic eA=="}
    answer: Any = client.get("/p?island-fresh&q=1", headers=sent)
    assert answer.headers["X-Seen"] == "a=b '\"x\"' gzip Basic eA== b"


def test_a_policy_of_the_pages_is_not_that_of_islands(project: Project) -> None:
    project.set(MIDDLEWARE=[MIDDLEWARE[0], "django_project.security_policy", *MIDDLEWARE[1:]])
    client = project.serve(page())
    shell = client.get("/p")
    assert shell.headers["Content-Security-Policy"] == "default-src 'self'"
    assert asked(client, source(shell)).headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


# -- languages --


def test_an_island_of_a_german_page_answers_in_german(project: Project) -> None:
    from django.conf.urls.i18n import i18n_patterns
    from django.utils.translation import get_language, gettext

    @island("Word")
    def word(request: Any, island: Any) -> HttpResponse:
        return HttpResponse(f"{get_language()} {request.LANGUAGE_CODE} {gettext('Monday')}")

    locale = "django.middleware.locale.LocaleMiddleware"
    view = public("<Word server:defer />")
    client = project.serve(Routes(*i18n_patterns(page(view))), MIDDLEWARE=[*MIDDLEWARE[:2], locale, *MIDDLEWARE[2:]])
    german: Any = client.get("/de/p", headers={"Accept-Language": "en"})
    assert german.headers["Cache-Control"] == "public, max-age=0, s-maxage=600"
    answer = asked(client, source(german, "Word"), **{"Accept-Language": "en"})
    assert answer.text == "de de Montag"
    assert answer.headers["Content-Language"] == "de"
    english = client.get("/en/p", headers={"Accept-Language": "de"})
    assert asked(client, source(english, "Word"), **{"Accept-Language": "de"}).text == "en en Monday"


def test_a_sealed_language_does_not_outlive_the_island(project: Project) -> None:
    from django.utils.translation import get_language, override

    @island("Word")
    def word(request: Any, island: Any) -> HttpResponse:
        return HttpResponse(get_language())

    client = project.serve(page(html("<Word server:defer server:page />")))
    with override("de"):
        shell = client.get("/p")
    with override("en"):
        assert asked(client, source(shell, "Word")).text == "de"
        assert get_language() == "en"


# -- mount points and raw targets --


def test_islands_live_below_the_mount_point(project: Project) -> None:
    client = project.serve(page())
    shell: Any = client.get("/p", SCRIPT_NAME="/shop")
    assert source(shell).startswith("/shop/_server-islands/Avatar/")
    assert "alt=stranger" in assemble(client, shell)


@pytest.mark.parametrize("mount", ["//evil.example", "/a//b", "/a/../b"])
def test_a_mount_point_that_urls_cannot_begin_with_is_a_400(project: Project, mount: str) -> None:
    answer: Any = project.serve(page()).get("/p", SCRIPT_NAME=mount)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (400, "no-store")


def test_a_prefix_that_a_proxy_takes_off_is_known_by_force_script_name(project: Project) -> None:
    client = project.serve(page(), FORCE_SCRIPT_NAME="/shop")
    shell = client.get("/p", RAW_URI="/p")
    address = source(shell)
    assert address.startswith("/shop/_server-islands/Avatar/")
    inside = address.removeprefix("/shop")
    assert client.get(inside, headers=ASKER, RAW_URI=inside).status_code == 200
    assert "alt=stranger" in assemble(client, shell)


# -- keys and options --


def test_keys_are_derived_from_the_secrets(project: Project) -> None:
    client = project.serve(page(public()))
    shell = client.get("/p")
    project.set(SECRET_KEY="another secret, that is long enough: 98765", SECRET_KEY_FALLBACKS=[SECRET])
    fresh = Client()
    assert asked(fresh, source(shell)).status_code == 200
    assert source(fresh.get("/p")) != source(shell)
    project.set(SECRET_KEY_FALLBACKS=[])
    stale = asked(Client(), source(shell))
    assert (stale.status_code, stale.headers["Island-Refused"]) == (410, "stale")


def test_without_any_key_the_start_ends(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(eyot.InvalidKey, match="no key: set SECRET_KEY, or EYOT_KEYS"):
        project.serve(page(), SECRET_KEY="").get("/p")


def test_keys_of_the_environment_come_before_the_secret(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    key = eyot.generate_key()
    monkeypatch.setenv("EYOT_KEYS", key)
    shell = project.serve(page()).get("/p")
    token = source(shell).rpartition("/")[2].encode()
    assert eyot.KeyRing.parse(key).open("Avatar", token).props == b'{"size":"40"}'


def test_a_changed_key_file_is_read_again(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from eyot import keys

    monkeypatch.setattr(keys, "_SECONDS", -1)
    file = tmp_path / "keys"
    file.write_text(eyot.generate_key())
    client = project.serve(page(), EYOT={"KEYS_FILE": file})
    shell = client.get("/p")
    assert asked(client, source(shell)).status_code == 200
    file.write_text(f"# another\n{eyot.generate_key()}\n")
    assert asked(client, source(shell)).status_code == 410


def test_the_secret_that_startproject_writes_is_refused_in_production(project: Project) -> None:

    insecure = "django-insecure-" + "abcdefghijklmnopqrstuvwxyz0123456789"
    project.set(SECRET_KEY=insecure)
    with pytest.raises(eyot.InvalidKey, match="startproject"):
        project.serve(page()).get("/p")
    project.set(DEBUG=True)
    assert project.serve(page()).get("/p").status_code == 200
    project.set(DEBUG=False)
    site._noted[:] = [True]  # a test run of a project that debugs
    try:
        assert project.serve(page()).get("/p").status_code == 200
    finally:
        site._noted[:] = [False]


@pytest.mark.parametrize("given", [{"KEYS": "x"}, {"KEYS_FILE": "/nowhere"}])
def test_keys_that_cannot_be_used_end_the_start(project: Project, given: Any) -> None:
    with pytest.raises(eyot.InvalidKey, match=r"EYOT_KEYS\w* in settings\.EYOT"):
        project.serve(page(), EYOT=given).get("/p")


def test_a_cookie_that_was_set_as_a_header_is_kept(project: Project) -> None:
    def view(request: Any) -> HttpResponse:
        response = HttpResponse(PAGE)
        response.set_cookie("a", "1")
        response["Set-Cookie"] = "b=2; Path=/"
        return response

    shown = project.serve(page(view)).get("/p")
    assert (shown["Set-Cookie"], shown.cookies["a"].value) == ("b=2; Path=/", "1")
    assert "</server-island>" in shown.content.decode()


def test_a_file_is_split_and_one_without_islands_is_the_server_s_to_send(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    visitor = project.serve(page(lambda request: FileResponse(file.open("rb"))))

    def got() -> tuple[bool, str]:
        response = visitor.get("/p")
        return response.streaming, body(response).decode()

    file.write_text("<p>nothing to split")
    # Read, and then known.
    assert [got(), got()] == [(True, "<p>nothing to split")] * 2
    file.write_text(PAGE)
    is_stream, shell = got()
    assert not is_stream
    assert "</server-island>" in shell
    assert "server:defer" not in shell


def test_a_part_of_a_page_is_the_whole_page_and_one_of_what_is_none_passes(project: Project) -> None:
    texts = {"islands": PAGE, "plain": "<!doctype html><title>t</title>"}

    def view(request: Any, name: str) -> HttpResponse:
        text, is_range = texts[name], "Range" in request.headers
        headers = {"ETag": f'"{name}"', "Content-Length": "7" if is_range else str(len(text.encode()))}
        if not is_range:
            return HttpResponse(text, headers=headers)
        return HttpResponse(text[2:9], status=206, headers={**headers, "Content-Range": f"bytes 2-8/{len(text)}"})

    visitor = project.serve(page(view, "<name>"))
    whole = visitor.get("/islands", headers={"Range": "bytes=2-8"})
    assert (whole.status_code, "</server-island>" in whole.content.decode()) == (200, True)
    for _ in range(2):
        part = visitor.get("/plain", headers={"Range": "bytes=2-8"})
        assert (part.status_code, part.content) == (206, b"doctype")


def test_a_policy_goes_where_a_middleware_behind_the_station_chose_another_view(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    own = path("tenant", shell(cdn=600)(html()))
    middleware = [*MIDDLEWARE[:1], "test_django.other_urls", *MIDDLEWARE[1:]]
    visitor = project.serve(own, MIDDLEWARE=middleware)
    visitor.cookies["a"] = "1"
    shown = visitor.get("/tenant")
    assert (shown.content, shown.get("Cache-Control")) == (b"<p>1", None)
    assert "/tenant: no shell policy: a middleware behind" in caplog.text


OTHER = Routes(path("tenant", lambda request: HttpResponse(f"<p>{request.COOKIES.get('a')}")))


def other_urls(get_response: Any) -> Any:
    """Choose another URLconf between the stations."""

    def middleware(request: Any) -> Any:
        request.urlconf = OTHER
        return get_response(request)

    return middleware


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ([], "settings.EYOT is list instead of a dict"),
        ({"prefix": "/x"}, "settings.EYOT: prefix: there is no such option: PREFIX is meant"),
        ({"HTML_PAS": True}, "settings.EYOT: HTML_PAS: there is no such option: HTML_PASS is meant"),
        ({"TTL": "soon"}, 'settings.EYOT: TTL: "soon" is not a time'),
        ({"URL_LIMIT": "60"}, 'settings.EYOT: URL_LIMIT: is the text "60": use a whole number'),
        ({"URL_LIMIT": -1}, "settings.EYOT: URL_LIMIT: is the number -1: use a whole number from 0 to"),
        ({"ELSEWHERE": "Avatar"}, 'settings.EYOT: ELSEWHERE: is the text "Avatar": use a list of texts'),
        ({"DEFAULT": "no.such"}, "settings.EYOT: DEFAULT: No module named 'no'"),
        ({"AUDIENCE": 1}, "settings.EYOT: AUDIENCE is int instead of a function"),
        ({"SHELLS": ["page"]}, "settings.EYOT: SHELLS is list instead of a dict of policies"),
        ({"SHELLS": {"page": {"cnd": 1}}}, r"settings.EYOT: SHELLS\['page'\]: .*\"cdn\" is meant"),
        ({"PREFIX": "x"}, "settings.EYOT: PREFIX: use a path"),
    ],
)
def test_options_that_cannot_be_used_say_why(project: Project, given: Any, text: str) -> None:
    with pytest.raises(eyot.ConfigError, match=text):
        project.serve(page(), EYOT=given).get("/p")


def test_a_token_of_one_tenant_is_none_for_another(project: Project) -> None:
    client = project.serve(page(), EYOT={"AUDIENCE": lambda request: request.get_host() if request else ""})
    shell: Any = client.get("/p", headers={"host": "a.example"})
    assert "alt=stranger" in assemble(client, shell)
    assert asked(client, source(shell), host="b.example").status_code == 400


def test_the_loader_in_the_page_and_links_are_options(project: Project) -> None:
    shell = project.serve(page(), EYOT={"INLINE_LOADER": True, "PRELOAD": True}).get("/p").text
    assert '<link rel="preload" as="fetch" crossorigin href="/_server-islands/Avatar/' in shell
    assert '<script data-eyot="loader.v1.js" data-base="/_server-islands">' in shell


def test_another_prefix_has_other_routes(project: Project) -> None:
    client = project.serve(page(), EYOT={"PREFIX": "/-/islands"})
    shell = client.get("/p")
    assert source(shell).startswith("/-/islands/Avatar/")
    assert "alt=stranger" in assemble(client, shell)


@pytest.mark.parametrize(
    ("middleware", "code"),
    [
        (MIDDLEWARE[1:], "eyot.E010"),
        ([MIDDLEWARE[-1], *MIDDLEWARE[:-1]], "eyot.E011"),
        ([MIDDLEWARE[1], MIDDLEWARE[0], *MIDDLEWARE[2:]], "eyot.E012"),
        ([MIDDLEWARE[0], UPDATE, *MIDDLEWARE[1:]], "eyot.E014"),
        ([*MIDDLEWARE[:4], MIDDLEWARE[5], MIDDLEWARE[4]], "eyot.E015"),
        ([*MIDDLEWARE, GZIP], "eyot.E016"),
    ],
)
def test_a_wrong_order_of_middlewares_ends_the_start(project: Project, middleware: list[str], code: str) -> None:
    if code == "eyot.E010":
        middleware = [MIDDLEWARE[0], *MIDDLEWARE[1:-1]]
    with pytest.raises(ImproperlyConfigured, match=code):
        project.serve(page(), MIDDLEWARE=middleware).get("/p")


def test_without_the_app_the_middleware_says_what_to_add(project: Project) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"add 'eyot\.django' to INSTALLED_APPS"):
        project.serve(page(), INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"]).get("/p")


def wall(get_response: Any) -> Any:
    """Answer islands with a sign-in page, as a middleware of one's own might."""
    return lambda request: (
        HttpResponse("<form>sign in</form>") if request.path.startswith("/_server-islands/") else get_response(request)
    )


def test_a_sign_in_page_that_a_middleware_answers_in_a_handler_s_place_is_no_island(project: Project) -> None:
    client = project.serve(page(), MIDDLEWARE=[*MIDDLEWARE[:-1], f"{__name__}.wall", MIDDLEWARE[-1]])
    answer = asked(client, source(client.get("/p")))
    assert (answer.status_code, answer.text) == (404, "not found\n")
    assert "Island" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_page_is_split_once_and_rendered_often(project: Project) -> None:
    prepared = prepare("<!doctype html><head></head><Avatar server:defer size=1 /><Later server:defer />")
    island("Later")(lambda request, island: HttpResponse("later"))
    client = project.serve(page(shell(cdn=600)(lambda request: HttpResponse(prepared.render()))))
    answer = client.get("/p")
    assert_shell(answer)
    assert answer.text.count("loader.v1.js") == 1
    assert assemble(client, answer).endswith("<img alt=stranger width=1>later")
    assert prepared.islands == ["Avatar", "Later"]
