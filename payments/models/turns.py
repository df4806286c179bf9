"""Turns: what happened to a movement after its first result."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.evidence import kept
from core.ids import Identified
from core.money import Money
from payments.models.disputes import Dispute


class Turn(models.TextChoices):
    """What happened to a movement after its first result."""

    REVERSED = "reversed", _("Taken back by the bank")
    REINSTATED = "reinstated", _("With us again")
    FEE = "fee", _("Fee of the gateway")
    FEE_RETURNED = "fee_returned", _("Fee of the gateway given back")
    RETURNED = "returned", _("Came back from the card's bank")
    COVERED = "covered", _("Paid in another way")
    TRANSFERRED = "transferred", _("Paid to a bank account by hand")
    BOUNCED = "bounced", _("Came back from the shop's bank")
    RESENT = "resent", _("Sent again")
    BY_HAND = "by_hand", _("Closed by two people")
    MADE = "made", _("Made after all, as its gateway says")
    TWICE = "twice", _("Made a second time, as its gateway says")
    OWED = "owed", _("Owed again, since what had paid it came back")


class MovementEvent(Identified):
    """A turn of a charge, refund, payout or hold after its first result; the first result is in the movement itself.

    `by_hand` means that two people ended the movement, or changed that end, without an answer of the gateway; it moves no money itself.
    `made` means that the gateway later reports as made what they had ended as not made; `twice` the same for a refund that was paid in
    another way in between. `owed` means that the other payment of a refund was returned.

    The net amount of a movement is its own amount, less reversals, plus reinstatements. `number` counts the turns of a dispute; dispute and
    number together keep a turn from being recorded twice.
    """

    PREFIX = "mev"
    KINDS = Turn
    movement_kind = models.CharField(max_length=10, choices=[(kind, kind.capitalize()) for kind in ("charge", "refund", "payout", "hold")])
    movement_id = models.UUIDField()
    kind = models.CharField(max_length=12, choices=Turn.choices)
    reference = models.CharField(max_length=60, db_index=True)
    gateway = models.CharField(max_length=20)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    gateway_ref = models.CharField(max_length=120, blank=True)
    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, null=True, related_name="events")
    number = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["movement_id", "movement_kind", "kind", "dispute", "number"], name="movement_event_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="movement_event_positive"),
            models.CheckConstraint(condition=Q(kind__in=Turn.values), name="movement_event_kind_known"),
        ]
        triggers = kept()

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {Money(self.amount_minor, self.currency).text()}"
