"""What others make of placeholders: sanitisers take them out of users' HTML, minifiers leave a shell's as they are."""

import json
from pathlib import Path

import bleach
import eyot
import minify
import minify_html
import nh3
import pytest
from lxml_html_clean import clean_html

# What an attacker may write: the same as JavaScript's sanitisers are given.
PAYLOADS: list[str] = json.loads((Path(__file__).parents[3] / "core/loader/test/payloads.json").read_text("utf-8"))


def test_a_hundred_ways_at_least_are_tried() -> None:
    assert len(set(PAYLOADS)) >= 100


@pytest.mark.parametrize("html", PAYLOADS)
def test_no_sanitiser_leaves_a_placeholder_with_its_defaults(html: str) -> None:
    for clean in (nh3.clean(html), bleach.clean(html), clean_html(f"<div>{html}</div>")):
        shell = f"<!doctype html><html><head><title>t</title></head><body>{clean}</body></html>".encode()
        # The audit tells of a page of placeholders that nothing loads.
        assert not [found for found in eyot.audit(shell) if found.code == "loader-missing"], clean


FALLBACKS = (
    "<p>a</p>",
    "<p>a</p> ",
    "<p>a</p><!-- c -->",
    "<ul><li>a</li></ul>",
    "<p>a<b>b</b></p>",
    "<dl><dd>b</dd></dl>",
    "<div><p>a</p></div>",
    "text",
)
BARE = ("<ruby>r<rt>t</rt></ruby>", "<option>x</option>", "<optgroup><option>x</option></optgroup>")


@pytest.mark.parametrize("fallback", [*FALLBACKS, *BARE])
def test_minifiers_leave_a_placeholder_with_its_fallback(fallback: str) -> None:
    islands = eyot.Islands(eyot.generate_key(), islands=["Avatar"])
    island = islands.placeholder("Avatar", fallback=fallback)
    shell = f"<!doctype html><html><head><title>t</title></head><body><main>{island}<b>rest</b></main></body></html>"
    for small in (minify_html.minify(shell), minify.string("text/html", shell)):
        assert not _codes(small) & {"fallback-swallows", "fallback-moved", "placeholder-moved"}, small


@pytest.mark.parametrize("fallback", ["<li>a</li>", "<dt>a</dt><dd>b</dd>"])
def test_list_items_outside_of_their_list_survive_one_minifier_and_the_audit_tells_of_the_other(fallback: str) -> None:
    islands = eyot.Islands(eyot.generate_key(), islands=["Avatar"])
    island = islands.placeholder("Avatar", fallback=fallback)
    shell = f"<!doctype html><html><head><title>t</title></head><body><main>{island}<b>rest</b></main></body></html>"
    assert "fallback-swallows" not in _codes(minify_html.minify(shell))
    # It takes their end tags away whatever follows.
    assert "fallback-swallows" in _codes(minify.string("text/html", shell))


def _codes(shell: str) -> set[str]:
    return {found.code for found in eyot.audit(shell.encode())}
