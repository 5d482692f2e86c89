"""The helpers for tests: an island's answer, a shell that caches keep, and a page with every island in its place."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TYPE_CHECKING, Any

from .. import testing
from ..errors import ConfigError

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from .._eyot import Ask
    from .site import Site


def ask(client: FlaskClient, name: str, props: Mapping[str, Any] | None = None, **extra: Any) -> TestResponse:
    """Return the response of the island ``name``, asked for as the loader does: through the whole app.

    ``extra`` is what ``client.open`` takes: ``headers`` are sent beside the loader's.
    """
    site = _site(client)
    with site.app.test_request_context():
        asked = testing.asking(site, name, props)
    return _sent(client, asked, asked.url, extra)


def assert_shell(response: TestResponse) -> None:
    """Raise ``AssertionError`` unless caches may keep ``response`` for everybody, and say what is wrong with it.

    That is a page with a public ``Cache-Control``, no cookie, and no directive that is left.
    """
    testing.assert_shell(response.status_code, list(response.headers), response.get_data(as_text=True))


def assemble(client: FlaskClient, response: TestResponse, *, failing: Container[str] = ()) -> str:
    """Return the page of ``response`` with every island that ``client``, with its cookies, gets.

    An island that cannot be had is an ``AssertionError`` that says why; what its handler raises is raised here, if the
    app is testing. A redirect, to sign-in above all, leaves the fallback, as in the browser, and so does an island that
    another host answers. Those that are to fail are ``failing``: they become their error slot, or stay their fallback.
    Warns with ``EyotWarning`` where a browser would not leave a placeholder, or a fallback, where
    it was written.
    """
    testing.warn_of_misplaced(response.get_data())
    site, root = _site(client), response.request.script_root
    like = {"base_url": response.request.root_url}

    def sent(asked: Ask) -> testing.Answer:
        with testing.noted(site) as reasons:
            answer = _sent(client, asked, asked.url.removeprefix(root), like)
        text = answer.get_data(as_text=True)
        return testing.Answer(answer.status_code, dict(answer.headers), text, "; ".join(reasons))

    return testing.Assembling(response.get_data(as_text=True), failing).all(sent)


def _sent(client: FlaskClient, asked: Ask, path: str, like: Mapping[str, Any]) -> TestResponse:
    headers = {**dict(asked.headers), **like.get("headers", {})}
    method = "GET" if asked.token is None else "POST"
    return client.open(path, method=method, data=asked.token, **{**like, "headers": headers})


def _site(client: FlaskClient) -> Site:
    site: Site | None = client.application.extensions.get("eyot")
    if site is None:
        raise ConfigError("this app has no islands: call islands.init_app(app), or Islands(app)", "app-not-set-up")
    return site
