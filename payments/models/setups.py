"""Visits to gateways' own pages."""

from django.db import models

from accounts.models import Consumer
from core.ids import Identified
from payments.models.methods import MethodKind, PaymentMethod


class CardSetup(Identified):
    """A visit to the gateway's page for a card or a bank account (`kind`), from which a payment method comes back."""

    PREFIX = "cs"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT)
    gateway = models.CharField(max_length=20)
    gateway_ref = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=10, choices=MethodKind.choices, default=MethodKind.CARD, db_default=MethodKind.CARD)
    return_path = models.CharField(max_length=300)
    payment_method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, null=True)
    network_hash = models.CharField(max_length=64, blank=True, default="")
    device_hash = models.CharField(max_length=64, blank=True, default="")
    routed = models.JSONField(default=dict, db_default={})
    """The rule that chose its gateway, as `controls.rule_kinds.kept_rule` tells it; empty for the usual one."""
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="card_setup_age")]
