"""The extension for Django's Jinja2 backend: ``"extensions": ["eyot.django.jinja2.Islands"]`` in its options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from .. import jinja
from . import csrf
from .site import get_site


class _Renderer:
    """The project's islands, looked up at each call: an environment may outlive the settings of a test."""

    def placeholder(self, name: str, props: Mapping[str, Any] | None, **parts: Any) -> str:
        return get_site().placeholder(name, props, **parts)

    def attributes(self, name: str, props: Mapping[str, Any] | None, options: Mapping[str, Any]) -> str:
        return get_site().attributes(name, props, options)

    def url(self, name: str, props: Mapping[str, Any] | None, options: Mapping[str, Any]) -> str:
        return get_site().url(name, props, options)

    def loader_tags(self) -> str:
        return get_site().loader_tags()

    @property
    def default(self) -> Callable[[Any], Any] | None:
        return get_site().default


class Islands(jinja.IslandExtension):
    """``{% island %}``, ``island_attrs``, ``island_url``, ``island_loader``, ``island_props`` and ``csrf_island``."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        jinja.equip(environment, _Renderer())
        environment.globals["csrf_island"] = lambda cookie=False: Markup(csrf.placeholder(cookie=cookie))  # noqa: S704
