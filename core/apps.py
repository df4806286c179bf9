"""The shared kernel as a Django app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Imports no other app."""

    name = "core"
