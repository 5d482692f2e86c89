"""The probe in Django by ASGI, with async views."""

from django_probe import app

__all__ = ["app"]
