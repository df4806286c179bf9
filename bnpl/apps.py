"""The composition root as an app: commands and system checks."""

from importlib import import_module

from django.apps import AppConfig


class BnplConfig(AppConfig):
    """Commands live here."""

    name = "bnpl"

    def ready(self) -> None:
        """Make the Celery app known, so that every process wakes the same broker, and the checks."""
        import_module("bnpl.celery")
        import_module("bnpl.checks")
