"""Types of handlers: what mypy knows of an island's props. Each `type: ignore` is an error that mypy must find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import eyot
import pydantic
import pytest
from django.http import HttpRequest, HttpResponse
from django.views import View
from django_project import Project, project
from eyot import asgi, django, wsgi
from eyot.flask import Island, Islands
from typing_extensions import assert_type

__all__ = ["project"]


@dataclass
class RowProps:
    sku: str
    qty: int = 1


class CardProps(pydantic.BaseModel):
    title: str


def first_tag(props: dict[str, Any]) -> str:
    return str(props["tags"][0])


def test_a_handler_s_props_have_the_type_that_it_declares() -> None:
    islands = Islands()

    @islands.island("Row", props=RowProps)
    def row(island: Island[RowProps]) -> str:
        assert_type(island.props, RowProps)
        return island.props.sku * island.props.qty

    @islands.island("Card", props=CardProps)
    async def card(island: Island[CardProps]) -> str:
        return assert_type(island.props.title, str)

    @islands.island("Tag", props=first_tag)
    def tag(island: Island[str]) -> tuple[str, int]:
        return island.props.upper(), 200

    @islands.island("Plain")
    def plain(island: Island[dict[str, Any]]) -> str:
        return str(island.props["any"])

    assert_type(plain(Island("Plain", {"any": 1}, {}, None, None)), str)
    assert row(Island("Row", RowProps("A", 2), {}, None, None)) == "AA"


def test_a_handler_of_other_props_is_a_type_error() -> None:
    islands = Islands()

    @islands.island("Row", props=RowProps)  # type: ignore[arg-type]
    def row(island: Island[CardProps]) -> str:
        return island.props.title

    islands.island("Again", props=RowProps)(lambda island: island.props.colour)  # type: ignore[attr-defined]
    islands.island("Plain")(lambda island: island.props.sku)  # type: ignore[attr-defined]
    assert callable(row)


def test_a_handler_behind_wsgi_knows_its_request_and_its_props() -> None:
    islands = wsgi.Islands()

    @islands.island("Row", props=RowProps)
    def row(request: wsgi.Request, island: Island[RowProps]) -> str:
        return assert_type(island.props.sku, str) + assert_type(request.cookies, dict[str, str])["a"]

    islands.island("Other", props=RowProps)(lambda request, island: island.props.colour)  # type: ignore[attr-defined]
    with pytest.raises(eyot.ConfigError):
        islands.island("Third")(lambda island: "")  # type: ignore[arg-type, misc]
    assert callable(row)


def test_a_handler_behind_asgi_keeps_its_type() -> None:
    islands = asgi.Islands()

    @islands.island("Row", props=RowProps)
    async def row(island: Island[RowProps], user: int) -> str:
        return island.props.sku * user

    @islands.shell(cdn=1)
    def page(sku: str) -> bytes:
        return sku.encode()

    assert_type(page("a"), bytes)
    assert callable(row)


def test_django_handlers_are_typed_likewise(project: Project) -> None:
    @django.island("Row", props=RowProps)
    def row(request: HttpRequest, island: Island[RowProps]) -> HttpResponse:
        return HttpResponse(assert_type(island.props, RowProps).sku)

    @django.island("Later", props=RowProps)
    async def later(request: HttpRequest, island: Island[RowProps]) -> HttpResponse:
        return HttpResponse(island.props.sku)

    @django.island("Class", props=RowProps)
    class Class(View):
        def get(self, request: HttpRequest, island: Island[RowProps]) -> HttpResponse:
            return HttpResponse(island.props.sku)

    @django.island("Card", props=CardProps)  # type: ignore[arg-type]
    def card(request: HttpRequest, island: Island[RowProps]) -> HttpResponse:
        return HttpResponse(island.props.sku)

    @django.shell(cdn=600)
    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    assert_type(page(HttpRequest()), HttpResponse)
