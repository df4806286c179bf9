"""The limit and its history."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.queries import latest_identity_check
from accounts.states import Identity
from checkout.queries import find_checkout_approved, find_open_checkout, shop_approved
from core.characters import visible
from core.unreadable import Unreadable
from credit.adverse import told_reasons
from credit.approved import find_approval_left
from credit.buying import limits_now
from credit.cuts import find_cut
from credit.deciders import was_by_people, who_decided
from credit.models import Decision, LimitChange
from credit.queries import (
    find_counting_declaration,
    list_decisions,
    list_limit_changes,
    list_spending,
    newest_decisions_of,
    newest_reviews,
)
from credit.reasons import sentences
from credit.rules import is_refusal
from credit.services import bank_help
from credit.services.banks import BankHelp
from notifications.refusals import cut_notice, refusal_notice
from plans.standstill import find_respite_of
from portals.consumer.frame import Visitor, consumer_page, show
from portals.consumer.limit.bank import shown_income
from portals.consumer.limit.page import RECENT_DAYS, buying, paused_by, raises_of, spending
from portals.refusals import helps_of


@consumer_page("GET")
def limit(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Show each limit, how much of it is in use, and its changes with their reasons."""
    found = list_spending(visitor.consumer, visitor.today, of_brand_only=True)
    decisions = list_decisions(visitor.consumer.id)
    newest = newest_decisions_of(visitor.consumer)
    changes = list_limit_changes(visitor.consumer.holder_id, brand=visitor.consumer.brand_id, own=visitor.consumer.pk)
    approved = _approved(visitor)
    reviews = newest_reviews([one.line.pk for one in found])
    now = buying(visitor)
    parts = limits_now(visitor.consumer, now, found, newest, reviews, visitor.at)
    context = {
        "lines": [
            spending(one, parts.get(one.line.currency))
            | {
                "order_limit": one.line.order_limit_minor,
                "raises": raises_of(newest.get(one.line.currency), reviews.get(one.line.pk), visitor, above=one.line.limit_minor),
            }
            for one in found
        ],
        "respite": find_respite_of(visitor.consumer.pk),
        **paused_by(now, visitor),
        "cut": _cut(visitor),
        "approved": approved,
        "refused": None if approved and decisions and approved["decision"] == decisions[0].pk else _refusal(visitor, decisions),
        "by_people": any(one.line.by_hand_minor is not None for one in found) or bool(decisions and was_by_people(decisions[0])),
        "changes": [_change(change, visitor) for change in changes],
        "bank": shown_income(visitor),
        "declared": _declared(visitor),
    }
    return show(request, visitor, "limit/limit", "limit", context)


def _approved(visitor: Visitor) -> dict[str, Any] | None:
    """Return what people approved in spite of a refusal, while it holds and is not used; the purchase with it, if it is this account's."""
    consumer = visitor.consumer
    found = find_approval_left(consumer, visitor.at)
    if found is None:
        return None
    approval, left_minor = found
    told = {"decision": approval.decision_id, "amount": left_minor, "currency": approval.currency, "until": approval.until}
    if approval.consumer_id != consumer.pk:
        return told
    checkout = find_checkout_approved(approval, visitor.at)
    shop = shop_approved(approval, checkout)
    return told | {"shop": visible(shop.name) if shop else "", "path": reverse("checkout", args=[checkout.public_id]) if checkout else ""}


def _cut(visitor: Visitor) -> dict[str, Any] | None:
    """Return when and why the consumer's limit fell without a refusal, while that is recent and it has not moved since; otherwise None."""
    cut = find_cut(visitor.consumer)
    if cut is None or (visitor.today - visitor.day(cut.at)).days > RECENT_DAYS:
        return None
    limits = {"before": cut.before_minor, "after": cut.after_minor, "currency": cut.currency}
    kept = reverse("cut_pdf", args=[cut.public_id])
    return limits | {"at": cut.at, "kept": kept, "reasons": sentences(cut.reasons)} | cut_notice(cut)


def _refusal(visitor: Visitor, decisions: Sequence[Decision]) -> dict[str, Any] | None:
    """Return when and why the consumer's latest purchase was refused (credit or identity); None if it was not."""
    consumer = visitor.consumer
    if decisions and is_refusal(decisions[0].outcome, decisions[0].reasons):
        decision = decisions[0]
        kept = reverse("refusal_pdf", args=[decision.public_id])
        told = {
            "at": decision.at,
            "kept": kept,
            "reasons": sentences(told_reasons(decision.reasons, consumer.market_id, visitor.day(decision.at))),
            "helps": helps_of(decision),
            "decided": who_decided(decision, consumer),
        }
        told["bank"] = _way_to_bank(visitor, decision)
        return told | refusal_notice(consumer, decision, decision.at)
    check = latest_identity_check(consumer) if consumer.identity == Identity.REJECTED else None
    if check is None:
        return None
    return {"at": check.at, "reasons": sentences(["identity_not_verified"])} | refusal_notice(consumer, None, check.at)


def _declared(visitor: Visitor) -> dict[str, Any]:
    """Return the income that the consumer declared, and when, while it counts; empty without."""
    currency = visitor.consumer.market.currency
    found = find_counting_declaration(visitor.consumer, currency, visitor.at)
    if found is None or isinstance(found.figures, Unreadable):
        return {}
    return {"income": found.figures["income_minor"], "currency": currency, "at": found.at}


def _way_to_bank(visitor: Visitor, decision: Decision) -> dict[str, str]:
    """Return where the consumer can show an income that could change a refusal, and the shop if its checkout is still open; or nothing."""
    if bank_help(decision=decision, consumer=visitor.consumer, at=visitor.at) != BankHelp.OFFER:
        return {}
    checkout = find_open_checkout(decision.reference, visitor.consumer, visitor.at)
    if checkout is None:
        return {"path": reverse("bank")}
    return {"path": f"{reverse('bank')}?{urlencode({'checkout': checkout.public_id})}", "shop": checkout.merchant.name}


def _change(change: LimitChange, visitor: Visitor) -> dict[str, Any]:
    return {
        "is_elsewhere": change.line.consumer_id != visitor.consumer.pk,
        "at": change.at,
        "before": change.before_minor,
        "after": change.after_minor,
        "currency": change.line.currency,
        "why": change.reason_text,
        "tone": "good" if change.after_minor > change.before_minor else "bad",
    }
