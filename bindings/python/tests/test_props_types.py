"""Props types: dataclasses, models and callables, and what they say of props that do not fit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Optional

import eyot
import pydantic
import pytest
from eyot.props import reader


@dataclass
class Price:
    amount: float
    currency: Literal["EUR", "USD"] = "EUR"


@dataclass
class Row:
    sku: str
    price: Price
    tags: list[str] = field(default_factory=list)
    stock: dict[str, int] = field(default_factory=dict)
    note: str | None = None
    old: Optional[int] = None  # noqa: UP045 - both ways of writing it
    extra: Any = None
    marked: Annotated[bool, "a mark"] = False


FULL = {
    "sku": "A",
    "price": {"amount": 1, "currency": "USD"},
    "tags": ["x"],
    "stock": {"Berlin": 2},
    "note": "n",
    "old": 3,
    "extra": [1],
    "marked": True,
}


def test_every_field_is_read() -> None:
    assert reader(Row)(FULL) == Row("A", Price(1, "USD"), ["x"], {"Berlin": 2}, "n", 3, [1], True)


def test_fields_with_defaults_may_be_missing() -> None:
    assert reader(Row)({"sku": "A", "price": {"amount": 1.5}}) == Row("A", Price(1.5))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sku": 1}, "props.sku: is int instead of a string"),
        ({"price": 1}, "props.price: is int instead of an object"),
        ({"price": {}}, "props.price.amount: is missing"),
        ({"price": {"amount": "1"}}, "props.price.amount: is str instead of a number"),
        ({"price": {"amount": True}}, "props.price.amount: is bool instead of a number"),
        ({"price": {"amount": 1, "currency": "GBP"}}, "props.price.currency: is none of the allowed values"),
        ({"tags": ["x", 1]}, "props.tags[1]: is int instead of a string"),
        ({"tags": "x"}, "props.tags: is str instead of a list"),
        ({"stock": {"Berlin": True}}, "props.stock['Berlin']: is bool instead of an integer"),
        ({"stock": []}, "props.stock: is list instead of an object"),
        ({"note": 1}, "props.note: is int instead of null"),
        ({"marked": 1}, "props.marked: is int instead of true or false"),
        ({"colour": "red"}, "props: Row has no field 'colour'"),
    ],
)
def test_a_prop_that_does_not_fit_is_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(eyot.PropsError) as caught:
        reader(Row)({**FULL, **change})
    assert (str(caught.value), caught.value.code) == (message, "props-type")


def test_a_type_that_cannot_be_checked_is_refused_when_it_is_declared() -> None:
    @dataclass
    class Odd:
        when: bytes

    with pytest.raises(eyot.ConfigError, match=r"Odd\.when: props cannot be checked"):
        reader(Odd)


def test_what_is_no_type_at_all_is_refused() -> None:
    with pytest.raises(eyot.ConfigError, match="not int"):
        reader(7)


class Model(pydantic.BaseModel):
    size: int


def test_a_pydantic_model_is_validated() -> None:
    assert reader(Model)({"size": "40"}) == Model(size=40)


def test_what_a_model_refuses_is_told_without_values() -> None:
    with pytest.raises(eyot.PropsError) as caught:
        reader(Model)({"size": "thirty-one"})
    assert str(caught.value) == "props: ValidationError at size (int_parsing)"


def test_any_callable_reads_props() -> None:
    assert reader(lambda props: sorted(props))({"b": 1, "a": 2}) == ["a", "b"]


def test_what_a_callable_refuses_is_told_without_values() -> None:
    with pytest.raises(eyot.PropsError, match=r"^props: ValueError$"):
        reader(lambda props: int(props["size"]))({"size": "thirty-one"})
