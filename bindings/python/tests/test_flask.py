"""Flask: shells, islands, template tags, policies, errors, refusals, through the test client."""

from __future__ import annotations

import gzip
import itertools
import os
import re
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import eyot
import pytest
from eyot.flask import Event, Island, Islands, current_island, island_event
from eyot.flask.site import key_source
from eyot.flask.test import ask, assemble, assert_shell
from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    after_this_request,
    current_app,
    make_response,
    redirect,
    render_template_string,
    request,
    send_file,
    session,
    stream_with_context,
    url_for,
)
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from flask.views import MethodView, View
from flask_seasurf import SeaSurf
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import TestResponse, create_environ, run_wsgi_app

SECRET = "a secret of the tests, long enough: 0123456789"
ASKER = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"}
PAGE = '<!doctype html><title>t</title></head><body><Avatar server:defer size="40"><i slot="fallback">…</i></Avatar>'


def deflate(body: bytes) -> bytes:
    """Compress as some servers do: without what RFC 1950 puts around it."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


def make_app(**config: Any) -> Flask:
    app = Flask("shop")
    app.config.update(SECRET_KEY=SECRET, **config)
    return app


@pytest.fixture
def app() -> Flask:
    return make_app()


@pytest.fixture
def islands(app: Flask) -> Islands:
    made = Islands(app)

    @made.island("Avatar")
    def avatar(island: Any) -> str:
        return f"<img alt={session.get('user', 'stranger')} width={island.props.get('size')}>"

    return made


def page(app: Flask, html: str | bytes = PAGE, path: str = "/p", policy: Any = None) -> None:
    def show() -> Response:
        return Response(html, mimetype="text/html")

    app.add_url_rule(path, f"page{path}", policy(show) if policy else show)


def source(html: str, name: str = "Avatar") -> str:
    found = re.search(f'island="{name}" island-src="([^"]+)"', html)
    assert found, html
    return found[1]


# -- shells and islands --


def test_a_page_is_split_and_its_island_is_answered(app: Flask, islands: Islands) -> None:
    page(app)
    client = app.test_client()
    shell = client.get("/p").text
    assert "<i>…</i></server-island>" in shell
    assert "server:defer" not in shell
    island = client.get(source(shell), headers=ASKER)
    assert island.text == "<img alt=stranger width=40>"
    assert island.headers["Island"] == "Avatar"
    assert island.headers["Cache-Control"] == "private, no-store"
    assert island.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert island.headers["X-Robots-Tag"] == "noindex"


def test_the_handler_has_the_visitor_s_session(app: Flask, islands: Islands) -> None:
    page(app)
    client = app.test_client()
    with client.session_transaction() as stored:
        stored["user"] = "ada"
    assert "alt=ada" in assemble(client, client.get("/p"))


def test_a_head_request_for_an_island_has_its_headers_alone(app: Flask, islands: Islands) -> None:
    page(app)
    client = app.test_client()
    answer = client.head(source(client.get("/p").text), headers=ASKER)
    assert (answer.status_code, answer.data, answer.headers["Island"]) == (200, b"", "Avatar")
    assert answer.content_length == len("<img alt=stranger width=40>")


def test_the_loader_and_the_style_sheet_are_served(app: Flask, islands: Islands) -> None:
    page(app)
    client = app.test_client()
    shell = client.get("/p").text
    for path in re.findall(r'(?:href|src)="(/_server-islands/(?:loader|island)[^"]+)"', shell):
        file = client.get(path)
        assert file.status_code == 200
        assert "max-age=3600" in file.headers["Cache-Control"]
        assert client.get(path, headers={"If-None-Match": file.headers["ETag"]}).status_code == 304


def test_a_page_without_islands_is_left_alone(app: Flask, islands: Islands) -> None:
    html = "<p>no island\n" * 100

    @app.get("/plain")
    def plain() -> Response:
        response = Response(html, mimetype="text/html")
        response.set_etag("mine")
        return response

    answer = app.test_client().get("/plain")
    assert (answer.text, answer.headers["ETag"]) == (html, '"mine"')


@pytest.mark.parametrize("mimetype", ["text/plain", "application/json", "image/svg+xml"])
def test_what_is_no_html_is_left_alone(app: Flask, islands: Islands, mimetype: str) -> None:
    app.add_url_rule("/x", "x", lambda: Response(PAGE, mimetype=mimetype))
    assert app.test_client().get("/x").text == PAGE


@pytest.mark.parametrize(("method", "is_told"), [("GET", False), ("POST", True)])
def test_the_loader_is_told_of_a_page_that_cannot_be_fetched_again(
    app: Flask, islands: Islands, method: str, is_told: bool
) -> None:
    app.add_url_rule("/form", "form", lambda: PAGE, methods=["GET", "POST"])
    assert (" data-post></script>" in app.test_client().open("/form", method=method).text) == is_told


def test_an_error_page_of_the_app_is_split_too(app: Flask, islands: Islands) -> None:
    app.register_error_handler(404, lambda _: (PAGE, 404))
    answer = app.test_client().get("/missing")
    assert answer.status_code == 404
    assert "island-src" in answer.text


def test_an_etag_of_the_app_does_not_outlive_the_split(app: Flask, islands: Islands) -> None:
    @app.get("/p")
    def tagged() -> Response:
        response = Response(PAGE, mimetype="text/html")
        response.add_etag()
        return response

    assert "ETag" not in app.test_client().get("/p").headers


def test_islands_within_an_island_are_split_and_assembled(app: Flask, islands: Islands) -> None:
    islands.island("Outer")(lambda island: "<b><Avatar server:defer size=1 /></b>")
    page(app, "<Outer server:defer />")
    client = app.test_client()
    assert assemble(client, client.get("/p")).endswith("<b><img alt=stranger width=1></b>")


def test_slots_and_page_reach_the_handler(app: Flask) -> None:
    islands = Islands(app, lang=lambda: "de")

    @islands.island("Card")
    def card(island: Any) -> str:
        assert island == current_island
        return (
            f"{island.slots['default']}|{island.slots['foot']}|{island.page.path}|{island.page.lang}|{island.expires}"
        )

    page(app, '<Card server:defer server:page><p>x</p><b slot="foot">y</b></Card>', "/ü")
    client = app.test_client()
    assert "<p>x</p>|<b>y</b>|/%C3%BC|de|None" in assemble(client, client.get("/ü?q=1"))


def test_slots_are_markup_that_templates_do_not_escape(app: Flask) -> None:
    islands = Islands(app)
    islands.island("Card")(lambda island: render_template_string("[{{ island.slots.default }}]", island=island))
    page(app, "<Card server:defer><p>x</p></Card>")
    client = app.test_client()
    assert "[<p>x</p>]" in assemble(client, client.get("/p"))


def test_a_token_too_long_for_a_url_is_posted(app: Flask) -> None:
    islands = Islands(app, url_limit=100)
    islands.island("Avatar")(lambda island: str(len(island.props["text"])))
    page(app, f"<Avatar server:defer text={'x' * 500} />")
    client = app.test_client()
    shell = client.get("/p")
    assert 'island-src="/_server-islands/Avatar" island-token="' in shell.text
    assert "500" in assemble(client, shell)


def test_an_async_handler_is_run(app: Flask, islands: Islands) -> None:
    pytest.importorskip("asgiref")

    @islands.island("Later")
    async def later(island: Any) -> str:
        return "later"

    page(app, "<Later server:defer />")
    client = app.test_client()
    assert "later" in assemble(client, client.get("/p"))


def test_an_island_of_a_blueprint_is_one_of_its_views(app: Flask, islands: Islands) -> None:
    shop = Blueprint("shop", __name__, url_prefix="/shop")

    @islands.island("Mine", blueprint=shop)
    def mine(island: Any) -> str:
        return f"{request.blueprint} {url_for('.cart')} {session.get('user')}"

    @shop.before_request
    def closed() -> ResponseReturnValue | None:
        return None if session.get("user") else redirect("/login")

    shop.add_url_rule("/cart", "cart", lambda: "")
    page(app, "<Mine server:defer />")
    parent = Blueprint("parent", __name__, url_prefix="/parent")
    parent.register_blueprint(shop)
    app.register_blueprint(parent)
    client = app.test_client()
    assert client.get(source(client.get("/p").text, "Mine"), headers=ASKER).headers["Island-Location"] == "/login"
    with client.session_transaction() as stored:
        stored["user"] = "ada"
    assert "parent.shop /parent/shop/cart ada" in assemble(client, client.get("/p"))


def test_a_blueprint_may_be_registered_before_the_islands_come_to_the_app() -> None:
    app, islands, shop = make_app(), Islands(), Blueprint("shop", __name__)
    islands.island("Mine", blueprint=shop)(lambda island: str(request.blueprint))
    app.register_blueprint(shop)
    islands.init_app(app)
    CSRFProtect(app)
    page(app, f"<Mine server:defer text={'x' * 3000} />")
    client = app.test_client()
    assert assemble(client, client.get("/p")).endswith("shop")


def test_class_based_views_are_handlers(app: Flask, islands: Islands) -> None:
    class Simple(View):
        def __init__(self, greeting: str) -> None:
            self.greeting = greeting

        def dispatch_request(self, island: Island[Any]) -> str:  # type: ignore[override]
            return f"{self.greeting} {island.props['who']}"

    class ByMethod(MethodView):
        async def get(self, island: Island[Any]) -> str:
            return f"{request.method} {len(island.props['text'])}"

    islands.island("Simple")(Simple.as_view("simple", "Hello"))
    islands.island("ByMethod")(ByMethod.as_view("by_method"))
    page(app, f"<Simple server:defer who=ada /> <ByMethod server:defer text={'x' * 3000} />")
    client = app.test_client()
    assert assemble(client, client.get("/p")).endswith("Hello ada GET 3000")


def test_a_class_itself_is_no_handler(islands: Islands) -> None:
    with pytest.raises(eyot.ConfigError, match="the handler of the island 'Other' is a class: pass a function, or"):
        islands.island("Other")(MethodView)  # type: ignore[arg-type]


def test_async_views_have_policies_and_templates(app: Flask, islands: Islands) -> None:
    @app.get("/p")
    @islands.shell(cdn=600)
    async def show() -> str:
        return render_template_string('{% island "Avatar" with size=1 %}{% endisland %}')

    client = app.test_client()
    shell = client.get("/p")
    assert shell.headers["Cache-Control"].startswith("public")
    assert assemble(client, shell).endswith("<img alt=stranger width=1>")


@pytest.mark.parametrize(
    ("answer", "status", "text"),
    [
        (b"<b>bytes</b>", 200, "<b>bytes</b>"),
        (lambda: Response(iter(["<b>", "stream</b>"])), 200, "<b>stream</b>"),
        (lambda: redirect("/login"), 204, ""),
        (None, 500, None),
    ],
)
def test_a_handler_answers_as_a_view_does(
    app: Flask, islands: Islands, caplog: pytest.LogCaptureFixture, answer: Any, status: int, text: str | None
) -> None:
    islands.island("Other")(lambda island: answer() if callable(answer) else answer)
    page(app, "<Other server:defer />")
    client = app.test_client()
    got = client.get(source(client.get("/p").text, "Other"), headers=ASKER)
    assert got.status_code == status
    assert text is None or got.text == text
    if status == 500:
        assert "the handler of the island 'Other' returned None: return its HTML" in caplog.text


def test_a_range_of_a_page_is_the_whole_page(app: Flask, islands: Islands) -> None:
    @app.get("/p")
    def show() -> ResponseReturnValue:
        response = Response(PAGE, mimetype="text/html")
        return response.make_conditional(request, accept_ranges=True, complete_length=len(PAGE.encode()))

    whole = app.test_client().get("/p", headers={"Range": "bytes=60-90", "If-Range": '"x"'})
    assert (whole.status_code, "Content-Range" in whole.headers) == (200, False)
    assert "</server-island>" in whole.text
    assert "size" not in whole.text


def test_a_part_that_nobody_asked_for_is_refused(
    app: Flask, islands: Islands, caplog: pytest.LogCaptureFixture
) -> None:
    app.get("/p")(lambda: Response(PAGE[60:90], 206, mimetype="text/html"))
    part = app.test_client().get("/p")
    assert (part.status_code, part.headers["Accept-Ranges"]) == (416, "none")
    assert "size" not in part.text
    assert "answer the whole page, or switch the HTML pass off" in caplog.text


def test_a_file_is_split_and_one_without_islands_passes_with_its_ranges(
    app: Flask, islands: Islands, tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    app.get("/f")(lambda: send_file(file))

    def got(**headers: str) -> Any:
        with app.test_client().get("/f", headers=headers) as response:
            response.get_data()
            return response

    file.write_text("<!doctype html><title>t</title>")
    part = got(Range="bytes=2-8")
    assert (part.status_code, part.text) == (206, "doctype")
    known = got()
    assert {"ETag", "Last-Modified", "Content-Length"} <= set(known.headers.keys())
    assert got(**{"If-None-Match": known.headers["ETag"]}).status_code == 304
    file.write_text(PAGE)
    assert "</server-island>" in got().text


# -- streams --


class Chunks:
    """An iterable that counts what is taken from it and knows whether it was closed."""

    def __init__(self, *chunks: str) -> None:
        self.chunks, self.taken, self.closed = iter(chunks), 0, False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.taken += 1
        return next(self.chunks)

    def close(self) -> None:
        self.closed = True


def test_a_streamed_page_is_split_chunk_by_chunk(app: Flask, islands: Islands) -> None:
    chunks = Chunks("<p>one</p>", "<Ava", "tar server:defer ", "/><p>two</p>", "<p>three</p>")
    app.add_url_rule("/s", "s", lambda: Response(chunks, mimetype="text/html"))
    answer = app.test_client().get("/s", buffered=False)
    parts = answer.iter_encoded()
    assert next(parts) == b"<p>one</p>"
    assert chunks.taken == 1
    rest = b"".join(bytes(part) for part in parts).decode()
    assert re.fullmatch(
        r'<link [^>]*><script [^>]*></script><server-island island="Avatar" island-src="[^"]+"></server-island>'
        "<p>two</p><p>three</p>",
        rest,
    )


@pytest.mark.parametrize("begun", [True, False])
def test_a_stream_that_the_client_leaves_is_closed(app: Flask, islands: Islands, begun: bool) -> None:
    chunks = Chunks("<p>", "<p>", "<p>")
    app.add_url_rule("/s", "s", lambda: Response(chunks, mimetype="text/html"))
    answer = app.test_client().get("/s", buffered=False)
    if begun:
        next(iter(answer.response))
    answer.close()
    assert chunks.closed


def test_a_stream_keeps_its_request_context(app: Flask, islands: Islands) -> None:
    @app.get("/s")
    def stream() -> Response:
        def generate() -> Iterator[str]:
            yield "<Avatar server:defer />"
            yield request.args["q"]

        return Response(stream_with_context(generate()), mimetype="text/html")

    assert app.test_client().get("/s?q=kept").text.endswith("</server-island>kept")


@pytest.mark.parametrize(("debug", "shown"), [(False, "rest"), (True, "has no matching end tag")])
def test_a_fault_in_a_stream_never_lets_a_directive_out(
    app: Flask, islands: Islands, caplog: pytest.LogCaptureFixture, debug: bool, shown: str
) -> None:
    app.debug = debug
    app.add_url_rule("/s", "s", lambda: Response(iter(["<p>", "<Avatar server:defer>", "rest"]), mimetype="text/html"))
    html = app.test_client().get("/s").text
    assert html.startswith("<p>")
    assert shown in html
    assert "server:" not in html
    assert "/s: line 1, column 4" in caplog.text


# -- template tags --


def render(app: Flask, template: str, **values: Any) -> str:
    with app.test_request_context("/p"):
        return render_template_string(template, **values)


def test_the_block_writes_what_a_split_writes(app: Flask, islands: Islands) -> None:
    block = render(
        app,
        '{% island "Avatar" when="idle" keep with size=40, name="A" %} <p>x</p> {% fallback %}F{% error %}E'
        "{% slot foot %}S{% endisland %}",
    )
    core: eyot.Islands = app.extensions["eyot"].core
    assert block == core.placeholder(
        "Avatar",
        {"size": 40, "name": "A"},
        fallback="F",
        error="E",
        slots=[("default", "<p>x</p>"), ("foot", "S")],
        when="idle",
        keep=True,
    )


def test_the_block_s_parts_see_the_template_s_variables(app: Flask, islands: Islands) -> None:
    html = render(
        app,
        '{% for n in [1, 2] %}{% island "Avatar" with n=n %}{% fallback %}{{ n }}{{ "<" }}{% endisland %}{% endfor %}',
    )
    assert ">1&lt;</server-island>" in html
    assert ">2&lt;</server-island>" in html


def test_the_block_takes_props_as_one_mapping(app: Flask, islands: Islands) -> None:
    one = render(app, '{% island "Avatar" with props %}{% endisland %}', props={"size": 1})
    assert one == render(app, '{% island "Avatar" with size=1 %}{% endisland %}')


def test_blocks_nest(app: Flask, islands: Islands) -> None:
    html = render(app, '{% island "Avatar" %}{% fallback %}<b>{% island "Avatar" %}{% endisland %}</b>{% endisland %}')
    assert html.count("</server-island>") == 2


def test_attributes_go_onto_an_element_of_the_template(app: Flask, islands: Islands) -> None:
    html = render(app, '<tr {{ island_attrs("Avatar", {"size": 1}, when="visible 200px") }}></tr>')
    assert re.fullmatch(
        '<tr island="Avatar" island-src="/_server-islands/Avatar/[A-Za-z0-9_-]+" island-when="visible 200px"></tr>',
        html,
    )


def test_a_url_is_for_libraries_that_fetch_by_themselves(app: Flask, islands: Islands) -> None:
    url = render(app, '{{ island_url("Avatar", {"size": 40}) }}')
    assert app.test_client().get(url, headers=ASKER).text == "<img alt=stranger width=40>"


TAG = '{% island "Avatar" with size=1 %}{% endisland %}'
TAG_ALONE = f"<html><head></head><body>{TAG}</html>"


@pytest.mark.parametrize("text", [TAG_ALONE, '<head></head><p {{ island_attrs("Avatar", {"size": 1}) }}></p>'])
def test_a_page_with_tags_alone_has_the_loader_in_its_head(app: Flask, islands: Islands, text: str) -> None:
    app.add_url_rule("/tags", "tags", lambda: render_template_string(text))
    shell = app.test_client().get("/tags").text
    assert 'src="/_server-islands/loader.v1.js"></script></head>' in shell
    assert "server:" not in shell


def test_a_view_that_is_not_split_has_no_mark_and_no_loader_of_its_own(app: Flask, islands: Islands) -> None:
    app.add_url_rule("/tags", "tags", islands.html_pass(False)(lambda: render_template_string(TAG_ALONE)))
    shell = app.test_client().get("/tags").text
    assert '<server-island island="Avatar"' in shell
    assert "loader.v1.js" not in shell


def test_a_tag_in_an_islands_answer_brings_no_loader(app: Flask, islands: Islands) -> None:
    islands.island("Outer")(lambda island: render_template_string(TAG))
    islands.island("Unsplit")(islands.html_pass(False)(lambda island: render_template_string(TAG)))
    for name in ("Outer", "Unsplit"):
        url = render(app, '{{ island_url("' + name + '") }}')
        answered = app.test_client().get(url, headers=ASKER).text
        assert answered.startswith('<server-island island="Avatar" island-src='), name


def test_the_loader_s_tags_are_written_on_request(app: Flask, islands: Islands) -> None:
    assert 'src="/_server-islands/loader.v1.js"' in render(app, "{{ island_loader() }}")


@pytest.mark.parametrize("quote", ['"', "'"])
def test_the_props_filter_is_safe_in_either_quoting(app: Flask, islands: Islands, quote: str) -> None:
    props = {"text": "\"'<>&</script>{{", "n": [1, None]}
    html = render(app, f"<Avatar server:defer server:props={quote}{{{{ props|island_props }}}}{quote} />", props=props)
    opened: list[Any] = []

    @islands.island("Probe")
    def probe(island: Any) -> str:
        opened.append(island.props)
        return ""

    page(app, html.replace("Avatar", "Probe"), "/probe")
    client = app.test_client()
    assemble(client, client.get("/probe"))
    assert opened == [props]


def test_a_prop_that_json_cannot_hold_names_its_path(app: Flask, islands: Islands) -> None:
    with pytest.raises(eyot.PropsError, match=r"props\.user\.x: set is not JSON"):
        render(app, '{% island "Avatar" with user=user %}{% endisland %}', user={"x": {1}})


def test_the_app_s_own_encoder_can_be_asked() -> None:
    app = make_app()
    islands = Islands(app, default=lambda value: str(value))
    islands.island("Avatar")(lambda island: island.props["path"])
    url = render(app, '{{ island_url("Avatar", {"path": path}) }}', path=type("P", (), {"__str__": lambda _: "ok"})())
    assert app.test_client().get(url, headers=ASKER).text == "ok"


def test_an_unknown_island_is_an_error_in_a_template_while_debugging(app: Flask, islands: Islands) -> None:
    app.debug = True
    with pytest.raises(eyot.ConfigError, match=r"Avatar. may be meant"):
        render(app, '{% island "Avatr" %}{% endisland %}')


def test_an_unknown_option_is_an_error_in_a_template(app: Flask, islands: Islands) -> None:
    with pytest.raises(eyot.ConfigError, match="no option 'colour': a prop stands behind 'with'"):
        render(app, '{% island "Avatar" colour="red" %}{% endisland %}')
    with pytest.raises(eyot.ConfigError, match="no option 'wehn': 'when' is meant"):
        render(app, '{% island "Avatar" wehn="idle" %}{% endisland %}')


def test_an_unknown_island_in_a_template_is_its_fallback_in_production(
    app: Flask, islands: Islands, caplog: pytest.LogCaptureFixture
) -> None:
    @app.get("/p")
    @islands.shell(cdn="10m")
    def show() -> str:
        return render_template_string('{% island "Avatr" %}{% fallback %}<i>f</i>{% endisland %}')

    shown = app.test_client().get("/p")
    assert (shown.text, shown.headers["Cache-Control"]) == ("<i>f</i>", "private, no-store")
    assert '"Avatar" may be meant' in caplog.text


# -- props types --


@dataclass
class RowProps:
    sku: str
    qty: int = 1


def test_props_are_read_into_a_dataclass(app: Flask, islands: Islands) -> None:
    islands.island("Row", props=RowProps)(lambda island: repr(island.props))
    assert ask(app.test_client(), "Row", {"sku": "A-1", "qty": 2}).text == "RowProps(sku='A-1', qty=2)"


def test_a_prop_that_does_not_fit_has_the_page_asked_for_anew(
    app: Flask, islands: Islands, caplog: pytest.LogCaptureFixture
) -> None:
    islands.island("Row", props=RowProps)(lambda island: repr(island.props))
    caplog.set_level("INFO", "eyot.flask")
    answer = ask(app.test_client(), "Row", {"sku": "A-1", "qty": "thirty-one"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (410, "no-store")
    assert "props.qty: is str instead of an integer" in caplog.text
    assert "thirty-one" not in caplog.text


# -- what handlers answer --


def test_a_redirect_becomes_news_of_it(app: Flask, islands: Islands) -> None:
    islands.island("Login")(lambda island: redirect("/login"))
    answer = ask(app.test_client(), "Login", {})
    assert (answer.status_code, answer.headers["Island-Location"], answer.data) == (204, "/login", b"")
    assert "Location" not in answer.headers


def test_a_401_becomes_the_login_page_of_the_configuration(app: Flask) -> None:
    islands = Islands(app, login_url="/sign-in")
    islands.island("Login")(lambda island: abort(401))
    answer = ask(app.test_client(), "Login", {})
    assert (answer.status_code, answer.headers["Island-Location"]) == (204, "/sign-in")


def test_a_guard_of_the_app_sees_island_requests(app: Flask, islands: Islands) -> None:
    seen: list[str | None] = []

    @app.before_request
    def guard() -> Any:
        seen.append(request.endpoint)
        return redirect("/login?next=" + request.path)

    answer = ask(app.test_client(), "Avatar", {})
    assert seen == ["eyot.Avatar"]
    assert answer.status_code == 204
    # The island's own path is no page to come back to.
    assert answer.headers["Island-Location"] == "/login"


@pytest.mark.parametrize("status", [404, 410, 503])
def test_an_error_of_a_handler_is_forwarded_and_is_no_island(app: Flask, islands: Islands, status: int) -> None:
    islands.island("Broken")(lambda island: abort(status))
    answer = ask(app.test_client(), "Broken", {})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (status, "no-store")
    assert "Island" not in answer.headers


def test_a_shared_island_may_be_cached(app: Flask, islands: Islands) -> None:
    islands.island("News", shared=60)(lambda island: "news")
    answer = ask(app.test_client(), "News", {})
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert answer.headers["Cache-Tag"] == "island-News"


def test_a_shared_island_loses_its_cookie_and_is_kept_out_of_caches(
    app: Flask, islands: Islands, caplog: pytest.LogCaptureFixture
) -> None:
    @islands.island("News", shared=60)
    def news(island: Any) -> str:
        session["seen"] = 1
        return "news"

    answer = ask(app.test_client(), "News", {})
    assert (answer.status_code, answer.text) == (200, "news")
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "News: a shared island was kept out of caches" in caplog.text
    app.debug = True
    shown = ask(app.test_client(), "News", {})
    assert (shown.status_code, "Set-Cookie" in shown.headers, "Island" in shown.headers) == (500, False, False)


def test_a_shared_handler_does_not_see_who_asks(app: Flask, islands: Islands) -> None:
    @islands.island("Seen", shared=60)
    def seen(island: Any) -> str:
        return " ".join(sorted(request.headers.keys()))

    names = {"Cookie": "a=b", "Authorization": "x", "X-Forwarded-User": "ann", "X-Own": "1"}
    with app.test_request_context("/p"):
        url: str = app.extensions["eyot"].url("Seen", {}, {})
    answer = app.test_client().get(url, headers={**names, **ASKER})
    assert "X-Own" in answer.text
    assert not {"Cookie", "Authorization", "X-Forwarded-User"} & set(answer.text.split())


@pytest.mark.parametrize("mount", ["//evil.example", "/a//b", "/a/../b"])
def test_a_mount_point_that_urls_cannot_begin_with_is_a_400(app: Flask, islands: Islands, mount: str) -> None:
    page(app)
    # What ProxyFix makes of X-Forwarded-Prefix.
    answer = app.test_client().get("/p", environ_overrides={"SCRIPT_NAME": mount})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (400, "no-store")


def test_a_directive_in_text_that_is_not_split_is_told_of(
    app: Flask, islands: Islands, caplog: pytest.LogCaptureFixture
) -> None:
    markup = "<p/><Avatar server:defer='' secret='1'/>"
    for path, body, content_type in (
        ("/x", markup, "application/xhtml+xml"),
        ("/u", markup.encode("utf-16"), "text/html"),
        ("/t", "Write server:defer", "text/plain"),
    ):
        made = Response(body, content_type=content_type)
        app.add_url_rule(path, path[1:], lambda made=made: Response(made.get_data(), content_type=made.content_type))
    client = app.test_client()
    for path, code in (("/x", "page-type"), ("/u", "page-encoding")):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
        assert code in caplog.text
    assert "Cache-Control" not in client.get("/t").headers
    app.debug = True
    for path in ("/x", "/u"):
        shown = client.get(path)
        assert (shown.status_code, b"secret" in shown.data) == (500, False)


def with_a_policy_for_all(app: Flask) -> None:
    @app.after_request
    def add(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = "default-src 'self'"
        return response


def test_an_app_wide_policy_is_not_an_island_s(app: Flask, islands: Islands) -> None:
    with_a_policy_for_all(app)
    page(app)
    assert app.test_client().get("/p").headers["Content-Security-Policy"] == "default-src 'self'"
    assert ask(app.test_client(), "Avatar", {}).headers.getlist("Content-Security-Policy") == [
        "default-src 'none'; sandbox"
    ]


def test_a_policy_of_the_handler_s_own_wins(app: Flask, islands: Islands) -> None:
    with_a_policy_for_all(app)
    islands.island("Own")(lambda island: ("x", {"Content-Security-Policy": "sandbox allow-forms"}))

    @islands.island("Later")
    def later(island: Any) -> str:
        @after_this_request
        def add(response: Response) -> Response:
            response.headers["Content-Security-Policy"] = "sandbox allow-popups"
            return response

        return "x"

    assert ask(app.test_client(), "Own", {}).headers.getlist("Content-Security-Policy") == ["sandbox allow-forms"]
    assert ask(app.test_client(), "Later", {}).headers.getlist("Content-Security-Policy") == ["sandbox allow-popups"]


def test_an_error_page_of_a_handler_keeps_the_app_wide_policy(app: Flask, islands: Islands) -> None:
    with_a_policy_for_all(app)
    islands.island("Gone")(lambda island: abort(404))
    assert ask(app.test_client(), "Gone", {}).headers["Content-Security-Policy"] == "default-src 'self'"


def test_an_island_sets_its_own_cookies_and_headers(app: Flask, islands: Islands) -> None:
    @islands.island("Cookie")
    def cookie(island: Any) -> Response:
        response = make_response("x")
        response.set_cookie("seen", "1")
        response.headers["Cache-Control"] = "private, max-age=5"
        return response

    answer = ask(app.test_client(), "Cookie", {})
    assert answer.headers["Set-Cookie"].startswith("seen=1")
    assert answer.headers["Cache-Control"] == "private, max-age=5"


# -- refusals --

POST_TYPE = {"Content-Type": "application/vnd.eyot.token"}


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status", "reason"),
    [
        ("GET", "/_server-islands/Avatar/TOKEN/x", {}, b"", 404, "shape"),
        ("GET", "/_server-islands/Unknown/TOKEN", {}, b"", 404, "name-unknown"),
        ("GET", "/_server-islands/%41vatar/TOKEN", {}, b"", 404, "shape"),
        ("PUT", "/_server-islands/Avatar/TOKEN", {}, b"", 405, "method"),
        ("GET", "/_server-islands/Avatar", {}, b"", 405, "method"),
        ("GET", "/_server-islands/Avatar/TOKEN?a=1", {}, b"", 400, "query"),
        ("GET", "/_server-islands/Avatar/TOKEN", {"Sec-Fetch-Site": "cross-site"}, b"", 403, "fetch-site"),
        ("POST", "/_server-islands/Avatar", {"Origin": "https://evil.example", **POST_TYPE}, b"x", 403, "origin"),
        ("POST", "/_server-islands/Avatar", {"Content-Type": "text/plain"}, b"x", 415, "content-type"),
        ("POST", "/_server-islands/Avatar", POST_TYPE, b"x" * 65_537, 413, "body-too-large"),
        ("GET", "/_server-islands/Avatar/junk", {}, b"", 400, "token-length"),
        ("POST", "/_server-islands/Avatar", POST_TYPE, b"A" * 65_536, 400, "token-version"),
    ],
)
def test_a_request_is_refused(
    app: Flask, method: str, path: str, headers: dict[str, str], body: bytes, status: int, reason: str
) -> None:
    refused: list[Event] = []
    islands = Islands(app, on_event=refused.append)
    islands.island("Avatar")(lambda island: "x")
    answer = app.test_client().open(path, method=method, headers=headers, data=body)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (status, "no-store")
    assert [(event.code, event.status) for event in refused] == [(reason, status)]
    assert "TOKEN" not in str(refused[0])


def test_a_stale_token_says_so(app: Flask, islands: Islands) -> None:
    other = make_app()
    other.config["SECRET_KEY"] = SECRET[::-1]
    Islands(other).island("Avatar")(lambda island: "x")
    with other.test_request_context("/p"):
        url = other.extensions["eyot"].url("Avatar", {}, {})
    answer = app.test_client().get(url, headers=ASKER)
    assert (answer.status_code, answer.headers["Island-Refused"]) == (410, "stale")


def test_a_refusal_is_the_same_whatever_the_app_adds_to_responses(app: Flask, islands: Islands) -> None:
    @app.after_request
    def add(response: Response) -> Response:
        response.headers["X-Mine"] = "1"
        session["x"] = 1
        return response

    answer = app.test_client().get("/_server-islands/Avatar/junk", headers=ASKER)
    assert answer.data == b"bad request\n"
    assert not {"X-Mine", "Set-Cookie"} & set(answer.headers.keys())


def test_listeners_to_the_signal_learn_of_refusals(app: Flask, islands: Islands) -> None:
    heard: list[Event] = []

    def listen(sender: Flask, event: Event) -> None:
        heard.append(event)

    with island_event.connected_to(listen, app):
        app.test_client().get("/_server-islands/Avatar/junk")
    assert [(event.island, event.status) for event in heard] == [("Avatar", 400)]


def test_the_view_of_an_island_cannot_be_reached_past_the_checks(app: Flask, islands: Islands) -> None:
    url = render(app, '{{ island_url("Avatar", {}) }}')
    environ = {"RAW_URI": url.replace("_server-islands", "_server%2dislands")}
    assert app.test_client().get(url, environ_overrides=environ).status_code == 404


# -- shell policy --


def test_a_policy_makes_a_shell_cacheable(app: Flask, islands: Islands) -> None:
    page(app, policy=islands.shell(cdn=600, swr=60))
    shell = app.test_client().get("/p")
    assert shell.headers["Cache-Control"] == "public, max-age=0, s-maxage=600, stale-while-revalidate=60"
    assert shell.headers["CDN-Cache-Control"] == "max-age=600, stale-while-revalidate=60"
    assert shell.headers["ETag"].startswith('W/"')
    assert "island-src" in shell.text
    assert shell.content_length == len(shell.data)


def test_a_view_without_a_policy_keeps_its_cache_control(app: Flask, islands: Islands) -> None:
    page(app)
    assert "Cache-Control" not in app.test_client().get("/p").headers


def test_a_current_copy_is_a_304(app: Flask, islands: Islands) -> None:
    page(app, policy=islands.shell(cdn=600))
    client = app.test_client()
    first = client.get("/p")
    again = client.get("/p", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]


def test_a_head_request_tells_what_a_get_would(app: Flask, islands: Islands) -> None:
    page(app, policy=islands.shell(cdn=600))
    client = app.test_client()
    get, head = client.get("/p"), client.head("/p")
    assert head.data == b""
    assert head.headers["ETag"] == get.headers["ETag"]
    assert head.headers["Content-Length"] == get.headers["Content-Length"]


def test_the_view_of_a_shell_sees_no_visitor(app: Flask, islands: Islands) -> None:
    @app.get("/p")
    @islands.shell(cdn=600)
    def product() -> str:
        return f"[{session.get('user')}][{request.headers.get('Authorization')}][{request.cookies}]"

    client = app.test_client()
    with client.session_transaction() as stored:
        stored["user"] = "ada"
    shell = client.get("/p", headers={"Authorization": "Bearer x"})
    assert shell.text == "[None][None][ImmutableMultiDict([])]"
    assert shell.headers["Cache-Control"].startswith("public")
    assert "Vary" not in shell.headers


def test_what_stands_around_the_app_still_sees_the_whole_request(app: Flask, islands: Islands) -> None:
    page(app, policy=islands.shell(cdn=600))
    seen: list[Any] = []
    inner = app.wsgi_app

    def around(environ: dict[str, Any], start_response: Any) -> Any:
        answer = inner(environ, start_response)
        seen.extend([environ.get("HTTP_ACCEPT_ENCODING"), environ.get("HTTP_COOKIE")])
        return answer

    app.wsgi_app = around  # type: ignore[method-assign]
    client = app.test_client()
    client.set_cookie("a", "b")
    client.get("/p", headers={"Accept-Encoding": "gzip"})
    assert seen == ["gzip", "a=b"]


def test_a_fresh_shell_is_made_past_every_cache(app: Flask, islands: Islands) -> None:
    @app.get("/p")
    @islands.shell(cdn=600)
    def product() -> str:
        return f"[{request.query_string.decode()}][{request.url}]"

    shell = app.test_client().get("/p?a=1&island-fresh=1")
    assert shell.text == "[a=1][http://localhost/p?a=1]"
    assert shell.headers["Cache-Control"] == "no-store"


def test_a_policy_holds_below_other_decorators_in_blueprints_and_on_class_based_views(app: Flask) -> None:
    islands = Islands()
    blueprint = Blueprint("shop", __name__, url_prefix="/shop")

    @blueprint.get("/a")
    @islands.shell(cdn=1)
    def product() -> str:
        return "<p>"

    class Listing(MethodView):
        decorators = [islands.shell(cdn=2)]  # noqa: RUF012 - a list to Flask

        def get(self) -> str:
            return "<p>"

    blueprint.add_url_rule("/b", view_func=Listing.as_view("listing"))
    app.register_blueprint(blueprint)
    islands.init_app(app)
    client = app.test_client()
    assert client.get("/shop/a").headers["Cache-Control"] == "public, max-age=0, s-maxage=1"
    assert client.get("/shop/b").headers["Cache-Control"] == "public, max-age=0, s-maxage=2"


def leaky(app: Flask, islands: Islands) -> TestResponse:
    @app.get("/leak")
    @islands.shell(cdn=600)
    def leak() -> str:
        session["x"] = 1
        return "<p>"

    return app.test_client().get("/leak")


def test_a_leaking_shell_is_kept_out_of_caches(app: Flask, islands: Islands, caplog: pytest.LogCaptureFixture) -> None:
    answer = leaky(app, islands)
    assert (answer.status_code, answer.text) == (200, "<p>")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in answer.headers
    assert "leak-cookie" in caplog.text


def test_a_leaking_shell_is_an_error_page_while_debugging(app: Flask, islands: Islands) -> None:
    app.debug = True
    answer = leaky(app, islands)
    assert answer.status_code == 500
    assert "the cookie &quot;session&quot; was set without sight" in answer.text
    assert "Set-Cookie" not in answer.headers


def test_a_csrf_value_in_a_shell_is_a_leak(app: Flask, islands: Islands) -> None:
    page(
        app,
        "<input type=hidden name=csrf_token value=IjQ2YjM2ZTc0NmY4YzI0NjYzYzE4.aR0bFw>",
        policy=islands.shell(cdn=600),
    )
    assert app.test_client().get("/p").headers["Cache-Control"] == "private, no-store"


def test_a_streamed_page_is_buffered_under_a_policy(app: Flask, islands: Islands) -> None:
    @app.get("/s")
    @islands.shell(cdn=600)
    def stream() -> Response:
        return Response(iter(["<p>", "<Avatar server:defer />"]), mimetype="text/html")

    shell = app.test_client().get("/s")
    assert shell.headers["ETag"]
    assert shell.content_length == len(shell.data)


def test_a_policy_can_let_a_stream_pass(app: Flask, islands: Islands) -> None:
    chunks = Chunks("<p>", "<p>")

    @app.get("/s")
    @islands.shell(cdn=600, stream=True)
    def stream() -> Response:
        return Response(chunks, mimetype="text/html")

    answer = app.test_client().get("/s", buffered=False)
    assert "ETag" not in answer.headers
    assert answer.headers["Cache-Control"].startswith("public")
    next(iter(answer.response))
    assert chunks.taken == 1
    answer.close()


def through_wsgi(app: Flask, path: str) -> tuple[str, dict[str, str], Iterator[bytes]]:
    """Ask as a server does: what it sends before the body, and the body as it comes."""
    chunks, status, answered = run_wsgi_app(app.wsgi_app, create_environ(path))
    return status, dict(answered), iter(chunks)


def streaming(app: Flask, islands: Islands, *chunks: str, stream: bool = False) -> Chunks:
    source = Chunks(*chunks)

    @app.get("/s")
    @islands.shell(cdn=600, stream=stream)
    def show() -> Response:
        return Response(source, mimetype="text/html", headers={"CDN-Cache-Control": "max-age=9"})

    return source


def test_a_buffered_page_with_a_fault_is_kept_out_of_caches(
    app: Flask, islands: Islands, caplog: pytest.LogCaptureFixture
) -> None:
    source = streaming(app, islands, "<p>one<Ava", "tar server:defer secret=31337>", "two")

    @app.after_request
    def cache_everything(response: Response) -> Response:
        response.headers["Cache-Control"] = "public, max-age=3600"
        response.add_etag()
        return response

    status, answered, body = through_wsgi(app, "/s")
    assert (status, b"".join(body)) == ("200 OK", b"<p>onetwo")
    assert answered["Cache-Control"] == "private, no-store"
    assert not {"ETag", "Last-Modified", "CDN-Cache-Control"} & answered.keys()
    assert "/s: line 1, column 7" in caplog.text
    assert "31337" not in caplog.text
    assert source.closed


def test_a_buffered_page_over_a_limit_is_a_500(app: Flask, islands: Islands, caplog: pytest.LogCaptureFixture) -> None:
    source = streaming(app, islands, "<p>one<Avatar server:defer>", "x" * 1_100_000, "</Avatar>two")
    answer = app.test_client().get("/s")
    assert (answer.status_code, answer.text) == (500, "internal server error\n")
    answer.close()
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "island-too-long" in caplog.text
    assert source.closed


def test_a_buffered_page_with_a_fault_shows_the_place_while_debugging(app: Flask, islands: Islands) -> None:
    app.debug = True
    source = streaming(app, islands, "<p>one<Ava", "tar server:defer>", "two")
    answer = app.test_client().get("/s")
    assert answer.status_code == 500
    assert "line 1, column 7" in answer.text
    assert "<pre" in answer.text
    assert source.closed


def test_a_buffered_page_whose_view_fails_half_way_is_a_500(app: Flask, islands: Islands) -> None:
    @app.get("/s")
    @islands.shell(cdn=600)
    def show() -> Response:
        def generate() -> Iterator[str]:
            yield "<p>"
            raise ValueError("half way")

        return Response(generate(), mimetype="text/html")

    status, answered, _ = through_wsgi(app, "/s")
    assert status == "500 INTERNAL SERVER ERROR"
    assert "public" not in answered.get("Cache-Control", "")


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize(
    ("chunks", "code"),
    [
        (["<Avatar server:defer>", "two"], "unclosed"),
        (["<Avatr server:defer />", "two"], "name-unknown"),
        (["<Avatar server:defer>", "x" * 1_100_000, "</Avatar>two"], "island-too-long"),
    ],
)
def test_a_stream_under_a_policy_is_cut_at_its_first_fault(
    app: Flask, islands: Islands, caplog: pytest.LogCaptureFixture, chunks: list[str], code: str, debug: bool
) -> None:
    app.debug = debug
    source = streaming(app, islands, "<p>one", *chunks, stream=True)
    status, answered, body = through_wsgi(app, "/s")
    assert (status, answered["Cache-Control"]) == ("200 OK", "public, max-age=0, s-maxage=600")
    assert next(body) == b"<p>one"
    sent: list[bytes] = []
    with pytest.raises(eyot.MarkupError) as caught:
        sent.extend(body)
    assert caught.value.code == code
    assert f"({code})" in caplog.text
    assert [b"<pre>eyot: " in part for part in sent] == [True] * debug
    assert not source.closed


def test_a_sound_stream_under_a_policy_comes_to_its_end(app: Flask, islands: Islands) -> None:
    streaming(app, islands, "<p>one", "<Avatar server:defer />", "two", stream=True)
    _, _, body = through_wsgi(app, "/s")
    assert b"".join(body).endswith(b"</server-island>two")


def test_a_streamed_island_that_caches_may_keep_is_cut_at_its_first_fault(app: Flask, islands: Islands) -> None:
    chunks = ["<p>one", "<Avatr server:defer />", "two"]
    islands.island("News", shared=60)(lambda island: Response(iter(chunks), mimetype="text/html"))
    islands.island("Mine")(lambda island: Response(iter(chunks), mimetype="text/html"))
    assert ask(app.test_client(), "Mine", {}).text.endswith("two")
    with pytest.raises(eyot.MarkupError, match="Avatr"):
        assert ask(app.test_client(), "News", {}).data


def test_each_fault_before_a_limit_is_logged(app: Flask, islands: Islands, caplog: pytest.LogCaptureFixture) -> None:
    source = ["<Avatr server:defer />", "<Avatar server:defer>", "x" * 1_100_000]
    app.add_url_rule("/s", "s", lambda: Response(iter(source), mimetype="text/html"))
    with pytest.raises(eyot.MarkupError):
        assert app.test_client().get("/s").data
    assert "(name-unknown)" in caplog.text
    assert "(island-too-long)" in caplog.text


@pytest.mark.parametrize(
    ("coding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", deflate)]
)
def test_a_page_that_is_compressed_before_the_split_is_undone_and_split(
    app: Flask, islands: Islands, coding: str, compress: Callable[[bytes], bytes]
) -> None:
    @app.get("/z")
    @islands.shell(cdn=600)
    def compressed() -> Response:
        return Response(compress(PAGE.encode()), mimetype="text/html", headers={"Content-Encoding": coding})

    answer = app.test_client().get("/z")
    assert "<server-island" in answer.text
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Cache-Control"] == "public, max-age=0, s-maxage=600"


def test_a_page_in_a_coding_that_is_not_known_is_kept_out_of_caches(app: Flask, islands: Islands) -> None:
    @app.get("/z")
    @islands.shell(cdn=600)
    def compressed() -> Response:
        return Response(b"packed", mimetype="text/html", headers={"Content-Encoding": "x-own"})

    answer = app.test_client().get("/z")
    assert answer.data == b"packed"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_compressed_shell_without_islands_is_judged_by_what_is_in_it(app: Flask, islands: Islands) -> None:
    leaking = b'<form><input type="hidden" name="csrf_token" value="' + b"a1" * 20 + b'"></form>'

    @app.get("/z")
    @islands.shell(cdn=600)
    def compressed() -> Response:
        return Response(gzip.compress(leaking), mimetype="text/html", headers={"Content-Encoding": "gzip"})

    answer = app.test_client().get("/z")
    assert answer.data == leaking
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_stream_over_a_limit_is_cut_without_a_policy_too(app: Flask, islands: Islands) -> None:
    source = ["<p>one", "<Avatar server:defer>", "x" * 1_100_000, "</Avatar>two"]
    app.add_url_rule("/s", "s", lambda: Response(iter(source), mimetype="text/html"))
    _, _, body = through_wsgi(app, "/s")
    assert next(body) == b"<p>one"
    with pytest.raises(eyot.MarkupError) as caught:
        next(body)
    assert caught.value.code == "island-too-long"


def test_a_token_that_a_shell_outlives_is_an_error(app: Flask, islands: Islands) -> None:
    app.debug = True
    page(app, "<Avatar server:defer server:ttl=60 />", policy=islands.shell(cdn=600))
    answer = app.test_client().get("/p")
    assert answer.status_code == 500
    assert "600" in answer.text


# -- faulty pages --

FAULTY = "<p>one</p>\n<b>\t<Avatr server:defer secret=31337><i slot=fallback>F</i></Avatr></b>\n<p>two</p>"


def test_a_faulty_page_shows_the_place_while_debugging(app: Flask, islands: Islands) -> None:
    app.debug = True
    page(app, FAULTY)
    answer = app.test_client().get("/p")
    assert answer.status_code == 500
    assert "line 2, column 5" in answer.text
    excerpt = answer.text[answer.text.index("<pre") :]
    assert "    2 | &lt;b&gt;\t&lt;Avatr server:defer" in excerpt
    assert "      |    \t^" in excerpt
    assert "<Avatr" not in answer.text


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("debug", [False, True])
def test_a_directive_in_a_comment_is_warned_of_while_debugging(
    app: Flask, islands: Islands, caplog: pytest.LogCaptureFixture, debug: bool, streamed: bool
) -> None:
    app.debug = debug
    html = '<p>\n<!-- <Avatar server:defer secret="31337"></Avatar> -->'
    app.add_url_rule("/c", "c", lambda: Response(iter([html]) if streamed else html, mimetype="text/html"))
    assert app.test_client().get("/c").text == html
    assert ("/c: line 2, column " in caplog.text and "(directive-in-comment)" in caplog.text) == debug
    assert "31337" not in caplog.text


def test_a_faulty_page_goes_out_without_directives_in_production(
    app: Flask, islands: Islands, caplog: pytest.LogCaptureFixture
) -> None:
    page(app, FAULTY, policy=islands.shell(cdn=600))
    answer = app.test_client().get("/p")
    assert "<i>F</i></b>\n<p>two</p>" in answer.text
    assert "server:" not in answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Avatr" in caplog.text
    assert "31337" not in caplog.text


MISPLACED = "<!doctype html><title>t</title><table><Avatar server:defer><i slot=fallback>F</i></Avatar></table>"


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("debug", [False, True])
def test_what_a_browser_would_move_is_warned_of_while_debugging(
    app: Flask, islands: Islands, caplog: pytest.LogCaptureFixture, debug: bool, streamed: bool
) -> None:
    app.debug = debug
    app.add_url_rule("/t", "t", lambda: Response(iter([MISPLACED]) if streamed else MISPLACED, mimetype="text/html"))
    assert "island-src" in app.test_client().get("/t").text
    assert ("/t: line 1, column " in caplog.text and "Avatar: a browser does not leave" in caplog.text) == debug
    assert ("(placeholder-moved)" in caplog.text) == debug


def test_a_part_of_a_page_is_not_audited(app: Flask, islands: Islands, caplog: pytest.LogCaptureFixture) -> None:
    app.debug = True
    page(app, '<tr server:defer="Avatar"><td slot=fallback>F</td></tr>')
    app.test_client().get("/p")
    assert caplog.text == ""


def test_an_audit_finds_nothing_in_a_page_that_a_browser_leaves_as_it_is(
    app: Flask, islands: Islands, caplog: pytest.LogCaptureFixture
) -> None:
    app.debug = True
    page(app, "<!doctype html><title>t</title><p><Avatar server:defer><i slot=fallback>F</i></Avatar></p>")
    app.test_client().get("/p")
    assert caplog.text == ""


def test_a_compressed_page_is_refused_with_a_log_line(
    app: Flask, islands: Islands, caplog: pytest.LogCaptureFixture
) -> None:
    app.add_url_rule(
        "/z", "z", lambda: Response(b"\x1f\x8b", mimetype="text/html", headers={"Content-Encoding": "gzip"})
    )
    assert app.test_client().get("/z").data == b"\x1f\x8b"
    assert "compressed already (gzip)" in caplog.text


def test_the_split_comes_before_what_other_extensions_do_to_responses(app: Flask, islands: Islands) -> None:
    seen: list[str] = []

    @app.after_request
    def minify(response: Response) -> Response:
        seen.append(response.get_data(as_text=True))
        return response

    page(app)
    app.test_client().get("/p")
    assert "island-src" in seen[0]


def test_a_blueprint_s_own_functions_see_directives_and_the_app_s_see_placeholders(
    app: Flask, islands: Islands
) -> None:
    blueprint = Blueprint("shop", __name__)
    seen: dict[str, str] = {}

    def see(who: str) -> Any:
        def look(response: Response) -> Response:
            seen[who] = response.get_data(as_text=True)
            return response

        return look

    blueprint.after_request(see("blueprint"))
    blueprint.after_app_request(see("app"))

    @blueprint.get("/b")
    def show() -> str:
        after_this_request(see("request"))
        return PAGE

    app.register_blueprint(blueprint)
    app.test_client().get("/b")
    assert {who: "server:defer" in html for who, html in seen.items()} == {
        "request": True,
        "blueprint": True,
        "app": False,
    }


# -- the HTML pass, limited or off --

BY_TAG = "<Avatar server:defer />{% island 'Avatar' %}{% endisland %}"


def placeholders(app: Flask, path: str) -> int:
    html = app.test_client().get(path).text
    assert ("<Avatar server:defer" in html) == (html.count("island-src") != 2)
    return html.count("island-src")


@pytest.mark.parametrize("configured", [False, True])
def test_without_the_html_pass_only_tags_make_islands(configured: bool) -> None:
    app = make_app(**({"EYOT_HTML_PASS": False} if configured else {}))
    islands = Islands(app) if configured else Islands(app, html_pass=False)
    islands.island("Avatar")(lambda island: "x")
    app.add_url_rule("/off", "off", lambda: render_template_string(BY_TAG))
    app.add_url_rule("/on", "on", islands.html_pass()(lambda: render_template_string(BY_TAG)))
    assert (placeholders(app, "/off"), placeholders(app, "/on")) == (1, 2)


def test_a_view_can_be_exempt_from_the_html_pass(app: Flask, islands: Islands) -> None:
    @app.get("/comments")
    @islands.html_pass(False)
    @islands.shell(cdn=600)
    def comments() -> str:
        return render_template_string(BY_TAG)

    class Guestbook(MethodView):
        decorators = [islands.html_pass(False)]  # noqa: RUF012 - a list to Flask

        def get(self) -> str:
            return render_template_string(BY_TAG)

    app.add_url_rule("/guestbook", view_func=Guestbook.as_view("guestbook"))
    app.add_url_rule("/other", "other", lambda: render_template_string(BY_TAG))
    assert [placeholders(app, path) for path in ("/comments", "/guestbook", "/other")] == [1, 1, 2]
    assert app.test_client().get("/comments").headers["Cache-Control"].startswith("public")


def test_a_handler_can_be_exempt_from_the_html_pass(app: Flask, islands: Islands) -> None:
    @islands.island("Comment")
    @islands.html_pass(False)
    def comment(island: Any) -> str:
        return "<Avatar server:defer />"

    islands.island("Split")(lambda island: "<Avatar server:defer />")
    assert ask(app.test_client(), "Comment", {}).text == "<Avatar server:defer />"
    assert "island-src" in ask(app.test_client(), "Split", {}).text


# -- CSRF, mount points, keys, configuration --


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("protect", [CSRFProtect, SeaSurf])
def test_island_routes_are_exempt_from_csrf_extensions(protect: Any, first: bool) -> None:
    app = make_app()
    if first:
        protect(app)
    islands = Islands(app, url_limit=10)
    if not first:
        protect(app)
    islands.island("Avatar")(lambda island: "answered")
    page(app)
    app.add_url_rule("/form", "form", lambda: "posted", methods=["POST"])
    client = app.test_client()
    assert client.post("/form").status_code in (400, 403)
    assert "answered" in assemble(client, client.get("/p"))


def below(app: Flask, mount: str) -> FlaskClient:
    app.wsgi_app = DispatcherMiddleware(Flask("root"), {mount: app.wsgi_app})  # type: ignore[method-assign]
    return app.test_client()


def test_an_app_below_a_mount_point_answers_its_islands(app: Flask, islands: Islands) -> None:
    page(app)
    client = below(app, "/shop")
    shell = client.get("/shop/p").text
    assert 'src="/shop/_server-islands/loader.v1.js"' in shell
    url = source(shell)
    assert url.startswith("/shop/_server-islands/Avatar/")
    assert client.get(url, headers=ASKER).text == "<img alt=stranger width=40>"


def test_a_prefix_that_a_proxy_takes_off_is_put_before_urls(app: Flask, islands: Islands) -> None:
    page(app)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_prefix=1)  # type: ignore[method-assign]
    client = app.test_client()
    proxy = {"X-Forwarded-Prefix": "/shop"}
    url = source(client.get("/p", headers=proxy).text)
    assert url.startswith("/shop/_server-islands/Avatar/")
    answer = client.get(url.removeprefix("/shop"), headers={**ASKER, **proxy})
    assert answer.text == "<img alt=stranger width=40>"


def test_assembly_works_below_a_mount_point(app: Flask, islands: Islands) -> None:
    page(app)
    client = app.test_client()
    shell = client.get("/p", base_url="http://localhost/shop")
    assert "<img alt=stranger" in assemble(client, shell)


def test_a_factory_s_apps_share_the_handlers_but_not_the_keys() -> None:
    islands = Islands()
    islands.island("Avatar")(lambda island: "x")
    apps = [make_app(), make_app(EYOT_KEYS=eyot.generate_key())]
    for app in apps:
        islands.init_app(app)
    urls = [render(app, '{{ island_url("Avatar") }}') for app in apps]
    statuses = [[app.test_client().get(url).status_code for url in urls] for app in apps]
    assert statuses == [[200, 410], [410, 200]]


def test_fallback_secrets_open_what_they_sealed() -> None:
    old, new = make_app(), make_app(SECRET_KEY_FALLBACKS=[SECRET])
    new.config["SECRET_KEY"] = "the next secret of the tests: 9876543210 abcdef"
    for app in (old, new):
        Islands(app).island("Avatar")(lambda island: "x")
    url = render(old, '{{ island_url("Avatar") }}')
    assert new.test_client().get(url).status_code == 200


def test_keys_come_from_the_environment_and_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    key = eyot.generate_key()
    file = tmp_path / "keys"
    file.write_text(f"# the only one\n{key}\n")
    monkeypatch.setenv("EYOT_KEYS", key)
    first = make_app()
    Islands(first, elsewhere=["Far"])
    second = make_app(EYOT_KEYS_FILE=str(file))
    Islands(second, elsewhere=["Far"])
    template = '{{ island_url("Far") }}'
    assert render(first, template) == render(second, template)


@pytest.fixture
def key_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A key file, and a clock on which a second passes with each look at it."""
    ticks = itertools.count(step=1.0)
    monkeypatch.setattr("eyot.keys.monotonic", lambda: next(ticks))
    file = tmp_path / "keys"
    file.write_text(eyot.generate_key())
    return file


def reading(file: Path) -> tuple[Flask, Islands]:
    app = make_app(EYOT_KEYS_FILE=str(file))
    islands = Islands(app)
    islands.island("Avatar")(lambda island: "x")
    return app, islands


def test_a_changed_key_file_is_read_again(key_file: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "eyot.flask")
    app, _ = reading(key_file)
    url = render(app, '{{ island_url("Avatar") }}')
    key_file.write_text("\n".join([eyot.generate_key(), key_file.read_text()]))
    assert app.test_client().get(url, headers=ASKER).status_code == 200
    assert render(app, '{{ island_url("Avatar") }}') != url
    key_file.write_text(eyot.generate_key())
    assert app.test_client().get(url, headers=ASKER).status_code == 410
    assert caplog.text.count("its keys are in force") == 2


def test_a_key_file_that_became_unusable_leaves_the_keys_in_force(
    key_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app, _ = reading(key_file)
    url = render(app, '{{ island_url("Avatar") }}')
    key_file.write_text("half a key")
    client = app.test_client()
    assert [client.get(url, headers=ASKER).status_code for _ in range(3)] == [200, 200, 200]
    assert caplog.text.count("was not read") == 1
    key_file.unlink()
    assert client.get(url, headers=ASKER).status_code == 200
    key_file.write_text(eyot.generate_key())
    assert client.get(url, headers=ASKER).status_code == 410


def test_the_key_file_is_looked_at_once_a_second_at_most(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app, islands = reading(key_file)
    url = render(app, '{{ island_url("Avatar") }}')
    monkeypatch.setattr("eyot.keys.monotonic", lambda: 0.5)
    key_file.write_text(eyot.generate_key())
    assert app.test_client().get(url, headers=ASKER).status_code == 200
    islands.reload_keys()
    assert app.test_client().get(url, headers=ASKER).status_code == 410


def test_reloading_unusable_keys_is_an_error(key_file: Path) -> None:
    app, islands = reading(key_file)
    render(app, '{{ island_url("Avatar") }}')
    key_file.write_text("half a key")
    with pytest.raises(eyot.InvalidKey):
        islands.reload_keys()


def test_an_app_without_any_key_warns_at_start_up_and_fails_at_its_first_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = Flask("bare")
    Islands(app)
    assert "no key: set EYOT_KEYS" in caplog.text
    with pytest.raises(eyot.InvalidKey, match="EYOT_KEYS"):
        app.test_client().get("/_server-islands/loader.v1.js")


def test_a_secret_may_come_after_init_app() -> None:
    app = Flask("late")
    Islands(app)
    app.config["SECRET_KEY"] = SECRET
    assert app.test_client().get("/_server-islands/loader.v1.js").status_code == 200


def test_an_app_with_a_key_starts_without_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    Islands(make_app())
    Islands(Flask("given"), keys=eyot.generate_key())
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("config", "code", "text"),
    [
        ({"SECRET_KEY": "dev"}, "secret-weak", "SECRET_KEY with SECRET_KEY_FALLBACKS: .*set EYOT_KEYS"),
        ({"SECRET_KEY": SECRET, "SECRET_KEY_FALLBACKS": ["dev"]}, "secret-weak", "SECRET_KEY_FALLBACKS"),
        ({"EYOT_KEYS": "half a key"}, "key-encoding", r"EYOT_KEYS in app\.config: key 1 .*openssl rand"),
        (
            {"EYOT_KEYS_FILE": "/nowhere/keys"},
            "key-file",
            r"EYOT_KEYS_FILE in app\.config: /nowhere/keys cannot be read",
        ),
    ],
)
def test_a_key_that_cannot_be_used_is_refused_at_start_up(config: dict[str, Any], code: str, text: str) -> None:
    app = Flask("bad")
    app.config.update(config)
    with pytest.raises(eyot.InvalidKey, match=text) as caught:
        Islands(app)
    assert caught.value.code == code
    assert "half a key" not in str(caught.value)


@pytest.mark.parametrize("keys", ["", "half a key"])
def test_a_key_argument_that_cannot_be_used_is_refused_at_start_up(keys: str) -> None:
    with pytest.raises(eyot.InvalidKey, match=r"Islands\(keys=…\): "):
        Islands(make_app(), keys=keys)


def test_a_key_file_that_is_no_text_is_refused_at_start_up(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_bytes(b"\xff")
    with pytest.raises(eyot.InvalidKey, match="is not UTF-8"):
        Islands(make_app(EYOT_KEYS_FILE=str(file)))


def test_each_place_of_keys_wins_over_those_after_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    keys = [eyot.generate_key() for _ in range(5)]
    files = [tmp_path / "config", tmp_path / "environment"]
    files[0].write_text(keys[2])
    files[1].write_text(keys[4])
    app = make_app(EYOT_KEYS=keys[1], EYOT_KEYS_FILE=str(files[0]))
    monkeypatch.setenv("EYOT_KEYS", keys[3])
    monkeypatch.setenv("EYOT_KEYS_FILE", str(files[1]))
    assert key_source(app, keys[0]).read().ids() == eyot.KeyRing.parse(keys[0]).ids()
    found = [key_source(app, None).read().ids()]
    for place in (app.config, app.config, os.environ, os.environ):
        place.pop("EYOT_KEYS" if place.get("EYOT_KEYS") else "EYOT_KEYS_FILE")
        found.append(key_source(app, None).read().ids())
    rings = [*map(eyot.KeyRing.parse, keys[1:]), eyot.KeyRing.derive([SECRET.encode()])]
    assert found == [ring.ids() for ring in rings]


def test_the_configuration_of_the_app_sets_options() -> None:
    app = make_app(EYOT_PREFIX="/i", EYOT_ELSEWHERE=["Far"], EYOT_ORIGIN="https://islands.example")
    Islands(app)
    assert render(app, '{{ island_url("Far") }}').startswith("https://islands.example/i/Far/")


def test_the_app_s_options_reach_core() -> None:
    app = make_app()
    islands = Islands(
        app, seal="unlinkable", page=True, ttl=60, ttl_grid=30, stylesheet=False, loader=False, max_islands=2
    )
    seen: list[Island[dict[str, Any]]] = []

    @islands.island("Probe")
    def probe(island: Island[dict[str, Any]]) -> str:
        seen.append(island)
        return ""

    page(app, "<Probe server:defer />")
    client = app.test_client()
    shells = [client.get("/p") for _ in range(2)]
    assert shells[0].text != shells[1].text
    assert shells[0].text.startswith("<server-island")
    assemble(client, shells[0])
    assert seen[0].page == ("/p", "")
    assert seen[0].expires
    assert 60 <= seen[0].expires - time.time() + 1 < 92


@pytest.mark.parametrize("configured", [False, True])
def test_the_loader_in_the_page_and_links_are_options(configured: bool) -> None:
    app = make_app(**({"EYOT_INLINE_LOADER": True, "EYOT_PRELOAD": True} if configured else {}))
    islands = Islands(app) if configured else Islands(app, inline_loader=True, preload=True)
    islands.island("Avatar")(lambda island: "x")
    page(app, "<head></head><Avatar server:defer />")
    shell = app.test_client().get("/p").text
    assert '<link rel="preload" as="fetch" crossorigin href="/_server-islands/Avatar/' in shell
    assert '<script data-eyot="loader.v1.js" data-base="/_server-islands">' in shell


@pytest.mark.parametrize(
    ("option", "value"), [("max_islands", 1), ("max_island_bytes", 60)], ids=["too many", "too long"]
)
@pytest.mark.parametrize("configured", [False, True])
def test_the_limits_of_a_page_are_options(option: str, value: int, configured: bool) -> None:
    app = make_app(**({f"EYOT_{option.upper()}": value} if configured else {}))
    islands = Islands(app) if configured else Islands(app, **{option: value})  # type: ignore[arg-type]
    islands.island("Avatar")(lambda island: "x")
    page(app, "<Avatar server:defer />", "/within")
    page(app, f"<Avatar server:defer>{'x' * 60}</Avatar><Avatar server:defer />", "/over")
    client = app.test_client()
    assert [client.get(path).status_code for path in ("/within", "/over")] == [200, 500]


def test_an_option_with_a_wrong_value_is_refused_at_start_up() -> None:
    with pytest.raises(eyot.ConfigError, match="seal"):
        Islands(make_app(EYOT_SEAL="sometimes"))


def test_one_app_has_its_islands_once(app: Flask, islands: Islands) -> None:
    with pytest.raises(eyot.ConfigError, match="has its islands already"):
        Islands(app)


def test_one_island_has_one_handler(islands: Islands) -> None:
    with pytest.raises(eyot.ConfigError, match="has a handler already"):
        islands.island("Avatar")(lambda island: "x")


# -- assembly --


@pytest.mark.parametrize(
    ("handler", "why"),
    [
        (lambda island: abort(500), "the island Broken cannot be had: 500: "),
        (lambda island: {"a": 1}, 'the handler answered "application/json", which is no HTML'),
        (lambda island: current_app.make_response(("gone", 404)), "the island Broken cannot be had: 404: gone"),
    ],
)
def test_an_island_that_cannot_be_had_fails_the_assembly_and_says_why(
    app: Flask, islands: Islands, handler: Any, why: str
) -> None:
    islands.island("Broken")(handler)
    page(app, "<Broken server:defer><i slot=fallback>F1</i><b slot=error>E1</b></Broken>")
    client = app.test_client()
    with pytest.raises(AssertionError, match=re.escape(why)):
        assemble(client, client.get("/p"))


def test_an_island_that_redirects_leaves_its_fallback(app: Flask, islands: Islands) -> None:
    islands.island("Other")(lambda island: redirect("/login"))
    page(app, "<Other server:defer><i slot=fallback>F</i></Other>")
    client = app.test_client()
    assert "<i>F</i>" in assemble(client, client.get("/p"))


def test_one_island_is_asked_for_as_the_loader_does(app: Flask, islands: Islands) -> None:
    client = app.test_client()
    answer = ask(client, "Avatar", {"size": 40})
    assert (answer.status_code, answer.headers["Island"], answer.text) == (200, "Avatar", "<img alt=stranger width=40>")
    assert ask(client, "Avatar", {"size": "x" * 5000}).text.endswith(f"{'x' * 5000}>")
    assert ask(client, "Avatar", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_shell_is_one_that_caches_keep(app: Flask, islands: Islands) -> None:
    page(app, path="/shell", policy=islands.shell(cdn=600))
    page(app, path="/page")
    client = app.test_client()
    assert_shell(client.get("/shell"))
    with pytest.raises(AssertionError, match='this is no shell that caches keep; its Cache-Control is ""'):
        assert_shell(client.get("/page"))


def test_the_helpers_say_that_an_app_has_no_islands() -> None:
    with pytest.raises(eyot.ConfigError, match=r"call islands\.init_app\(app\)"):
        ask(make_app().test_client(), "Avatar")


def test_a_host_element_is_filled_and_a_kept_component_stays(app: Flask, islands: Islands) -> None:
    page(app, '<table><tr server:defer="Avatar" class=r></tr></table><Avatar server:defer server:keep />')
    client = app.test_client()
    assembled = assemble(client, client.get("/p"))
    assert re.search(r'<tr island="Avatar"[^>]* class=r><img [^>]*></tr>', assembled)
    assert re.search(r"<server-island [^>]*island-keep[^>]*><img [^>]*></server-island>", assembled)


def test_an_island_that_holds_itself_does_not_assemble_for_ever(app: Flask, islands: Islands) -> None:
    islands.island("Loop")(lambda island: "<Loop server:defer />")
    page(app, "<Loop server:defer />")
    client = app.test_client()
    with pytest.raises(AssertionError, match="does an island's answer hold the island itself"):
        assemble(client, client.get("/p"))


def test_assembly_warns_of_a_placeholder_that_a_browser_would_move(app: Flask, islands: Islands) -> None:
    page(app, MISPLACED)
    client = app.test_client()
    with pytest.warns(eyot.EyotWarning, match=r"Avatar: .*\(placeholder-moved\)") as caught:
        assert "<img alt=stranger" in assemble(client, client.get("/p"))
    assert {warning.filename for warning in caught} == {__file__}


def test_assembly_does_not_warn_of_a_missing_fallback(app: Flask, islands: Islands) -> None:
    page(app, "<!doctype html><title>t</title><Avatar server:defer />")
    client = app.test_client()
    assert "<img alt=stranger" in assemble(client, client.get("/p"))


def test_an_island_of_another_host_stays_its_fallback(app: Flask) -> None:
    Islands(app, elsewhere=["Far"], origin="https://islands.example")
    page(app, "<Far server:defer><i slot=fallback>F</i></Far>")
    client = app.test_client()
    assert "<i>F</i>" in assemble(client, client.get("/p"))


def test_a_head_of_a_stream_whose_body_is_left_out_is_not_cut(app: Flask, islands: Islands) -> None:
    @app.get("/s")
    def show() -> Response:
        return Response(iter(["<p>", "<p>"]), mimetype="text/html")

    answer = app.test_client().head("/s")
    assert (answer.status_code, answer.data) == (200, b"")


# -- the CSRF island --


def test_a_form_on_a_page_that_caches_keep_posts_with_the_csrf_island() -> None:
    app = make_app()
    CSRFProtect(app)
    islands = Islands(app)
    islands.csrf_island()

    @app.get("/p")
    @islands.shell(cdn=600)
    def form() -> str:
        return render_template_string("<!doctype html><form method=post>{{ csrf_island() }}</form>")

    @app.post("/p")
    def posted() -> str:
        return "posted"

    client = app.test_client()
    shell = client.get("/p")
    assert_shell(shell)
    found = re.search('<input type="hidden" name="csrf_token" value="([^"]+)">', assemble(client, shell))
    assert found
    assert client.post("/p", data={"csrf_token": found[1]}).text == "posted"
    assert client.post("/p", data={}).status_code == 400


def test_the_csrf_island_says_that_nothing_protects_the_app(app: Flask, islands: Islands) -> None:
    islands.csrf_island("Field")
    app.testing = True
    with pytest.raises(eyot.ConfigError, match=r"call CSRFProtect\(app\)"):
        ask(app.test_client(), "Field")


# -- prepared pages --


def test_a_page_is_split_once_and_rendered_often(app: Flask, islands: Islands) -> None:
    prepared = islands.prepare("<!doctype html><head></head><Avatar server:defer size=1 /><Later server:defer />")

    @app.get("/p")
    @islands.shell(cdn=600)
    def show() -> bytes:
        return prepared.render()

    islands.island("Later")(lambda island: "later")
    client = app.test_client()
    shell = client.get("/p")
    assert_shell(shell)
    assert shell.text.count("loader.v1.js") == 1
    assert assemble(client, shell).endswith("<img alt=stranger width=1>later")
    with app.test_request_context("/"):
        assert prepared.islands == ["Avatar", "Later"]


def test_a_page_that_is_prepared_and_faulty_says_where(app: Flask, islands: Islands) -> None:
    with app.app_context(), pytest.raises(eyot.MarkupError, match="line 1, column 4"):
        islands.prepare("<p><Avatar server:defer>").render()


# -- policies by endpoint --


@pytest.mark.parametrize("where", ["argument", "configuration"])
def test_a_view_of_another_package_has_its_policy_by_endpoint(where: str) -> None:
    app, shells = make_app(), {"blog.post": {"cdn": "10m"}, "blog.draft": None}
    if where == "configuration":
        app.config["EYOT_SHELLS"] = shells
    islands = Islands(app, **({"shells": shells} if where == "argument" else {}))  # type: ignore[arg-type]
    blog = Blueprint("blog", __name__)
    blog.get("/post", endpoint="post")(lambda: "<!doctype html>")
    blog.get("/draft", endpoint="draft")(islands.shell(cdn=60)(lambda: "<!doctype html>"))
    app.register_blueprint(blog)
    client = app.test_client()
    assert_shell(client.get("/post"))
    assert client.get("/post").headers["Cache-Control"] == "public, max-age=0, s-maxage=600"
    assert "Cache-Control" not in client.get("/draft").headers


def test_an_endpoint_that_does_not_exist_is_logged_in_production(caplog: pytest.LogCaptureFixture) -> None:
    app = make_app()
    Islands(app, shells={"prodcut": {"cdn": 60}})
    app.get("/p", endpoint="product")(lambda: "")
    assert app.test_client().get("/p").status_code == 200
    assert "SHELLS has 'prodcut', which is no endpoint of this app: 'product' is meant" in caplog.text


def test_a_path_that_is_found_once_is_looked_for_again_by_another_method(app: Flask, islands: Islands) -> None:
    app.add_url_rule("/p", "shown", islands.shell(cdn=60)(lambda: "<!doctype html>"))
    app.add_url_rule("/p", "sent", lambda: "sent", methods=["POST"])
    client = app.test_client()
    for _ in range(2):
        assert_shell(client.get("/p"))
        assert "Cache-Control" not in client.post("/p").headers
        assert client.get("/nowhere").status_code == 404


def test_an_extension_that_compresses_after_the_split_sees_what_the_browser_takes(app: Flask, islands: Islands) -> None:
    @app.after_request
    def compress(response: Response) -> Response:
        if request.accept_encodings.best_match(["gzip"]):
            response.set_data(gzip.compress(response.get_data()))
            response.headers["Content-Encoding"] = "gzip"
        return response

    page(app)
    answer = app.test_client().get("/p", headers={"Accept": "text/html", "Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "</server-island>" in gzip.decompress(answer.data).decode()
