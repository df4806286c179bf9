"""Customers of gateways: one for each consumer and gateway, stored here."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from accounts.models import Consumer
from brands.queries import get_brand
from core.crypto import lookup_hash
from core.locales import page_language
from payments import gateways
from payments.errors import CustomerGone
from payments.gateways.base import Payer, Takings
from payments.models import GatewayCustomer
from payments.services.calls import refuse_inside_transaction

T = TypeVar("T")
NO_EMAIL = "no-email@example.com"
"""Gateways require an address; a person who signed up by phone has none."""


def as_payer(call: Callable[[Payer], T], *, consumer: Consumer, gateway: str, at: datetime) -> T:
    """Call a gateway with its customer for a consumer; if that customer was deleted there, call again with a new one."""
    try:
        return call(keep_payer(consumer=consumer, gateway=gateway, at=at))
    except CustomerGone:
        return call(keep_payer(consumer=consumer, gateway=gateway, at=at, ask_again=True))


def keep_payer(*, consumer: Consumer, gateway: str, at: datetime, ask_again: bool = False) -> Payer:
    """Return a consumer as a gateway's payer; asks the gateway the first time, after a change of the e-mail address, and with `ask_again`.

    Two calls at once get the same customer. GatewayUnavailable.
    """
    refuse_inside_transaction()
    email = consumer.email or NO_EMAIL
    known = GatewayCustomer.objects.filter(consumer=consumer, gateway=gateway).first()
    name = get_brand(consumer.brand_id).name
    payer = Payer(reference=consumer.public_id, email=email, customer=known.ref if known else "", brand=name, language=page_language())
    if known is not None and known.email_hash == lookup_hash(email) and not ask_again:
        return payer
    ref = gateways.connect(gateway, Takings).keep_customer(payer)
    if not ref:
        return payer
    kept = {"ref": ref, "email_hash": lookup_hash(email)}
    GatewayCustomer.objects.update_or_create(consumer=consumer, gateway=gateway, defaults=kept, create_defaults={**kept, "created_at": at})
    return replace(payer, customer=ref)
