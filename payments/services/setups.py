"""Cards that were declined on a gateway's own card page, as the gateway reports them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from payments.gateways.base import Notice
from payments.models import CardSetup, GatewayCustomer
from payments.services.tries import note_declined

OPEN_FOR = timedelta(days=1)
"""How long after its start a visit to a card page may bring a card."""


def take_declined_setup(*, gateway: str, notice: Notice, at: datetime) -> None:
    """Count a card that was declined on a gateway's card page as a declined try of the visitor, once for each event.

    The event names the visit, or the gateway's customer; then the customer's last visit counts. Does nothing for an unknown visit.
    """
    visits = CardSetup.objects.filter(gateway=gateway, payment_method=None, created_at__gt=at - OPEN_FOR).select_related("consumer")
    visit = visits.filter(gateway_ref=notice.reference).first()
    if visit is None and notice.key:
        customers = GatewayCustomer.objects.filter(gateway=gateway, ref=notice.key).values("consumer")
        visit = visits.filter(consumer__in=customers).order_by("-id").first()
    if visit is not None:
        # A bank that refuses a check is read at the gateway too, and counts once.
        name = visit.gateway_ref if visit.checks_id else notice.declined or notice.event_id
        note_declined_in(visit, [name], at=at)


def note_declined_in(visit: CardSetup, names: Iterable[str], *, at: datetime) -> None:
    """Count cards that were declined in a visit to a card page, each name of the gateway once."""
    where = {"network_hash": visit.network_hash, "device_hash": visit.device_hash}
    for name in names:
        note_declined(consumer=visit.consumer, key=f"{visit.gateway}:{name}"[:160], at=at, **where)
