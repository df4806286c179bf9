"""The webhooks app."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Messages to machines."""

    name = "webhooks"
