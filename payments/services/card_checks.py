"""Confirmations of cards by their banks (3-D Secure), where rules ask for one although the bank would not."""

from datetime import datetime, timedelta

from brands.queries import get_brand
from payments import gateways
from payments.errors import CustomerGone, MethodNotUsable
from payments.gateways.base import CardCheck, Cards, CheckState
from payments.models import CardSetup, MethodKind, PaymentMethod
from payments.queries import list_checks
from payments.services.calls import refuse_inside_transaction
from payments.services.setups import keep_answer
from payments.services.tries import Asker, trying

CHECK_VALID = timedelta(minutes=30)
"""How long a bank's answer counts, from the question on; after that the bank is asked again."""
MOST_READ = 3
"""The most questions, newest first, that are read at the gateway in one go; more are open only if they were opened at the same moment."""


def start_card_check(*, method: PaymentMethod, reference: str, return_path: str, at: datetime, asker: Asker) -> str:
    """Ask the bank of a card to confirm its owner for a purchase, `reference`; return the address where the person goes on.

    That is the bank's page, from which they come back to `return_path`: an open one, else a new one; or `return_path` itself if
    the bank has answered. Nothing is charged. MethodNotUsable, CardRefused, GatewayUnavailable; TooMany after many declined cards, of which
    a bank that refuses is one.
    """
    refuse_inside_transaction()
    consumer = method.consumer
    if not method.is_usable or method.kind != MethodKind.CARD:
        raise _not_usable()
    way_back = get_brand(consumer.brand_id).base_url + return_path
    for row, found in _read(method, reference, at):
        if found.state is CheckState.CONFIRMED:
            return way_back
        if found.url and row.return_path == return_path:
            return found.url

    def start() -> CardCheck:
        return gateways.connect(method.gateway, Cards).start_card_check(method.token, return_url=way_back)

    try:
        opened = trying(start, consumer=consumer, asker=asker, at=at)
    except CustomerGone:
        raise _not_usable() from None
    CardSetup.objects.create(
        consumer=consumer,
        gateway=method.gateway,
        gateway_ref=opened.ref,
        checks=method,
        reference=reference,
        return_path=return_path,
        network_hash=asker.network_hash,
        device_hash=asker.device_hash,
        created_at=at,
    )
    return opened.url or way_back


def find_card_check(*, method: PaymentMethod, reference: str, at: datetime) -> CardCheck | None:
    """Ask the gateway what the bank says about a card for a purchase; None if it was not asked within `CHECK_VALID`. GatewayUnavailable.

    A confirmation counts whichever of several questions it answers; otherwise the newest one does.
    """
    return next((found for _, found in _read(method, reference, at)), None)


def _read(method: PaymentMethod, reference: str, at: datetime) -> list[tuple[CardSetup, CardCheck]]:
    """Read what became of the newest questions, newest first; of those with a confirmation, the confirmed one alone."""
    refuse_inside_transaction()
    asked = list_checks(method, reference, since=at - CHECK_VALID, at=at)[:MOST_READ]
    answers = []
    for row in asked:
        found = _answer(row, at)
        if found.state is CheckState.CONFIRMED:
            return [(row, found)]
        answers.append((row, found))
    return answers


def _answer(row: CardSetup, at: datetime) -> CardCheck:
    """Return what a bank said, as stored, or else ask the gateway and store it."""
    if row.answer:
        return CardCheck(row.gateway_ref, CheckState(row.answer))
    found = gateways.connect(row.gateway, Cards).read_card_check(row.gateway_ref)
    if found.state is not CheckState.OPEN:
        keep_answer(row, found.state, at=at)
    return found


def _not_usable() -> MethodNotUsable:
    return MethodNotUsable("This card can no longer be used. Choose another one.")
