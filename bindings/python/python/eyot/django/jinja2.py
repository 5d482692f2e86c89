"""The extension for Django's Jinja2 backend: ``"extensions": ["eyot.django.jinja2.Islands"]`` in its options."""

from __future__ import annotations

from typing import Any, cast

from jinja2 import Environment
from markupsafe import Markup

from .. import jinja
from . import csrf
from .site import get_site


class _Renderer:
    """The project's islands, looked up at each call: an environment may outlive the settings of a test."""

    def __getattr__(self, name: str) -> Any:
        return getattr(get_site(), name)


class Islands(jinja.IslandExtension):
    """``{% island %}``, ``island_attrs``, ``island_url``, ``island_loader``, ``island_props`` and ``csrf_island``."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        jinja.equip(environment, cast("jinja.Renderer", _Renderer()))
        environment.globals["csrf_island"] = lambda cookie=False: Markup(csrf.placeholder(cookie=cookie))  # noqa: S704
