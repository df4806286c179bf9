"""The markets app."""

from django.apps import AppConfig


class MarketsConfig(AppConfig):
    """Countries as data."""

    name = "markets"
