"""The ledger app."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Double entry; nobody else touches its rows."""

    name = "ledger"
