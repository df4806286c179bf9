"""Refunds of charges."""

from django.db import models
from django.db.models import Q

from core.evidence import kept
from payments.guards import ANSWERED, ASKED
from payments.models.charges import Charge
from payments.models.methods import PaymentMethod
from payments.models.movements import Movement, by_day
from payments.states import MOVEMENT_OPEN, OUTGOING


class Refund(Movement):
    """Money refunded for one charge, to its payment method or to another one; `reference` is the plan that owes it in the ledger."""

    PREFIX = "rfd"
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="refunds")
    payment_method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, null=True, db_index=False)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replacement")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_positive")]
        indexes = [
            models.Index(fields=["reference"], name="payment_refund_reference"),
            models.Index(fields=["created_at"], name="payment_refund_unsettled", condition=Q(status__in=MOVEMENT_OPEN)),
            by_day("payment_refund_day"),
        ]
        triggers = [*kept(fixed=[*ASKED, "charge", "payment_method", "replaces"]), *OUTGOING.triggers(), *ANSWERED]

    @OUTGOING.transition
    def confirm(self) -> None:
        """Two people closed it as not made, and later its gateway says that it was made."""
