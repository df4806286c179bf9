"""How people come through the pages of checkouts: the ways of those who bought, and of some who stopped on the way."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from checkout.models import Checkout, Journey, Order
from checkout.services import CheckoutDraft, open_checkout
from core.money import Money
from merchants.models import Merchant

DAYS, STOPPING_A_DAY, OPEN = 28, 6, 12
DEVICES = (("phone", 62), ("desk", 31), ("tablet", 7))
OPENINGS = (("redirect", 70), ("popup", 18), ("embedded", 12))
SECONDS = {"contact": 14, "code": 21, "details": 48, "check": 4, "plan": 33}
"""About how long people stay on a page."""
NEW = ("contact", "code", "details", "check", "plan", "done")
KNOWN = ("contact", "code", "plan", "done")
STOPS = (("contact", 30), ("code", 18), ("details", 27), ("plan", 25))
ERRORS = {"contact": "contact", "code": "accounts.code_wrong", "details": "postal_code", "plan": "card"}


def let_people_wander(shop: Merchant, *, at: datetime) -> None:
    """Note the ways of all who bought in the last weeks, and of others who stopped; twelve of them have left a checkout open."""
    draw = Random(11)  # noqa: S311
    since = at - timedelta(days=DAYS)
    bought = (
        Order.objects.filter(created_at__gte=since).order_by("id").values_list("checkout_id", "merchant_id", "consumer_id", "created_at")
    )
    seen: set[Any] = set()
    made = []
    for checkout, merchant, consumer, when in bought:
        steps = KNOWN if consumer in seen else NEW
        seen.add(consumer)
        made.append(_way(draw, steps, when, checkout_id=checkout, merchant_id=merchant))
    shops = list(Merchant.objects.values_list("pk", flat=True))
    made += [
        _stopped(draw, since + timedelta(days=draw.random() * DAYS), merchant_id=draw.choice(shops)) for _ in range(DAYS * STOPPING_A_DAY)
    ]
    made += [_stopped(draw, one.created_at, checkout_id=one.pk, merchant_id=shop.pk) for one in _left_open(shop, draw, at)]
    Journey.objects.bulk_create(made)


def _left_open(shop: Merchant, draw: Random, at: datetime) -> Iterator[Checkout]:
    for number in range(OPEN):
        minor = draw.randrange(4_900, 60_000, 100)
        items = [{"name": "Desk lamp", "quantity": 1, "unit_amount": minor, "amount": minor}]
        urls = {"confirmation": f"https://{shop.slug}.example/thanks", "cancel": f"https://{shop.slug}.example/basket"}
        draft = CheckoutDraft(amount=Money(minor, shop.currency), merchant_reference=f"left-{number}", items=items, urls=urls)
        yield open_checkout(merchant=shop, draft=draft, at=at - timedelta(hours=1 + 3 * number))


def _stopped(draw: Random, began: datetime, **named: Any) -> Journey:
    (last,) = draw.choices([step for step, _ in STOPS], [weight for _, weight in STOPS])
    return _way(draw, NEW[: NEW.index(last) + 1], began, ended=False, **named)


def _way(draw: Random, steps: tuple[str, ...], when: datetime, *, ended: bool = True, **named: Any) -> Journey:
    """Return a way; `when` is the moment of the purchase, or that of the first page."""
    places, passed = {}, 0
    for step in steps:
        places[step] = passed
        passed += int(1000 * SECONDS.get(step, 1) * draw.lognormvariate(0, 0.6))
    wrong = {f"{step}.{ERRORS[step]}": 1 for step in steps if step in ERRORS and draw.random() < 0.08}
    began = when - timedelta(milliseconds=places[steps[-1]]) if ended else when
    (device,), (opening,) = (draw.choices([code for code, _ in kinds], [weight for _, weight in kinds]) for kinds in (DEVICES, OPENINGS))
    told = {"device": device, "opening": opening, "began_at": began, "step": steps[-1]}
    return Journey(step_at=began + timedelta(milliseconds=places[steps[-1]]), steps=places, errors=wrong, **told, **named)
