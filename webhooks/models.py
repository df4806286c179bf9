"""Rows of webhooks: merchants' events with gapless numbers, their endpoints, and each delivery."""

from django.db import models
from django.db.models import Q

from core.crypto import EncryptedJSONField
from core.evidence import kept
from core.ids import Identified
from core.states import Stateful
from merchants.models import Merchant
from webhooks.states import DELIVERY, DeliveryStatus


class EventCounter(models.Model):
    """The last sequence number of a merchant's events."""

    merchant = models.OneToOneField(Merchant, on_delete=models.PROTECT, primary_key=True)
    last = models.BigIntegerField(default=0)


class MerchantEvent(Identified):
    """An event of a merchant, numbered without gaps; every endpoint that wants its type gets it."""

    PREFIX = "evt"
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT)
    sequence = models.BigIntegerField()
    type = models.CharField(max_length=60)
    source = models.CharField(max_length=120)
    data = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "sequence"], name="merchant_event_gapless"),
            models.UniqueConstraint(fields=["merchant", "source"], name="merchant_event_once"),
        ]
        indexes = [models.Index(fields=["created_at"], name="merchant_event_age")]
        triggers = kept()

    def __str__(self) -> str:
        return f"{self.type} {self.sequence}"


class Endpoint(Identified):
    """A merchant's URL for events. `events` are the types it wants; empty means all.

    `secrets` are the signing secrets, newest first: `{"secret": "whsec_...", "until": wall time or null}`.
    """

    PREFIX = "whk"
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="endpoints")
    url = models.URLField(max_length=500)
    events = models.JSONField(default=list)
    secrets = EncryptedJSONField()
    disabled_at = models.DateTimeField(null=True)
    disabled_reason = models.CharField(max_length=80, blank=True)
    removed_at = models.DateTimeField(null=True)
    changed_by = models.CharField(max_length=80)
    changed_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["merchant", "-id"], name="endpoint_of_merchant")]

    def __str__(self) -> str:
        return self.url

    @property
    def active(self) -> bool:
        """Whether events are sent to the endpoint."""
        return self.disabled_at is None and self.removed_at is None


class Delivery(Stateful, Identified):
    """The delivery of one event to one endpoint. `next_at` (when to try) and `claimed_until` (a worker's lease) are wall time."""

    PREFIX = "whd"
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="deliveries")
    event = models.ForeignKey(MerchantEvent, on_delete=models.PROTECT, related_name="deliveries")
    status = DELIVERY.field()
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True)
    resent_by = models.CharField(max_length=80, blank=True)
    resent_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="webhook_delivery_once"),
            DELIVERY.constraint("webhook_delivery_status_known"),
        ]
        indexes = [
            models.Index(fields=["endpoint", "next_at"], name="webhook_delivery_waiting", condition=Q(status=DeliveryStatus.WAITING)),
            models.Index(fields=["endpoint", "-id"], name="webhook_delivery_log"),
            models.Index(fields=["created_at"], name="webhook_delivery_age", condition=~Q(status=DeliveryStatus.WAITING)),
        ]
        triggers = DELIVERY.triggers()

    def __str__(self) -> str:
        return self.public_id

    @DELIVERY.transition
    def deliver(self) -> None:
        """The endpoint answered 2xx."""

    @DELIVERY.transition
    def fail(self) -> None:
        """All tries have failed, or the endpoint was disabled or removed."""

    @DELIVERY.transition
    def resend(self) -> None:
        """The merchant requested that it is sent again."""


class Attempt(models.Model):
    """One try of a delivery, as the log shows it; no status code means no answer."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    status_code = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=200, blank=True)
    answer = models.TextField(blank=True)
    duration_ms = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="webhook_attempt_age")]
        triggers = kept()
