"""Confirmations of cards by their banks (3-D Secure), where rules ask for one although the bank would not."""

from datetime import datetime

from brands.queries import get_brand
from payments import gateways
from payments.errors import MethodNotUsable
from payments.gateways.base import Cards
from payments.models import CardSetup, MethodKind, PaymentMethod
from payments.services.calls import refuse_inside_transaction
from payments.services.tries import Asker, check_visits


def start_card_check(*, method: PaymentMethod, return_path: str, at: datetime, asker: Asker) -> str:
    """Ask the bank of a card to confirm its owner; return the bank's page, from which the person comes back to `return_path`.

    Nothing is charged. MethodNotUsable, CardRefused, GatewayUnavailable; TooMany where they have to wait.
    """
    refuse_inside_transaction()
    consumer = method.consumer
    if not method.is_usable or method.kind != MethodKind.CARD:
        raise MethodNotUsable("This card can no longer be used. Choose another one.")
    check_visits(consumer=consumer, asker=asker, at=at)
    way_back = get_brand(consumer.brand_id).base_url + return_path
    opened = gateways.connect(method.gateway, Cards).start_card_check(method.token, return_url=way_back)
    CardSetup.objects.create(
        consumer=consumer,
        gateway=method.gateway,
        gateway_ref=opened.ref,
        checks=method,
        return_path=return_path,
        network_hash=asker.network_hash,
        device_hash=asker.device_hash,
        created_at=at,
    )
    return opened.url


def is_confirmed(*, method: PaymentMethod, since: datetime, at: datetime) -> bool:
    """Ask the gateway whether the bank confirmed a card when it was last asked, not before `since`. GatewayUnavailable."""
    refuse_inside_transaction()
    asked = CardSetup.objects.filter(consumer=method.consumer_id, checks=method, created_at__range=(since, at)).order_by("-id").first()
    return asked is not None and gateways.connect(asked.gateway, Cards).read_card_check(asked.gateway_ref)
