"""The collection app."""

from django.apps import AppConfig


class CollectionConfig(AppConfig):
    """Due run, retries, reminders."""

    name = "collection"
