"""Cards that were declined on a gateway's own card page, as the gateway reports them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from payments.gateways.base import Notice
from payments.models import CardSetup, GatewayCustomer
from payments.services.tries import note_declined
from payments.states import CheckState

OPEN_FOR = timedelta(days=1)
"""How long after its start a visit to a card page may bring a card."""


def take_declined_setup(*, gateway: str, notice: Notice, at: datetime) -> None:
    """Count a card that was declined on a gateway's card page as a declined try of the visitor, once for each event.

    The event names the visit, or the gateway's customer; then the customer's last visit to a card page counts. Does nothing for an unknown
    visit.
    """
    visits = CardSetup.objects.filter(gateway=gateway, payment_method=None, created_at__gt=at - OPEN_FOR).select_related("consumer")
    visit = visits.filter(gateway_ref=notice.reference).first()
    if visit is None and notice.key:
        customers = GatewayCustomer.objects.filter(gateway=gateway, ref=notice.key).values("consumer")
        visit = visits.filter(checks=None, consumer__in=customers).order_by("-id").first()
    if visit is not None and visit.checks_id:
        keep_answer(visit, CheckState.REFUSED, at=at)
    elif visit is not None:
        note_declined_in(visit, [notice.declined or notice.event_id], at=at)


def keep_answer(check: CardSetup, answer: CheckState, *, at: datetime) -> None:
    """Store what a bank said of a card, whether the gateway was asked or an event told it. A refusal counts once as a declined card."""
    if answer is CheckState.REFUSED:
        note_declined_in(check, [check.gateway_ref], at=at)
    CardSetup.objects.filter(pk=check.pk, answer="").update(answer=answer)


def note_declined_in(visit: CardSetup, names: Iterable[str], *, at: datetime) -> None:
    """Count cards that were declined in a visit to a card page, each name of the gateway once."""
    where = {"network_hash": visit.network_hash, "device_hash": visit.device_hash}
    for name in names:
        note_declined(consumer=visit.consumer, key=f"{visit.gateway}:{name}"[:160], at=at, **where)
