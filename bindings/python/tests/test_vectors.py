"""The vectors that every language runs, through this package's public API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import eyot
import pytest
from eyot import _eyot

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


def _kind(status: int, headers: list[tuple[str, str]]) -> str:
    """Tell what a response is by what is done with one that comes in parts."""
    keys = eyot.KeyRing.parse(REQUESTS["keys"])
    rules = {"debug": False, "head": False, "streams": True, "must_be_sound": False}
    out = _eyot.PageOut(eyot.Islands(keys=keys), "/", eyot.Context, lambda *_event: None, **rules)
    unsized = out.step(status, headers, "unknown").kind
    if unsized != "wait":
        return {"pass": "other", "instead": "part", "decode": "compressed"}[unsized]
    return {"pass": "text", "stream": "html", "collect": "html"}[out.step(status, headers, "more").kind]


@pytest.mark.parametrize("vector", load("responses.json"))
def test_a_response_is_what_the_vector_says(vector: dict[str, Any]) -> None:
    headers = [(name, value) for name, value in vector["headers"]]
    assert _kind(vector["status"], headers) == vector["kind"]
    for field, changed in {
        "split": _eyot.split_headers(headers, 7),
        "streamed": _eyot.split_headers(headers, None),
        "uncached": _eyot.uncached_headers(headers),
    }.items():
        if field in vector:
            assert [[name.lower(), value] for name, value in changed] == vector[field]


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
    found: object = islands.route(case.get("method", "GET"), target, headers, case.get("mount", ""))
    if isinstance(found, eyot.Pending):
        body = (case.get("body", "") * case.get("body_times", 1)).encode()
        found = found.open(body, audience=case.get("audience", ""), now=REQUESTS["now"])
    assert_found(found, case["expect"])


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
        splitter = islands.splitter(at, lenient=True)
        chunks = [splitter.push(page[start : start + size]) for start in range(0, len(page), size)]
        assert b"".join([*chunks, splitter.finish()]).decode() == vector["shell"]


def assert_found(found: object, expected: dict[str, Any]) -> None:
    if expected["kind"] == "app":
        assert found is None
    elif expected["kind"] == "island":
        assert isinstance(found, eyot.Opened)
        for part in ("props", "slots", "page"):
            assert getattr(found, part) == expected[part].encode()
        assert (found.name, found.expires) == (expected["island"], expected["expires"])
    else:
        assert isinstance(found, eyot.Reply)
        assert found.status == expected["status"]
        assert found.reason == expected.get("reason")
        assert dict(found.headers).items() >= expected["headers"].items()
