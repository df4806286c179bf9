"""The network of what people share: who was seen with which device, card, address or contact, and the rings that come of it."""

from django.db import models
from django.db.models import Q

from accounts.models import Consumer
from core.crypto import EncryptedTextField
from core.evidence import kept, settled
from core.ids import Identified
from fraud.states import LabelSource, LinkKind

_KNOWN = Q(kind__in=[one.value for one in LinkKind])


class Link(Identified):
    """A person's account and one thing that it was seen with, by a keyed hash: first when, last when, how often.

    Rows go `BNPL_KEEP_LINKS_DAYS` after they were last seen, and with the person.
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
    """A thing that so many people share that it says nothing of any of them, such as the address of an office: nobody is joined by it."""

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
    """Accounts that are joined by what they share, over any number of steps; `size` counts them.

    `stale_at` says since when it may have fallen apart: a link went, or a thing became a hub. `settled_at` is when it was last
    walked whole.
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
    """An account in a ring; an account that shares nothing is in none."""

    PREFIX = "rgm"
    consumer = models.OneToOneField(Consumer, on_delete=models.PROTECT, related_name="+")
    ring = models.ForeignKey(Ring, on_delete=models.PROTECT, related_name="members")

    def __str__(self) -> str:
        return f"{self.consumer_id} in {self.ring_id}"


class Label(Identified):
    """What turned out to be fraud, or honest: a person, or one of their orders (`order`, its public id), with its shop and amount.

    `actor` is an operator's key, or what acted. A label holds until it is ended; another one of the same subject ends it.
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
        ]
        permissions = [("put_label", "Can label orders as fraud or honest")]
        triggers = [
            *kept(changing=["ended_at", "ended_by", "reason"]),
            settled("ended_once", "OLD.ended_at IS NOT NULL", fixed=["ended_at", "ended_by"]),
        ]

    def __str__(self) -> str:
        return self.public_id
