"""The shared kernel as a Django app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Imports no other app."""

    name = "core"

    def ready(self) -> None:
        """Have figures of calls to providers written down after a request, as Celery does after a task."""
        from django.core.signals import request_finished

        from core.provider_calls import write_sometimes

        request_finished.connect(write_sometimes)
