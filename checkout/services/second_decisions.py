"""A person reviews a credit decision: it is made again, from current data, or a refusal is overruled."""

import uuid
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, override

from accounts import services as accounts
from accounts.models import Consumer, User
from accounts.states import Identity
from checkout.errors import CheckoutClosed
from checkout.models import Checkout
from checkout.queries import find_checkout_approved, find_open_checkout, is_own, list_refused_open, shop_approved
from checkout.services.assessing import assess_first, found_of
from checkout.services.histories import history_of
from checkout.services.sessions import reconsider
from core.characters import visible
from core.clock import local_date
from core.db import unit
from core.errors import Conflict, Forbidden, NotFound
from core.formats import day_text, money_text
from core.ids import parse_id
from core.locales import page_locale
from core.money import Money
from credit import services as credit
from credit.models import Approval, Decision
from credit.queries import list_decisions
from credit.rules.affording import Affordability
from credit.rules.safety import Assessed


def decide_again(*, consumer: Consumer, reference: str, at: datetime) -> Decision:
    """Make the last decision again, about the same amount, from a new report of the data source; return the new decision.

    The decision counts for the person's limit at once, and for the next purchase. Open checkouts of the person that were refused, for as
    much at most, are decided anew at their next visit; an order that has ended stays ended. Conflict if there is no decision yet or the
    person's identity is not verified; Unavailable if the data source does not answer.
    """
    last = next(iter(list_decisions(consumer.pk, limit=1)), None)
    if last is None or consumer.identity != Identity.VERIFIED:
        raise Conflict("There is no credit decision that could be made again.", code="credit.nothing_decided")
    history, elsewhere = history_of(consumer)
    amount, before = Money(last.amount_minor, last.currency), Affordability.from_json(last.inputs.get("afford"))
    made = credit.decide(
        consumer=consumer,
        reference=reference,
        amount=amount,
        history=history,
        elsewhere=elsewhere,
        fresh=True,
        payment_of=(lambda: before.payment_minor) if before else None,
        safety=_assessed(reference, consumer, at),
        at=at,
    )
    if made.outcome != "decline":
        _reopen(consumer, amount, reference, at)
    return made


def _assessed(reference: str, consumer: Consumer, at: datetime) -> Assessed | None:
    """Assess an open checkout of a person anew for fraud; None without one."""
    checkout = find_open_checkout(reference, consumer, at)
    if checkout is None:
        return None
    checkout.assessed = {}
    assess_first(checkout=checkout, consumer=consumer, at=at)
    return found_of(checkout, consumer, at)


def overrule(
    *,
    request_id: uuid.UUID,
    decision_id: uuid.UUID,
    amount_minor: int,
    left_minor: int | None,
    why: str,
    note: str,
    user: User,
    actor: str,
    at: datetime,
) -> Approval:
    """Approve a refused purchase, and answer the person who asked for it in their language; all or nothing.

    Open checkouts of the person that were refused, this one and those for as much at most, are decided anew at their next visit. `user` is
    the operator whose answer it is, `actor` they or the proposal of two. Conflict if the request was answered meanwhile, is about another
    person, or as `credit.services.overrule` says; Invalid names a field.
    """
    with unit():
        decision = Decision.objects.select_related("consumer").get(pk=decision_id)
        if is_own(decision, user):
            raise Forbidden("Nobody decides about their own purchase.", code="credit.own_purchase")
        told: dict[str, Any] = {"amount_minor": amount_minor, "left_minor": left_minor, "why": why, "note": note}
        made = credit.overrule(decision_id=decision_id, **told, actor=actor, at=at)
        found = accounts.answer_request(request_id=request_id, user=user, outcome="done", answer=_told(made, at), at=at)
        if found.kind != "review" or found.consumer_id != decision.consumer_id:
            raise Conflict("This request is about something else.", code="credit.other_request")
    _reopen(decision.consumer, Money(amount_minor, decision.currency), decision.reference, at)
    return made


def _reopen(consumer: Consumer, amount: Money, reference: str, at: datetime) -> None:
    """Let a person's open checkouts that were refused be decided anew when they come back: `reference`, and all of up to an amount.

    Those of all their accounts with the consumer's brand: what was approved counts for the person, whichever account asked.
    """
    refused = list_refused_open(consumer, amount.currency, amount.minor, at)
    found = {reference: consumer} | {one.public_id: one.consumer for one in refused if one.consumer is not None}
    for public_id, buyer in found.items():
        with suppress(NotFound, CheckoutClosed):
            reconsider(checkout_id=parse_id(Checkout.PREFIX, public_id), consumer=buyer, since=at, at=at)


def _told(made: Approval, at: datetime) -> str:
    """Return what the person is answered, in their language."""
    consumer, shop = made.consumer, shop_approved(made, find_checkout_approved(made, at))
    with override(consumer.language or None):
        locale = page_locale(consumer.locale)
        words = {
            "amount": money_text(made.amount_minor, made.currency, locale),
            "shop": visible(shop.name) if shop else "",
            "day": day_text(local_date(made.until, consumer.time_zone), locale, "year"),
        }
        if shop is None:
            return gettext("We have looked at it again: you can buy for up to %(amount)s after all, until %(day)s.") % words
        return (
            gettext(
                "We have looked at it again: you can buy for up to %(amount)s at %(shop)s after all. Go on with your purchase, or begin it "
                "again at the shop, until %(day)s."
            )
            % words
        )
