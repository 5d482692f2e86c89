"""The shop's Content-Security-Policy: strict, the same on every page, and the islands live under it."""

import base64
import hashlib
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


class ContentSecurityPolicy:
    """Adds the policy to every HTML page but the admin's. The one inline script, the tide's, is allowed by its hash."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        digest = hashlib.sha256(render_to_string("islands/tide.js").encode()).digest()
        self.value = "; ".join(
            [
                "default-src 'self'",
                f"script-src 'self' 'sha256-{base64.b64encode(digest).decode()}'",
                "require-trusted-types-for 'script'",
                "trusted-types eyot",
                "object-src 'none'",
                "base-uri 'none'",
                "form-action 'self'",
                "frame-ancestors 'none'",
            ]
        )

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and add it. Islands keep eyot's own: opened by itself, one may do nothing at all."""
        response = self.get_response(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if is_page and not request.path.startswith("/admin/"):
            response.headers["Content-Security-Policy"] = self.value
        return response
