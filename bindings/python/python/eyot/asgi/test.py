"""The helpers for tests of ASGI apps: an island's answer, a shell that caches keep, a page with all islands."""

from __future__ import annotations

from collections.abc import Awaitable, Container, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from .. import testing
from ..gateway import islands_of

if TYPE_CHECKING:
    from .._eyot import Ask


class Response(Protocol):
    """What a client got: httpx's response, and others of its shape."""

    @property
    def status_code(self) -> int:
        """The status code."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers."""

    @property
    def content(self) -> bytes:
        """The body."""

    @property
    def text(self) -> str:
        """The body, decoded."""


class Client(Protocol):
    """httpx's client, as the test clients of Starlette, FastAPI and Litestar are."""

    def get(self, url: str, /, *, headers: Mapping[str, str]) -> Response:
        """Send a GET."""

    def post(self, url: str, /, *, headers: Mapping[str, str], content: str) -> Response:
        """Send a POST."""


class AsyncClient(Protocol):
    """httpx's async client."""

    def get(self, url: str, /, *, headers: Mapping[str, str]) -> Awaitable[Response]:
        """Send a GET."""

    def post(self, url: str, /, *, headers: Mapping[str, str], content: str) -> Awaitable[Response]:
        """Send a POST."""


def ask(
    client: Client, name: str, props: Mapping[str, Any] | None = None, *, headers: Mapping[str, str] | None = None
) -> Response:
    """Return the response of the island ``name``, asked for as the loader does: through the whole app.

    ``client`` is one whose app is in process, as the test clients of Starlette, FastAPI and Litestar are. ``headers``
    are sent beside the loader's.
    """
    answer: Response = _sent(client, testing.asking(islands_of(client)._site, name, props), headers)
    return answer


async def aask(
    client: AsyncClient, name: str, props: Mapping[str, Any] | None = None, *, headers: Mapping[str, str] | None = None
) -> Response:
    """Do what :func:`ask` does, with an ``httpx.AsyncClient`` over ``httpx.ASGITransport``."""
    answer: Response = await _sent(client, testing.asking(islands_of(client)._site, name, props), headers)
    return answer


def assert_shell(response: Response) -> None:
    """Raise ``AssertionError`` unless caches may keep ``response`` for everybody, and say what is wrong with it.

    That is a page with a public ``Cache-Control``, no cookie, and no directive that is left.
    """
    testing.assert_shell(response.status_code, list(response.headers.items()), response.text)


def assemble(client: Client, response: Response, *, failing: Container[str] = ()) -> str:
    """Return the page of ``response`` with every island that ``client``, with its cookies, gets.

    An island that cannot be had is an ``AssertionError`` that says why; what its handler raises is raised here, unless
    the client was made with ``raise_server_exceptions=False``. A redirect, to sign-in above all, leaves the fallback,
    as in the browser, and so does an island that another host answers. Those that are to fail are ``failing``: they
    become their error slot, or stay their fallback. Warns with ``EyotWarning`` where a browser would
    not leave a placeholder, or a fallback, where it was written.
    """
    testing.warn_of_misplaced(response.content)
    site = islands_of(client)._site

    def sent(asked: Ask) -> testing.Answer:
        with testing.noted(site) as reasons:
            return _read(_sent(client, asked), reasons)

    return testing.Assembling(response.text, failing).all(sent)


async def aassemble(client: AsyncClient, response: Response, *, failing: Container[str] = ()) -> str:
    """Do what :func:`assemble` does, with an ``httpx.AsyncClient`` over ``httpx.ASGITransport``."""
    testing.warn_of_misplaced(response.content)
    site, assembling = islands_of(client)._site, testing.Assembling(response.text, failing)
    for asked in assembling:
        with assembling.taking(asked) as take, testing.noted(site) as reasons:
            take(_read(await _sent(client, asked), reasons))
    return assembling.page


def _sent(client: Any, asked: Ask, headers: Mapping[str, str] | None = None) -> Any:
    like = {**dict(asked.headers), **(headers or {})}
    if asked.token is None:
        return client.get(asked.url, headers=like)
    return client.post(asked.url, headers=like, content=asked.token)


def _read(answer: Response, reasons: list[str]) -> testing.Answer:
    return testing.Answer(answer.status_code, dict(answer.headers), answer.text, "; ".join(reasons))
