"""The notice of a declined application, a rejected order or a lower limit as a document; `notifications` keeps it as it was sent."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import Consumer
from accounts.rules.addresses import address_line
from brands.queries import get_brand
from checkout.agreeing import lender_of
from checkout.models import Order, OrderReview
from checkout.queries import find_shop_of
from core.characters import visible
from core.clock import local_date
from core.formats import money_text
from core.locales import page_locale
from credit.adverse import told_reasons
from credit.cuts import Cut
from credit.models import Decision
from credit.reasons import REJECTED_FOR, REJECTED_FOR_CODE, sentences
from plans.documents.facts import Borrower
from plans.documents.reading import Paper
from plans.documents.refusal import Refusal, write_refusal


def write_notice(decision: Decision, consumer: Consumer, rights: tuple[str, ...]) -> Paper:
    """Write the notice of a decision that declined a consumer, in the active language; `rights` are paragraphs that the law asks for."""
    asked = _("You asked to pay in installments. %(lender)s cannot offer you a plan for this purchase. Nothing was charged.")
    if decision.counter_minor:
        asked = _counter_text(decision, page_locale(consumer.locale))
    return _write(consumer, decision, decision.at, asked, decision.reasons, rights)


def _counter_text(decision: Decision, locale: str) -> str:
    """Return the paragraph that refuses the whole amount and makes a counter-offer (12 CFR 1002.9(a), comment 9(a)(1)-6)."""
    lent, whole = decision.counter_minor, decision.amount_minor
    told = {
        "deposit": money_text(whole - lent, decision.currency, locale),
        "lent": money_text(lent, decision.currency, locale),
        # Filled in with the other notices' sentences.
        "lender": "%(lender)s",
    }
    return (
        _(
            "You asked to pay in installments. %(lender)s cannot lend you the whole amount, and offers you instead: pay %(deposit)s as a"
            " deposit, and %(lent)s in installments. The offer stands as long as the checkout is open. If you do not take it, this is our"
            " refusal. Nothing was charged."
        )
        % told
    )


def write_rejection(order: Order, rights: tuple[str, ...]) -> Paper:
    """Write the notice of a held order that people rejected, in the active language, with the reasons that its letter has."""
    told = _(
        "We have looked at your order and cannot let you pay for it in installments. Nothing was charged, and what was held for it is "
        "free again."
    )
    return _write(order.consumer, order.decision, rejected_at(order), told, rejected_for(order.review), rights)


def write_cut(cut: Cut, rights: tuple[str, ...]) -> Paper:
    """Write the notice of a lower limit, in the active language."""
    told = _("We look at each limit once a day and at each purchase, and have lowered yours. What you have bought stays as agreed.")
    notice = _refusal(cut.consumer, cut.currency, cut.at, told, cut.reasons, rights)
    return write_refusal(replace(notice, limits=(cut.before_minor, cut.after_minor)), cut.at)


def rejected_at(order: Order) -> datetime:
    """Return when people rejected an order."""
    return order.review.decided_at or order.review.created_at


def rejected_for(review: OrderReview) -> list[str]:
    """Return the codes of the reasons that are told of a held order that people rejected, each once."""
    return list(dict.fromkeys(REJECTED_FOR_CODE.get(cause.get("code", "")) or REJECTED_FOR[cause["reason"]] for cause in review.causes))


def _write(consumer: Consumer, decision: Decision, at: datetime, outcome: str, reasons: Sequence[str], rights: tuple[str, ...]) -> Paper:
    shop = find_shop_of(decision.reference)
    notice = _refusal(consumer, decision.currency, at, outcome, reasons, rights)
    return write_refusal(replace(notice, shop=visible(shop.name) if shop else "", amount_minor=decision.amount_minor), at)


def _refusal(consumer: Consumer, currency: str, at: datetime, outcome: str, reasons: Sequence[str], rights: tuple[str, ...]) -> Refusal:
    """Return the facts of a notice without shop and amount."""
    lender = lender_of(get_brand(consumer.brand_id))
    return Refusal(
        day=local_date(at, consumer.time_zone),
        locale=page_locale(consumer.locale),
        lender=lender,
        applicant=Borrower(consumer.public_id, visible(consumer.name), visible(address_line(consumer.address or {}))),
        shop="",
        currency=currency,
        amount_minor=0,
        outcome=outcome % {"lender": lender.legal_name},
        reasons=tuple(sentences(told_reasons(reasons, consumer.market_id, local_date(at, consumer.time_zone)))),
        rights=rights,
    )
