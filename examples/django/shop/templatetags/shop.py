"""The template filters: ``{% load shop %}``."""

from django import template

register = template.Library()


@register.filter
def money(pence: int) -> str:
    """Pence as pounds: 4800 is £48.00."""
    return f"£{pence / 100:,.2f}"


@register.filter
def stars(count: int) -> str:
    """A number of stars of five."""
    return "★" * count + "☆" * (5 - count)
