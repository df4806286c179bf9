"""The markets app."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class MarketsConfig(AppConfig):
    """Countries as data."""

    name = "markets"

    def ready(self) -> None:
        """Load this version's markets, legal parameters and exchange rates after its migrations."""
        post_migrate.connect(_load, sender=self)


def _load(sender: MarketsConfig, apps: Any, **_: Any) -> None:
    """Load the data after migrations, unless those stopped before the newest one."""
    from markets import services

    for model in sender.get_models():
        columns = {field.name for field in apps.get_model(model._meta.label)._meta.get_fields()}
        if columns != {field.name for field in model._meta.get_fields()}:
            return
    services.load_markets()
    services.load_rates()
