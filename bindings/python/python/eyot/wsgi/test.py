"""The helpers for tests of WSGI apps: an island's answer, a shell that caches keep, a page with all islands."""

from __future__ import annotations

from collections.abc import Container, Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from .. import testing
from ..gateway import islands_of
from .calling import Called

if TYPE_CHECKING:
    from .._eyot import Ask
    from .calling import WsgiApp
    from .environ import Environ


def ask(
    app: WsgiApp,
    name: str,
    props: Mapping[str, Any] | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    mount: str = "",
) -> testing.Answer:
    """Return what ``app`` answers for the island ``name``, asked for as the loader does: through the whole app.

    ``headers`` (``Cookie`` above all) are sent beside the loader's.
    """
    asked = testing.asking(islands_of(app)._site, name, props)
    return _sent(app, asked, mount + asked.url, mount, headers or {})


def get(app: WsgiApp, path: str, *, headers: Mapping[str, str] | None = None, mount: str = "") -> testing.Answer:
    """Return what ``app`` answers for a page. ``path`` is below ``mount``."""
    return _answer(app, "GET", mount + path, mount, headers or {})


def assert_shell(response: testing.Answer) -> None:
    """Raise ``AssertionError`` unless caches may keep what :func:`get` returned, and say what is wrong with it.

    That is a page with a public ``Cache-Control``, no cookie, and no directive that is left.
    """
    testing.assert_shell(response.status, list(response.headers.items()), response.text)


def assemble(
    app: WsgiApp,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    mount: str = "",
    failing: Container[str] = (),
) -> str:
    """Ask ``app`` for the page at ``path`` and return it with every island in its place.

    ``headers`` (``Cookie`` above all) go with every request; ``path`` is below ``mount``. An island that cannot be had
    is an ``AssertionError`` that says why. A redirect, to sign-in above all, leaves the fallback, as in the browser,
    and so does an island that another host answers. Those that are to fail are ``failing``: they become their error
    slot, or stay their fallback. Warns with ``EyotWarning`` where a browser would not leave a
    placeholder, or a fallback, where it was written.
    """
    page = get(app, path, headers=headers, mount=mount)
    testing.warn_of_misplaced(page.text.encode())
    site = islands_of(app)._site

    def sent(asked: Ask) -> testing.Answer:
        with testing.noted(site) as reasons:
            answer = _sent(app, asked, asked.url, mount, headers or {})
        return answer._replace(reason="; ".join(reasons))

    return testing.Assembling(page.text, failing).all(sent)


def _sent(app: WsgiApp, asked: Ask, url: str, mount: str, headers: Mapping[str, str]) -> testing.Answer:
    method = "GET" if asked.token is None else "POST"
    return _answer(app, method, url, mount, {**dict(asked.headers), **headers}, (asked.token or "").encode())


def _answer(
    app: WsgiApp, method: str, target: str, mount: str, headers: Mapping[str, str], body: bytes = b""
) -> testing.Answer:
    called = Called(app, _environ(method, target, mount, headers, body))
    return testing.Answer(called.status, dict(called.headers), called.whole().decode())


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
