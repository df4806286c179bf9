"""The composition root as an app: commands and system checks."""

from django.apps import AppConfig


class BnplConfig(AppConfig):
    """Commands live here."""

    name = "bnpl"
