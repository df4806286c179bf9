"""Deposits: the part of an order's price that is paid before any of it is captured, and never lent."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from core.evidence import kept, settled
from core.ids import Identified
from payments.models import Authorization


class Deposit(Identified):
    """The deposit of a plan: held on a card with the order, charged whole before the first capture, and used by the captures.

    `authorization` is the hold. `charge_id` is the charge under way for it, if any: both the claim and the lock against a second charge;
    `tried_id` is the last one that failed, which the person may still confirm at their bank, and `tried_before` are those before it.
    `paid_minor` is what charges have paid and no bank took back. Workers charge it at `next_attempt_at`: before its hold lapses, and after
    a failure; null once it is paid, or when only the person can pay it. From `ended_at` on nothing is captured any more: what captures did
    not use goes back. Amounts in minor units.
    """

    PREFIX = "dep"
    plan = models.OneToOneField("plans.Plan", on_delete=models.PROTECT, related_name="deposit")
    authorization = models.ForeignKey(Authorization, on_delete=models.PROTECT, null=True, related_name="+")
    amount_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField(default=0)
    charge_id = models.UUIDField(null=True)
    tried_id = models.UUIDField(null=True)
    tried_before = ArrayField(models.UUIDField(), default=list, db_default=[], blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    last_failure = models.CharField(max_length=60, blank=True)
    paid_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(paid_minor__gte=0, paid_minor__lte=F("amount_minor")), name="deposit_paid_within"),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                name="deposit_to_charge",
                condition=Q(charge_id=None, ended_at=None, next_attempt_at__isnull=False),
            ),
            models.Index(fields=["charge_id"], name="deposit_charge", condition=Q(charge_id__isnull=False)),
            models.Index(fields=["tried_id"], name="deposit_tried", condition=Q(tried_id__isnull=False)),
            GinIndex(fields=["tried_before"], name="deposit_tried_before"),
        ]
        triggers = [
            *kept(fixed=["plan", "authorization", "amount_minor", "created_at"]),
            settled("ended_stays", "OLD.ended_at IS NOT NULL", fixed=["ended_at"]),
        ]

    @property
    def open_minor(self) -> int:
        """What is not paid of it."""
        return self.amount_minor - self.paid_minor

    @property
    def state(self) -> str:
        """`held` until it is charged, then `under_way`, `paid` or `declined`; `ended` once nothing more of the order is captured."""
        if self.charge_id is not None:
            return "under_way"
        if self.ended_at is not None:
            return "ended"
        if not self.open_minor:
            return "paid"
        return "declined" if self.last_failure else "held"


class DepositPayment(models.Model):
    """A charge that paid a deposit: how much of it captures used, went back to its card, and was taken back by its bank."""

    id = models.BigAutoField(primary_key=True)
    deposit = models.ForeignKey(Deposit, on_delete=models.PROTECT, related_name="payments")
    charge_id = models.UUIDField(unique=True)
    amount_minor = models.BigIntegerField()
    used_minor = models.BigIntegerField(default=0)
    returned_minor = models.BigIntegerField(default=0)
    undone_minor = models.BigIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(used_minor__gte=0, returned_minor__gte=0, undone_minor__gte=0, amount_minor__gt=0)
                & Q(amount_minor__gte=F("used_minor") + F("returned_minor") + F("undone_minor")),
                name="deposit_payment_within",
            ),
        ]
        triggers = kept(fixed=["deposit", "charge_id", "amount_minor", "at"])

    @property
    def left_minor(self) -> int:
        """What is still held for the order."""
        return self.amount_minor - self.used_minor - self.returned_minor - self.undone_minor
