"""The facts of a message, as plain typed values: gathered and stored when the message is queued, so that its text never changes.

An amount is `{"minor", "currency"}`, a day `{"date"}` in ISO form or `{"when"}` where it has no day of its own, a card
`{"brand", "last4"}`, other ways to pay `{"method"}`,
payments by their places `{"places"}`, why one failed `{"failure"}`, the outcome of a refund `{"outcome", "currency"}`,
why an order is held `{"held_for"}`, reasons of a refusal `{"codes"}`. Names, counts and flags are plain values.
`letters` writes the facts for a reader; another language or brand uses the same facts.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from accounts.models import Consumer
from checkout.models import Order, OrderReview, Refund
from checkout.papers import papers_of_order
from checkout.quoting import agreed_payments, agreed_total
from checkout.refusing import rejected_for
from core.clock import local_date
from credit.adverse import told_reasons
from credit.cuts import Cut
from credit.models import Decision
from credit.queries import bureau_of
from credit.reasons import is_by_people, is_restricted
from credit.remarks import registers_named
from notifications.models import Message
from notifications.queries import Named
from payments.models import PaymentMethod
from payments.queries import smallest_charge
from payments.texts import method_name
from plans.fees import ComingFee
from plans.models import Installment, PlanChange
from plans.queries import by_date, list_takings, places_of
from plans.rules.fees import FeeKind
from plans.rules.small import Coming, takings_of

Facts = dict[str, Any]


def amount(minor: int, currency: str) -> Facts:
    """Return an amount as a fact."""
    return {"minor": minor, "currency": currency}


def day(on: date) -> Facts:
    """Return a day as a fact."""
    return {"date": on.isoformat()}


def order_context(order: Order) -> dict[str, Any]:
    """Return the context that all messages about an order share; amounts in minor units."""
    return {
        "order": order.public_id,
        "merchant": order.merchant.public_id,
        "plan": order.plan.public_id,
        "amount_minor": order.amount_minor,
        "currency": order.currency,
    }


def card(method: PaymentMethod) -> Facts:
    """Return a payment method as a fact: a card by its brand and last digits, any other by its name."""
    if method.kind == PaymentMethod.KINDS.CARD:
        return {"brand": method.shown["brand"], "last4": method.last4}
    return {"method": method_name(method.kind, method.shown)}


def gather(message: Message, named: Named) -> Facts:
    """Return the facts of a message, from its context and the rows that the context names, as they are now."""
    told = message.context
    rows = named.installments.get(told.get("plan", ""), [])
    facts = _amounts(told) | _days(message) | _names(told, named) | _places(told, rows)
    if "schedule" in told:
        facts |= _agreed(named.orders[told["order"]])
    if message.consumer and "plan" in told:
        facts |= _standing(told, rows)
    if message.kind == "order_shipped":
        facts |= _shipped_before(told, rows)
    if refund := named.refunds.get(told.get("refund", "")):
        facts |= {"refund": of_refund(refund, told["currency"])}
    if message.kind.startswith("hold_"):
        facts |= {"hold": _review(named.reviews[told["order"]])}
    return facts | _reasons(message, named)


def _amounts(told: Mapping[str, Any]) -> Facts:
    """Return every `x_minor` as the amount `x`."""
    return {key.removesuffix("_minor"): amount(told[key], told["currency"]) for key in told if key.endswith("_minor")}


def _days(message: Message) -> Facts:
    told, facts = message.context, {}
    if told.get("due_date"):
        facts["day"] = {"date": told["due_date"]}
    if told.get("next_attempt_at"):
        zone = message.consumer.time_zone if message.consumer else "UTC"
        facts["retry_day"] = day(local_date(datetime.fromisoformat(told["next_attempt_at"]), zone))
    return facts


def _names(told: Mapping[str, Any], named: Named) -> Facts:
    """Return the shop's name, the card, and why a payment failed."""
    facts: Facts = {"merchant": named.merchants[told["merchant"]]} if "merchant" in told else {}
    why = {"failure": told.get("failure", "")}
    if method := named.cards.get(told.get("card", "")):
        facts |= {"transfer": True} if method.kind == PaymentMethod.KINDS.TRANSFER else {"card": card(method)}
        why |= {"kind": method.kind} if method.kind != PaymentMethod.KINDS.CARD else {}
    return facts | {"why": why}


def _places(told: Mapping[str, Any], rows: Sequence[Installment]) -> Facts:
    """Return which payments the message is about, and how many there are in total, counted by date."""
    if not told.get("numbers"):
        return {}
    places = places_of(rows)
    return {"which": {"places": sorted(places.get(number, number) for number in told["numbers"])}, "count": len(places)}


def _agreed(order: Order) -> Facts:
    """Return the agreed payments as the consent page showed them, the total, and when the first is taken (`day`, `now`, `ships`)."""
    payments = agreed_payments(order)
    return {
        "payments": [
            {
                "number": one.number,
                "day": day(one.due_date) if one.when == "day" else {"when": one.said},
                "amount": amount(one.amount_minor, order.currency),
            }
            for one in payments
        ],
        "total": amount(agreed_total(order), order.currency),
        "first": payments[0].when,
        "priced": "pricing" in papers_of_order(order),
        "ships": order.capture == "manual",
        "deposit_first": payments[0].is_deposit,
    }


def _standing(told: Mapping[str, Any], rows: Sequence[Installment]) -> Facts:
    """Return what is left of a plan, and the next charge, if any: a payment that is too small alone is taken with another."""
    opened = by_date(row for row in rows if row.status in Installment.OPEN)
    if not opened:
        return {"left": None}
    currency, plan = told["currency"], opened[0].plan
    left: Facts = {"left": amount(sum(row.open_minor for row in opened), currency)} | ({"given_up": True} if plan.is_charged_off else {})
    takings = list_takings(plan, opened, least=smallest_charge(plan.payment_method.gateway, currency))
    if not takings:
        return left
    return left | {"next_amount": amount(takings[0].amount_minor, currency), "next_day": day(takings[0].day)}


def _shipped_before(told: Mapping[str, Any], rows: Sequence[Installment]) -> Facts:
    """Return the current payments of a shipment, for a message that was queued without its facts."""
    new = [row for row in rows if row.number in told.get("numbers", ())]
    days: list[Facts] = [{"when": "shipped"} if row.due_date == row.start_date else day(row.due_date) for row in new]
    amounts = [amount(row.amount_minor, told["currency"]) for row in new]
    return {
        "payments": [{"day": when, "amount": minor} for when, minor in zip(days, amounts, strict=True)],
        "total": amount(sum(row.amount_minor for row in new), told["currency"]),
        "first": "now" if days[:1] == [{"when": "shipped"}] else "day",
    }


def of_shipment(order: Order, change: PlanChange) -> Facts:
    """Return the payments that a shipment started, from its schedule: amounts, days and when the first is taken.

    `first` is `now`, `day`, `deposit` (paid before), or, for a first payment that is too small for a card, `carried` (to the next one) or
    `waived` (without a next one). A later payment that is too small has the day of the payment with which it is taken.
    """
    known = {row["number"] for row in change.before}
    new = [row for row in change.after if row["number"] not in known]
    started = local_date(change.at, order.plan.time_zone)
    days = _taken_on(order, change, started)
    taken = days.get(new[0]["number"])
    first = "waived" if taken is None else "day" if new[0]["due_date"] != started.isoformat() else "now" if taken == started else "carried"
    when: list[Facts] = [_when(days.get(row["number"]), started) for row in new]
    if order.plan.deposit_minor and first != "day":
        # It was paid before anything was shipped, however small the share is.
        first, when[0] = "deposit", {"when": "deposit_shipped"}
    elif first == "carried":
        when[0] = {"when": "carried"}
    return {
        "first": first,
        "payments": [{"day": one, "amount": amount(row["amount_minor"], order.currency)} for one, row in zip(when, new, strict=True)],
        "total": amount(sum(row["amount_minor"] for row in new), order.currency),
    } | _next_of(order, new, when, first, taken)


def _next_of(order: Order, new: Sequence[Mapping[str, Any]], when: Sequence[Facts], first: str, taken: date | None) -> Facts:
    """Return the day with which a first payment that is too small is taken, or the payment that follows a deposit; else nothing."""
    if first == "carried" and taken:
        return {"next_day": day(taken)}
    if first == "deposit" and len(new) > 1:
        return {"next_day": when[1], "next_amount": amount(new[1]["amount_minor"], order.currency)}
    return {}


def _taken_on(order: Order, change: PlanChange, started: date) -> dict[int, date]:
    """Return the day on which each open installment of a changed schedule is taken, by number; one without a day is waived."""
    rows = [row for row in change.after if _is_open(row)]
    coming = [Coming(row["number"], max(started, date.fromisoformat(row["due_date"])), _open(row)) for row in rows]
    takings = takings_of(coming, least=smallest_charge(order.plan.payment_method.gateway, order.currency))
    return {number: taking.day for taking in takings for number in taking.numbers}


def _when(taken: date | None, started: date) -> Facts:
    if taken is None:
        return {"when": "waived"}
    return {"when": "shipped"} if taken == started else day(taken)


def of_open(rows: Sequence[Installment], currency: str) -> Facts:
    """Return the open payments of a plan, by date, and their total."""
    payments = [{"day": day(row.due_date), "amount": amount(row.open_minor, currency)} for row in rows]
    return {"payments": payments, "total": amount(sum(row.open_minor for row in rows), currency)}


def of_coming_fee(coming: ComingFee, currency: str) -> Facts:
    """Return the next fee of a late payment: until when to pay so that it does not come, at most how much, and whether for a reminder."""
    facts = {"fee_day": day(coming.until), "next_fee": amount(coming.most_minor, currency)}
    return facts | {"reminds": coming.kind == FeeKind.REMINDER}


def of_refund(refund: Refund, currency: str) -> Facts:
    """Return a refund's stored outcome, in the form that `checkout.texts.refund_sentences` needs."""
    return {"outcome": refund.outcome, "currency": currency}


def of_change(change: PlanChange, currency: str) -> Facts:
    """Return the payments left after a change; if interest changed too, also the total of all payments before and after."""
    left = sum(_open(row) for row in change.after if _is_open(row))
    facts: Facts = {"left": amount(left, currency) if left else None}
    interest, totals = change.sums("interest_minor"), change.sums("amount_minor")
    if interest[0] != interest[1]:
        facts |= {"total_before": amount(totals[0], currency), "total_after": amount(totals[1], currency)}
    return facts


def _is_open(row: Mapping[str, Any]) -> bool:
    return row["status"] in Installment.OPEN


def _open(row: Mapping[str, Any]) -> int:
    return int(row["amount_minor"]) - int(row["paid_minor"])


def _review(review: OrderReview) -> Facts:
    """Return why an order was held, and the operators' findings and decision."""
    people = {name: str(user) if (user := getattr(review, name)) else "" for name in ("prepared_by", "approved_by", "rejected_by")}
    words = {name: getattr(review, name) for name in ("recommendation", "prepared_note", "decision_reason")}
    return {"id": str(review.pk), "reason": {"held_for": review.reason}, "rule": {"cause": review.cause}} | people | words


def _reasons(message: Message, named: Named) -> Facts:
    """Return the reasons of a refusal, and the credit bureau that was asked, as of the decision."""
    if decision := named.decisions.get(message.context.get("decision", "")):
        told: Facts = {
            "reasons": {"codes": _told(decision.reasons, message.consumer, decision.at)},
            "by_people": is_by_people(decision.reasons),
            "restricted": is_restricted(decision.reasons),
        }
        return told | _counter_offer(decision) | _bureau(decision, _zone(message))
    review = named.reviews.get(message.context["order"]) if message.kind == "order_rejected" else None
    if review is None:
        return {}
    codes = _told(rejected_for(review), message.consumer, review.decided_at or review.created_at)
    return {"reasons": {"codes": codes}, "restricted": is_restricted(codes)} | _bureau(review.order.decision, _zone(message))


def _counter_offer(decision: Decision) -> Facts:
    """Return the deposit of a refusal's counter-offer, and what is lent with it; empty if none was made."""
    if not decision.counter_minor:
        return {}
    deposit = decision.amount_minor - decision.counter_minor
    return {"deposit": amount(deposit, decision.currency), "lent": amount(decision.counter_minor, decision.currency)}


def of_cut(cut: Cut) -> Facts:
    """Return the facts of a lower limit: both limits, the main reasons, and the bureau whose report was used."""
    limits = {"before": amount(cut.before_minor, cut.currency), "after": amount(cut.after_minor, cut.currency)}
    return limits | {"reasons": {"codes": _told(cut.reasons, cut.consumer, cut.at)}} | _bureau(cut.decision, cut.consumer.time_zone)


def _told(codes: Sequence[str], consumer: Consumer | None, at: datetime) -> list[str]:
    """Return the codes of the reasons that the notice of a refusal at a moment names."""
    return told_reasons(codes, consumer.market_id, local_date(at, consumer.time_zone)) if consumer else list(codes)


def _zone(message: Message) -> str:
    return message.consumer.time_zone if message.consumer else "UTC"


def _bureau(decision: Decision, zone: str) -> Facts:
    """Return the credit bureau of a decision, the date of its score in the consumer's time zone, and registers whose remarks counted."""
    registers = {"registers": registers_named(decision)}
    if decision.inquiry is None:
        return registers | {"asked_bureau": False}
    answered = decision.inquiry.answered_at or decision.at
    return registers | {"asked_bureau": True, "bureau": bureau_of(decision), "bureau_day": day(local_date(answered, zone))}
