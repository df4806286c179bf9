"""The operations app."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """The back office: pages that join data of several apps and act through their services."""

    name = "operations"
