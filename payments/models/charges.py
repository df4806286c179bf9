"""Charges."""

from django.db import models
from django.db.models import F, Q

from core.evidence import kept
from payments.guards import ANSWERED, ASKED
from payments.models.authorizations import Authorization
from payments.models.methods import PaymentMethod
from payments.models.movements import Movement, by_day
from payments.states import CHARGE, MOVEMENT_OPEN, MovementStatus


class Charge(Movement):
    """Money taken from a payment method for one thing (`reference`), e.g. installments of a plan.

    `actor` is the person who asked for it and is present; empty for a charge on a due date. A charge that failed because the person has to
    confirm it has the page for that in `action_url`, and succeeds once they confirm.
    """

    PREFIX = "chg"
    payment_method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT)
    authorization = models.ForeignKey(Authorization, on_delete=models.PROTECT, null=True, db_index=False)
    refunded_minor = models.BigIntegerField(default=0)
    actor = models.CharField(max_length=80, blank=True)
    action_url = models.CharField(max_length=300, blank=True)

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
            by_day("charge_day"),
        ]
        triggers = [*kept(fixed=[*ASKED, "payment_method", "authorization", "actor"]), *CHARGE.triggers(), *ANSWERED]

    @property
    def on_session(self) -> bool:
        """Whether the person is present."""
        return bool(self.actor)

    @CHARGE.transition
    def confirm(self) -> None:
        """The person confirmed the charge after it had failed."""
