"""Rows of the shared kernel: the sandbox clock, the outbox, idempotent answers, people's data keys."""

from datetime import timedelta

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.crypto import EncryptedJSONField, EncryptedTextField, Erased
from core.evidence import kept, settled


class ClockOffset(models.Model):
    """How far the sandbox's clock is ahead of the wall clock; one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    seconds = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1, seconds__gte=0), name="clock_one_row_forward_only")]

    @classmethod
    def current(cls) -> timedelta:
        """Return the offset; zero where the clock was never moved."""
        row = cls.objects.filter(id=1).values_list("seconds", flat=True).first()
        return timedelta(seconds=row or 0)


class OutboxEvent(models.Model):
    """An event with handlers that run later; `relayed` once each of its handlers has a delivery.

    `actor` and `source` say who caused it, and in which request or event (`core.acting`).
    """

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=80)
    payload = models.JSONField()
    at = models.DateTimeField()
    relayed = models.BooleanField(default=False)
    actor = models.CharField(max_length=120, blank=True, default="", db_default="")
    source = models.CharField(max_length=120, blank=True, default="", db_default="")

    class Meta:
        indexes = [
            models.Index("id", name="outbox_waiting", condition=Q(relayed=False)),
            models.Index("at", name="outbox_age", condition=Q(relayed=True)),
        ]
        triggers = [
            *kept(fixed=["name", "payload", "at", "actor", "source"]),
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
    """The delivery of one event to one handler; its times are wall time.

    `stream` is the id of the object that the event is about. A handler gets the events of one stream in order; streams do not wait for
    each other.
    """

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE)
    handler = models.CharField(max_length=120)
    stream = models.CharField(max_length=60, blank=True, default="", db_default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    error = models.TextField(default="")

    class Meta:
        verbose_name, verbose_name_plural = "undelivered event", "undelivered events"
        constraints = [models.UniqueConstraint(fields=["event", "handler"], name="delivery_once")]
        indexes = [
            models.Index("next_at", name="delivery_open", condition=Q(done_at__isnull=True)),
            models.Index("stream", "handler", "id", name="delivery_stream", condition=Q(done_at__isnull=True)),
            models.Index("done_at", name="delivery_age", condition=Q(done_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.handler} of {self.event_id}"

    @property
    def is_erased(self) -> bool:
        """Whether its handler failed because the person was erased, so that it can never succeed."""
        return self.error.startswith(Erased.__name__)


class IdempotentAnswer(models.Model):
    """The answer to the first request with an idempotency key, returned to every repetition for 30 days; it may contain shops' baskets.

    `body_before` holds answers that were stored before answers were encrypted.
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


class ProviderAccount(models.Model):
    """An account with a provider that an operator typed in, with its keys; `core.providers` chooses between accounts.

    Payment rows store `code` as their gateway, so it never changes. An account is never deleted, only taken out of use.
    """

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=20)
    provider = models.CharField(max_length=40)
    capabilities = ArrayField(models.CharField(max_length=20))
    market = models.CharField(max_length=2, blank=True)
    brand = models.CharField(max_length=40, blank=True)
    countries = models.CharField(max_length=1000, blank=True, default="", db_default="")
    """Country codes, separated by spaces, that the provider named when its keys were last tested; empty if it named none."""
    priority = models.PositiveSmallIntegerField(default=100)
    values = EncryptedJSONField(row=("code",))
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=80)

    class Meta:
        verbose_name, verbose_name_plural = "provider's account", "providers' accounts"
        constraints = [models.UniqueConstraint(fields=["code"], name="provider_account_code_once")]
        triggers = kept(fixed=["code", "provider", "created_at"])

    def __str__(self) -> str:
        return self.code


class SubjectKey(models.Model):
    """The data key of one person (`subject`), wrapped by the installation's key; empty once it is destroyed. Times are wall time.

    The wrapped key is an encrypted column, so that rotating the installation's key wraps it again. Only the owner of the tables rotates;
    the application makes keys and destroys them.
    """

    subject = models.CharField(primary_key=True, max_length=60)
    wrapped = EncryptedTextField(blank=True)
    created_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(wrapped="", destroyed_at__isnull=False) | (~Q(wrapped="") & Q(destroyed_at__isnull=True)),
                name="subject_key_or_destroyed",
            )
        ]
        triggers = [
            *kept(changing=["wrapped", "destroyed_at"]),
            settled("destroyed_stays", "OLD.destroyed_at IS NOT NULL"),
            settled("only_destroyed", "NEW.destroyed_at IS NULL"),
        ]

    def __str__(self) -> str:
        return self.subject


class ProviderCalls(models.Model):
    """Counts of the calls of a provider account in one hour of real time."""

    id = models.BigAutoField(primary_key=True)
    account = models.CharField(max_length=20)
    hour = models.DateTimeField()
    calls = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()
    total_ms = models.PositiveBigIntegerField()
    slowest_ms = models.PositiveIntegerField()
    last_at = models.DateTimeField()
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "hour"], name="provider_calls_once_an_hour")]
        indexes = [models.Index(fields=["hour"], name="provider_calls_age")]

    def __str__(self) -> str:
        return f"{self.account} {self.hour:%Y-%m-%d %H}"


class TableDay(models.Model):
    """The size of a database table on a day (UTC, real time), and how many of its rows were deleted because of their age.

    `rows` is the database's own estimate; sizes are None on a day without a measurement.
    """

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=63)
    day = models.DateField()
    rows = models.BigIntegerField(null=True)
    table_bytes = models.BigIntegerField(null=True)
    index_bytes = models.BigIntegerField(null=True)
    forgotten = models.BigIntegerField(default=0)
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = "size", "sizes"
        constraints = [models.UniqueConstraint(fields=["name", "day"], name="table_day_once")]
        indexes = [models.Index(fields=["day"], name="table_day_age")]

    def __str__(self) -> str:
        return f"{self.name} {self.day}"
