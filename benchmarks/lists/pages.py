"""Every list page of the product, each at its first page, in the middle and at its end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.test import Client

from benchmarks.lists.cast import Cast
from core.api.pagination import encode_cursor

LAST = 60
"""The last page requested begins this many rows before the end, so that it is full."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page with its name, the client that requests it, and its URL."""

    name: str
    client: Client
    path: str


def pages(cast: Cast) -> Iterator[Page]:
    """Yield every list page of the product, as the people of a database request it."""
    yield from api_pages(cast)
    yield from shop_pages(cast)
    yield from person_pages(cast)
    yield from operator_pages(cast)


def _depths(
    name: str, client: Client, path: str, rows: QuerySet[Any], *, word: str, write: Callable[[Any], str] = encode_cursor, key: str = "pk"
) -> Iterator[Page]:
    """Yield a list's first page, one in the middle and one at the end; `rows` are the listed rows, `key` their order, newest first."""
    yield Page(f"{name}, first", client, path)
    keys, count = rows.order_by(f"-{key}").values_list(key, flat=True), rows.count()
    if not count:
        return
    end = max(0, count - LAST)
    for depth, place in (("middle", min(count // 2, end)), ("end", end)):
        cursor = write(keys[place])
        yield Page(f"{name}, {depth}", client, f"{path}{'&' if '?' in path else '?'}{word}={cursor}")


def api_pages(cast: Cast) -> Iterator[Page]:
    """Yield the lists of the REST API."""
    from checkout.queries import checkouts_of, orders_of
    from merchants.queries import settlements_of
    from webhooks.models import Delivery, MerchantEvent

    client, shop = cast.machine, cast.shop
    yield from _depths("API orders", client, "/api/v1/orders", orders_of(shop), word="cursor")
    for status in ("authorized", "captured", "pending_review", "voided"):
        rows = orders_of(shop).filter(status=status)
        yield from _depths(f"API orders {status}", client, f"/api/v1/orders?status={status}", rows, word="cursor")
    yield Page("API orders by reference", client, "/api/v1/orders?merchant_reference=%23000602")
    yield from _depths("API checkouts", client, "/api/v1/checkouts", checkouts_of(shop), word="cursor")
    yield Page("API checkouts by reference", client, "/api/v1/checkouts?merchant_reference=%23000602")
    yield from _depths("API settlements", client, "/api/v1/settlements", settlements_of(shop), word="cursor")
    yield Page("API settlement with its lines", client, f"/api/v1/settlements/{cast.day.public_id}")
    events = MerchantEvent.objects.filter(merchant=shop)
    yield from _depths("API events", client, "/api/v1/events", events, word="cursor", write=str, key="sequence")
    hooks = f"/api/v1/webhook_endpoints/{cast.endpoint.public_id}/deliveries"
    yield Page("API webhook endpoints", client, "/api/v1/webhook_endpoints")
    yield from _depths("API webhook deliveries", client, hooks, Delivery.objects.filter(endpoint=cast.endpoint), word="cursor")


def shop_pages(cast: Cast) -> Iterator[Page]:
    """Yield the lists of the merchant portal."""
    from merchants.queries import settlements_of
    from portals.merchant.money.queries import lines_of
    from portals.merchant.orders.queries import STATES, Filters, find_orders
    from portals.merchant.refunds.queries import find_refunds
    from portals.merchant.webhooks.queries import find_deliveries, find_events

    client, shop = cast.owner, cast.shop
    for length in (7, 90):
        yield Page(f"shop overview, {length} days", client, f"/merchant/?days={length}")
    for state in STATES:
        rows = find_orders(shop, Filters(state=state))
        yield from _depths(f"shop orders {state}".strip(), client, f"/merchant/orders?status={state}", rows, word="before")
    yield from _shop_days(cast)
    yield Page("shop orders by reference", client, "/merchant/orders?q=%23000602")
    yield Page("shop orders by e-mail", client, f"/merchant/orders?q={cast.person.email.replace('+', '%2B')}")
    yield from _depths("shop refunds", client, "/merchant/refunds", find_refunds(shop), word="before")
    yield from _depths("shop settlements", client, "/merchant/settlements", settlements_of(shop), word="before")
    path = f"/merchant/settlements/{cast.large_day.public_id}"
    yield from _depths("shop settlement's lines", client, path, lines_of(cast.large_day), word="before")
    yield Page("shop webhooks", client, "/merchant/webhooks")
    hook = f"/merchant/webhooks/{cast.endpoint.public_id}"
    yield from _depths("shop webhook's deliveries", client, hook, find_deliveries(cast.endpoint), word="before")
    yield from _depths("shop events", client, "/merchant/events", find_events(shop), word="before", write=str, key="sequence")


def _shop_days(cast: Cast) -> Iterator[Page]:
    """Yield orders of some days, narrow and wide, alone and with a state."""
    start, middle, end = (cast.start + (cast.end - cast.start) * share for share in (0, 0.5, 0.9))
    span = f"from={middle:%Y-%m-%d}&to={end:%Y-%m-%d}"
    yield Page("shop orders of half a year", cast.owner, f"/merchant/orders?{span}")
    yield Page("shop orders of half a year, captured", cast.owner, f"/merchant/orders?{span}&status=captured")
    yield Page("shop orders of half a year, refunded", cast.owner, f"/merchant/orders?{span}&status=refunded")
    yield Page("shop orders since the first", cast.owner, f"/merchant/orders?from={start:%Y-%m-%d}")
    yield Page("shop orders of the first weeks", cast.owner, f"/merchant/orders?to={start + (cast.end - cast.start) * 0.1:%Y-%m-%d}")


def person_pages(cast: Cast) -> Iterator[Page]:
    """Yield the lists of the consumer portal."""
    from checkout.models import Order
    from notifications.models import Message

    client = cast.visitor
    yield Page("consumer home", client, "/home")
    mine = Order.objects.filter(consumer=cast.person)
    for state in ("done", "all"):
        path = f"/purchases?state={state}"
        yield from _depths(f"consumer purchases {state}", client, path, mine, word="before", write=lambda key: Order(id=key).public_id)
    yield Page("consumer purchases open", client, "/purchases?state=open")
    yield Page("consumer purchase", client, f"/purchases/{cast.purchase.public_id}")
    yield Page("consumer payments", client, "/payments")
    yield Page("consumer limit", client, "/limit")
    letters = Message.objects.filter(consumer=cast.person, channel="inbox")
    yield from _depths("consumer inbox", client, "/inbox", letters, word="before", write=lambda key: Message(id=key).public_id)


OPERATOR_LISTS = (
    *("checkout_orderreview", "checkout_order", "checkout_checkout", "plans_plan", "payments_charge", "payments_refund", "payments_payout"),
    *("accounts_consumer", "accounts_user", "credit_decision", "credit_creditline", "merchants_merchant", "merchants_settlement"),
    *("ledger_entry", "ledger_account"),
)


def operator_pages(cast: Cast) -> Iterator[Page]:
    """Yield the lists of the back office with their filters and searches."""
    client = cast.operator
    yield Page("back office", client, "/admin/")
    asked = {
        "checkout_orderreview": (
            *("status__exact=waiting", "status__exact=rejected", "q=%23000602", "q=member50@", "q=Nordlys", "q=limit"),
            *("amount_from=300", "age=7", "held_by=order_limit", f"merchant__id__exact={cast.shop.pk}", "said=limit"),
        ),
        "checkout_order": ("status__exact=voided", "status__exact=rejected", "status__exact=captured", "q=%23000602"),
        "checkout_checkout": ("q=%23000602",),
        "plans_plan": ("status__exact=canceled", f"q={cast.purchase.plan.public_id}"),
        "payments_charge": ("status__exact=unknown", "status__exact=failed", f"q={cast.purchase.plan.public_id}"),
        "credit_decision": ("outcome__exact=refer", "outcome__exact=decline"),
        "ledger_entry": ("kind__exact=capture", "kind__exact=refund", "q=cap_000602"),
        "ledger_account": ("kind__exact=cash", f"q={cast.purchase.plan.public_id}"),
        "merchants_merchant": ("q=Nordlys",),
        "accounts_user": ("q=member50@shops.example",),
    }
    for name, queries in asked.items():
        for query in queries:
            yield Page(f"back office {name}, {query.partition('=')[0]}", client, f"/admin/{name.replace('_', '/')}/?{query}")
    yield from _operator_depths(cast)


def _operator_depths(cast: Cast) -> Iterator[Page]:
    from django.apps import apps

    for name in OPERATOR_LISTS:
        model, path = apps.get_model(name.replace("_", ".", 1)), f"/admin/{name.replace('_', '/')}/"
        rows = model.objects.all()
        yield from _depths(f"back office {name}", cast.operator, path, rows, word="p", write=lambda key: f"before.{key}")
