"""The ledger app."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Double-entry ledger; no other app writes its rows."""

    name = "ledger"
