"""The effects of a shop's suspension or reopening, in numbers, for the confirmation page."""

from dataclasses import dataclass

from django.db.models import Count, F, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from checkout.models import Checkout, Order
from checkout.states import ORDER_CAPTURABLE, CheckoutStatus, OrderStatus
from core.moments import amount_words, day_words
from merchants.models import Merchant
from merchants.queries import changes_of, next_payout
from operations.wording import names_of
from payments.models import Payout
from payments.states import MOVEMENT_OPEN

Facts = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """The confirmation page: the shop's name, the effects (each with its number), the typed reason, and URLs."""

    suspends: bool
    shop: str
    facts: Facts
    reason: str
    address: str
    back: str


def asked_about(shop: Merchant, reason: str) -> Asked:
    """Return the confirmation of a suspension or, for a suspended shop, of a proposed reopening; a constant number of queries."""
    suspends = not shop.is_suspended
    act = "suspend" if suspends else "reopen"
    address, back = (reverse(f"admin:merchants_merchant_{one}", args=[shop.pk]) for one in (act, "change"))
    return Asked(suspends, shop.name, _stops(shop) if suspends else _starts(shop), reason, address, back)


def _stops(shop: Merchant) -> Facts:
    opened = Checkout.objects.filter(merchant=shop, status=CheckoutStatus.OPEN).count()
    held = Order.objects.filter(merchant=shop, status=OrderStatus.PENDING_REVIEW).count()
    left = F("amount_minor") - F("captured_minor") - F("released_minor")
    ready = Order.objects.filter(merchant=shop, status__in=ORDER_CAPTURABLE).aggregate(count=Count("id"), left=Sum(left))
    sent = Payout.objects.filter(owner=shop.public_id, status__in=MOVEMENT_OPEN).aggregate(count=Count("id"), sum=Sum("amount_minor"))
    stopped = ngettext("%(count)s: nobody can buy in it any more", "%(count)s: nobody can buy in them any more", opened)
    going = ngettext("%(count)s: it is decided as before", "%(count)s: they are decided as before", held)
    number, owed = ready["count"], _money(shop, max(next_payout(shop).amount_minor, 0))
    captured = ngettext(
        "%(count)s with %(amount)s left: it can be captured and refunded as before",
        "%(count)s with %(amount)s left: they can be captured and refunded as before",
        number,
    ) % {"count": number, "amount": _money(shop, ready["left"])}
    kept = _("%(amount)s, and all that comes: it is kept until the shop opens again") % {"amount": owed}
    facts = [
        (_("Open checkouts"), stopped % {"count": opened} if opened else _("None; no new one opens")),
        (_("Orders to capture"), captured if number else _("None")),
        (_("Held orders"), going % {"count": held} if held else _("None")),
        (_("Next payout"), kept),
    ]
    if sent["count"]:
        facts.append((_("Payouts on their way"), _("%(amount)s: they arrive") % {"amount": _money(shop, sent["sum"])}))
    facts.append((_("Payments of people"), _("They go on: who bought there pays as agreed")))
    return facts


def _starts(shop: Merchant) -> Facts:
    since = changes_of(shop).filter(kind="suspended").order_by("-number").first()
    facts = []
    if since is not None:
        names = names_of({since.actor})
        facts.append((_("Suspended"), _("%(day)s by %(who)s") % {"day": day_words(since.at.date()), "who": names[since.actor]}))
        facts.append((_("Why"), str(since.detail.get("reason", ""))))
    kept = _money(shop, max(next_payout(shop).amount_minor, 0))
    return [
        *facts,
        (_("Checkouts"), _("Once another person has approved, the shop opens checkouts again")),
        (
            _("Payouts"),
            _("%(amount)s was kept: the next statement pays it out") % {"amount": kept},
        ),
    ]


def _money(shop: Merchant, minor: int | None) -> str:
    return amount_words(minor or 0, shop.currency)
