"""What decorators declare of a view: its shell policy, and whether its HTML is split."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._eyot import Policy

if TYPE_CHECKING:
    from flask import Flask

POLICY_ATTRIBUTE = "__eyot_policy__"
HTML_PASS_ATTRIBUTE = "__eyot_html_pass__"


def policy(app: Flask, endpoint: str) -> Policy | None:
    """Return the shell policy of an endpoint's view."""
    found = _declared(app, endpoint, POLICY_ATTRIBUTE)
    return found if isinstance(found, Policy) else None


def html_pass(app: Flask, endpoint: str | None) -> bool | None:
    """Tell whether the HTML pass was switched on or off for an endpoint's view."""
    found = _declared(app, endpoint, HTML_PASS_ATTRIBUTE) if endpoint else None
    return found if isinstance(found, bool) else None


def _declared(app: Flask, endpoint: str, attribute: str) -> Any:
    view: Any = app.view_functions.get(endpoint)
    # A decorator on a class-based view's class, or in its list of decorators.
    on_class = getattr(getattr(view, "view_class", None), attribute, None)
    return getattr(view, attribute, on_class)
