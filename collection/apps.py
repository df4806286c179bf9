"""The collection app."""

from django.apps import AppConfig


class CollectionConfig(AppConfig):
    """Due run, retries, reminders, charge-offs."""

    name = "collection"

    def ready(self) -> None:
        """Tell the facts by which a model of reminders may decide."""
        from collection.needs import FACTS
        from learning.decided import tell_facts
        from learning.models import Family

        tell_facts(Family.REMINDER, FACTS)
