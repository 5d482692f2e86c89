"""The helper for tests of WSGI apps: a page with every island in its place, asked for in process."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from .. import testing
from ..assembly import assemble as fill
from .calling import Called

if TYPE_CHECKING:
    from .calling import WsgiApp
    from .environ import Environ


def assemble(app: WsgiApp, path: str, *, headers: Mapping[str, str] | None = None, mount: str = "") -> str:
    """Ask ``app`` for the page at ``path`` and return it with every island in its place.

    ``headers`` (``Cookie`` above all) go with every request; ``path`` is below ``mount``. An island that fails, or that
    another host answers, becomes its error slot or stays its fallback. Warns with ``EyotWarning`` where a browser would
    not leave a placeholder, or a fallback, where it was written.
    """

    def ask(method: str, target: str, extra: Mapping[str, str], body: bytes = b"") -> testing.Answer:
        environ = _environ(method, target, mount, {**(headers or {}), **extra}, body)
        called = Called(app, environ)
        return testing.Answer(called.status, dict(called.headers), called.whole().decode())

    page = ask("GET", mount + path, {})
    testing.warn_of_misplaced(page.text.encode())

    def get(url: str) -> testing.Answer:
        return ask("GET", url, testing.ASKER)

    def post(url: str, token: str) -> testing.Answer:
        return ask("POST", url, {**testing.ASKER, "Content-Type": testing.TOKEN_TYPE}, token.encode())

    return fill(page.text, testing.asking(get, post))


def _environ(method: str, target: str, mount: str, headers: Mapping[str, str], body: bytes) -> Environ:
    path, _, query = target.removeprefix(mount).partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": mount,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "REQUEST_URI": target,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": _Discarded(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return environ


class _Discarded:
    def write(self, text: str) -> int:
        return len(text)

    def writelines(self, lines: list[str]) -> None: ...

    def flush(self) -> None: ...
