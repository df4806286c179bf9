"""The composition root as an app: commands and system checks."""

from importlib import import_module

from django.apps import AppConfig


class BnplConfig(AppConfig):
    """The app of the composition root."""

    name = "bnpl"

    def ready(self) -> None:
        """Compile new translations; import the checks, and the Celery app, so that every process uses the same broker."""
        import_module("core.catalogs").compile_texts()
        import_module("bnpl.celery")
        import_module("bnpl.checks")
