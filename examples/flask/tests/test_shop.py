"""How a shop's pages are tested without a browser: `assemble` puts every island into its place, in process."""

from pathlib import Path

import pytest
from eyot.flask.test import assemble
from flask.testing import FlaskClient

from shop import create_app


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    """A visitor of a shop with a database of its own."""
    config = {"SECRET_KEY": "a secret for tests only, long enough", "SHOP_DB": tmp_path / "shop.sqlite3"}
    return create_app({**config, "WTF_CSRF_ENABLED": False}).test_client()


def sign_in(client: FlaskClient) -> None:
    """Makes the visitor Ada, a member."""
    answer = client.post("/login", data={"email": "ada@example.com", "password": "lock-keeper"})
    assert answer.status_code == 303


def test_a_stranger_sees_the_list_price_and_a_way_to_sign_in(client: FlaskClient) -> None:
    """The whole page, as a browser would have it in the end."""
    page = assemble(client, client.get("/p/lantern"), failing=["Stock"])
    assert "£48.00 <small>list price</small>" in page
    assert '<span class="who-name">Sign in</span>' in page


def test_a_member_sees_name_price_and_letter_on_the_same_shell(client: FlaskClient) -> None:
    """The shell's bytes stay; what the islands say is Ada's."""
    shell = client.get("/p/lantern").data
    sign_in(client)
    response = client.get("/p/lantern")
    page = assemble(client, response, failing=["Stock"])
    assert response.data == shell
    assert "Ada Lock" in page
    assert "£43.20" in page
    assert "left behind a rowing boat" in page


def test_the_cart_count_follows_the_cart(client: FlaskClient) -> None:
    """A POST and the next page."""
    client.post("/cart/add", data={"sku": "rope", "count": "2"})
    assert '<span class="count some">2</span>' in assemble(client, client.get("/"))


def test_a_boathouse_that_does_not_answer_shows_its_error_slot(client: FlaskClient) -> None:
    """Its handler raises: the page says whom to ring instead."""
    assert "No answer. Ring 020 7946 0185." in assemble(client, client.get("/p/lantern"), failing=["Stock"])


def test_nothing_that_is_not_in_the_shop_goes_into_the_cart(client: FlaskClient) -> None:
    """Neither a product that does not exist nor less than one of it."""
    assert client.post("/cart/add", data={"sku": "gold", "count": "1"}).status_code == 400
    assert client.post("/cart/add", data={"sku": "rope", "count": "-1"}).status_code == 400


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "/\\evil.example/", "evil"])
def test_signing_in_leads_to_no_other_site(client: FlaskClient, target: str) -> None:
    """Only a path of the shop is gone back to."""
    data = {"email": "ada@example.com", "password": "lock-keeper", "next": target}
    assert client.post("/login", data=data).location == "/"
