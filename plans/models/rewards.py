"""What people earned by paying before the due date, or from a bank account."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.evidence import kept
from core.ids import Identified
from markets.models import MarketSetting
from plans.models.plans import Installment


class Reward(Identified):
    """What a charge earned for an installment that it paid, wholly or in part: decided once, even if it is nothing; minor units.

    `paid_minor` is the principal that the charge paid of it. `ruled` has the rule (`rules`) and its reason; `setting` are the market's caps
    then, and `on` the day on which the person paid. Of the amount, `returned_minor` was kept when the shop refunded the payment, and
    `owed_minor` is asked again with the installment, since a bank took the payment back.
    """

    PREFIX = "rwd"
    installment = models.ForeignKey(Installment, on_delete=models.PROTECT, related_name="rewards", db_index=False)
    charge_id = models.UUIDField(db_index=True)
    days_early = models.PositiveSmallIntegerField()
    paid_minor = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    returned_minor = models.BigIntegerField(default=0)
    owed_minor = models.BigIntegerField(default=0)
    setting = models.ForeignKey(MarketSetting, on_delete=models.PROTECT, db_index=False, related_name="+")
    ruled = models.JSONField(default=dict)
    on = models.DateField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("reward for an early payment")
        verbose_name_plural = _("rewards for early payments")
        constraints = [
            models.UniqueConstraint(fields=["installment", "charge_id"], name="reward_once"),
            models.CheckConstraint(
                condition=Q(returned_minor__gte=0, owed_minor__gte=0, amount_minor__gte=F("returned_minor") + F("owed_minor"))
                & Q(paid_minor__gte=F("amount_minor")),
                name="reward_within",
            ),
        ]
        triggers = kept(changing=["returned_minor", "owed_minor"])

    @property
    def standing_minor(self) -> int:
        """What the person still has of it."""
        return self.amount_minor - self.returned_minor - self.owed_minor
