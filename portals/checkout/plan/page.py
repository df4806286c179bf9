"""The plans on offer in words for the page: title, price, every date, the button."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from checkout.models import Checkout, Order
from checkout.quoting import ScheduledPayment, agreed_payments, quoted_payments
from checkout.texts import WHEN
from core.formats import day_text, money_text, percent_text
from core.locales import page_language
from plans.documents.late_fees import Reader, short_sentences
from plans.fees import fee_caps
from plans.models import Product
from plans.queries import Quote
from plans.states import PlanStatus
from plans.texts import product_name

_RHYTHMS = {"biweekly": gettext_noop("Every two weeks"), "monthly": gettext_noop("Every month")}


LAW_WORDS = {"de": "Zahlungspflichtig bestellen"}
"""The main button's text where the law fixes the exact words (§ 312j (3) BGB); the amounts stand above the button."""


def plan_option(quote: Quote, checkout: Checkout, locale: str) -> dict[str, Any]:
    """Return a quote as the plan component takes it."""
    product = quote.product
    # What is paid each time, after a deposit.
    first = quote.installments[1 if quote.deposit_minor and len(quote.installments) > 1 else 0]
    return {
        "value": product.code,
        "title": product_name(product),
        "note": _with_deposit(quote, checkout, locale),
        "price": first.amount_minor - first.fee_minor,
        "unit": _unit(product),
        "currency": quote.currency,
        "total": quote.total_minor,
        "apr_bps": quote.apr_bps,
        "dates": due_dates(quote, checkout),
        "action": action_of(product),
    }


def action_of(product: Product) -> str:
    """Return the button's text for a product."""
    if product.count == 1:
        return _("Continue and pay in %(days)s days") % {"days": product.interval_days}
    if product.interval == "monthly":
        return _("Continue with %(count)s months") % {"count": product.count}
    return _("Continue with %(count)s payments") % {"count": product.count}


def late_note(quotes: Sequence[Quote], checkout: Checkout, state: str, locale: str) -> str:
    """Say what who pays late is charged under any of some plans, and that who pays on time is charged nothing; `state` is the person's."""
    first = quotes[0]
    caps = fee_caps(checkout.merchant.market_id, state, first.start)
    mosts = [quote.most_fees(caps) for quote in quotes]
    most = None if None in mosts else max(one for one in mosts if one is not None)
    return " ".join(short_sentences(first.fees, caps, most, Reader(first.currency, locale), any(quote.service_minor for quote in quotes)))


def due_dates(quote: Quote, checkout: Checkout) -> list[dict[str, Any]]:
    """Return every date and amount; the first is `now` if it is charged at once or when the shop ships."""
    return _dated(quoted_payments(quote, capture=checkout.capture, brand=checkout.merchant.brand_id))


def agreed_dates(order: Order) -> list[dict[str, Any]]:
    """Return the dates and amounts that were agreed to, as the page showed them; none once the plan has started or ended."""
    return _dated(agreed_payments(order)) if order.plan.status == PlanStatus.PENDING else []


def _dated(payments: Iterable[ScheduledPayment]) -> list[dict[str, Any]]:
    return [
        {
            "due": one.due_date,
            "minor": one.amount_minor,
            "label": WHEN.get(one.said, ""),
            "state": "now" if one.when in {"now", "ships"} else "later",
        }
        for one in payments
    ]


def consent_text(quote: Quote, checkout: Checkout, locale: str) -> str:
    """Return the main button's text: the agreement, and what is paid first."""
    if words := LAW_WORDS.get(page_language()):
        return words
    payments = quoted_payments(quote, capture=checkout.capture, brand=checkout.merchant.brand_id)
    taken = [one for one in payments if one.when != "waived"]
    if not taken:
        return _("Agree")
    first = taken[0]
    amount = money_text(
        sum(one.amount_minor for one in taken if (one.when, one.due_date) == (first.when, first.due_date)), quote.currency, locale
    )
    if first.when == "day":
        return _("Agree and pay %(amount)s on %(day)s") % {"amount": amount, "day": day_text(first.due_date, locale, "short")}
    if first.when == "now":
        return _("Agree and pay %(amount)s now") % {"amount": amount}
    if first.is_deposit:
        return _("Agree and pay a deposit of %(amount)s") % {"amount": amount}
    return _("Agree and pay %(amount)s when it ships") % {"amount": amount}


def _with_deposit(quote: Quote, checkout: Checkout, locale: str) -> str:
    """Return the note on a plan, with the deposit first."""
    if not quote.deposit_minor:
        return _note(quote, locale)
    told = {"amount": money_text(quote.deposit_minor, quote.currency, locale), "note": _note(quote, locale)}
    if checkout.capture == "automatic":
        return _("Deposit of %(amount)s today · %(note)s") % told
    return _("Deposit of %(amount)s · %(note)s") % told


def _note(quote: Quote, locale: str) -> str:
    facts = {"apr": percent_text(quote.apr_bps, locale), "total": money_text(quote.total_minor, quote.currency, locale)}
    if quote.service_minor:
        facts["fee"] = money_text(quote.service_minor, quote.currency, locale)
        return _("Service fee %(fee)s in the first payment · APR %(apr)s · total %(total)s") % facts
    if quote.product.rate_bps:
        return _("APR %(apr)s · total %(total)s") % facts
    if quote.product.count == 1:
        return _("%(day)s · no interest") % {"day": day_text(quote.installments[-1].due_date, locale)}
    if quote.fees.any:
        return _("%(rhythm)s · no interest, no fee on time") % {"rhythm": _(_RHYTHMS[quote.product.interval])}
    return _("%(rhythm)s · no interest, no fees") % {"rhythm": _(_RHYTHMS[quote.product.interval])}


def _unit(product: Product) -> str:
    if product.count == 1:
        return ""
    return _("a month") if product.interval == "monthly" else _("each")
