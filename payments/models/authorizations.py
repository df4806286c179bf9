"""Holds on cards."""

from django.db import models
from django.db.models import Q

from core.evidence import kept
from payments.guards import ANSWERED, ASKED
from payments.models.methods import PaymentMethod
from payments.models.movements import Movement
from payments.states import MOVEMENT, MOVEMENT_OPEN, MovementStatus


class Authorization(Movement):
    """Money held on a card at checkout, for the first installment.

    Its key is made from the reference, the method, the amount and the number of earlier holds that ended, so that two equal requests make
    one hold. `released_at` is set once nothing is held any more: the hold was released, charged in full, or lapsed.
    """

    PREFIX = "aut"
    MADE_IN_ORDER = False
    payment_method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT)
    used_at = models.DateTimeField(null=True)
    release_wanted_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name, verbose_name_plural = "hold on a card", "holds on cards"
        constraints = [models.CheckConstraint(condition=Q(amount_minor__gt=0), name="authorization_positive")]
        indexes = [
            models.Index(fields=["reference"], name="authorization_reference"),
            models.Index(fields=["created_at"], name="authorization_unsettled", condition=Q(status__in=MOVEMENT_OPEN)),
            models.Index(fields=["created_at"], name="authorization_held", condition=Q(status=MovementStatus.SUCCEEDED, released_at=None)),
        ]
        triggers = [*kept(fixed=[*ASKED, "payment_method"]), *MOVEMENT.triggers(), *ANSWERED]
