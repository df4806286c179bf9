"""Cases of the fraud desk: attempts to buy that need a person to look at them."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Consumer
from core.ids import Identified
from fraud.states import Said, Verdict


class FraudCase(Identified):
    """An attempt to buy for the desk: held, refused, asked for a code that was never entered, or allowed in spite of a high model score.

    It has the key of its assessment. `subject` is the checkout's public id, `order` the order's (empty where none was made), `merchant` the
    shop's. `held_by` are the ids of the rules that held, `risk_bps` is the probability from the model in use. `label` is the present label,
    set at `labeled_at`; the labels themselves are in `fraud.Label`.
    """

    PREFIX = "fcs"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, related_name="+", db_index=False)
    subject = models.CharField(max_length=40)
    order = models.CharField(max_length=40, blank=True, default="")
    merchant = models.CharField(max_length=40)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    verdict = models.CharField(max_length=8)
    held_by = ArrayField(models.CharField(max_length=80), default=list)
    risk_bps = models.PositiveIntegerField(null=True)
    label = models.CharField(max_length=6, blank=True, default="")
    labeled_at = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("fraud case")
        verbose_name_plural = _("fraud desk")
        permissions = [("view_shoprisk", "Can see whose shops' orders go bad")]
        constraints = [
            models.CheckConstraint(condition=Q(verdict__in=[one.value for one in Verdict]), name="fraud_case_verdict_known"),
            models.CheckConstraint(
                condition=Q(label="", labeled_at=None) | Q(label__in=[one.value for one in Said], labeled_at__isnull=False),
                name="fraud_case_label_known",
            ),
        ]
        indexes = [
            models.Index(fields=["label", "-id"], name="fraud_case_label"),
            models.Index(fields=["verdict", "-id"], name="fraud_case_verdict"),
            models.Index(fields=["merchant", "-id"], name="fraud_case_merchant"),
            models.Index(fields=["consumer", "-id"], name="fraud_case_consumer"),
            models.Index(fields=["currency", "-amount_minor", "-id"], name="fraud_case_amount"),
            models.Index(fields=["subject"], name="fraud_case_subject"),
            models.Index(fields=["order"], name="fraud_case_order", condition=~Q(order="")),
            models.Index(fields=["at"], name="fraud_case_at"),
            GinIndex(fields=["held_by"], name="fraud_case_rules"),
        ]

    def __str__(self) -> str:
        return f"{self.subject}, {self.verdict}"
