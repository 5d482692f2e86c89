"""The Jinja extension: ``{% island %}``, ``island_attrs``, ``island_url``, ``island_loader`` and ``island_props``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from jinja2 import Environment, Undefined, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from markupsafe import Markup, escape

from ._eyot import encode_props
from .errors import PropsError


class Renderer(Protocol):
    """What a host gives the extension: core's functions with the current request's context."""

    def placeholder(
        self,
        name: str,
        props: Mapping[str, Any] | None,
        *,
        fallback: str,
        error: str,
        slots: Mapping[str, str],
        options: Mapping[str, Any],
    ) -> str:
        """Write a placeholder."""

    def attributes(self, name: str, props: Mapping[str, Any] | None, options: Mapping[str, Any]) -> str:
        """Write the attributes of a placeholder."""

    def url(self, name: str, props: Mapping[str, Any] | None, options: Mapping[str, Any]) -> str:
        """Write the URL of an island."""

    def loader_tags(self) -> str:
        """Write the tags of loader and style sheet."""

    @property
    def default(self) -> Callable[[Any], Any] | None:
        """What converts a prop that JSON cannot hold."""


def install(environment: Environment, renderer: Renderer) -> None:
    """Give ``environment`` the tag, the functions and the filter."""
    environment.add_extension(IslandExtension)
    equip(environment, renderer)


def equip(environment: Environment, renderer: Renderer) -> None:
    """Give ``environment`` the functions and the filter, and the tag its renderer."""
    environment.extend(eyot_renderer=renderer)
    environment.globals["island_attrs"] = _attributes_function(renderer)
    environment.globals["island_url"] = _url_function(renderer)
    environment.globals["island_loader"] = lambda: Markup(renderer.loader_tags())  # noqa: S704 - core's own markup
    environment.filters["island_props"] = lambda props: escape(encode_props(props, default=renderer.default).decode())


def _attributes_function(renderer: Renderer) -> Callable[..., Markup]:
    def island_attrs(name: str, props: Mapping[str, Any] | None = None, /, **options: Any) -> Markup:
        _check_defined(props)
        return Markup(renderer.attributes(name, props, options))  # noqa: S704 - core escapes

    return island_attrs


def _url_function(renderer: Renderer) -> Callable[..., str]:
    def island_url(name: str, props: Mapping[str, Any] | None = None, /, **options: Any) -> str:
        _check_defined(props)
        return renderer.url(name, props, options)

    return island_url


def _check_defined(props: Mapping[str, Any] | None) -> None:
    for name, value in (props or {}).items():
        if isinstance(value, Undefined):
            # Jinja's own words for what is missing.
            raise PropsError(f"props.{name}: {value._undefined_message}: a variable of the template", "props-undefined")


class IslandExtension(Extension):
    """The block ``{% island NAME [option=…] [with prop=… | with MAPPING] %}…{% endisland %}``.

    Its content is the default slot, up to the first of ``{% fallback %}``, ``{% error %}`` and ``{% slot NAME %}``,
    each of which begins a part of its own. White space around a part is dropped.
    """

    tags = {"island"}  # noqa: RUF012 - an instance variable to jinja2

    def parse(self, parser: Parser) -> nodes.Node:
        """Compile one block."""
        line = next(parser.stream).lineno
        name = parser.parse_expression()
        options = nodes.Dict(self._pairs(parser))
        props: nodes.Expr = nodes.Const(None)
        if parser.stream.skip_if("name:with"):
            props = self._props(parser)
        labels, chooser = self._parts(parser, line)
        arguments: list[nodes.Expr] = [name, options, props, nodes.Const(tuple(labels))]
        block = nodes.CallBlock(self.call_method("_render", arguments), [nodes.Name("eyot_part", "param")], [], chooser)
        return block.set_lineno(line)

    def _props(self, parser: Parser) -> nodes.Expr:
        if parser.stream.look().type == "assign":
            return nodes.Dict(self._pairs(parser))
        return parser.parse_expression()

    def _pairs(self, parser: Parser) -> list[nodes.Pair]:
        pairs = []
        stream = parser.stream
        while stream.current.type == "name" and stream.current.value != "with":
            name = stream.expect("name")
            value = parser.parse_expression() if stream.skip_if("assign") else nodes.Const(True)
            pairs.append(nodes.Pair(nodes.Const(name.value), value, lineno=name.lineno))
            stream.skip_if("comma")
        return pairs

    def _parts(self, parser: Parser, line: int) -> tuple[list[str], list[nodes.Node]]:
        """Read the parts: a label for each, and one ``if`` for each that renders it when its index is asked for."""
        ends = ("name:fallback", "name:error", "name:slot", "name:endisland")
        labels, chooser = ["default"], list[nodes.Node]()
        while True:
            body = parser.parse_statements(ends)
            chosen = nodes.Name("eyot_part", "load")
            test = nodes.Compare(chosen, [nodes.Operand("eq", nodes.Const(len(labels) - 1))])
            chooser.append(nodes.If(test, body, [], [], lineno=line))
            kind = next(parser.stream).value
            if kind == "endisland":
                return labels, chooser
            labels.append(self._label(parser, kind))

    def _label(self, parser: Parser, kind: str) -> str:
        if kind != "slot":
            return kind
        token = next(parser.stream)
        if token.type not in ("name", "string"):
            parser.fail("the tag 'slot' needs a name, such as {% slot footer %}", token.lineno)
        if token.value in ("fallback", "error"):
            parser.fail(f"this slot has a tag of its own: {{% {token.value} %}}", token.lineno)
        return str(token.value)

    def _render(
        self,
        name: str,
        options: Mapping[str, Any],
        props: Mapping[str, Any] | None,
        labels: tuple[str, ...],
        caller: Callable[[int], Any],
    ) -> Any:
        if self.environment.is_async:
            # What a block renders is then awaited, as Jinja awaits this.
            return self._rendered_later(name, options, props, labels, caller)
        return self._written(name, options, props, labels, [caller(index) for index in range(len(labels))])

    async def _rendered_later(
        self,
        name: str,
        options: Mapping[str, Any],
        props: Mapping[str, Any] | None,
        labels: tuple[str, ...],
        caller: Callable[[int], Awaitable[str]],
    ) -> Markup:
        return self._written(name, options, props, labels, [await caller(index) for index in range(len(labels))])

    def _written(
        self,
        name: str,
        options: Mapping[str, Any],
        props: Mapping[str, Any] | None,
        labels: tuple[str, ...],
        contents: list[str],
    ) -> Markup:
        _check_defined(props)
        parts: dict[str, str] = {}
        for label, rendered in zip(labels, contents, strict=True):
            if content := str(rendered).strip():
                parts[label] = parts.get(label, "") + content
        renderer: Renderer = self.environment.eyot_renderer  # type: ignore[attr-defined]
        html = renderer.placeholder(
            name,
            props,
            fallback=parts.pop("fallback", ""),
            error=parts.pop("error", ""),
            slots=parts,
            options=options,
        )
        return Markup(html)  # noqa: S704 - core escapes
