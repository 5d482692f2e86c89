"""The islands' routes, for a URLconf that names them itself: ``path("", include("eyot.django.urls"))``.

Without it the middlewares put them before the project's own routes, for island requests alone. With it, ``reverse`` and
tools that list routes know them. It goes to the root of the URLconf, before any route that takes every path.
"""

from .registering import patterns as urlpatterns

app_name = "eyot"

__all__ = ["app_name", "urlpatterns"]
