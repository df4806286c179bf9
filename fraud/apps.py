"""The fraud app."""

from django.apps import AppConfig


class FraudConfig(AppConfig):
    """Signals, assessments, networks of shared things."""

    name = "fraud"

    def ready(self) -> None:
        """Register the facts that the assessments of this app have."""
        from fraud.cases import COLUMNS
        from learning.decided import tell_facts
        from learning.models import Family

        tell_facts(Family.FRAUD, COLUMNS)
