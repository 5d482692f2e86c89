"""The app: finds every app's ``islands.py``, registers the system checks, and forgets options that tests override."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks
from django.core.signals import request_finished, setting_changed
from django.utils.module_loading import autodiscover_modules


class EyotConfig(AppConfig):
    """``"eyot.django"`` in ``INSTALLED_APPS``."""

    name = "eyot.django"
    label = "eyot"
    verbose_name = "eyot: server islands"

    def ready(self) -> None:
        """Register handlers and checks."""
        from . import csrf, site
        from .checks import CHECKS

        site.note_debug()
        for check in CHECKS:
            checks.register(check, "eyot")
        autodiscover_modules("islands")
        csrf.register()
        setting_changed.connect(site.forget_after, dispatch_uid="eyot")
        request_finished.connect(site.leave, dispatch_uid="eyot")
