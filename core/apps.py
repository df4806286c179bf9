"""The shared kernel as a Django app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Imports no other app."""

    name = "core"

    def ready(self) -> None:
        """Write the counts of provider calls to the database after a request, as Celery does after a task; translate names of models."""
        from django.core.signals import request_finished

        from core.labels import translate_labels
        from core.provider_calls import write_sometimes

        request_finished.connect(write_sometimes)
        translate_labels()
