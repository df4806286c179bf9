"""Rows of the shared kernel: the sandbox clock, the outbox, idempotent answers."""

from datetime import timedelta

import pgtrigger
from django.db import models
from django.db.models import Q

from core.crypto import EncryptedJSONField
from core.evidence import kept


class ClockOffset(models.Model):
    """How far the sandbox's clock is ahead of the wall's; one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    seconds = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1, seconds__gte=0), name="clock_one_row_forward_only")]

    @classmethod
    def current(cls) -> timedelta:
        """Return the offset; nothing where it was never moved."""
        row = cls.objects.filter(id=1).values_list("seconds", flat=True).first()
        return timedelta(seconds=row or 0)


class OutboxEvent(models.Model):
    """An event that somebody hears later; `relayed` once each of its handlers has a delivery."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=80)
    payload = models.JSONField()
    at = models.DateTimeField()
    relayed = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index("id", name="outbox_waiting", condition=Q(relayed=False))]
        triggers = [
            *kept(fixed=["name", "payload", "at"]),
            pgtrigger.Trigger(
                name="notify",
                level=pgtrigger.Statement,
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                func="PERFORM pg_notify('bnpl_outbox', ''); RETURN NULL;",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.pk}"


class Delivery(models.Model):
    """One handler's duty to hear one event; times here are the wall's."""

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE)
    handler = models.CharField(max_length=120)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    error = models.TextField(default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "handler"], name="delivery_once")]
        indexes = [models.Index("next_at", name="delivery_open", condition=Q(done_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.handler} of {self.event_id}"


class IdempotentAnswer(models.Model):
    """The answer that a key's first request got, given again to every repetition for 30 days; it holds what shops sent of baskets.

    `body_before` is the same of answers from before they were encrypted.
    """

    id = models.BigAutoField(primary_key=True)
    scope = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = EncryptedJSONField(blank=True, row=("scope", "key"), before="body_before", db_column="body_sealed")
    body_before = models.JSONField(null=True, db_column="body")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotent_answer_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotent_answer_age")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
