"""The markets app."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class MarketsConfig(AppConfig):
    """Countries as data."""

    name = "markets"

    def ready(self) -> None:
        """Bring the markets, the law's numbers and the exchange rates of this version with its tables."""
        post_migrate.connect(_load, sender=self)


def _load(sender: MarketsConfig, apps: Any, **_: Any) -> None:
    """Load them after migrations, unless those went only part of the way to today's tables."""
    from markets import services

    for model in sender.get_models():
        columns = {field.name for field in apps.get_model(model._meta.label)._meta.get_fields()}
        if columns != {field.name for field in model._meta.get_fields()}:
            return
    services.load_markets()
    services.load_rates()
