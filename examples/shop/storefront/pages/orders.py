"""Pages of purchases: the confirmation, the plan, and every received event."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from storefront.catalog import Shop
from storefront.languages import present, say
from storefront.markup import Markup, tag
from storefront.money import write_money
from storefront.pages.frame import Scene, banner, plate, price, whole_page
from storefront.store import Heard, Purchase
from storefront.till import order_path

REFRESH_S = 5


@dataclass(frozen=True, slots=True)
class Words:
    """The name of a status, its tone, and its meaning for the customer."""

    pill: str
    tone: str
    heading: str
    meaning: str


WAITING = Words(
    "Waiting", "mute", "One moment", "We are asking whether your payment plan is in place. This page updates as soon as we know."
)
WORDS = {
    "started": WAITING,
    "open": WAITING,
    "authorized": Words(
        "Order placed",
        "good",
        "Thank you, {name}",
        "We ship it within two days.",
    ),
    "pending_review": Words(
        "In review",
        "warn",
        "Your order is being checked",
        "A person checks it first. You hear by e-mail, and on this page. Nothing was charged.",
    ),
    "partially_captured": Words("Partly shipped", "good", "Part of it is on its way", "We shipped a part of your order. The rest follows."),
    "captured": Words("Shipped", "good", "It is on its way, {name}", "We shipped your order. Enjoy it."),
    "voided": Words("Canceled", "mute", "This order was canceled", "Nothing was charged, and nothing will be."),
    "expired": Words("Expired", "mute", "This order has expired", "It was not shipped in time. What was not shipped is never charged."),
    "rejected": Words(
        "Not approved", "bad", "This order was not approved", "The lender could not approve it. Nothing was charged, and nothing will be."
    ),
    "closed": Words(
        "Not finished", "mute", "You did not finish paying", "Nothing was ordered or charged. What you chose is still in your basket."
    ),
}
EVENT_WORDS = {
    "order.authorized": "Authorized",
    "order.held": "Held for a person to look at",
    "order.approved": "Approved by a person",
    "order.rejected": "Not approved",
    "order.captured": "Captured",
    "order.refunded": "Refunded",
    "order.voided": "Canceled",
    "order.released": "Rest released",
    "order.expired": "Expired",
    "order.expiring": "Expires soon",
    "order.extended": "Extended",
    "order.postponed": "Payments come later",
    "return.started": "Sent back by the customer",
    "return.ended": "Return ended",
    "plan.completed": "Paid in full",
    "checkout.declined": "No installments for this purchase",
    "checkout.expired": "Checkout ended without an order",
}
REST_RELEASED = Words(
    "Partly shipped",
    "good",
    "A part of it is on its way",
    "We shipped a part of your order. The rest does not come, and you are not charged for it.",
)
HOW = {"webhook": "event {number}, {time}, by webhook", "asked": "event {number}, {time}, by asking"}


def order_page(scene: Scene, purchase: Purchase, order: dict[str, Any] | None, events: list[Heard]) -> Markup:
    """Return a purchase's page, which reloads automatically while something is still to come."""
    shop = scene.shop
    words = _words_of(purchase)
    first_name = purchase.customer.get("name", "").partition(" ")[0]
    title = say("Order {reference}", reference=purchase.reference)
    head = tag(
        "div",
        tag("p", _pill(words), tag("span", title, class_="soft"), class_="line"),
        tag("h1", say(words.heading, name=first_name)),
        tag("p", words.meaning, *(part for text in _when_paid(purchase, order) for part in (" ", text)), class_="lead"),
        data_live=f"{order_path(purchase)}/state",
        data_version=purchase.version,
        aria_live="polite",
    )
    given_back = say("We have given back {amount}.", amount=write_money(purchase.refunded, shop.currency))
    refunded = banner(given_back, tone="good") if purchase.refunded else None
    left = tag("div", refunded, _payments(shop, order, scene.api_base), _heard(events))
    body = tag("div", head, tag("div", left, _what(shop, purchase), class_="split"), class_="wrap page order")
    unsettled = purchase.waiting or purchase.status == "pending_review"
    return whole_page(scene, title, body, script="live.js", refresh_s=REFRESH_S if unsettled else 0)


def _when_paid(purchase: Purchase, order: dict[str, Any] | None) -> list[str]:
    """Say what is charged when the order ships: the first payment if it is due today, else nothing."""
    if purchase.status != "authorized" or order is None or not order["plan"]["installments"]:
        return []
    if _with_parcel(order, order["plan"]["installments"][0]):
        return ["Your first payment is taken when we do."]
    return ["Nothing is taken then: your payments come later, as listed below."]


def _with_parcel(order: dict[str, Any], row: dict[str, Any]) -> bool:
    return bool(order["captured"] == 0 and row["due_date"] <= order["created_at"][:10])


def _payments(shop: Shop, order: dict[str, Any] | None, api_base: str) -> Markup | None:
    if order is None or not order["plan"]["installments"]:
        return None
    rows = [_payment(shop, row, with_parcel=_with_parcel(order, row)) for row in order["plan"]["installments"]]
    note = None
    if order["captured"] == 0:
        note = tag("p", "The dates count from the day we ship your order.", class_="soft")
    manage = tag("p", tag("a", "See and manage your payments", href=f"{api_base}/home"))
    return tag("section", tag("h2", "Your payments"), tag("ol", *rows, class_="payments"), note, manage, class_="box")


def _payment(shop: Shop, row: dict[str, Any], *, with_parcel: bool) -> Markup:
    state = "paid" if row["status"] == "paid" else "off" if row["status"] == "canceled" else "later"
    said = {"paid": "Paid", "overdue": "Late", "canceled": "Canceled", "partially_paid": "Partly paid"}.get(row["status"])
    status = tag("span", said, class_="soft") if said else None
    return tag(
        "li",
        tag("span", "When we ship it" if with_parcel else write_day(row["due_date"], shop)),
        status,
        price(shop, row["amount"]),
        class_=state,
    )


def _heard(events: list[Heard]) -> Markup:
    rows = [
        tag(
            "li",
            tag("span", EVENT_WORDS.get(event.type, event.type), class_="what"),
            tag("code", event.type),
            tag("span", say(HOW[event.heard], number=event.sequence, time=write_time(event.heard_at)), class_="soft"),
        )
        for event in events
    ]
    empty = tag("p", "What the lender tells this shop about the order will be listed here.", class_="soft")
    return tag("section", tag("h2", "What this shop has heard"), tag("ol", *rows, class_="heard") if rows else empty, class_="box")


def _what(shop: Shop, purchase: Purchase) -> Markup:
    lines = []
    for item in purchase.items:
        product = shop.find(item["sku"])
        name = item["name"] + (f" ×\N{NO-BREAK SPACE}{item['quantity']}" if item["quantity"] > 1 else "")
        lines.append(tag("li", plate(shop, product, size=48) if product else None, tag("span", name), price(shop, item["amount"])))
    address = purchase.customer.get("address", {})
    place = write_place(address)
    to = [tag("p", line) for line in (purchase.customer.get("name", ""), address.get("line1", ""), place) if line]
    total = tag("dl", tag("div", tag("dt", "Total"), tag("dd", price(shop, purchase.amount))), class_="total")
    return tag(
        "aside",
        tag("h2", "Your order"),
        tag("ul", *lines, class_="short"),
        total,
        tag("h2", "Goes to"),
        tag("address", *to),
        class_="summary",
    )


def orders_page(scene: Scene, purchases: list[Purchase]) -> Markup:
    """Return the page of a visit's purchases."""
    shop = scene.shop
    if not purchases:
        empty = tag("p", "What you buy will be listed here, in this browser.", class_="lead")
        home = tag("a", "Look around", href=f"/{shop.slug}/", class_="button")
        return whole_page(scene, "Orders", tag("div", tag("h1", "No orders yet"), empty, home, class_="wrap narrow message"))
    rows = [_order_row(shop, purchase) for purchase in purchases]
    return whole_page(scene, "Orders", tag("div", tag("h1", "Your orders"), tag("ul", *rows, class_="orders"), class_="wrap page"))


def _order_row(shop: Shop, purchase: Purchase) -> Markup:
    names = ", ".join(item["name"] for item in purchase.items)
    link = tag("a", purchase.reference, href=order_path(purchase))
    return tag(
        "li",
        tag("div", tag("h2", link), tag("p", names, class_="soft")),
        _pill(_words_of(purchase)),
        price(shop, purchase.amount),
    )


def _words_of(purchase: Purchase) -> Words:
    """Return the words of a purchase's status; if the shop released the rest, they say that not everything was shipped."""
    return REST_RELEASED if purchase.status == "captured" and purchase.captured < purchase.amount else WORDS[purchase.status]


def _pill(words: Words) -> Markup:
    return tag("span", words.pill, class_=f"pill {words.tone}")


def write_place(address: dict[str, str]) -> str:
    """Format the last line of an address for its country: "Portland, OR 97205", "8000 Aarhus C"."""
    if "region" in address:
        return f"{address['city']}, {address['region']} {address['postal_code']}"
    return f"{address.get('postal_code', '')} {address.get('city', '')}".strip()


def write_day(text: str, shop: Shop) -> str:
    """Format an ISO date with its weekday: "Sun, Dec 6" in US English, else like "Sun, 6 Dec" in the language."""
    day = date.fromisoformat(text)
    form = "{weekday}, {month} {day}" if shop.country == "US" and present() == "en" else "{weekday}, {day} {month}"
    return say(form, weekday=say(f"{day:%a}"), day=day.day, month=say(f"{day:%b}"))


def write_time(text: str) -> str:
    """Format an ISO timestamp as a time of day in UTC."""
    return f"{datetime.fromisoformat(text):%H:%M:%S} UTC"
