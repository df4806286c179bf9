"""The portals app."""

from django.apps import AppConfig


class PortalsConfig(AppConfig):
    """Pages for consumers and merchants; no models, no rules."""

    name = "portals"
