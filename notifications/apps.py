"""The notifications app."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Messages to people."""

    name = "notifications"

    def ready(self) -> None:
        """Register the app's providers."""
        from notifications.gateways.registration import register_all

        register_all()
