"""Django's templates: tags, filter, the CSRF island, and the Jinja2 backend."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import eyot
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.template import TemplateSyntaxError, engines
from django.test import Client
from django.urls import path
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from django_project import ASKER, Project, html, page, project, source
from eyot.django import html_pass, island, shell
from eyot.django.test import assemble

__all__ = ["project"]


def rendered(text: str, engine: str = "django", **context: Any) -> Any:
    """Make a view that renders a template."""
    template = engines[engine].from_string(text)
    return lambda request: HttpResponse(template.render(dict(context), request))


@pytest.fixture
def cards(project: Project) -> Project:
    @island("Card")
    def card(request: Any, island: Any) -> HttpResponse:
        slots = {name: str(value) for name, value in island.slots.items()}
        return HttpResponse(f"{island.props} {slots}")

    return project


def shown(project: Project, text: str, engine: str = "django", **context: Any) -> str:
    client = project.serve(page(rendered(text, engine, **context)), EYOT={"LOADER": False})
    return assemble(client, client.get("/p"))


TAG = """{% island "Card" when="idle" keep key=sku with sku=sku qty=2 %}
  default {{ sku }}
  {% fallback %}<i>{{ sku }}</i>
  {% error %}broken
  {% slot footer %}foot
{% endisland %}"""


def test_the_tag_writes_a_placeholder_with_its_parts(cards: Project) -> None:
    shell = cards.serve(page(rendered(TAG, sku="a<"))).get("/p").text
    for part in (
        'island-when="idle"',
        "island-keep",
        'island-key="a&lt;"',
        "<i>a&lt;</i>",
        'island-slot="error">broken</template>',
    ):
        assert part in shell
    assert "foot" not in shell
    text = shown(cards, TAG.replace(" keep", ""), sku="a<")
    assert text == "{'sku': 'a<', 'qty': 2} {'default': 'default a&lt;', 'footer': 'foot'}"


def test_the_tag_takes_a_mapping_of_props(cards: Project) -> None:
    assert shown(cards, '{% island "Card" with props %}{% endisland %}', props={"a": 1}) == "{'a': 1} {}"


HEAD = (
    '<link rel="stylesheet" href="/_server-islands/island.v1.css">'
    '<script async src="/_server-islands/loader.v1.js"></script></head>'
)
TAG_ALONE = '<html><head></head><body>{% island "Card" %}{% fallback %}…{% endisland %}</html>'


@pytest.mark.parametrize("engine", ["django", "jinja2"])
@pytest.mark.parametrize(
    "text", [TAG_ALONE, TAG_ALONE.replace('{% island "Card" %}{% fallback %}…{% endisland %}', "ATTRIBUTES")]
)
def test_a_page_with_tags_alone_has_the_loader_in_its_head(cards: Project, engine: str, text: str) -> None:
    attributes = '{% island_attrs "Card" %}' if engine == "django" else '{{ island_attrs("Card") }}'
    text = text.replace("ATTRIBUTES", f"<p {attributes}></p>")
    shell_text = cards.serve(page(rendered(text, engine))).get("/p").text
    assert shell_text.startswith(f"<html><head>{HEAD}<body>")
    assert "server:" not in shell_text


def test_a_page_with_tags_alone_has_links_where_preload_is_on(cards: Project) -> None:
    client = cards.serve(page(rendered(TAG_ALONE)), EYOT={"PRELOAD": True})
    shell_text = client.get("/p").text
    url = re.search('island-src="([^"]+)"', shell_text)
    assert url
    assert f'<link rel="preload" as="fetch" crossorigin href="{url[1]}"></head>' in shell_text


def test_a_tag_in_a_cached_part_of_a_template_brings_the_loader_too(cards: Project) -> None:
    text = TAG_ALONE.replace("{% island ", "{% load cache %}{% cache 60 part %}{% island ").replace(
        "{% endisland %}", "{% endisland %}{% endcache %}"
    )
    client = cards.serve(page(rendered(text)))
    first, second = client.get("/p").text, client.get("/p").text
    assert first == second
    assert HEAD in first
    assert "server:" not in first


def test_a_view_that_is_not_split_has_no_mark_and_no_loader_of_its_own(cards: Project) -> None:
    off, by_option = html_pass(False)(rendered(TAG_ALONE)), rendered(TAG_ALONE)
    for client in (cards.serve(page(off)), cards.serve(page(by_option), EYOT={"HTML_PASS": False})):
        shell_text = client.get("/p").text
        assert '<server-island island="Card"' in shell_text
        assert "loader.v1.js" not in shell_text


def test_a_tag_in_an_islands_answer_brings_no_loader(cards: Project) -> None:
    @island("Outer")
    def outer(request: Any, island: Any) -> Any:
        return rendered('{% island "Card" %}{% endisland %}')(request)

    client = cards.serve(page(html("<Outer server:defer />")))
    answered = client.get(source(client.get("/p"), "Outer"), headers=ASKER).text
    assert answered.startswith('<server-island island="Card" island-src=')


def test_a_page_with_a_tag_alone_has_the_loader_where_the_template_puts_it(cards: Project) -> None:
    shell = cards.serve(page(rendered('<head>{% island_loader %}</head>{% island "Card" %}{% endisland %}'))).get("/p")
    assert shell.text.count("loader.v1.js") == 1


WRITTEN = mark_safe('<i island="Card" island-src="/_server-islands/Card/x">…</i>')


@pytest.mark.parametrize(("options", "told"), [({}, True), ({"LOADER": False}, False)])
def test_while_debugging_a_page_of_placeholders_without_a_loader_is_told_of(
    cards: Project, caplog: pytest.LogCaptureFixture, options: dict[str, Any], told: bool
) -> None:
    view = rendered("<html><head></head>{{ written }}</html>", written=WRITTEN)
    cards.serve(page(view), DEBUG=True, EYOT=options).get("/p")
    assert ("Card: the page has no loader" in caplog.text) is told


def test_attributes_go_onto_an_element_of_the_template(cards: Project) -> None:
    text = '<table><tr {% island_attrs "Card" when="idle" with sku=1 %}><td>…</td></tr></table>'
    shell = cards.serve(page(rendered(text))).get("/p").text
    assert re.search(r'<tr island="Card" island-src="[^"]+" island-when="idle"><td>…</td></tr>', shell)
    assert shown(cards, text).startswith("<table><tr island")


def test_a_url_is_written_or_kept_in_a_variable(cards: Project) -> None:
    text = '{% island_url "Card" with a=1 as url %}<a hx-get="{{ url }}"></a>|{% island_url "Card" with a=1 %}'
    client = cards.serve(page(rendered(text)))
    kept, written = re.findall(r"/_server-islands/Card/[\w-]+", client.get("/p").text)
    assert kept == written
    assert client.get(kept, headers=ASKER).text == "{'a': 1} {}"


def test_the_filter_writes_json_that_is_safe_in_quotes(cards: Project) -> None:
    one = "<Card server:defer server:props='{{ props|island_props }}' />"
    text = one + one.replace("'", '"')
    assert shown(cards, text, props={"a": "'\"<"}).endswith("{'a': '\\'\"<'} {}" * 2)


def test_props_are_encoded_as_django_does_everywhere(cards: Project) -> None:
    props = {
        "price": Decimal("1.50"),
        "at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc),
        "id": uuid.UUID(int=1),
        "word": gettext_lazy("Monday"),
    }
    wanted = (
        "{'price': '1.50', 'at': '2026-01-02T03:04:05Z', 'id': '00000000-0000-0000-0000-000000000001', "
        "'word': 'Monday'}"
    )
    tag = '{% island "Card" with props %}{% endisland %}'
    attributes = '<p {% island_attrs "Card" with props %}></p>'
    directive = "<Card server:defer server:props='{{ props|island_props }}' />"
    for text in (tag, attributes, directive):
        assert wanted in shown(cards, text, props=props)
    client = cards.serve(page(rendered('{% island_url "Card" with props %}', props=props)))
    assert wanted in client.get(client.get("/p").text, headers=ASKER).text
    jinja = '{% island "Card" with props %}{% endisland %}<p {{ island_attrs("Card", props) }}></p>'
    assert shown(cards, jinja, "jinja2", props=props).count(wanted) == 2


@pytest.mark.parametrize(
    "text",
    [
        '{% island "Card" with props %}{% endisland %}',
        '{% island_attrs "Card" with props %}',
        '{% island_url "Card" with props %}',
        "{{ props|island_props }}",
    ],
)
def test_a_prop_that_no_encoder_knows_is_named_by_its_path(cards: Project, text: str) -> None:
    client = cards.serve(page(rendered(text, props={"items": [{"x": object()}]})))
    with pytest.raises(eyot.PropsError, match=r"props\.items\[0\]\.x: object is not JSON"):
        client.get("/p")


def test_a_name_that_nobody_registered_is_an_error_while_debugging(cards: Project) -> None:
    client = cards.serve(page(rendered('{% island "Nobody" %}{% endisland %}')), DEBUG=True)
    with pytest.raises(eyot.Error, match="Nobody"):
        client.get("/p")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{% island %}{% endisland %}", "needs the name of an island"),
        ('{% island "Card" with %}{% endisland %}', "has nothing behind 'with'"),
        ('{% island "Card" a= %}{% endisland %}', "cannot read 'a='"),
        ('{% island "Card" with a=1 b %}{% endisland %}', "cannot read 'b'"),
        ('{% island "Card" with a=1 a=2 %}{% endisland %}', "has 'a' twice"),
        ('{% island "Card" %}', "Unclosed tag"),
        ('{% island "Card" %}{% slot %}{% endisland %}', "the tag 'slot' needs a name"),
        ('{% island "Card" %}{% slot error %}{% endisland %}', "this slot has a tag of its own: {% error %}"),
        ('{% island "Card" %}{% error x %}{% endisland %}', "the tag 'error' stands alone"),
        ("{% csrf_island now %}", "it is {% csrf_island %} or {% csrf_island cookie %}"),
    ],
)
def test_a_tag_that_cannot_be_read_says_why(cards: Project, text: str, message: str) -> None:
    with pytest.raises(TemplateSyntaxError, match=re.escape(message)):
        engines["django"].from_string(text)


def test_a_child_template_fills_a_block_within_an_island(cards: Project) -> None:
    parent = '{% island "Card" %}{% fallback %}{% block waiting %}parent{% endblock %}{% endisland %}'
    text = "{% extends parent %}{% block waiting %}child{% endblock %}"
    client = cards.serve(page(rendered(text, parent=engines["django"].from_string(parent))))
    assert ">child</server-island>" in client.get("/p").text


def test_a_tag_in_a_streamed_or_contextless_template_works(cards: Project) -> None:
    from django.template import Context, Template

    written = Template('{% island "Card" %}{% endisland %}').render(Context())
    assert "/_server-islands/Card/" in written


def test_a_token_that_dies_before_its_shell_is_an_error(cards: Project) -> None:
    view = shell(cdn=600)(rendered('{% island "Card" ttl=60 %}{% endisland %}'))
    with pytest.raises(eyot.ConfigError, match="600"):
        cards.serve(page(view)).get("/p")


def test_the_jinja2_backend_has_the_same(cards: Project) -> None:
    text = '{% island "Card" when="idle" with sku=sku %}d{% fallback %}f{% slot foot %}x{% endisland %}'
    assert shown(cards, text, "jinja2", sku=1) == "{'sku': 1} {'default': 'd', 'foot': 'x'}"
    shell_text = cards.serve(page(rendered("{{ island_loader() }}{{ csrf_island() }}", "jinja2"))).get("/p").text
    assert 'island="CsrfField"' in shell_text
    assert "loader.v1.js" in shell_text


# -- the CSRF island --

FORM = '<form method="post" action="/post">{% csrf_island %}</form>'


def posted(request: Any) -> HttpResponse:
    return HttpResponse("posted")


def test_a_form_on_a_cached_page_posts(project: Project) -> None:
    project.serve(page(shell(cdn=600)(rendered(FORM))), path("post", posted))
    client = Client(enforce_csrf_checks=True)
    answer: Any = client.get("/p")
    assert answer.headers["Cache-Control"] == "public, max-age=0, s-maxage=600"
    assert not client.cookies
    token = re.search('name="csrfmiddlewaretoken" value="([^"]+)"', assemble(client, answer))
    assert token
    assert client.post("/post").status_code == 403
    assert client.post("/post", {"csrfmiddlewaretoken": token[1]}).text == "posted"


def test_the_cookie_alone_is_for_scripts_that_send_a_header(project: Project) -> None:
    project.serve(page(shell(cdn=600)(rendered("{% csrf_island cookie %}"))), path("post", posted))
    client = Client(enforce_csrf_checks=True)
    assert assemble(client, client.get("/p")).endswith("</script>")
    header = {"X-CSRFToken": client.cookies["csrftoken"].value}
    assert client.post("/post", headers=header).text == "posted"


@pytest.mark.parametrize("setting", ["CSRF_USE_SESSIONS", "CSRF_COOKIE_HTTPONLY"])
def test_a_cookie_that_no_script_can_read_is_refused(project: Project, setting: str) -> None:
    client = project.serve(page(rendered("{% csrf_island cookie %}")), **{setting: True})
    with pytest.raises(ImproperlyConfigured, match=setting):
        client.get("/p")


def test_without_a_csrf_island_its_tag_says_so(project: Project) -> None:
    client = project.serve(page(rendered("{% csrf_island %}")), EYOT={"CSRF_ISLAND": ""})
    with pytest.raises(ImproperlyConfigured, match="CSRF_ISLAND"):
        client.get("/p")


def test_the_directive_works_for_the_csrf_island_too(project: Project) -> None:
    client = project.serve(page(html("<CsrfField server:defer><i slot=fallback></i></CsrfField>")))
    assert 'name="csrfmiddlewaretoken"' in client.get(source(client.get("/p"), "CsrfField"), headers=ASKER).text
