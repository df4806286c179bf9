"""Credits against fees, which people earned by paying before the due date, or from a bank account, and what was used of them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Consumer
from core.evidence import kept
from core.ids import Identified
from plans.models.fees import Fee
from plans.models.rewards import Reward


class FeeCredit(Identified):
    """What the next fees of a person, in a currency and at a brand, are lower by; minor units. It is never paid out.

    `until` is the last day on which a fee may use it. `returned_minor` was taken back when the shop refunded the payment that had earned
    it, and `reversed_minor` when a bank took that payment back; what fees had used by then stays used. While a bank has the payment
    (`is_reversed`), what an ended fee gives back is taken back too.
    """

    PREFIX = "fcr"
    reward = models.OneToOneField(Reward, on_delete=models.PROTECT, related_name="credit")
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    used_minor = models.BigIntegerField(default=0)
    returned_minor = models.BigIntegerField(default=0)
    reversed_minor = models.BigIntegerField(default=0)
    is_reversed = models.BooleanField(default=False, db_default=False)
    until = models.DateField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("credit against fees")
        verbose_name_plural = _("credits against fees")
        constraints = [
            models.CheckConstraint(
                condition=Q(used_minor__gte=0, returned_minor__gte=0, reversed_minor__gte=0, amount_minor__gt=0)
                & Q(amount_minor__gte=F("used_minor") + F("returned_minor") + F("reversed_minor")),
                name="fee_credit_within",
            ),
        ]
        triggers = kept(changing=["used_minor", "returned_minor", "reversed_minor", "is_reversed"])

    @property
    def left_minor(self) -> int:
        """What fees may still use of it."""
        return self.amount_minor - self.used_minor - self.returned_minor - self.reversed_minor


class FeeCreditUse(models.Model):
    """What a fee used of a credit; given back to the credit where the fee was waived or withdrawn."""

    id = models.BigAutoField(primary_key=True)
    fee = models.ForeignKey(Fee, on_delete=models.PROTECT, related_name="credits", db_index=False)
    credit = models.ForeignKey(FeeCredit, on_delete=models.PROTECT, related_name="uses")
    amount_minor = models.BigIntegerField()
    given_back_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fee", "credit"], name="fee_credit_used_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="fee_credit_use_above_zero"),
        ]
        triggers = kept(changing=["given_back_at"])
