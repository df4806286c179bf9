"""The credit app."""

from django.apps import AppConfig


class CreditConfig(AppConfig):
    """Data sources, scorecard, limits, decisions."""

    name = "credit"
