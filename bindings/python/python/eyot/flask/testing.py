"""The helper for tests: a response with every island in its place, asked for in process."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from .. import assembly
from ..errors import EyotWarning
from . import auditing

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse


def assemble(client: FlaskClient, response: TestResponse) -> str:
    """Return the page of ``response`` with every island that ``client``, with its cookies, gets.

    An island that fails, or that another host answers, becomes its error slot or stays its fallback. Warns with
    ``EyotWarning`` where a browser would not leave a placeholder, or a fallback, where it was written.
    """
    for found in auditing.misplaced(response.get_data()):
        warnings.warn(auditing.described(found), EyotWarning, stacklevel=2)
    asker = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"}
    root = response.request.script_root
    base_url = response.request.root_url

    def ask(url: str, token: str | None) -> str | None:
        if not url.startswith("/"):
            return None
        path = url.removeprefix(root)
        if token is None:
            answer = client.get(path, base_url=base_url, headers=asker)
        else:
            answer = client.post(
                path, base_url=base_url, headers=asker, data=token, content_type="application/vnd.eyot.token"
            )
        is_island = answer.status_code == 200 and answer.mimetype == "text/html" and "Island" in answer.headers
        return answer.get_data(as_text=True) if is_island else None

    return assembly.assemble(response.get_data(as_text=True), ask)
