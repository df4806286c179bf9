"""The credit app."""

from django.apps import AppConfig


class CreditConfig(AppConfig):
    """Data sources, scorecard, limits, decisions."""

    name = "credit"

    def ready(self) -> None:
        """Register the providers of this app, and the facts that its decisions have."""
        from credit.cases import FACTS
        from credit.gateways.registration import register_all
        from learning.decided import tell_facts
        from learning.models import Family

        register_all()
        tell_facts(Family.CREDIT, FACTS)
