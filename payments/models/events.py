"""Events that gateways sent, and how far their own lists of events have been read."""

from django.db import models

from core.evidence import kept


class GatewayEvent(models.Model):
    """An event that a gateway sent us, kept once."""

    id = models.BigAutoField(primary_key=True)
    gateway = models.CharField(max_length=20)
    event_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=60)
    reference = models.CharField(max_length=120)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gateway", "event_id"], name="gateway_event_once")]
        indexes = [
            models.Index(fields=["received_at"], name="gateway_event_age"),
            models.Index(fields=["reference"], name="gateway_event_reference"),
        ]
        triggers = kept()


class EventReading(models.Model):
    """How far a gateway's own list of events has been read, one row for each account.

    A pass reads a window of that list, page by page; the next pass begins where it ended, less an overlap.
    """

    gateway = models.CharField(max_length=20, primary_key=True)
    read_until = models.DateTimeField()
    """All events before this moment, in the gateway's time, have been read."""
    since = models.DateTimeField()
    """The beginning of the current pass's window."""
    page = models.CharField(max_length=255, blank=True)
    """The gateway's name of the next page; empty at the beginning of a pass."""
    newest = models.DateTimeField(null=True)
    """The time of the newest event of the current pass."""
    held = models.DateTimeField(null=True)
    """The time of the oldest event of the current pass that could not be acted on; the next pass reads it again."""
    next_at = models.DateTimeField()
    found = models.PositiveBigIntegerField(default=0)
    """The number of events that were acted on because they were read here, not because they were sent."""
    read_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=120, blank=True)
