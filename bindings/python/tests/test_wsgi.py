"""WSGI: both stations around plain apps, Bottle and Pyramid; handlers, policies, streams, and what goes wrong."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import bottle
import eyot
import pytest
from eyot import Policy
from eyot.wsgi import Event, Islands, Request
from eyot.wsgi.test import ask, assemble, assert_shell, get
from gateways import ASKER, KEYS, PAGE, source
from jinja2 import DictLoader, Environment
from pyramid.config import Configurator
from pyramid.request import Request as PyramidRequest
from pyramid.response import Response as PyramidResponse
from pyramid.session import SignedCookieSessionFactory

HTML = [("Content-Type", "text/html; charset=utf-8")]


class Answer:
    """What a WSGI app answered."""

    def __init__(self, app: Any, path: str, method: str = "GET", body: Any = b"", **environ: Any) -> None:
        self.started: list[tuple[str, list[tuple[str, str]]]] = []
        path, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "shop.test",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "shop.test",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body) if isinstance(body, bytes) else body,
            "wsgi.errors": BytesIO(),
            "CONTENT_LENGTH": str(len(body)) if isinstance(body, bytes) else "",
            **environ,
        }
        self.chunks = app(environ, self.start)

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        self.started.append((status, headers))
        return lambda _: None

    @property
    def body(self) -> bytes:
        body = b"".join(self.chunks)
        self.close()
        return body

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def status(self) -> str:
        return self.started[-1][0]

    @property
    def headers(self) -> dict[str, str]:
        return dict(self.started[-1][1])

    def close(self) -> None:
        if hasattr(self.chunks, "close"):
            self.chunks.close()


def answering(body: Any, headers: Any = HTML, status: str = "200 OK", seen: list[Any] | None = None) -> Any:
    """An app that says one thing, and notes the environments that it sees."""

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        if seen is not None:
            seen.append(environ)
        start_response(status, list(headers))
        return [body.encode()] if isinstance(body, str) else body

    return app


@pytest.fixture
def islands() -> Islands:
    made = Islands(keys=KEYS, shells={"/p/{sku}": Policy(cdn=600)})

    @made.island("Avatar")
    def avatar(request: Request, island: eyot.island.Island[dict[str, Any]]) -> str:
        return f"<img alt={request.cookies.get('user', 'stranger')} width={island.props.get('size')}>"

    return made


def island(islands: Islands, app: Any, name: str = "Avatar", page: str = "/", **environ: Any) -> Answer:
    """Ask for an island that the page at ``page`` holds."""
    asker = {f"HTTP_{key.upper().replace('-', '_')}": value for key, value in ASKER.items()}
    return Answer(app, source(Answer(app, page).text, name), **{**asker, **environ})


# -- pages and islands --


def test_a_page_is_split_and_its_island_is_answered(islands: Islands) -> None:
    app = islands(answering(PAGE, [*HTML, ("Content-Length", str(len(PAGE.encode())))]))
    shell = Answer(app, "/")
    assert "<i>…</i></server-island>" in shell.text
    assert int(shell.headers["Content-Length"]) == len(Answer(app, "/").body)
    answer = island(islands, app, HTTP_COOKIE="user=ada")
    assert answer.text == "<img alt=ada width=40>"
    assert (answer.headers["Island"], answer.headers["Cache-Control"]) == ("Avatar", "private, no-store")


def test_what_is_no_html_is_the_very_object_that_the_app_returned(islands: Islands) -> None:
    body = [b"server:defer"]
    answer = Answer(islands(answering(body, [("Content-Type", "text/plain")], "200 Fine")), "/")
    assert answer.chunks is body
    assert answer.status == "200 Fine"


def test_the_status_line_of_the_app_stays(islands: Islands) -> None:
    assert Answer(islands(answering(PAGE, status="404 Lost at sea")), "/").status == "404 Lost at sea"


@pytest.mark.parametrize(
    ("answer", "status", "text"),
    [
        (b"<b>bytes</b>", 200, "<b>bytes</b>"),
        (("<b>", "no"), 500, "internal server error\n"),
        ((404, {"X-A": "b"}, "gone"), 404, "gone"),
        ((200, [("X-A", "b")], b"<b>pairs</b>"), 200, "<b>pairs</b>"),
        ((999, {}, ""), 500, "internal server error\n"),
        ((200, {"X-A": 1}, ""), 500, "internal server error\n"),
        (None, 500, "internal server error\n"),
        ({"a": 1}, 500, "internal server error\n"),
        (answering("<b>app</b>"), 200, "<b>app</b>"),
        (answering(iter([b"<b>", b"stream</b>"])), 200, "<b>stream</b>"),
    ],
)
def test_a_handler_answers_in_each_of_these_ways(
    islands: Islands, caplog: pytest.LogCaptureFixture, answer: Any, status: int, text: str
) -> None:
    islands.island("Other")(lambda request, island: answer)
    got = island(islands, islands(answering("<Other server:defer />")), "Other")
    assert (int(got.status.split()[0]), got.text) == (status, text)
    assert ("Island" in got.headers) == (status == 200)
    if status == 500:
        assert "the handler of the island Other failed" in caplog.text or "application/json" in caplog.text


def test_what_a_handler_should_have_returned_is_said(islands: Islands, caplog: pytest.LogCaptureFixture) -> None:
    islands.island("Other")(lambda request, island: None)
    island(islands, islands(answering("<Other server:defer />")), "Other")
    assert "'Other' returned None: return its HTML as str or bytes, a tuple (status, headers, body), or" in caplog.text


def test_a_handler_that_raises_is_logged_with_its_traceback_and_kept_nowhere(
    islands: Islands, caplog: pytest.LogCaptureFixture
) -> None:
    @islands.island("Fails")
    def fails(request: Any, island: Any) -> str:
        raise ConnectionError("no boathouse")

    got = island(islands, islands(answering("<Fails server:defer />")), "Fails")
    assert (got.status, got.headers["Cache-Control"]) == ("500 Internal Server Error", "no-store")
    assert "no boathouse" in caplog.text


def test_a_handler_that_raises_does_so_while_debugging() -> None:
    islands = Islands(keys=KEYS, debug=True)

    @islands.island("Fails")
    def fails(request: Any, island: Any) -> str:
        raise ConnectionError("no boathouse")

    with pytest.raises(ConnectionError, match="no boathouse"):
        island(islands, islands(answering("<Fails server:defer />")), "Fails")


def test_a_redirect_becomes_news_for_the_page(islands: Islands) -> None:
    islands.island("Other")(lambda request, island: (302, {"Location": "/login"}, ""))
    got = island(islands, islands(answering("<Other server:defer />")), "Other")
    assert (got.status, got.headers["Island-Location"], got.body) == ("204 No Content", "/login", b"")


def test_a_handler_s_own_policy_stands_and_that_of_pages_does_not(islands: Islands) -> None:
    islands.island("Own")(lambda request, island: (200, {"Content-Security-Policy": "sandbox"}, "x"))

    def adding(app: Any) -> Any:
        def around(environ: Any, start_response: Any) -> Any:
            def start(status: str, headers: Any, exc_info: Any = None) -> Any:
                return start_response(status, [*headers, ("Content-Security-Policy", "default-src 'self'")])

            return app(environ, start)

        return around

    app = islands.outer(adding(islands.inner(answering("<Own server:defer /><Avatar server:defer />"))))
    assert island(islands, app, "Own").headers["Content-Security-Policy"] == "sandbox"
    assert island(islands, app).headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_islands_within_an_island_are_split_and_assembled(islands: Islands) -> None:
    islands.island("Outer")(lambda request, island: "<b><Avatar server:defer size=1 /></b>")
    app = islands(answering("<Outer server:defer />"))
    assert assemble(app, "/", headers={"Cookie": "user=ada"}).endswith("<b><img alt=ada width=1></b>")


def test_a_long_token_is_posted_and_read_whole(islands: Islands) -> None:
    islands.island("Long")(lambda request, island: str(len(island.props["text"])))
    assert assemble(islands(answering(f"<Long server:defer text={'x' * 5000} />")), "/").endswith("5000")


def test_urls_are_below_the_mount_point(islands: Islands) -> None:
    app = islands(answering(PAGE))
    assert 'island-src="/m%C3%BC/_server-islands/Avatar/' in Answer(app, "/p", SCRIPT_NAME="/mÃ¼").text
    assert "width=40" in assemble(app, "/p", mount="/m")


def test_the_html_pass_can_be_off_for_all_and_for_one_handler(islands: Islands) -> None:
    assert Answer(Islands(keys=KEYS, html_pass=False)(answering(PAGE)), "/").text == PAGE
    islands.island("Raw")(islands.html_pass(False)(lambda request, island: PAGE))
    assert island(islands, islands(answering("<Raw server:defer />")), "Raw").text == PAGE


def test_templates_write_what_a_split_writes(islands: Islands) -> None:
    environment = Environment(
        loader=DictLoader({"p": '{% island "Avatar" when="idle" with size=40 %}{% endisland %}'}), autoescape=True
    )
    islands.install(environment)
    app = islands(lambda environ, start: (start("200 OK", HTML), [environment.get_template("p").render().encode()])[1])
    by_tag = Answer(app, "/", SCRIPT_NAME="/m").text
    split = Answer(islands(answering("<Avatar server:defer server:when=idle server:props='{\"size\":40}' />")), "/")
    assert by_tag.replace("/m/", "/") == split.text
    alone = islands.placeholder("Avatar", {"size": 40}, when="idle")
    assert alone == split.text[split.text.index("<server-island") :]


def test_a_function_s_placeholder_brings_the_loader_where_the_page_is_split(islands: Islands) -> None:
    def app(environ: Any, start: Any) -> list[bytes]:
        start("200 OK", HTML)
        return [f"<head></head><p {islands.attributes('Avatar')}>…</p>".encode()]

    split = Answer(islands(app), "/").text
    assert 'loader.v1.js"></script></head>' in split
    assert "server:" not in split
    unsplit = Islands(keys=KEYS, html_pass=False)
    unsplit.island("Avatar")(lambda request, island: "")
    islands = unsplit
    assert Answer(unsplit(app), "/").text.startswith('<head></head><p island="Avatar"')


@pytest.mark.parametrize("is_split", [True, False])
def test_a_function_in_an_islands_answer_brings_no_loader(islands: Islands, is_split: bool) -> None:
    islands.island("Outer")(islands.html_pass(is_split)(lambda request, opened: islands.placeholder("Avatar")))
    answered = island(islands, islands(answering("<Outer server:defer />")), "Outer").text
    assert answered.startswith('<server-island island="Avatar" island-src=')


@pytest.mark.parametrize("debug", [True, False])
def test_an_unknown_island_is_an_error_in_a_template_or_in_production_its_fallback(
    debug: bool, caplog: pytest.LogCaptureFixture
) -> None:
    islands = Islands(keys=KEYS, debug=debug)
    islands.island("Avatar")(lambda request, island: "")
    environment = Environment(autoescape=True)
    islands.install(environment)
    template = environment.from_string(
        '{% island "Avatr" %}{% fallback %}f{% endisland %}<p {{ island_attrs("Avatr") }}>'
    )
    if debug:
        with pytest.raises(eyot.ConfigError, match='"Avatar" may be meant'):
            template.render()
    else:
        assert template.render() == "f<p >"
        assert "(name-unknown)" in caplog.text


# -- shells --


def test_a_shell_s_view_sees_no_visitor_and_caches_may_keep_it(islands: Islands) -> None:
    seen: list[Any] = []
    app = islands(answering(PAGE, seen=seen))
    hidden = {"HTTP_COOKIE": "user=ada", "HTTP_ACCEPT_ENCODING": "gzip", "HTTP_RANGE": "bytes=0-1"}
    hidden |= {"REMOTE_USER": "ada", "AUTH_TYPE": "Basic"}
    shell = Answer(app, "/p/rope?a=b&island-fresh=1", **hidden)
    assert shell.headers["Cache-Control"] == "no-store"
    assert seen[0]["QUERY_STRING"] == "a=b"
    assert not seen[0].keys() & hidden.keys()
    shell = Answer(app, "/p/rope", **hidden)
    assert shell.headers["Cache-Control"] == "public, max-age=0, s-maxage=600"
    again = Answer(app, "/p/rope", HTTP_IF_NONE_MATCH=shell.headers["ETag"])
    assert (again.status, again.body) == ("304 Not Modified", b"")
    assert "Cache-Control" not in Answer(app, "/q/rope").headers


def test_head_says_of_a_shell_what_get_says(islands: Islands) -> None:
    app = islands(answering(PAGE))
    get, head = Answer(app, "/p/rope"), Answer(app, "/p/rope", "HEAD")
    assert head.headers == get.headers
    assert head.body == b""


def test_head_says_no_length_that_get_would_not_say(islands: Islands) -> None:
    headers = [*HTML, ("Content-Length", str(len(PAGE.encode()))), ("ETag", '"a"')]
    head = Answer(islands(answering([], headers)), "/", "HEAD")
    assert not {"Content-Length", "ETag"} & head.headers.keys()


@pytest.mark.parametrize("debug", [False, True])
def test_a_leak_is_shown_while_debugging_and_never_kept(debug: bool, caplog: pytest.LogCaptureFixture) -> None:
    islands = Islands(keys=KEYS, shells={"/{all...}": Policy(cdn=600)}, debug=debug)
    shell = Answer(islands(answering("<p>", [*HTML, ("Set-Cookie", "a=b")])), "/x/y")
    assert ("not the same for everybody" in shell.text) == debug
    assert "no-store" in shell.headers["Cache-Control"]
    assert "leak-cookie" in caplog.text


@pytest.mark.parametrize("pattern", ["p", "/p/*", "/p/{}", "/p/{a b}", "/p/{a"])
def test_an_unclear_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(eyot.ConfigError, match="shells: the pattern"):
        Islands(keys=KEYS, shells={pattern: Policy(cdn=1)})


# -- streams --


class Chunks:
    """An iterable that counts what is taken from it and knows whether it was closed."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks, self.taken, self.closed = iter(chunks), 0, False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        self.taken += 1
        return next(self.chunks)

    def close(self) -> None:
        self.closed = True


def test_a_streamed_page_is_split_chunk_by_chunk(islands: Islands) -> None:
    chunks = Chunks(b"<p>one</p>", b"<Ava", b"tar server:defer ", b"/><p>two</p>")
    answer = Answer(islands(answering(chunks)), "/")
    parts = iter(answer.chunks)
    assert next(parts) == b"<p>one</p>"
    assert chunks.taken == 1
    assert b"</server-island><p>two</p>" in b"".join(parts)
    answer.close()
    assert chunks.closed


def test_a_stream_that_the_client_leaves_at_once_is_closed(islands: Islands) -> None:
    chunks = Chunks(b"<p>")
    Answer(islands(answering(chunks)), "/").close()
    assert chunks.closed


def test_an_app_that_is_a_generator_is_waited_for(islands: Islands) -> None:
    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        yield b""
        start_response("200 OK", HTML)
        yield PAGE.encode()

    assert "server:defer" not in Answer(islands(app), "/").text


def test_what_an_app_writes_is_split_too(islands: Islands) -> None:
    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", HTML)(b"<Avatar ")
        return [b"server:defer />"]

    assert "</server-island>" in Answer(islands(app), "/").text


def test_a_template_that_is_rendered_while_it_is_streamed_knows_its_request(islands: Islands) -> None:
    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", HTML)
        return (str(islands.placeholder("Avatar")).encode() for _ in range(1))

    assert 'island-src="/m/_server' in Answer(islands(app), "/", SCRIPT_NAME="/m").text


@pytest.mark.parametrize("debug", [False, True])
def test_a_faulty_stream_under_a_policy_is_cut(debug: bool, caplog: pytest.LogCaptureFixture) -> None:
    islands = Islands(keys=KEYS, shells={"/": Policy(cdn=600, stream=True)}, debug=debug)
    answer = Answer(islands(answering(Chunks(b"<p>one", b"<Avatar server:defer />", b"two"))), "/")
    parts = iter(answer.chunks)
    assert next(parts) == b"<p>one"
    with pytest.raises(eyot.Error, match="Avatar"):
        b"".join(parts)
    assert "/: line 1, column 7" in caplog.text


# -- what goes wrong --


@pytest.mark.parametrize(("debug", "shown"), [(False, "rest"), (True, "cannot be split")])
def test_a_faulty_page_is_shown_while_debugging_and_kept_nowhere(
    debug: bool, shown: str, caplog: pytest.LogCaptureFixture
) -> None:
    islands = Islands(keys=KEYS, debug=debug, shells={"/": Policy(cdn=600)})
    islands.island("Avatar")(lambda request, island: "")
    answer = Answer(islands(answering("<p><Avatr server:defer></Avatr>rest")), "/")
    assert shown in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    assert debug or "(name-unknown)" in caplog.text


def test_a_page_that_is_compressed_already_is_no_shell(islands: Islands, caplog: pytest.LogCaptureFixture) -> None:
    answer = Answer(islands(answering([b"packed"], [*HTML, ("Content-Encoding", "x-own")])), "/p/rope")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.body == b"packed"
    assert "compressed already (x-own); compress outside of eyot" in caplog.text


def test_a_page_that_is_compressed_already_is_undone_and_split(islands: Islands) -> None:
    packed = gzip.compress(PAGE.encode())
    answer = Answer(islands(answering([packed], [*HTML, ("Content-Encoding", "gzip")])), "/p/rope")
    assert answer.headers["Cache-Control"] == "public, max-age=0, s-maxage=600"
    assert "Content-Encoding" not in answer.headers
    assert b"</server-island>" in answer.body


def test_a_range_of_a_page_is_refused(islands: Islands, caplog: pytest.LogCaptureFixture) -> None:
    app = answering("ver:defer secret=1 />", [*HTML, ("Content-Range", "bytes 8-20/30")], "206 Partial Content")
    answer = Answer(islands(app), "/", HTTP_RANGE="bytes=8-20")
    assert (answer.status[:4], answer.headers["Accept-Ranges"]) == ("416 ", "none")
    assert "secret" not in answer.text
    assert "answer the whole page, or switch the HTML pass off" in caplog.text


def test_a_name_registered_twice_is_refused(islands: Islands) -> None:
    with pytest.raises(eyot.ConfigError, match="'Avatar' has a handler already: remove one of the two"):
        islands.island("Avatar")(lambda request, island: "")


def test_a_missing_key_is_said_where_the_app_is_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EYOT_KEYS", raising=False)
    with pytest.raises(eyot.InvalidKey, match="no key: set EYOT_KEYS or EYOT_KEYS_FILE in the environment, or pass"):
        Islands()(answering(PAGE))


def test_a_changed_key_file_is_read_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ticks = iter(range(0, 100, 2))
    monkeypatch.setattr("eyot.keys.monotonic", lambda: float(next(ticks)))
    monkeypatch.delenv("EYOT_KEYS", raising=False)
    monkeypatch.setenv("EYOT_KEYS_FILE", str(tmp_path / "keys"))
    (tmp_path / "keys").write_text(KEYS)
    islands = Islands()
    islands.island("Avatar")(lambda request, island: "ok")
    app = islands(answering(PAGE))
    before = source(Answer(app, "/").text)
    (tmp_path / "keys").write_text(f"{eyot.generate_key()}\n{KEYS}\n")
    assert source(Answer(app, "/").text) != before
    assert Answer(app, before).text == "ok"


def test_keys_may_be_derived_from_an_app_s_secrets() -> None:
    secret = "a secret of the tests, long enough: 0123456789"
    old, new = Islands(secrets=[secret]), Islands(secrets=["another one, as long: 0123456789 0123456789", secret])
    for made in (old, new):
        made.island("Avatar")(lambda request, island: "ok")
    url = source(Answer(old(answering(PAGE)), "/").text)
    assert Answer(new(answering(PAGE)), url).text == "ok"
    with pytest.raises(eyot.InvalidKey, match="secrets"):
        Islands(secrets=["short"])(answering(PAGE))


def test_an_option_that_there_is_not_is_refused() -> None:
    with pytest.raises(eyot.ConfigError, match="preffix: there is no such option: prefix is meant"):
        Islands(keys=KEYS, preffix="/x")  # type: ignore[call-arg]
    with pytest.raises(eyot.ConfigError, match=r"use a list of texts, such as ."):
        Islands(keys=KEYS, elsewhere="Cart")


def test_props_that_do_not_fit_have_the_page_asked_for_anew() -> None:
    told: list[Event] = []
    islands = Islands(keys=KEYS, on_event=told.append)

    def reader(props: dict[str, Any]) -> int:
        return int(props["size"])

    islands.island("Typed", props=reader)(lambda request, island: str(island.props + 1))
    app = islands(answering('<Typed server:defer size="4" />'))
    assert island(islands, app, "Typed").text == "5"
    assert island(islands, islands(answering('<Typed server:defer size="x" />')), "Typed").status == "410 Gone"
    assert [event.code for event in told] == ["props-type"]


def test_a_token_of_another_audience_is_refused() -> None:
    islands = Islands(keys=KEYS, audience=lambda environ: str(environ["HTTP_HOST"]))
    islands.island("Avatar")(lambda request, island: "ok")
    app = islands(answering(PAGE))
    assert island(islands, app).text == "ok"
    assert island(islands, app, HTTP_HOST="other.test").status == "400 Bad Request"


class Endless:
    """A body that never ends, and counts what is read of it."""

    def __init__(self) -> None:
        self.read_bytes = 0

    def read(self, size: int = -1) -> bytes:
        assert size >= 0
        self.read_bytes += min(size, 1000)
        return b"A" * min(size, 1000)


@pytest.mark.parametrize("environ", [{"wsgi.input_terminated": True}, {"CONTENT_LENGTH": str(1 << 20)}])
def test_a_body_without_end_is_read_up_to_the_limit(islands: Islands, environ: dict[str, Any]) -> None:
    body = Endless()
    sent = {"CONTENT_TYPE": "application/vnd.eyot.token", **environ}
    answer = Answer(islands(answering(PAGE)), "/_server-islands/Avatar", "POST", body, **sent)
    assert answer.status.startswith("413 ")
    assert body.read_bytes <= 65537


def test_a_body_of_unknown_length_is_not_waited_for(islands: Islands) -> None:
    body = Endless()
    sent = {"CONTENT_TYPE": "application/vnd.eyot.token"}
    assert Answer(islands(answering(PAGE)), "/_server-islands/Avatar", "POST", body, **sent).status.startswith("400 ")
    assert body.read_bytes == 0


def test_an_island_that_no_inner_station_saw_says_so(islands: Islands, caplog: pytest.LogCaptureFixture) -> None:
    whole, half = islands(answering(PAGE)), islands.outer(answering("no", status="404 Not Found"))
    assert Answer(half, source(Answer(whole, "/").text)).status == "404 Not Found"
    assert "without the inner station" in caplog.text


def test_islands_are_not_asked_for_past_the_outer_station(islands: Islands) -> None:
    seen: list[Any] = []
    inner = islands.inner(answering("<p>", seen=seen))
    Answer(inner, source(Answer(islands(answering(PAGE)), "/").text))
    assert len(seen) == 1


def test_another_app_of_the_process_has_its_own_islands(islands: Islands) -> None:
    other = Islands(keys=KEYS)
    other.island("Avatar")(lambda request, island: "the other's")
    both = islands(other(answering(PAGE)))
    assert island(islands, both).text.startswith("<img")


# -- frameworks --


def test_bottle_s_pages_are_split_and_its_templates_and_requests_work(islands: Islands) -> None:
    shop = bottle.Bottle()
    shop.get("/p/<sku>")(lambda sku: bottle.template("<title>{{sku}}</title><Avatar server:defer size='1' />", sku=sku))
    shop.get("/s")(lambda: (part for part in ["<p>", "<Avatar server:defer />"]))
    islands.island("Bottled")(lambda request, island: bottle.HTTPResponse("<b>x", 200, {"X-A": "b"}).body)
    app = islands(shop)
    assert "width=1" in assemble(app, "/p/rope")
    assert Answer(app, "/p/rope").headers["Cache-Control"].startswith("public")
    assert "</server-island>" in Answer(app, "/s").text
    assert Answer(app, "/missing").status.startswith("404")


def test_pyramid_s_session_reaches_a_handler_through_pyramid_s_own_request(islands: Islands) -> None:
    with Configurator(session_factory=SignedCookieSessionFactory("secret of the tests")) as config:
        config.add_route("page", "/p/{sku}")
        config.add_view(lambda request: PyramidResponse(PAGE), route_name="page")
        config.add_route("login", "/login")
        config.add_view(sign_in, route_name="login")
        pyramid = config.make_wsgi_app()
        sessions = SignedCookieSessionFactory("secret of the tests")

    @islands.island("Who")
    def who(request: Request, island: Any) -> Any:
        asked = PyramidRequest(request.environ)
        return PyramidResponse(f"<b>{sessions(asked).get('user', 'nobody')}</b>")

    app = islands(pyramid)
    assert "width=40" in assemble(app, "/p/rope")
    cookie = Answer(app, "/login").headers["Set-Cookie"].split(";")[0]
    page = islands(answering("<Who server:defer />"))
    assert assemble(page, "/", headers={"Cookie": cookie}).endswith("<b>ada</b>")


def sign_in(request: Any) -> PyramidResponse:
    request.session["user"] = "ada"
    return PyramidResponse("ok")


def test_a_sign_in_page_that_a_layer_answers_in_a_handler_s_place_is_no_island(islands: Islands) -> None:
    app = islands.inner(answering(PAGE))

    def wall(environ: dict[str, Any], start_response: Any) -> Any:
        guarded = environ["PATH_INFO"].startswith("/_server-islands/")
        return (answering("<form>sign in</form>") if guarded else app)(environ, start_response)

    answer = island(islands, islands.outer(wall))
    assert (answer.status, answer.text) == ("404 Not Found", "not found\n")
    assert "Island" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_stream_that_a_layer_ends_in_silence_is_cut(islands: Islands) -> None:
    def half() -> Iterator[bytes]:
        yield b"<p>"
        raise ValueError("half way")

    def quiet(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        with suppress(ValueError):
            yield from islands.inner(answering(half()))(environ, start_response)

    with pytest.raises(eyot.Error, match="cut"):
        _ = Answer(islands.outer(quiet), "/").text


def test_a_handler_that_takes_too_long_is_logged(islands: Islands, caplog: pytest.LogCaptureFixture) -> None:
    @islands.island("Slow", deadline=1)
    def slow(request: Request, island: Any) -> str:
        time.sleep(1.1)
        return "late"

    assert island(islands, islands(answering("<Slow server:defer />")), "Slow").text == "late"
    assert "and its deadline is 1 s (handler-slow)" in caplog.text


# -- helpers for tests --


def test_one_island_is_asked_for_through_the_whole_app(islands: Islands) -> None:
    app = islands(answering(PAGE))
    answer = ask(app, "Avatar", {"size": 7}, headers={"Cookie": "user=ada"})
    assert (answer.status, answer.headers["Island"], answer.text) == (200, "Avatar", "<img alt=ada width=7>")
    assert ask(app, "Avatar", headers={"Sec-Fetch-Site": "cross-site"}).status == 403


def test_a_shell_is_one_that_caches_keep() -> None:
    app = Islands(keys=KEYS, shells={"/p": Policy(cdn=600)})(answering("<!doctype html>"))
    assert_shell(get(app, "/p"))
    with pytest.raises(AssertionError, match='this is no shell that caches keep; its Cache-Control is ""'):
        assert_shell(get(app, "/q"))


def test_an_island_that_cannot_be_had_fails_the_assembly_and_says_why(islands: Islands) -> None:
    islands.island("Broken")(lambda request, island: {"a": 1})
    with pytest.raises(AssertionError, match='the island Broken cannot be had: 500: the handler answered "application'):
        assemble(islands(answering("<Broken server:defer />")), "/")


def test_the_helpers_say_that_an_app_has_no_outer_station(islands: Islands) -> None:
    with pytest.raises(eyot.ConfigError, match=r"wrap it in islands\.outer"):
        ask(islands.inner(answering(PAGE)), "Avatar")


# -- islands that the app answers by a route of its own --


def test_an_app_answers_an_island_by_a_route_of_its_own(islands: Islands) -> None:
    web: Any = bottle.Bottle()

    def own(token: str) -> Any:
        opened = islands.opened(bottle.request.environ)
        return f"{opened.props['size']} {bottle.request.get_cookie('user')}" if opened else "not there"

    web.get(islands.route("Own", shared=60) + "/<token>")(own)
    web.get("/")(lambda: "<Own server:defer size=3 />")
    app = islands(web)
    assert assemble(app, "/", headers={"Cookie": "user=ada"}).endswith(">3 None")
    assert ask(app, "Own", {"size": 4}).headers["Cache-Control"].startswith("public")
    assert ask(app, "Own", {"size": "x" * 5000}).text.startswith("xxx")
    answer = Answer(app, "/_server-islands/Own/AAAA", HTTP_SEC_FETCH_SITE="same-origin")
    assert (answer.status, answer.text) == ("400 Bad Request", "bad request\n")
