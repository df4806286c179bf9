"""Writes of merchants' events, their endpoints and deliveries."""

from webhooks.services.deliveries import resend, send_webhooks
from webhooks.services.endpoints import create_endpoint, disable_endpoint, enable_endpoint, remove_endpoint, rotate_secret, update_endpoint
from webhooks.services.recording import record_event

__all__ = [
    "create_endpoint",
    "disable_endpoint",
    "enable_endpoint",
    "record_event",
    "remove_endpoint",
    "resend",
    "rotate_secret",
    "send_webhooks",
    "update_endpoint",
]
