"""Customers of gateways: one for each consumer and gateway, remembered here."""

from datetime import datetime

from accounts.models import Consumer
from core.crypto import lookup_hash
from payments import gateways
from payments.gateways.base import Payer
from payments.models import GatewayCustomer
from payments.services.calls import refuse_inside_transaction

NO_EMAIL = "no-email@example.com"
"""Gateways ask for an address; somebody who signed up by phone has none."""


def keep_payer(*, consumer: Consumer, gateway: str, at: datetime) -> Payer:
    """Return whose card it is, as a gateway is told; it is asked only the first time, and where the e-mail address is another one.

    Two who ask at once get the same customer. GatewayUnavailable.
    """
    refuse_inside_transaction()
    email = consumer.email or NO_EMAIL
    known = GatewayCustomer.objects.filter(consumer=consumer, gateway=gateway).first()
    payer = Payer(reference=consumer.public_id, email=email, customer=known.ref if known else "")
    if known is not None and known.email_hash == lookup_hash(email):
        return payer
    ref = gateways.get_gateway(gateway).keep_customer(payer)
    if not ref:
        return payer
    kept = {"ref": ref, "email_hash": lookup_hash(email)}
    GatewayCustomer.objects.update_or_create(consumer=consumer, gateway=gateway, defaults=kept, create_defaults={**kept, "created_at": at})
    return Payer(reference=consumer.public_id, email=email, customer=ref)
