"""The shared kernel as a Django app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Imports no other app."""

    name = "core"

    def ready(self) -> None:
        """Write counts of provider calls after a request, as Celery does after a task; tell the database who acts; translate models."""
        from django.core.signals import request_finished
        from django.db.backends.signals import connection_created

        from core.actor_rows import tell_on
        from core.labels import translate_labels
        from core.provider_calls import write_sometimes

        request_finished.connect(write_sometimes)
        connection_created.connect(tell_on)
        translate_labels()
