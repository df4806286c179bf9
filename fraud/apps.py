"""The fraud app."""

from django.apps import AppConfig


class FraudConfig(AppConfig):
    """Signals, assessments, networks of shared things."""

    name = "fraud"
