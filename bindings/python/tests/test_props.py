"""Props bytes: what JSON can hold is encoded as json.dumps does, the rest is an error that names the path."""

from __future__ import annotations

import enum
import json
import math
import random
import struct
from decimal import Decimal
from typing import Any

import eyot
import pytest
from markupsafe import Markup


class Colour(enum.IntEnum):
    RED = 3


class Tier(str, enum.Enum):
    GOLD = "gold"


class Loud(float):
    def __repr__(self) -> str:
        return "loud"


def reference(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Ä € 😀",
        '"\\/<>&\x7f\u2028',
        "".join(map(chr, range(0x21))),
        Markup("<b>"),
        Tier.GOLD,
        0,
        -1,
        2**63 - 1,
        -(2**63),
        2**63,
        -(2**63) - 1,
        10**4000,
        Colour.RED,
        0.0,
        -0.0,
        0.1,
        1e16,
        1e-7,
        5e-324,
        1.7976931348623157e308,
        Loud(1.5),
        True,
        False,
        None,
        [],
        (),
        {},
        [1, (2, [3]), {"a": ()}],
        {"": {"b": [None]}, "ö": "ü", "a\nb": 1},
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_is_encoded_as_json_dumps_does(value: Any) -> None:
    assert eyot.encode_props({"v": value}) == reference({"v": value})


def doubles() -> list[float]:
    """Return doubles of any bits, around where an exponent begins, beside powers, and as prices have them."""
    source = random.Random(7)
    found = [struct.unpack("<d", source.randbytes(8))[0] for _ in range(100_000)]
    found += [source.uniform(-10, 10) * 10.0**exponent for exponent in range(-12, 20) for _ in range(2_000)]
    powers = [2.0**exponent for exponent in range(-1074, 1024)] + [float(f"1e{e}") for e in range(-323, 309)]
    found += [near for power in powers for near in (power, math.nextafter(power, 0), math.nextafter(power, math.inf))]
    found += [digit * float(f"1e{exponent}") for digit in range(10) for exponent in range(-30, 30)]
    found += [round(source.uniform(-1000, 1000), places) for places in range(7) for _ in range(1_000)]
    return [number for number in found if math.isfinite(number)]


def test_every_double_is_encoded_as_json_dumps_does() -> None:
    props = {"v": doubles()}
    written, expected = eyot.encode_props(props).decode(), reference(props).decode()
    wrong = [pair for pair in zip(written.split(","), expected.split(","), strict=True) if pair[0] != pair[1]]
    assert wrong == []


def test_a_character_to_escape_is_found_wherever_it_stands() -> None:
    texts = ["x" * at + special + "x" * 40 for at in range(40) for special in ('"', "\\", "\n", "\x1f", "ü\t")]
    assert eyot.encode_props({"texts": texts}) == reference({"texts": texts})


def test_no_props_are_an_empty_object() -> None:
    assert eyot.encode_props(None) == b"{}"
    assert eyot.encode_props({}) == b"{}"


def test_the_order_of_the_dict_is_kept() -> None:
    assert eyot.encode_props({"b": 1, "a": 2}) == b'{"b":1,"a":2}'


@pytest.mark.parametrize(
    ("props", "message"),
    [
        ({"items": [0, 1, {"price": Decimal("1.5")}]}, "props.items[2].price: Decimal is not JSON"),
        ({"a": {"b c": {1, 2}}}, 'props.a["b c"]: set is not JSON'),
        ({"a": (b"x",)}, "props.a[0]: bytes is not JSON"),
        ({"a": [{"b": 1}, {2: 3}]}, "props.a[1]: a key is int instead of str"),
        ({"x": float("nan")}, "props.x: NaN and infinities are not JSON"),
        ({"x": [-math.inf]}, "props.x[0]: NaN and infinities are not JSON"),
        ({"x": "\ud800"}, "props.x: a lone surrogate is not text"),
        ({"a": {"\ud800": 1}}, "props.a: a key: a lone surrogate is not text"),
        ({"n": 10**5000}, "props.n: int has too many digits"),
        ([1], "props: list is not a dict"),
        ("{}", "props: str is not a dict"),
    ],
)
def test_what_json_cannot_hold_is_an_error_with_its_path(props: Any, message: str) -> None:
    with pytest.raises(eyot.PropsError) as caught:
        eyot.encode_props(props)
    assert str(caught.value).startswith(message)
    assert caught.value.code == "props"


def test_an_error_never_holds_a_value() -> None:
    with pytest.raises(eyot.PropsError) as caught:
        eyot.encode_props({"a": Decimal("31337")})
    assert "31337" not in str(caught.value)


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels - 1):
        value = {"d": value}
    return value


def test_props_may_be_nested_64_levels_deep_and_no_deeper() -> None:
    assert eyot.encode_props(nested(64)) == reference(nested(64))
    with pytest.raises(eyot.PropsError, match="nested deeper than 64 levels"):
        eyot.encode_props(nested(65))


def test_a_cycle_is_an_error() -> None:
    props: dict[str, Any] = {}
    props["self"] = [props]
    with pytest.raises(eyot.PropsError, match="nested deeper than 64 levels"):
        eyot.encode_props(props)


def test_default_converts_what_json_cannot_hold() -> None:
    assert eyot.encode_props({"p": [Decimal("1.50")]}, default=str) == b'{"p":["1.50"]}'


def test_the_answer_of_default_is_encoded_in_turn() -> None:
    assert eyot.encode_props({"p": {1, 2}}, default=sorted) == b'{"p":[1,2]}'


def test_a_default_that_never_ends_is_an_error() -> None:
    with pytest.raises(eyot.PropsError, match="nested deeper than 64 levels"):
        eyot.encode_props({"p": object()}, default=lambda _: object())


def test_an_exception_of_default_is_passed_on() -> None:
    def refuse(value: object) -> str:
        raise LookupError(type(value).__name__)

    with pytest.raises(LookupError, match="Decimal"):
        eyot.encode_props({"p": Decimal(1)}, default=refuse)


def test_what_default_does_not_know_is_an_error_with_its_path() -> None:
    def refuse(value: object) -> str:
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")

    with pytest.raises(eyot.PropsError, match=r"props\.items\[0\]: Decimal is not JSON, and default=") as caught:
        eyot.encode_props({"items": [Decimal(1)]}, default=refuse)
    assert isinstance(caught.value.__cause__, TypeError)


def test_a_default_that_changes_the_dict_being_encoded_does_no_harm() -> None:
    props: dict[str, Any] = {"a": Decimal(1), "b": 2}

    def meddle(_: object) -> int:
        props.clear()
        return 1

    assert eyot.encode_props(props, default=meddle) == b'{"a":1,"b":2}'


def test_a_list_that_shrinks_while_it_is_encoded_does_no_harm() -> None:
    items: list[Any] = [Decimal(1), 2, 3]

    def meddle(_: object) -> int:
        items.clear()
        return 1

    assert eyot.encode_props({"items": items}, default=meddle) == b'{"items":[1]}'
