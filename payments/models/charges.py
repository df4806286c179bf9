"""Charges."""

from django.db import models
from django.db.models import F, Q

from core.evidence import kept
from payments.guards import ASKED, answered
from payments.models.authorizations import Authorization
from payments.models.methods import PaymentMethod
from payments.models.movements import Movement, by_day
from payments.states import CHARGE, MOVEMENT_OPEN, MOVEMENT_UNENDED, MovementStatus


class Charge(Movement):
    """Money taken from a payment method for one purpose (`reference`), e.g. installments of a plan.

    `actor` is the person who requested it and is present; empty for a charge on a due date. A charge that failed because the person must
    confirm it has the page for that in `action_url`, and succeeds once they confirm. A charge that is under way for days is looked up at
    `next_look_at`, in the product's time.
    """

    PREFIX = "chg"
    payment_method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT)
    authorization = models.ForeignKey(Authorization, on_delete=models.PROTECT, null=True, db_index=False)
    refunded_minor = models.BigIntegerField(default=0)
    actor = models.CharField(max_length=80, blank=True)
    action_url = models.CharField(max_length=300, blank=True)
    next_look_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="charge_positive"),
            models.CheckConstraint(condition=Q(refunded_minor__gte=0, refunded_minor__lte=F("amount_minor")), name="charge_refund_within"),
        ]
        indexes = [
            models.Index(fields=["reference", "-id"], name="charge_reference"),
            models.Index(fields=["authorization"], name="charge_authorization", condition=Q(authorization__isnull=False)),
            models.Index(fields=["created_at"], name="charge_unsettled", condition=Q(status__in=MOVEMENT_OPEN)),
            models.Index(fields=["-id"], name="charge_failed", condition=Q(status=MovementStatus.FAILED)),
            models.Index(fields=["next_look_at"], name="charge_under_way", condition=Q(status=MovementStatus.UNDER_WAY.value)),
            by_day("charge_day"),
        ]
        triggers = [*kept(fixed=[*ASKED, "payment_method", "authorization", "actor"]), *CHARGE.triggers(), *answered(MOVEMENT_UNENDED)]

    @property
    def on_session(self) -> bool:
        """Whether the person is present."""
        return bool(self.actor)

    @CHARGE.transition
    def set_out(self) -> None:
        """The gateway has begun to debit the bank account."""

    @CHARGE.transition
    def succeed(self) -> None:
        """The gateway did it."""

    @CHARGE.transition
    def fail(self) -> None:
        """The gateway or the bank refused, or the gateway never heard of it."""

    @CHARGE.transition
    def confirm(self) -> None:
        """The person confirmed the charge after it had failed."""
