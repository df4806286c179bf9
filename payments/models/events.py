"""Events that gateways sent."""

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
        indexes = [models.Index(fields=["received_at"], name="gateway_event_age")]
        triggers = kept()
