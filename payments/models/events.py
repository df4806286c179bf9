"""Events that gateways sent, and how far their own lists of events are read."""

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
    """How far a gateway's own list of events is read, one row an account.

    A pass reads a window of that list, a page at a time; its end is the beginning of the next one, less an overlap.
    """

    gateway = models.CharField(max_length=20, primary_key=True)
    read_until = models.DateTimeField()
    """What the gateway told before this was read to the end, by its own time."""
    since = models.DateTimeField()
    """Where the window of the present pass begins."""
    page = models.CharField(max_length=255, blank=True)
    """The gateway's name of the page that comes next; empty at the beginning of a pass."""
    newest = models.DateTimeField(null=True)
    """When the newest event of the present pass was made."""
    held = models.DateTimeField(null=True)
    """When the oldest event of the present pass was made that could not be acted on; the next pass reads it again."""
    next_at = models.DateTimeField()
    found = models.PositiveBigIntegerField(default=0)
    """The number of events that were acted on because they were read here."""
    read_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=120, blank=True)
