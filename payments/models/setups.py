"""Visits to gateways' card pages."""

from django.db import models

from accounts.models import Consumer
from core.ids import Identified
from payments.models.methods import PaymentMethod


class CardSetup(Identified):
    """A visit to the gateway's card page, from which a payment method comes back."""

    PREFIX = "cs"
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT)
    gateway = models.CharField(max_length=20)
    gateway_ref = models.CharField(max_length=120, unique=True)
    return_path = models.CharField(max_length=300)
    payment_method = models.ForeignKey(PaymentMethod, on_delete=models.PROTECT, null=True)
    network_hash = models.CharField(max_length=64, blank=True, default="")
    device_hash = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="card_setup_age")]
