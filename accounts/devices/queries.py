"""Reads of devices."""

from accounts.devices.models import Device
from accounts.models.people import Consumer

MOST = 30


def list_devices(consumer: Consumer) -> list[Device]:
    """Return the browsers in which a consumer is remembered, the last used first, at most 30."""
    return list(Device.objects.filter(consumer=consumer, ended_at=None).order_by("-last_at")[:MOST])
