"""The template tags: ``{% load eyot %}``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import template
from django.template.base import FilterExpression
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from ..._eyot import encode_props
from ...errors import ConfigError
from ...site import OPTIONS, URL_OPTIONS, check_options
from .. import csrf
from ..site import get_site, using

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.template.base import NodeList, Parser, Token
    from django.template.context import Context

register = template.Library()

_PAIR = re.compile(r"\w+=")
_PARTS = ("fallback", "error", "slot", "endisland")


class Call:
    """What stands behind a tag's name: an island's name, its options and its props, ``… opt=1 with prop=2 as var``."""

    def __init__(self, parser: Parser, token: Token, example: str, known: Sequence[str] = OPTIONS) -> None:
        tag, *bits = token.split_contents()
        self._tag, self._example = tag, example
        self._origin, self._line = parser.origin, token.lineno
        self.variable = self._variable(bits)
        if not bits:
            raise self._wrong("needs the name of an island")
        self._name = parser.compile_filter(bits.pop(0))
        split = bits.index("with") if "with" in bits else len(bits)
        self._options = self._pairs(parser, bits[:split], flags=True)
        try:
            check_options(self.literal or self._name.token, self._options, known)
        except ConfigError as error:
            raise template.TemplateSyntaxError(str(error)) from None
        self._props = self._mapping(parser, bits[split + 1 :]) if split < len(bits) else None

    @property
    def literal(self) -> str | None:
        """The island's name, where the template says it itself."""
        found = self._name
        return str(found.var) if isinstance(found.var, str) and not found.filters else None

    @property
    def constants(self) -> dict[str, Any]:
        """The options that the template says itself."""
        return {
            name: found.resolve(template.Context())
            for name, found in self._options.items()
            if not isinstance(found.var, template.Variable) or found.var.lookups is None
        }

    def _variable(self, bits: list[str]) -> str | None:
        if len(bits) < 3 or bits[-2] != "as":
            return None
        variable = bits[-1]
        del bits[-2:]
        return variable

    def _mapping(self, parser: Parser, bits: list[str]) -> FilterExpression | dict[str, FilterExpression]:
        if len(bits) == 1 and not _PAIR.match(bits[0]):
            return parser.compile_filter(bits[0])
        if not bits:
            raise self._wrong("has nothing behind 'with'")
        return self._pairs(parser, bits, flags=False)

    def _pairs(self, parser: Parser, bits: list[str], *, flags: bool) -> dict[str, FilterExpression]:
        pairs = {}
        for bit in bits:
            name, equals, value = bit.partition("=")
            if not name.isidentifier() or not (equals or flags) or (equals and not value):
                raise self._wrong(f"cannot read {bit!r}")
            if name in pairs:
                raise self._wrong(f"has {name!r} twice")
            pairs[name] = parser.compile_filter(value if equals else "True")
        return pairs

    def _wrong(self, what: str) -> template.TemplateSyntaxError:
        return template.TemplateSyntaxError(f"the tag '{self._tag}' {what}, such as {self._example}")

    def resolve(self, context: Context) -> tuple[str, Mapping[str, Any] | None, dict[str, Any]]:
        """Return name, props and options."""
        options = {name: value.resolve(context) for name, value in self._options.items()}
        name, given = self._name.resolve(context), self._props
        if given is None:
            return name, None, options
        if isinstance(given, dict):
            return name, {prop: self._prop(context, name, f"prop {prop!r}", given[prop]) for prop in given}, options
        # What a template does not know is an empty string to it.
        return name, self._prop(context, name, "props", given) or None, options

    def _prop(self, context: Context, island: str, what: str, expression: FilterExpression) -> Any:
        """Return the value of a prop; while debugging one that the template does not know is logged."""
        value = expression.resolve(context)
        if get_site().is_debug and isinstance(value, str) and expression.resolve(context, ignore_failures=True) is None:
            text = (
                f"{self._place}: the island {island!r} gets its {what} from {expression.token}, which the template "
                'does not know, so that it is ""'
            )
            get_site().warn("props-undefined", text, island=island)
        return value

    @property
    def _place(self) -> str:
        return f"{self._origin}, line {self._line}"


class IslandNode(template.Node):
    """A block ``{% island %}``, with its parts in the order in which they stand."""

    child_nodelists = ("everything",)

    def __init__(self, call: Call, parts: list[tuple[str, NodeList]]) -> None:
        self.call = call
        self._parts = parts
        # For those who look for nodes of a type, as {% extends %} does for blocks.
        self.everything = template.NodeList(node for _, nodes in parts for node in nodes)

    def render(self, context: Context) -> SafeString:
        """Render the tag."""
        name, props, options = self.call.resolve(context)
        parts: dict[str, str] = {}
        for label, nodes in self._parts:
            if content := nodes.render(context).strip():
                parts[label] = parts.get(label, "") + content
        fallback, error = parts.pop("fallback", ""), parts.pop("error", "")
        with using(_request(context)):
            html = get_site().placeholder(name, props, fallback=fallback, error=error, slots=parts, options=options)
        return mark_safe(html)  # noqa: S308 - core escapes


class _InlineNode(template.Node):
    def __init__(self, call: Call) -> None:
        self.call = call

    def render(self, context: Context) -> SafeString:
        name, props, options = self.call.resolve(context)
        with using(_request(context)):
            text = self._written(name, props, options)
        if self.call.variable is None:
            return text
        context[self.call.variable] = text
        return mark_safe("")

    def _written(self, name: str, props: Mapping[str, Any] | None, options: dict[str, Any]) -> SafeString:
        raise NotImplementedError


class AttributesNode(_InlineNode):
    """``{% island_attrs %}``."""

    def _written(self, name: str, props: Mapping[str, Any] | None, options: dict[str, Any]) -> SafeString:
        return mark_safe(get_site().attributes(name, props, options))  # noqa: S308 - core escapes


class UrlNode(_InlineNode):
    """``{% island_url %}``."""

    def _written(self, name: str, props: Mapping[str, Any] | None, options: dict[str, Any]) -> SafeString:
        return escape(get_site().url(name, props, options))


@register.tag("island")
def island(parser: Parser, token: Token) -> IslandNode:
    """Write a placeholder.

    ``{% island "Name" [option=…] [with prop=… | with MAPPING] %}…{% endisland %}``. Its content is the default slot, up
    to the first of ``{% fallback %}``, ``{% error %}`` and ``{% slot NAME %}``, each of which begins a part of its own.
    White space around a part is dropped.
    """
    call = Call(parser, token, '{% island "CartRow" when="idle" with sku=sku %}')
    parts, label = [], "default"
    while True:
        parts.append((label, parser.parse(_PARTS)))
        tag, *names = parser.next_token().split_contents()
        if tag == "endisland":
            return IslandNode(call, parts)
        label = _label(tag, names)


def _label(tag: str, names: list[str]) -> str:
    if tag != "slot":
        if names:
            raise template.TemplateSyntaxError(f"the tag '{tag}' stands alone: {{% {tag} %}}")
        return tag
    if len(names) != 1:
        raise template.TemplateSyntaxError("the tag 'slot' needs a name, such as {% slot footer %}")
    name = names[0].strip("\"'")
    if name in ("fallback", "error"):
        raise template.TemplateSyntaxError(f"this slot has a tag of its own: {{% {name} %}}")
    return name


@register.tag("island_attrs")
def island_attrs(parser: Parser, token: Token) -> AttributesNode:
    """Write a placeholder's attributes, onto an element of the template: ``<tr {% island_attrs "Row" with … %}>``."""
    return AttributesNode(Call(parser, token, '{% island_attrs "CartRow" with sku=sku %}'))


@register.tag("island_url")
def island_url(parser: Parser, token: Token) -> UrlNode:
    """Write an island's URL, for htmx and the like: ``hx-get="{% island_url "Row" with … %}"``, or ``… as url %}``."""
    return UrlNode(Call(parser, token, '{% island_url "CartRow" with sku=sku %}', URL_OPTIONS))


@register.simple_tag(takes_context=True)
def island_loader(context: Context) -> SafeString:
    """Write the tags of loader and style sheet, into the head of a page that is not split; others get them anyway."""
    with using(_request(context)):
        return mark_safe(get_site().loader_tags())  # noqa: S308 - core's own markup


class CsrfNode(template.Node):
    """``{% csrf_island %}``."""

    def __init__(self, *, cookie: bool) -> None:
        self._cookie = cookie

    def render(self, context: Context) -> SafeString:
        """Render the tag."""
        with using(_request(context)):
            return mark_safe(csrf.placeholder(cookie=self._cookie))  # noqa: S308 - core escapes


@register.tag("csrf_island")
def csrf_island(parser: Parser, token: Token) -> CsrfNode:  # noqa: ARG001 - a tag's signature
    """Write what ``{% csrf_token %}`` is on a page that is one visitor's: the hidden field, as an island.

    ``{% csrf_island cookie %}`` sets the cookie alone, for scripts that send it as ``X-CSRFToken``.
    """
    _, *bits = token.split_contents()
    if bits not in ([], ["cookie"]):
        raise template.TemplateSyntaxError("it is {% csrf_island %} or {% csrf_island cookie %}")
    return CsrfNode(cookie=bool(bits))


@register.filter
def island_props(props: Any) -> SafeString:
    """Write props as JSON that is safe in either kind of quotes: ``server:props='{{ props|island_props }}'``."""
    return escape(encode_props(props, default=get_site().default).decode())


def _request(context: Context) -> HttpRequest | None:
    found: HttpRequest | None = getattr(context, "request", None) or context.get("request")
    return found
