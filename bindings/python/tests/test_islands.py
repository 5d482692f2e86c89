"""The package without a framework: splitting, placeholders, policies, errors, threads and processes."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import pickle
import re
import subprocess
import sys
import threading

import eyot
import pytest
from gateways import asked, in_chunks, refusal

KEY = eyot.generate_key()
PAGE = b'<p>\xc3\xa9</p><Avatar server:defer size="40"><i slot="fallback">F</i></Avatar><p>end</p>'


@pytest.fixture
def islands() -> eyot.Islands:
    return eyot.Islands(KEY, islands=["Avatar"], elsewhere=["Far"])


def opened(islands: eyot.Islands, html: str, now: int | None = None) -> eyot.Opened:
    url = re.search('island-src="([^"]+)"', html)
    assert url
    result = asked(islands, url[1]).open("", now)
    assert isinstance(result, eyot.Opened)
    return result


def test_a_page_without_islands_is_the_very_same_object(islands: eyot.Islands) -> None:
    page = b"<p>no island</p>" * 1000
    assert islands.split(page) is page


def test_a_page_with_an_island_is_split(islands: eyot.Islands) -> None:
    shell = islands.split(PAGE).decode()
    assert shell.startswith("<p>é</p>")
    assert shell.endswith("<i>F</i></server-island><p>end</p>")
    assert json.loads(opened(islands, shell).props) == {"size": "40"}


@pytest.mark.parametrize("size", [1, 7, len(PAGE)])
def test_chunks_of_any_size_give_the_same_shell(islands: eyot.Islands, size: int) -> None:
    parts = in_chunks(islands, [PAGE[at : at + size] for at in range(0, len(PAGE), size)])
    assert b"".join(parts) == islands.split(PAGE)


def test_a_chunk_without_islands_is_the_very_same_object(islands: eyot.Islands) -> None:
    chunk = b"<p>text</p>"
    assert in_chunks(islands, [chunk])[0] is chunk


def test_a_markup_error_has_its_place(islands: eyot.Islands) -> None:
    with pytest.raises(eyot.MarkupError) as caught:
        islands.split(b"<p>\n <Avatr server:defer />")
    error = caught.value
    assert (error.code, error.line, error.column) == ("name-unknown", 2, 2)
    assert "Avatr" in str(error)


def test_a_lenient_split_returns_what_was_wrong(islands: eyot.Islands) -> None:
    shell, problems = islands.split_lenient(b"<p><Avatr server:defer><i slot=fallback>F</i></Avatr></p>")
    assert shell.endswith(b"<i>F</i></p>")
    assert [problem.code for problem in problems] == ["name-unknown"]


def test_only_bytes_are_split(islands: eyot.Islands) -> None:
    with pytest.raises(TypeError):
        islands.split("<p>")  # type: ignore[arg-type]


def test_a_placeholder_is_what_a_split_makes_of_the_same_island(islands: eyot.Islands) -> None:
    placeholder = islands.placeholder("Avatar", {"size": "40"}, fallback="<i>F</i>")
    assert placeholder in islands.split(PAGE).decode()


def test_the_mount_point_is_before_every_url(islands: eyot.Islands) -> None:
    context = eyot.Context(mount="/shop")
    assert 'src="/shop/_server-islands/loader.v1.js"' in islands.loader_tags(context)
    assert islands.url("Avatar", context=context).startswith("/shop/_server-islands/Avatar/")


def test_a_token_opens_for_its_audience_alone(islands: eyot.Islands) -> None:
    url = islands.url("Avatar", context=eyot.Context(audience="tenant-1"))
    assert isinstance(asked(islands, url).open("tenant-1"), eyot.Opened)
    refused = asked(islands, url).open("tenant-2")
    assert isinstance(refused, eyot.Sent)
    assert refused.status == 400


def test_a_token_expires(islands: eyot.Islands) -> None:
    context = eyot.Context(now=1_000_000)
    html = islands.attributes("Avatar", context=context, ttl=60)
    expires = opened(islands, html, now=1_000_000).expires
    assert expires is not None
    assert 1_000_060 <= expires < 1_000_120
    url = islands.url("Avatar", context=context, ttl=60)
    exchange = asked(islands, url)
    assert isinstance(exchange.open("", expires), eyot.Sent)
    sent, event = refusal(exchange)
    assert (sent.status, event.status, event.code) == (410, 410, "token-expired")


def test_the_page_travels_where_an_island_asks_for_it(islands: eyot.Islands) -> None:
    context = eyot.Context(page=("/p/1", "de"))
    asked = opened(islands, islands.attributes("Avatar", context=context, page=True))
    assert json.loads(asked.page) == {"path": "/p/1", "lang": "de"}
    assert opened(islands, islands.attributes("Avatar", context=context, page=False)).page == b""


def test_the_same_content_gives_the_same_token_unless_it_is_to_be_unlinkable(islands: eyot.Islands) -> None:
    assert islands.url("Avatar") == islands.url("Avatar")
    assert islands.url("Avatar", seal="unlinkable") != islands.url("Avatar", seal="unlinkable")


def test_a_forked_process_repeats_no_nonce(islands: eyot.Islands) -> None:
    islands.url("Avatar", seal="unlinkable")
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, islands.url("Avatar", seal="unlinkable").encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(write)
    with os.fdopen(read) as pipe:
        assert pipe.read() not in ("", islands.url("Avatar", seal="unlinkable"))


def test_the_context_says_whether_a_split_page_gets_the_loader_and_how(islands: eyot.Islands) -> None:
    page = b"<Avatar server:defer></Avatar>"
    assert b"<script async" in islands.split(page)
    assert b"<script" not in islands.split(page, eyot.Context(loader=False))
    assert b" data-post></script>" in islands.split(page, eyot.Context(is_post=True))


def test_the_hashes_are_those_of_what_stands_in_a_page() -> None:
    islands = eyot.Islands(KEY, islands=["Avatar"], inline_loader=True)
    page = islands.split(b"<head></head><Avatar server:defer />").decode()
    for tag, source in (("script", eyot.LOADER_HASH), ("style", eyot.STYLESHEET_HASH)):
        (content,) = re.findall(f"<{tag}[^>]*>(.*?)</{tag}>", page, re.DOTALL)
        assert source == f"'sha384-{base64.b64encode(hashlib.sha384(content.encode()).digest()).decode()}'"


def test_a_directive_in_a_comment_is_a_diagnostic_with_its_place(islands: eyot.Islands) -> None:
    page = b"<p>\n <!-- <Avatar server:defer></Avatar> -->"
    shell, (found,) = islands.split_with_diagnostics(page)
    assert shell == page
    assert (found.code, found.line) == ("directive-in-comment", 2)
    assert "is not an island" in found.message


def test_an_option_of_another_type_is_an_error(islands: eyot.Islands) -> None:
    with pytest.raises(TypeError, match="timeout: an option is str, int or bool"):
        islands.placeholder("Avatar", timeout=1.5)  # type: ignore[arg-type]


def test_an_unknown_name_is_an_error(islands: eyot.Islands) -> None:
    with pytest.raises(eyot.ConfigError) as caught:
        islands.url("Nobody")
    assert caught.value.code == "name-unknown"


def test_keys_are_replaced_while_in_use(islands: eyot.Islands) -> None:
    before = islands.url("Avatar")
    islands.set_keys(f"{eyot.generate_key()},{KEY}")
    assert islands.url("Avatar") != before
    assert isinstance(asked(islands, before).open(), eyot.Opened)


def test_keys_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EYOT_KEYS", KEY)
    assert eyot.Islands(islands=["Avatar"]).url("Avatar") == eyot.Islands(KEY, islands=["Avatar"]).url("Avatar")
    monkeypatch.delenv("EYOT_KEYS")
    with pytest.raises(eyot.InvalidKey) as caught:
        eyot.Islands()
    assert caught.value.code == "key-missing"


def test_a_key_is_shown_by_its_id_alone() -> None:
    ring = eyot.KeyRing.parse(KEY)
    for text in (str(ring), repr(ring)):
        assert KEY[:8] not in text


def test_generated_keys_are_good_and_differ() -> None:
    assert len({eyot.KeyRing.parse(eyot.generate_key()).ids()[0] for _ in range(8)}) == 8


def test_the_command_prints_a_key() -> None:
    printed = subprocess.run([sys.executable, "-m", "eyot", "keygen"], capture_output=True, text=True, check=True)
    assert eyot.KeyRing.parse(printed.stdout.strip()).ids()


def test_headers_may_hold_any_byte(islands: eyot.Islands) -> None:
    assert asked(islands, islands.url("Avatar"), headers=[("Referer", "/caf\xe9")]).name == "Avatar"
    with pytest.raises(ValueError, match=r"U\+00FF"):
        asked(islands, islands.url("Avatar"), headers=[("Referer", "/\u20ac")])


def test_errors_survive_pickling() -> None:
    error = eyot.MarkupError("what", "code", 1, 2)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.code, again.line, again.column) == ("what", "code", 1, 2)


def test_threads_share_one_object(islands: eyot.Islands) -> None:
    expected = islands.split(PAGE)
    wrong: list[bytes] = []

    def work() -> None:
        for _ in range(300):
            shell = islands.split(PAGE)
            if shell != expected:
                wrong.append(shell)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_policy_that_lasts_too_long_is_an_error() -> None:
    with pytest.raises(eyot.ConfigError, match="2147483647"):
        eyot.Policy(cdn=2**31 - 1, browser=1)


def test_a_policy_says_nothing_below_the_prefix_and_to_other_methods(islands: eyot.Islands) -> None:
    def found(method: str, target: str) -> object:
        return islands.arrive(method, target, [], print, policy=eyot.Policy(cdn=1))

    assert isinstance(found("GET", "/_server-islands/x"), eyot.Sent)
    assert found("POST", "/p") is None
    assert isinstance(found("GET", "/p"), eyot.Exchange)


def test_an_audit_tells_what_a_browser_would_not_leave_as_it_was_written() -> None:
    shell = b"<!doctype html>\n<table><server-island island=Avatar island-src=/x>F</server-island></table>"
    found = next(found for found in eyot.audit(shell) if found.code == "placeholder-moved")
    assert (found.island, found.line, found.column) == ("Avatar", 2, 8)
    assert "<table>" in found.message


def test_an_audit_of_a_page_without_islands_finds_nothing() -> None:
    assert eyot.audit(b"<!doctype html><table><p>moved, but no island</table>") == []
