"""How a shop's pages are tested without a browser: `assemble` puts every island into its place, in process."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from eyot.asgi.test import assemble
from starlette.testclient import TestClient

from shop import create_app

KEYS = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """A visitor of a shop with a database of its own."""
    monkeypatch.setenv("EYOT_KEYS", KEYS)
    app = create_app(tmp_path / "shop.sqlite3", "a secret for tests only, long enough")
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


def token(client: TestClient) -> str:
    """The CSRF token of this visitor's forms."""
    found = re.search('name="csrf_token" value="([^"]+)"', client.get("/login").text)
    assert found
    return found[1]


def test_an_unknown_address_is_the_shop_s_own_page(client: TestClient) -> None:
    """Both the router and a view say that there is no such thing."""
    for path in ("/nothing/here", "/p/no-such-product"):
        page = client.get(path)
        assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "Nothing here" in page.text
        assert "</server-island>" in page.text


def sign_in(client: TestClient, target: str = "") -> str:
    """Makes the visitor Ada, a member."""
    data = {"email": "ada@example.com", "password": "lock-keeper", "next": target, "csrf_token": token(client)}
    answer = client.post("/login", data=data)
    assert answer.status_code == 303
    return answer.headers["location"]


def test_a_stranger_sees_the_list_price_and_a_way_to_sign_in(client: TestClient) -> None:
    """The whole page, as a browser would have it in the end."""
    page = assemble(client, client.get("/p/lantern"), failing=["Stock"])
    assert "£48.00 <small>list price</small>" in page
    assert '<span class="who-name">Sign in</span>' in page


def test_a_member_sees_name_price_and_letter_on_the_same_shell(client: TestClient) -> None:
    """The shell's bytes stay; what the islands say is Ada's."""
    shell = client.get("/p/lantern").content
    sign_in(client)
    response = client.get("/p/lantern")
    page = assemble(client, response, failing=["Stock"])
    assert response.content == shell
    assert "Ada Lock" in page
    assert "£43.20" in page
    assert "left behind a rowing boat" in page


def test_the_cart_count_follows_the_cart(client: TestClient) -> None:
    """A POST and the next page."""
    client.post("/cart/add", data={"sku": "rope", "count": "2", "csrf_token": token(client)})
    assert '<span class="count some">2</span>' in assemble(client, client.get("/"))


def test_a_boathouse_that_does_not_answer_shows_its_error_slot(client: TestClient) -> None:
    """Its handler raises: the page says whom to ring instead."""
    assert "No answer. Ring 020 7946 0185." in assemble(client, client.get("/p/lantern"), failing=["Stock"])


def test_nothing_that_is_not_in_the_shop_goes_into_the_cart(client: TestClient) -> None:
    """Neither a product that does not exist nor less than one of it."""
    for sku, count in (("gold", "1"), ("rope", "-1")):
        data = {"sku": sku, "count": count, "csrf_token": token(client)}
        assert client.post("/cart/add", data=data).status_code == 400


def test_a_form_without_its_token_asks_once_more(client: TestClient) -> None:
    """The page was cached, and had no JavaScript."""
    answer = client.post("/cart/add", data={"sku": "rope", "count": "2"})
    assert answer.status_code == 400
    assert "rope into your cart?" in answer.text


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/\\evil.example/", "evil"])
def test_signing_in_leads_to_no_other_site(client: TestClient, target: str) -> None:
    """Only a path of the shop is gone back to."""
    assert sign_in(client, target) == "/"
