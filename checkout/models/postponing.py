"""What shops pay so that the payments of a customer come later."""

from django.db import models
from django.db.models import Q

from checkout.models.sales import Order
from core.evidence import kept
from core.ids import Identified


class Postponement(Identified):
    """One time that a shop let all payments to come of an order come one interval later, and what it paid for it; minor units."""

    PREFIX = "psp"
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="postponements", db_index=False)
    number = models.PositiveSmallIntegerField()
    open_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField()
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="postponement_number_once"),
            models.CheckConstraint(
                condition=Q(number__gte=1, fee_minor__gt=0, open_minor__gte=models.F("fee_minor")), name="postponement_paid"
            ),
        ]
        triggers = kept()
