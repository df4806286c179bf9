"""The network: which accounts were seen with which device, card, address or contact, and the rings of accounts that share them."""

from django.db import models
from django.db.models import Q

from accounts.models import Consumer
from core.crypto import EncryptedTextField
from core.evidence import kept, settled
from core.ids import Identified
from fraud.states import LabelSource, LinkKind

_KNOWN = Q(kind__in=[one.value for one in LinkKind])


class Link(Identified):
    """An account and a value that it was seen with, as a keyed hash: first time, last time, count.

    Rows are deleted `BNPL_KEEP_LINKS_DAYS` after the last time, and with the person.
    """

    PREFIX = "lnk"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=[(one.value, one.value) for one in LinkKind])
    key = models.CharField(max_length=32)
    times = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consumer", "kind", "key"], name="link_once"),
            models.CheckConstraint(condition=_KNOWN, name="link_kind_known"),
        ]
        indexes = [
            models.Index(fields=["key", "kind"], name="link_thing", include=["consumer"]),
            models.Index(fields=["last_at"], name="link_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.consumer_id}"


class Hub(Identified):
    """A value shared by so many people that it joins nobody, such as the address of an office."""

    PREFIX = "hub"
    kind = models.CharField(max_length=8, choices=[(one.value, one.value) for one in LinkKind])
    key = models.CharField(max_length=32)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "kind"], name="hub_once"),
            models.CheckConstraint(condition=_KNOWN, name="hub_kind_known"),
        ]
        indexes = [models.Index(fields=["since"], name="hub_age")]

    def __str__(self) -> str:
        return f"{self.kind} since {self.since}"


class Ring(Identified):
    """Accounts that are joined by shared values, over any number of steps; `size` is their number.

    `stale_at` is set when the ring may have fallen apart: a link was deleted, or a value became a hub. `settled_at` is when its
    connectivity was last checked.
    """

    PREFIX = "rng"
    size = models.PositiveIntegerField()
    stale_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["stale_at"], name="ring_stale", condition=Q(stale_at__isnull=False)),
            models.Index(fields=["settled_at"], name="ring_settled"),
        ]

    def __str__(self) -> str:
        return f"ring of {self.size}"


class Member(Identified):
    """An account in a ring; an account that shares nothing is in no ring."""

    PREFIX = "rgm"
    consumer = models.OneToOneField(Consumer, on_delete=models.PROTECT, related_name="+")
    ring = models.ForeignKey(Ring, on_delete=models.PROTECT, related_name="members")

    def __str__(self) -> str:
        return f"{self.consumer_id} in {self.ring_id}"


class Label(Identified):
    """A label as fraud or honest, of a person or of one of their orders (`order`, its public id), with shop and amount.

    `actor` is an operator's key or another actor. A label is in force until it is ended; a new label of the same subject ends it.
    """

    PREFIX = "lab"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="+", db_index=False)
    order = models.CharField(max_length=40, blank=True, default="")
    merchant = models.CharField(max_length=40, blank=True, default="")
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    is_fraud = models.BooleanField()
    source = models.CharField(max_length=12, choices=[(one.value, one.value) for one in LabelSource])
    actor = models.CharField(max_length=80)
    reason = EncryptedTextField(blank=True, person="consumer_id")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consumer", "order"], name="label_once", condition=Q(ended_at=None)),
            models.CheckConstraint(condition=Q(source__in=[one.value for one in LabelSource]), name="label_source_known"),
            models.CheckConstraint(
                condition=Q(order="", merchant="", currency="", amount_minor=None)
                | (~Q(order="") & ~Q(merchant="") & ~Q(currency="") & Q(amount_minor__isnull=False)),
                name="label_order_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["consumer", "-id"], name="label_newest"),
            models.Index(fields=["order"], name="label_order", condition=~Q(order="")),
            models.Index(fields=["merchant", "-at"], name="label_of_shop", condition=Q(is_fraud=True, ended_at=None) & ~Q(merchant="")),
        ]
        permissions = [("put_label", "Can label orders as fraud or honest")]
        triggers = [
            *kept(changing=["ended_at", "ended_by", "reason"]),
            settled("ended_once", "OLD.ended_at IS NOT NULL", fixed=["ended_at", "ended_by"]),
        ]

    def __str__(self) -> str:
        return self.public_id
