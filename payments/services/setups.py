"""What gateways tell of their own card pages: cards that were declined there."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from payments.gateways.base import Notice
from payments.models import CardSetup, GatewayCustomer
from payments.services.tries import note_declined

OPEN_FOR = timedelta(days=1)
"""So long a visit to a card page may bring a card."""


def take_declined_setup(*, gateway: str, notice: Notice, at: datetime) -> None:
    """Count a card that was declined on a gateway's page for whoever went there, once an event; nothing where nobody of ours did.

    The event names the visit, or the gateway's customer, whose last visit it is.
    """
    visits = CardSetup.objects.filter(gateway=gateway, payment_method=None, created_at__gt=at - OPEN_FOR).select_related("consumer")
    visit = visits.filter(gateway_ref=notice.reference).first()
    if visit is None and notice.key:
        customers = GatewayCustomer.objects.filter(gateway=gateway, ref=notice.key).values("consumer")
        visit = visits.filter(consumer__in=customers).order_by("-id").first()
    if visit is not None:
        note_declined_in(visit, [notice.declined or notice.event_id], at=at)


def note_declined_in(visit: CardSetup, names: Iterable[str], *, at: datetime) -> None:
    """Count cards that were declined in a visit to a card page, by their gateway's names of them; what is counted already stays so."""
    where = {"network_hash": visit.network_hash, "device_hash": visit.device_hash}
    for name in names:
        note_declined(consumer=visit.consumer, key=f"{visit.gateway}:{name}"[:160], at=at, **where)
