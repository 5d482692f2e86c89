"""The app."""

from django.apps import AppConfig


class ShopConfig(AppConfig):
    """Osier & Ait."""

    name = "shop"
    verbose_name = "Osier & Ait"
