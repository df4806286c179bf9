"""Translated names of statuses, kinds and causes for the back office's pages."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.admin import TONES
from core.readable import words
from plans.models import PlanChange, Product
from plans.texts import REARRANGED, product_name

CHANGES: dict[str, Any] = {
    "capture": gettext_lazy("The shop captured"),
    "refund": gettext_lazy("The shop refunded"),
    "early": gettext_lazy("Paid early"),
    "moved": gettext_lazy("A date was moved"),
    "pause": gettext_lazy("A pause in hardship"),
    "smaller": gettext_lazy("Smaller payments in hardship"),
    "area": gettext_lazy("A pause in a disaster area"),
    "area_ended": gettext_lazy("The person goes on as before"),
    "respite": gettext_lazy("A breathing space"),
    "return": gettext_lazy("Goods are on their way back"),
    "return_refunded": gettext_lazy("A return ended: refunded"),
    "return_denied": gettext_lazy("A return ended: the shop takes nothing back"),
    "return_kept": gettext_lazy("A return ended: the person keeps the goods"),
    "day_changed": gettext_lazy("Another day of the month"),
    **REARRANGED,
    "postponed": gettext_lazy("Later payments, paid for by the shop"),
    "payday": gettext_lazy("Dates on pay-days"),
    "waived": gettext_lazy("Too little to charge, given up"),
    "settled": gettext_lazy("Settled for less"),
    "let_go": gettext_lazy("Not owed, as the person said"),
    "unsettled": gettext_lazy("A settlement was undone"),
    "fee": gettext_lazy("A fee was charged"),
    "service": gettext_lazy("The service fee was charged"),
    "service_ended": gettext_lazy("The service fee was taken off"),
    "fee_waived": gettext_lazy("Fees were waived"),
    "fee_withdrawn": gettext_lazy("Fees were withdrawn"),
    "reversed": gettext_lazy("The bank took a payment back"),
    "mistaken": gettext_lazy("Money from the bank was entered wrongly"),
    "agency_back": gettext_lazy("The agency gave a payment back"),
    "reinstated": gettext_lazy("A payment counts again"),
    "resumed": gettext_lazy("Payments go on"),
    "withdrawal": gettext_lazy("Withdrawn from the agreement"),
    "release": gettext_lazy("The rest is not captured"),
}
MARKS = {"info": "desk-prepared", "success": "desk-approved", "warning": "desk-waiting", "danger": "desk-rejected"}
PROGRAMS: dict[str, Any] = {
    "automatic": gettext_lazy("By itself"),
    "timer": gettext_lazy("By a timer"),
    "expiry": gettext_lazy("By a timer"),
    "renewal": gettext_lazy("By the renewal of rows"),
    "sandbox": gettext_lazy("The sandbox"),
    "simulation": gettext_lazy("The sandbox"),
    "demo": gettext_lazy("The sandbox"),
    "install": gettext_lazy("The installation"),
    "migration": gettext_lazy("An upgrade"),
    "review": gettext_lazy("Two people"),
    "sandbox consumer": gettext_lazy("The sandbox"),
}


def status_of(code: str) -> dict[str, str]:
    """Return a status as a label: its text and its CSS class."""
    return {"word": words(code), "mark": MARKS.get(TONES.get(code, ""), "")}


def change_name(change: PlanChange) -> str:
    """Name a kind of change of a plan's schedule."""
    return str(CHANGES.get(change.kind) or words(change.kind))


def product_names(market: str = "") -> dict[tuple[str, str], str]:
    """Return the names of products, of a market's or of all, by market and code, as their newest versions tell them; one query."""
    newest = Product.objects.order_by("market_id", "code", "-version").distinct("market_id", "code")
    return {(one.market_id, one.code): product_name(one) for one in (newest.filter(market=market) if market else newest)}


def names_of(actors: set[str]) -> dict[str, str]:
    """Map stored actors to readable names: the names of people, descriptions of programs; one query."""
    keys = {actor: actor.removeprefix("user:") for actor in actors}
    keys = {actor: key for actor, key in keys.items() if key.count("-") == 4 and len(key) == 36}
    people = {str(user.pk): str(user) for user in User.objects.filter(pk__in=set(keys.values()))} if keys else {}
    named = {actor: people[key] for actor, key in keys.items() if key in people}
    # Who works for a shop stands as `user:<key>`, who works here as the key alone.
    named |= {actor: _("The shop, by %(name)s") % {"name": name} for actor, name in named.items() if actor.startswith("user:")}
    return {actor: named.get(actor) or _actor(actor) for actor in actors}


def _actor(actor: str) -> str:
    if actor in PROGRAMS:
        return str(PROGRAMS[actor])
    kind = actor.partition(":")[0]
    if kind == "key" or actor.startswith("key_"):
        return _("The shop, by the API")
    if kind == "proposal":
        return _("Two people")
    if actor.startswith("con_") or kind == "consumer":
        return _("The person")
    return actor
