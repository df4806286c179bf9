"""Consumers as gateways know them."""

from django.db import models

from accounts.models import Consumer


class GatewayCustomer(models.Model):
    """A gateway's customer for a consumer, with a hash of the e-mail address last sent to the gateway."""

    id = models.BigAutoField(primary_key=True)
    consumer = models.ForeignKey(Consumer, on_delete=models.PROTECT, db_index=False)
    gateway = models.CharField(max_length=20)
    ref = models.CharField(max_length=120)
    email_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consumer", "gateway"], name="gateway_customer_once"),
            models.UniqueConstraint(fields=["gateway", "ref"], name="gateway_customer_ref_once"),
        ]
