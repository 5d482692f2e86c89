"""The vectors that every language runs, through this package's public API."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import eyot
import pytest
from eyot import _eyot
from gateways import in_chunks

VECTORS = Path(__file__).parents[3] / "core" / "tests" / "vectors"
REQUESTS = json.loads((VECTORS / "requests.json").read_text(encoding="utf-8"))


def load(name: str) -> list[Any]:
    vectors = json.loads((VECTORS / name).read_text(encoding="utf-8"))
    return [pytest.param(vector, id=vector["title"]) for vector in vectors]


@pytest.mark.parametrize("vector", load("keys.json"))
def test_a_key_ring_is_read(vector: dict[str, Any]) -> None:
    def read() -> eyot.KeyRing:
        if "keys" in vector:
            return eyot.KeyRing.parse(vector["keys"])
        if "file" in vector:
            return eyot.KeyRing.parse_file(vector["file"])
        return eyot.KeyRing.derive([secret.encode() for secret in vector["secrets"]])

    if "error" in vector:
        with pytest.raises(eyot.InvalidKey) as caught:
            read()
        assert caught.value.code == vector["error"]
    else:
        assert read().ids() == vector["ids"]


@pytest.mark.parametrize("vector", load("tokens.json"))
def test_a_token_is_sealed_and_opened(vector: dict[str, Any]) -> None:
    sections = {part: vector[part].encode() for part in ("slots", "page")}
    token = eyot.KeyRing.parse(vector["sealing_keys"]).seal(
        vector["island"],
        vector["props"].encode(),
        **sections,
        audience=vector["audience"],
        expires=vector["expires"],
        nonce=vector["nonce"] and bytes.fromhex(vector["nonce"]),
    )
    assert token == vector["token"]
    opened = eyot.KeyRing.parse(vector["keys"]).open(
        vector["island"], token.encode(), audience=vector["audience"], now=vector["now"]
    )
    assert opened.name == vector["island"]
    assert opened.props == vector["props"].encode()
    assert {"slots": opened.slots, "page": opened.page} == sections
    assert opened.expires == vector["expires"]


@pytest.mark.parametrize("vector", load("refused.json"))
def test_a_token_is_refused(vector: dict[str, Any]) -> None:
    ring = eyot.KeyRing.parse(vector["keys"])
    with pytest.raises(eyot.TokenError) as caught:
        ring.open(vector["island"], vector["token"].encode(), audience=vector["audience"], now=vector["now"])
    assert caught.value.code == vector["code"]
    assert str(caught.value) == f"{vector['status']} token"


@pytest.mark.parametrize("case", REQUESTS["cases"], ids=lambda case: case["name"])
def test_a_request_is_what_the_vector_says(case: dict[str, Any]) -> None:
    islands = eyot.Islands(
        REQUESTS["keys"],
        islands=REQUESTS["here"],
        elsewhere=REQUESTS["elsewhere"],
        allowed_origins=case.get("allowed_origins", []),
    )
    query = case.get("query")
    target = case["path"] + (f"?{query}" if query else "")
    headers = [(name, value) for name, value in case.get("headers", [])]
    events: list[eyot.Event] = []
    mount = case.get("mount", "")
    found: object = islands.arrive(case.get("method", "GET"), target, headers, events.append, mount=mount)
    if isinstance(found, eyot.Exchange):
        body = (case.get("body", "") * case.get("body_times", 1)).encode()
        out = found.out(eyot.Context, events.append)
        found = found.take_body(body, events.append) or found.open(case.get("audience", ""), REQUESTS["now"])
        out.step(200, [], "whole")
    assert_found(found, events, case["expect"])


# This binding always has the system's randomness.
PAGES = [page for page in load("split.json") if page.values[0].get("error", {}).get("code") != "entropy"]


def split_by(vector: dict[str, Any]) -> tuple[eyot.Islands, eyot.Context]:
    options = dict(vector["options"])
    page = options.pop("page_context", None)
    at = eyot.Context(mount=options.pop("mount", ""), page=page and (page["path"], page["lang"]), now=vector["now"])
    options.setdefault("loader", False)
    return eyot.Islands(vector["keys"], islands=vector["here"], elsewhere=vector["elsewhere"], **options), at


@pytest.mark.parametrize("vector", PAGES)
def test_a_page_is_split(vector: dict[str, Any]) -> None:
    islands, at = split_by(vector)
    page = vector["html"].encode()
    if "error" in vector:
        with pytest.raises(eyot.MarkupError) as caught:
            islands.split(page, at)
        found = caught.value
        assert {"code": found.code, "line": found.line, "column": found.column} == vector["error"]
        shell, problems = islands.split_lenient(page, at)
        assert [problem.code for problem in problems] == [vector["error"]["code"]]
    else:
        shell, diagnostics = islands.split_with_diagnostics(page, at)
        assert [diagnostic.code for diagnostic in diagnostics] == vector["diagnostics"]
    assert shell.decode() == vector["shell"]


# The tags stand elsewhere where the head is gone.
@pytest.mark.parametrize("vector", [page for page in PAGES if "loader" not in page.values[0]["options"]])
def test_a_page_in_chunks_is_split(vector: dict[str, Any]) -> None:
    islands, at = split_by(vector)
    page = vector["html"].encode()
    for size in (1, 7):
        chunks = [page[start : start + size] for start in range(0, len(page), size)]
        assert b"".join(in_chunks(islands, chunks, at)).decode() == vector["shell"]


def assert_found(found: object, events: list[eyot.Event], expected: dict[str, Any]) -> None:
    if expected["kind"] == "app":
        assert found is None
    elif expected["kind"] == "island":
        assert isinstance(found, eyot.Opened)
        for part in ("props", "slots", "page"):
            assert getattr(found, part) == expected[part].encode()
        assert (found.name, found.expires) == (expected["island"], expected["expires"])
    else:
        assert isinstance(found, eyot.Sent)
        assert found.status == expected["status"]
        assert [event.code for event in events[:1]] == [code for code in [expected.get("reason")] if code]
        assert dict(found.headers).items() >= expected["headers"].items()


NAMES = ["Avatar", "CartRow", "Cart", "Price", "Outer", "Inner", "Title"]
NOW = 1_800_000_000
Answer = tuple[int, list[tuple[str, str]], list[bytes], bool]


def through(out: eyot.WayOut, answer: Answer) -> Answer:
    """What a host does with an answer at a station; its last part is whether the size is known, and at last the cut."""
    status, headers, chunks, is_whole = answer
    step = out.step(status, headers, "unknown")
    if step.kind == "wait":
        step = out.step(status, headers, "whole" if is_whole else "more")
    sent = step.sent
    if step.kind == "stream":
        assert sent
        return streamed(out, sent, chunks)
    if step.kind in ("collect", "decode"):
        sent = out.whole(status, headers, b"".join(chunks))
    if sent is None:
        return answer
    return sent.status, sent.headers, chunks if sent.body is None else [sent.body], is_whole


def streamed(out: eyot.WayOut, head: eyot.Sent, chunks: list[bytes]) -> Answer:
    shell: list[bytes] = []
    for chunk in chunks:
        shell.append(out.push(chunk))
        if out.is_over:
            break
    if not out.is_over:
        shell.append(out.finish())
    try:
        out.check()
    except eyot.MarkupError:
        return head.status, head.headers, [*shell, b"<cut>"], False
    return head.status, head.headers, shell, False


def written(answer: dict[str, Any], target: str) -> Answer:
    headers = [(name, value.replace("{target}", target)) for name, value in answer["headers"]]
    chunks = answer.get("chunks", [answer.get("body", "")])
    return answer["status"], headers, [chunk.encode() for chunk in chunks], "chunks" not in answer


def inside(vector: dict[str, Any], page: eyot.WayOut, exchange: eyot.Exchange | None, target: str) -> Answer:
    """What comes to the outer station."""
    if "between" in vector:
        return written(vector["between"], target)
    opened = exchange.open("", NOW) if exchange and exchange.name and "misfit" not in vector else None
    if exchange and "misfit" in vector:
        opened = exchange.misfit(vector["misfit"])
    if isinstance(opened, eyot.Sent):
        return opened.status, opened.headers, [opened.body or b""], True
    status, headers, chunks, is_whole = through(page, written(vector["inside"], target))
    added = [(name, value) for name, value in vector.get("adds", [])]
    names = {name.lower() for name, _ in added}
    return status, [*(field for field in headers if field[0].lower() not in names), *added], chunks, is_whole


@pytest.mark.parametrize("vector", load("exchanges.json"))
def test_an_exchange_is_what_its_vector_says(vector: dict[str, Any]) -> None:
    is_debug, events = vector.get("debug", False), list[eyot.Event]()
    islands = eyot.Islands(REQUESTS["keys"], islands=NAMES, loader=False, debug=is_debug)
    at, outside = eyot.Context(now=NOW), eyot.Context(now=NOW, seals=False)
    kind, _, name = vector["target"].rpartition(":")
    target = islands.url("Avatar" if kind == "wrong" else name, context=at) if kind else name
    target = target.replace("/Avatar/", f"/{name}/") if kind else target
    policy = eyot.Policy(**vector["policy"]) if "policy" in vector else None
    headers = [(name, value) for name, value in vector.get("headers", [])]
    method, visitor, log = vector.get("method", "GET"), vector.get("visitor"), events.append
    found = islands.arrive(method, target, headers, log, policy=policy, visitor=visitor)
    if isinstance(found, eyot.Sent):
        left: Answer = (found.status, found.headers, [found.body or b""], True)
        arrived = "reply"
    elif isinstance(found, eyot.Exchange):
        if "shared" in vector:
            found.share(vector["shared"])
        assert "hidden" not in vector or found.hidden_headers == vector["hidden"]
        assert (found.query or b"").decode() == (vector.get("query") or "")
        page = found.page(lambda: at, log, splits=vector.get("inside", {}).get("splits", True))
        left = through(found.out(lambda: outside, log), inside(vector, page, found, target))
        arrived = "island" if found.name else "page"
    else:
        page = islands.page(target, lambda: at, log, is_debug=is_debug, is_marked=True)
        left = through(islands.out(target, lambda: outside, log), inside(vector, page, None, target))
        arrived = "app"
    assert arrived == vector["arrives"]
    assert_left(left, vector["leaves"])
    assert {event.code for event in events} == set(vector.get("events", []))


def assert_left(left: Answer, expected: dict[str, Any]) -> None:
    status, headers, chunks, _ = left
    got = {name.lower(): value for name, value in reversed(headers)}
    assert status == expected["status"]
    assert {name: got.get(name.lower()) for name in expected["headers"]} == expected["headers"]
    assert _eyot.MARK.lower() not in got
    is_cut = chunks[-1:] == [b"<cut>"]
    assert is_cut == expected.get("cut", False)
    text = b"".join(chunks[:-1] if is_cut else chunks).decode()
    if "body" in expected:
        assert re.sub('"/_server-islands/[^"]*"', '"…"', text) == expected["body"]
