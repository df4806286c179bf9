"""The operations app."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """The back office: pages that compose what several apps know, and act by their services."""

    name = "operations"
