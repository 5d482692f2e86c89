"""The island that makes a form on a cached page post: the hidden field of Flask-WTF's protection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import current_app
from markupsafe import Markup

from ..errors import ConfigError

if TYPE_CHECKING:
    from ..island import Island

# Nothing to see and nothing to send. Without one, the audit would ask for a fallback that no visitor could use.
FALLBACK = '<input type="hidden">'


def csrf_field(island: Island[dict[str, Any]]) -> Markup:  # noqa: ARG001 - a handler's signature
    """Answer with the hidden field, whose token starts the visitor's session."""
    if "csrf" not in current_app.extensions:
        raise ConfigError("the CSRF island has no protection to make a field for: call CSRFProtect(app)", "option")
    # Only who has the protection has the package.
    from flask_wtf.csrf import generate_csrf

    name = current_app.config["WTF_CSRF_FIELD_NAME"]
    return Markup('<input type="hidden" name="{}" value="{}">').format(name, generate_csrf())
