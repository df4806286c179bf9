"""Content of a declined card's page: its owner, its purpose, the reason, and other declined cards around the same time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Consumer
from core.moments import moment_words
from payments.models import Authorization, CardTry
from payments.texts import failure_text, method_name

AROUND = timedelta(days=1)
SHOWN = 10
_HOLD = "hold:"


@dataclass(frozen=True, slots=True)
class Near:
    """Another declined card: its key, when it was declined, whether it was new or kept, and its account, if that is another one."""

    key: int
    at: datetime
    what: str
    consumer: Consumer | None


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
    if not tried.key.startswith(_HOLD):
        return None
    return Authorization.objects.select_related("payment_method").filter(id=tried.key.removeprefix(_HOLD)).first()


def _around(tried: CardTry, **same: Any) -> list[Near]:
    """Return the newest other cards declined within a day before or after that have something in common; one query."""
    if not all(same.values()):
        return []
    near = CardTry.objects.filter(**same, at__range=(tried.at - AROUND, tried.at + AROUND)).exclude(pk=tried.pk)
    return [_near(one, tried) for one in near.select_related("consumer").order_by("-at")[:SHOWN]]


def _near(one: CardTry, tried: CardTry) -> Near:
    what = _("A card that has been kept") if one.key.startswith(_HOLD) else _("A new card")
    return Near(one.pk, one.at, what, None if one.consumer_id == tried.consumer_id else one.consumer)
