"""The helper for tests: a response with every island in its place, asked for in process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import testing
from ..assembly import assemble as fill

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse


def assemble(client: FlaskClient, response: TestResponse) -> str:
    """Return the page of ``response`` with every island that ``client``, with its cookies, gets.

    An island that fails, or that another host answers, becomes its error slot or stays its fallback. Warns with
    ``EyotWarning`` where a browser would not leave a placeholder, or a fallback, where it was written.
    """
    testing.warn_of_misplaced(response.get_data())
    root = response.request.script_root
    base_url = response.request.root_url

    def get(url: str) -> testing.Answer:
        return _read(client.get(url.removeprefix(root), base_url=base_url, headers=testing.ASKER))

    def post(url: str, token: str) -> testing.Answer:
        path = url.removeprefix(root)
        sent = {"headers": testing.ASKER, "data": token, "content_type": testing.TOKEN_TYPE}
        return _read(client.post(path, base_url=base_url, **sent))

    return fill(response.get_data(as_text=True), testing.asking(get, post))


def _read(answer: TestResponse) -> testing.Answer:
    return testing.Answer(answer.status_code, dict(answer.headers), answer.get_data(as_text=True))
