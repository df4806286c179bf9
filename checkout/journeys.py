"""The pages of a checkout as a funnel, and who left at one of them."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef

from checkout.models import Checkout, Journey, Order

STEPS = ("contact", "code", "details", "check", "wait", "figures", "prove", "refused", "plan", "done")
"""The pages, in the order in which they come; `check`, `wait`, `figures`, `prove` and `refused` are not shown to everybody."""
DEVICES = ("phone", "tablet", "desk", "other")
OPENINGS = ("redirect", "popup", "embedded")


def list_stopped(
    *, step: str, since: datetime, until: datetime, market: str = "", merchant: str = "", device: str = "", opening: str = "", most: int
) -> list[tuple[Journey, Checkout | None]]:
    """Return the newest checkouts that began in a span and came no further than a page, each with its checkout if that is still kept.

    `merchant` is a key. Two queries.
    """
    bought = Order.objects.filter(checkout_id=OuterRef("checkout_id"))
    found = Journey.objects.filter(~Exists(bought), step=step, began_at__gte=since, began_at__lt=until).select_related("merchant")
    narrow = {"merchant__market": market, "merchant": merchant, "device": device, "opening": opening}
    journeys = list(found.filter(**{name: value for name, value in narrow.items() if value}).order_by("-began_at")[:most])
    known = _checkouts(journeys)
    return [(one, known.get(one.checkout_id)) for one in journeys]


def _checkouts(journeys: Sequence[Journey]) -> dict[object, Checkout]:
    wanted = [one.checkout_id for one in journeys]
    return {one.pk: one for one in Checkout.objects.filter(pk__in=wanted).only("amount_minor", "currency", "status", "merchant_reference")}
