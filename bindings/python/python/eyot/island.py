"""The opened island that a handler gets: name, props, slots, page and expiry."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, NoReturn, TypeVar

from markupsafe import Markup

if TYPE_CHECKING:
    from ._eyot import Opened
    from .props import Reader

P = TypeVar("P", covariant=True)


class Page(NamedTuple):
    """The page that holds the island, as it was sealed."""

    path: str
    lang: str


@dataclass(frozen=True, slots=True)
class Island(Generic[P]):
    """An island whose token was genuine; ``P`` is what its props were read into, ``dict[str, Any]`` by default.

    Its props are not claims about the visitor: who asks, the handler finds out from the session, as everywhere.
    """

    name: str
    props: P
    slots: dict[str, Markup]
    page: Page | None
    expires: int | None


def read(opened: Opened, reader: Reader) -> Island[Any]:
    """Parse an opened token.

    Raises ``PropsError`` when the props do not fit ``reader``; the text holds no value.
    """
    slots = {name: Markup(html) for name, html in _object(opened.slots).items()}  # noqa: S704 - sealed by a key holder
    page = _object(opened.page)
    return Island(
        name=opened.name,
        props=reader(_object(opened.props)),
        slots=slots,
        page=Page(page["path"], page.get("lang", "")) if page else None,
        expires=opened.expires,
    )


def _object(source: bytes) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(source, parse_constant=_refuse_constant) if source else {}
    return parsed


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
