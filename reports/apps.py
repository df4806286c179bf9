"""The reports app."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Figures for dashboards."""

    name = "reports"
