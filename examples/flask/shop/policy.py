"""The shop's Content-Security-Policy: strict, the same on every page, and the islands live under it."""

import base64
import hashlib

from flask import Flask, Response


def init_app(app: Flask) -> None:
    """Adds the policy to every HTML page. The one inline script, the tide's, is allowed by its hash."""
    script = app.jinja_env.get_template("islands/tide.js").render()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    value = "; ".join(
        [
            "default-src 'self'",
            f"script-src 'self' 'sha256-{digest}'",
            "require-trusted-types-for 'script'",
            "trusted-types eyot",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )

    @app.after_request
    def add(response: Response) -> Response:
        # Islands are not touched by this: opened by itself, one may do nothing at all, which is eyot's own policy.
        if response.mimetype == "text/html":
            response.headers["Content-Security-Policy"] = value
        return response
