"""The interest that a shop paid for its customer with a capture."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from checkout.models.sales import Capture
from core.evidence import kept


class ShopInterest(models.Model):
    """The interest that the shop paid for a capture, and what became of it; minor units.

    `steps` are the days on which it is earned, as [ISO date, amount] each; so many as `taken` are over. A refund gives back what the
    payments that shrink would have cost (`returned_minor`), and takes it off the steps to come. `next_on` is the day of the next step,
    null once nothing is left.
    """

    capture = models.OneToOneField(Capture, on_delete=models.PROTECT, primary_key=True, related_name="shop_interest")
    rate_bps = models.PositiveIntegerField()
    paid_minor = models.BigIntegerField()
    earned_minor = models.BigIntegerField(default=0)
    returned_minor = models.BigIntegerField(default=0)
    steps = models.JSONField()
    taken = models.PositiveSmallIntegerField(default=0)
    next_on = models.DateField(null=True)

    class Meta:
        verbose_name = "interest paid by a shop"
        verbose_name_plural = "interest paid by shops"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    paid_minor__gt=0, earned_minor__gte=0, returned_minor__gte=0, paid_minor__gte=F("earned_minor") + F("returned_minor")
                ),
                name="shop_interest_within",
            ),
            models.CheckConstraint(
                condition=Q(next_on__isnull=True, paid_minor=F("earned_minor") + F("returned_minor"))
                | Q(next_on__isnull=False, paid_minor__gt=F("earned_minor") + F("returned_minor")),
                name="shop_interest_is_earned",
            ),
        ]
        indexes = [models.Index(fields=["next_on"], name="shop_interest_due", condition=Q(next_on__isnull=False))]
        triggers = kept(changing=["earned_minor", "returned_minor", "steps", "taken", "next_on"])

    def __str__(self) -> str:
        return f"interest of {self.capture_id}"

    @property
    def left_minor(self) -> int:
        """What is neither earned nor given back."""
        return self.paid_minor - self.earned_minor - self.returned_minor

    def plan_of_steps(self) -> list[tuple[date, int]]:
        """Return the steps with their days."""
        return [(date.fromisoformat(day), minor) for day, minor in self.steps]
