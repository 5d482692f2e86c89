"""The shop's Content-Security-Policy: strict, the same on every page, and the islands live under it."""

import base64
import hashlib

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shop.rendering import environment


class ContentSecurityPolicy:
    """Adds the policy to every HTML page. The one inline script, the tide's, is allowed by its hash.

    It stands between the two stations: islands are not touched by it. Opened by itself, one may do nothing at all, which
    is eyot's own policy.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        script = environment.get_template("islands/tide.js").render()
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        self.value = "; ".join(
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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes everything on."""

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers["Content-Security-Policy"] = self.value
            await send(message)

        await self.app(scope, receive, add)
