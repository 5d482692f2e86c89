"""The islands that the project's templates name in tags, and tags that cannot be read, for the checks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from django.template import TemplateSyntaxError, engines
from django.template.backends.django import DjangoTemplates

from ..errors import ConfigError, Error
from .site import get_site, registry
from .templatetags.eyot import AttributesNode, IslandNode, UrlNode

if TYPE_CHECKING:
    from django.template import Engine

_FUNCTIONS = ("island_attrs", "island_url")
_TAGS = ("island", *_FUNCTIONS, "csrf_island", "fallback", "error", "slot", "endisland")


class Written(NamedTuple):
    """An island that a template names as a literal; why its tag cannot be read, or written."""

    template: str
    line: int
    name: str = ""
    fault: str = ""

    @property
    def place(self) -> str:
        """Where that is."""
        return f"{self.template}, line {self.line},"


def found() -> Iterator[Written]:
    """Read all templates that engines can list; what is wrong with other tags is left to those who render them."""
    for engine in engines.all():
        if isinstance(engine, DjangoTemplates):
            yield from _django(engine.engine)
        elif hasattr(engine, "env"):
            yield from _jinja(engine.env)


def _django(engine: Engine) -> Iterator[Written]:
    for folder in {folder for loader in _loaders(engine.template_loaders) for folder in loader.get_dirs()}:
        for file, text in _texts(Path(folder)):
            try:
                nodes: Any = engine.from_string(text).nodelist
            except TemplateSyntaxError as error:
                token = getattr(error, "token", None)
                if token is not None and token.split_contents()[:1] and token.split_contents()[0] in _TAGS:
                    yield Written(file, token.lineno, fault=str(error))
                continue
            for node in (
                node for kind in (IslandNode, AttributesNode, UrlNode) for node in nodes.get_nodes_by_type(kind)
            ):
                name = node.call.literal
                if name is not None:
                    yield Written(file, node.token.lineno, name, _fault(name, node.call.constants))


def _fault(name: str, options: dict[str, Any]) -> str:
    """Say what is wrong with the options of an island."""
    try:
        if name in registry:
            get_site().attributes(name, None, options)
    except ConfigError as error:
        return str(error)
    except Error:
        # Another check's to say.
        return ""
    return ""


def _loaders(loaders: Any) -> Iterator[Any]:
    for loader in loaders:
        if hasattr(loader, "loaders"):
            yield from _loaders(loader.loaders)
        elif hasattr(loader, "get_dirs"):
            yield loader


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(folder.rglob("*")):
        if not file.is_file():
            continue
        source = file.read_bytes()
        if b"{% island" in source:
            yield str(file.relative_to(folder)), source.decode("utf-8", "replace")


def _jinja(environment: Any) -> Iterator[Written]:
    # Jinja is there where an environment is.
    from jinja2 import TemplateError, nodes

    try:
        templates = environment.list_templates()
    except TypeError:
        # A loader that cannot tell.
        return
    for template in templates:
        try:
            tree = environment.parse(environment.loader.get_source(environment, template)[0])
        except (TemplateError, UnicodeDecodeError):
            continue
        for call in tree.find_all(nodes.Call):
            first = call.args[0] if call.args else None
            if isinstance(first, nodes.Const) and isinstance(first.value, str) and _is_ours(call.node):
                yield Written(template, first.lineno, first.value)


def _is_ours(called: Any) -> bool:
    """Tell whether it is the tag ``{% island %}``, or a function that takes an island's name."""
    identifier = getattr(called, "identifier", "")
    return getattr(called, "name", "") in (*_FUNCTIONS, "_render") and (
        not identifier or identifier.endswith("jinja2.Islands")
    )
