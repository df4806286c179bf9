"""The webhooks app."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Webhooks: events sent to merchants' servers."""

    name = "webhooks"
