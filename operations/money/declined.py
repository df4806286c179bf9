"""Content of a declined card's page: its owner, its purpose, the reason, and other declined cards around the same time."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from core.moments import moment_words
from payments.models import Authorization, CardTry
from payments.texts import failure_text, method_name

AROUND = timedelta(days=1)
SHOWN = 10


def facts_of(tried: CardTry) -> dict[str, Any]:
    """Return all parts of a declined card's page, in a constant number of queries."""
    hold = _hold_of(tried)
    method = hold.payment_method if hold else None
    return {
        "named": moment_words(tried.at),
        "tried": tried,
        "consumer": tried.consumer,
        "person": tried.consumer.name or tried.consumer.public_id,
        "hold": hold,
        "method": method_name(method.kind, method.shown) if method else "",
        "what": _("A card that has been kept was declined for the first payment of a purchase.")
        if hold
        else _("A new card was declined when it was to be kept. Nothing of it is stored."),
        "why": failure_text(hold.failure, hold.payment_method.kind) if hold and hold.failure else "",
        "around": [
            {"title": _("Of the same account, within a day"), "rows": _around(tried, consumer=tried.consumer)},
            {"title": _("From the same browser, within a day"), "rows": _around(tried, device_hash=tried.device_hash)},
            {"title": _("From the same network, within a day"), "rows": _around(tried, network_hash=tried.network_hash)},
        ],
    }


def _hold_of(tried: CardTry) -> Authorization | None:
    """Return the hold that a card was tried for; None if it was tried only to be saved."""
    kind, _sep, key = tried.key.partition(":")
    return Authorization.objects.select_related("payment_method").filter(id=key).first() if kind == "hold" else None


def _around(tried: CardTry, **same: Any) -> list[CardTry]:
    """Return the newest other cards declined within a day before or after that have something in common; one query."""
    if not all(same.values()):
        return []
    near = CardTry.objects.filter(**same, at__range=(tried.at - AROUND, tried.at + AROUND)).exclude(pk=tried.pk)
    return list(near.select_related("consumer").order_by("-at")[:SHOWN])
