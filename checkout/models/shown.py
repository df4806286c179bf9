"""The plans that a person was shown for a purchase, as they were shown."""

from django.db import models
from django.db.models import Q

from checkout.models.sales import Checkout
from core.evidence import kept
from core.ids import Identified
from credit.models import Decision


class ShownOffer(Identified):
    """The plans that a person was shown after one decision, each with its price, and those that were left out.

    `plans` are `checkout.showing.ShownPlan` as JSON, in the order of the page; amounts are in minor units of the checkout's currency.
    `amount_minor` is the price, `least_deposit_minor` what had to be paid as a deposit at least, `starts_on` the day from which dates are
    counted. `ruled` has the rules that offered a plan, left one out, or asked for a deposit (`controls.rule_kinds.kept_rule`), by the
    product's code, or `deposit`; it is emptied when the person is erased. `seal` is the hash of what was shown: the same is kept once.
    """

    PREFIX = "sho"
    checkout = models.ForeignKey(Checkout, on_delete=models.PROTECT, related_name="shown")
    # The constraint's index begins with it.
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="+", db_index=False)
    amount_minor = models.BigIntegerField()
    least_deposit_minor = models.BigIntegerField(default=0)
    starts_on = models.DateField()
    plans = models.JSONField()
    ruled = models.JSONField(default=dict)
    seal = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "seal"], name="shown_offer_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0, least_deposit_minor__gte=0), name="shown_offer_positive"),
        ]
        triggers = kept(changing=["ruled"])

    def __str__(self) -> str:
        return f"{self.checkout_id} {self.at:%Y-%m-%d}"
