"""The collection app."""

from django.apps import AppConfig


class CollectionConfig(AppConfig):
    """Due run, retries, reminders, charge-offs."""

    name = "collection"
