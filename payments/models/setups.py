"""Visits to gateways' own pages."""

from django.db import models
from django.db.models import Q

from accounts.models import Consumer
from core.ids import Identified
from payments.models.methods import MethodKind, PaymentMethod
from payments.states import CheckState

ANSWERS = (CheckState.CONFIRMED.value, CheckState.REFUSED.value)


class CardSetup(Identified):
    """A visit to the gateway's page for a card or a bank account (`kind`), which yields a method; or to a card's bank (`checks`)."""

    PREFIX = "cs"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT)
    gateway = models.CharField(max_length=20)
    gateway_ref = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=10, choices=MethodKind.choices, default=MethodKind.CARD, db_default=MethodKind.CARD)
    return_path = models.CharField(max_length=300)
    payment_method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, null=True)
    checks = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    """The card that its bank is asked to confirm in this visit; none where the person names another one."""
    answer = models.CharField(max_length=9, choices=[(one, one) for one in ANSWERS], blank=True, default="", db_default="")
    """What the bank said, as far as the gateway was asked; it never changes."""
    reference = models.CharField(max_length=40, blank=True, default="", db_default="")
    """The checkout that it is for; empty for one from the account."""
    network_hash = models.CharField(max_length=64, blank=True, default="")
    device_hash = models.CharField(max_length=64, blank=True, default="")
    routed = models.JSONField(default=dict, db_default={})
    """The rule that chose its gateway, in the form of `controls.rule_kinds.kept_rule`; empty if no rule did."""
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(answer__in=["", *ANSWERS]), name="card_setup_answer_known")]
        indexes = [models.Index(fields=["created_at"], name="card_setup_age")]
