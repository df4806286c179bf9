"""Event handlers: each event becomes messages of one kind to the people concerned."""

import json
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from accounts.models import Consumer, ConsumerRequest, User
from accounts.queries import active_users, get_consumer, get_request, operators
from accounts.states import Identity
from brands.models import DEFAULT
from checkout.models import Order
from checkout.routing import those_told
from checkout.states import OrderStatus
from collection.queries import card_of_plan
from controls.models import Proposal
from controls.queries import get_proposal
from controls.routing import named_by, present, routes
from core.clock import local_date
from core.ids import parse_id
from core.outbox import Event
from credit.queries import notice_of_refusal
from merchants.models import Invitation
from merchants.queries import find_invitation_to_send, get_merchant, list_finance, list_team
from notifications.facts import of_change, of_shipment
from notifications.queries import (
    find_charge,
    find_refund,
    find_review,
    find_shop,
    get_order,
    get_order_of,
    list_deciders,
    list_review_approvers,
    list_review_operators,
)
from notifications.services import queue_for_auditors, queue_for_consumer, queue_for_users
from payments.queries import is_disputed, smallest_charge
from payments.services.disputes import DISPUTED
from plans.queries import find_change, installments_of, list_takings
from plans.states import PlanStatus


def on_order_authorized(event: Event, *, at: datetime) -> None:
    """Tell the consumer the plan; for an order that was held, the message of approval does so."""
    order = get_order(event.payload()["order"])
    if find_review(order) is None:
        _tell(order, "order_authorized", order.public_id, {"schedule": True, "card": order.plan.payment_method.public_id}, at)


def on_order_held(event: Event, *, at: datetime) -> None:
    """Tell the consumer to wait, and those of the operators who may act on it whom routes name."""
    order = get_order(event.payload()["order"])
    _tell(order, "order_held", order.public_id, {}, at)
    _alert(order, "hold_opened", those_told(find_review(order), list_review_operators(), at.date()), {}, at)


def on_review_prepared(event: Event, *, at: datetime) -> None:
    """Tell the operators who may decide, except the preparer, after each preparation: those whom routes name, if there are any left."""
    review = find_review(order := get_order(event.payload()["order"]))
    if review is not None and review.prepared_by_id is not None:
        others = [user for user in list_review_approvers() if user.pk != review.prepared_by_id]
        _alert(order, "hold_prepared", those_told(review, others, at.date()), {}, at, once=f"{order.public_id}:{at:%y%m%d%H%M%S}")


def on_review_delayed(event: Event, *, at: datetime) -> None:
    """Tell that a held order's time runs out: those whom routes name, at the last step those of its own too, and once the consumer."""
    told = event.payload()
    review = find_review(order := get_order(told["order"]))
    if review is None or not review.is_open:
        return
    _tell(order, "order_takes_longer", order.public_id, _until(order), at)
    users, once = those_told(review, list_review_operators(), at.date()), f"{order.public_id}:{told['urgency']}"
    _alert(order, "hold_delayed", users, _until(order), at, once=once)


def _until(order: Order) -> dict[str, Any]:
    """Return the day on which a held order ends without a decision, where the consumer lives."""
    return {"due_date": local_date(order.expires_at, order.consumer.time_zone).isoformat()} if order.expires_at else {}


def on_order_approved(event: Event, *, at: datetime) -> None:
    """Tell the consumer that the order goes ahead and the plan, and both operators what was decided."""
    order = get_order(event.payload()["order"])
    _tell(order, "order_approved", order.public_id, {"schedule": True, "card": order.plan.payment_method.public_id}, at)
    _tell_deciders(order, "approved", at)


def on_order_rejected(event: Event, *, at: datetime) -> None:
    """Tell the consumer that the order does not go ahead, and both operators what was decided."""
    order = get_order(event.payload()["order"])
    _tell(order, "order_rejected", order.public_id, _notice(order.consumer, at), at)
    _tell_deciders(order, "rejected", at)


def on_order_voided(event: Event, *, at: datetime) -> None:
    """Tell the consumer, who was told a plan, that the shop voided the order."""
    order = get_order(event.payload()["order"])
    _tell(order, "order_canceled", order.public_id, {}, at)


def on_order_expired(event: Event, *, at: datetime) -> None:
    """Tell the consumer that an order expired: nobody decided in time, or the shop shipped nothing or only a part."""
    order = get_order(event.payload()["order"])
    if order.status == OrderStatus.EXPIRED:
        _tell(order, "order_not_shipped" if order.authorized_at else "order_undecided", order.public_id, {}, at)
    elif order.released_minor:
        _tell(order, "order_released", order.public_id, {"released_minor": order.released_minor}, at)


def on_order_released(event: Event, *, at: datetime) -> None:
    """Tell the consumer that the shop does not ship the rest of an order, and that the rest is not charged."""
    told = event.payload()
    _tell(get_order(told["order"]), "order_released", told["order"], {"released_minor": told["amount_minor"]}, at)


def on_application_declined(event: Event, *, at: datetime) -> None:
    """Send a refused consumer the notice with the principal reasons, at once (12 CFR 1002.9(a)(1): within 30 days)."""
    told = event.payload()
    consumer = get_consumer(told["consumer"])
    context = {name: told[name] for name in ("decision", "amount_minor", "currency")} | _notice(consumer, at)
    if shop := find_shop(told["reference"]):
        context["merchant"] = shop
    queue_for_consumer(consumer=consumer, kind="application_refused", subject=told["decision"], context=context, at=at)


def on_identity_settled(event: Event, *, at: datetime) -> None:
    """Tell the consumer that their identity could not be confirmed."""
    told = event.payload()
    if told["identity"] == Identity.REJECTED:
        consumer = get_consumer(told["consumer"])
        queue_for_consumer(consumer=consumer, kind="identity_refused", subject=told["check"], context=_notice(consumer, at), at=at)


def on_request_opened(event: Event, *, at: datetime) -> None:
    """Tell the consumer that their request has arrived, and by when it is answered; for a withdrawal, also its effects."""
    asked = get_request(event.payload()["request"])
    if asked.kind == "withdrawal" and asked.reference:
        _tell_of_withdrawal(asked, at)
    else:
        _tell_of_request(event, "request_received", at)


def _tell_of_withdrawal(asked: ConsumerRequest, at: datetime) -> None:
    order = get_order(asked.reference)
    change = find_change(order.plan, "withdrawal", "")
    facts = of_change(change, order.currency) if change else {}
    left = facts.get("left")
    context = {
        "request": asked.public_id,
        "asked": asked.kind,
        "due_date": asked.due_date.isoformat(),
        "amount_minor": left["minor"] if left else None,
        "card": _card(order, at),
    }
    _tell(order, "agreement_withdrawn", asked.public_id, context, at, facts=facts)


def on_request_answered(event: Event, *, at: datetime) -> None:
    """Tell the consumer that their request has an answer; the answer itself is shown only on their page."""
    _tell_of_request(event, "request_answered", at)


def _tell_of_request(event: Event, kind: str, at: datetime) -> None:
    asked = get_request(event.payload()["request"])
    context = {"request": asked.public_id, "asked": asked.kind, "due_date": asked.due_date.isoformat()}
    queue_for_consumer(consumer=get_consumer(event.payload()["consumer"]), kind=kind, subject=asked.public_id, context=context, at=at)


def _notice(consumer: Consumer, at: datetime) -> dict[str, Any]:
    """Return the contents that the law in force requires in a notice of refusal."""
    return notice_of_refusal(consumer.market_id, local_date(at, consumer.time_zone), brand=str(consumer.brand_id))


def on_order_captured(event: Event, *, at: datetime) -> None:
    """Tell the consumer the shipped amount, their payments, days and card, before the first payment is taken.

    A capture at the time of the order is part of the order's message.
    """
    told = event.payload()
    order = get_order(told["order"])
    if order.capture == "automatic":
        return
    rest = order.amount_minor - told["amount_minor"]
    waiting = order.remaining_authorized_minor if told["remaining_minor"] < 0 else told["remaining_minor"]
    context = {
        "amount_minor": told["amount_minor"],
        "in_part": rest > 0,
        "waiting_minor": waiting or None,
        "card": _card(order, at),
    }
    change = find_change(order.plan, "capture", told["capture"])
    _tell(order, "order_shipped", told["capture"], context, at, facts=of_shipment(order, change) if change else {})


def on_order_refunded(event: Event, *, at: datetime) -> None:
    """Tell the consumer what the shop refunded."""
    told = event.payload()
    order = get_order(told["order"])
    context = {"refund": told["refund"], "amount_minor": told["amount_minor"]}
    change = find_change(order.plan, "refund", told["refund"])
    _tell(order, "order_refunded", told["refund"], context, at, facts=of_change(change, order.currency) if change else {})


def on_payment_upcoming(event: Event, *, at: datetime) -> None:
    """Remind the consumer of a payment in a few days."""
    told = event.payload()
    order = get_order(told["reference"])
    context = {"numbers": [told["number"]], "due_date": told["due_date"], "amount_minor": told["amount_minor"], "card": _card(order, at)}
    _tell(order, "payment_upcoming", f"{told['plan']}:{told['number']}:{told['due_date']}", context, at)


def on_payment_failed(event: Event, *, at: datetime) -> None:
    """Tell the consumer that a payment did not go through and what happens next."""
    told = event.payload()
    order = get_order(told["reference"])
    charge = find_charge(told["charge"])
    amount = charge.amount_minor if charge else _open_of(order, told["installments"])
    context = {
        "numbers": told["installments"],
        "amount_minor": amount,
        "action": told["action"],
        "next_attempt_at": told["next_attempt_at"],
        "failure": told["failure"],
        "card": charge.payment_method.public_id if charge else None,
    }
    _tell(order, "payment_failed", told["charge"], context, at)


def _open_of(order: Order, numbers: Collection[int]) -> int:
    return sum(row.open_minor for row in installments_of(order.plan) if row.number in numbers)


def on_payment_reversed(event: Event, *, at: datetime) -> None:
    """Tell the consumer that the bank reversed a payment, that the amount is owed again, and what happens next."""
    told = event.payload()
    if not told["installments"]:
        return
    charge = find_charge(told["charge"])
    context = {
        "numbers": told["installments"],
        "amount_minor": told["amount_minor"],
        "next_attempt_at": told["next_attempt_at"],
        "failure": told["failure"],
        "disputed": told["failure"] == DISPUTED,
        "card": charge.payment_method.public_id if charge else None,
    }
    _tell(get_order(told["reference"]), "payment_reversed", told["source"], context, at)


def on_payment_reinstated(event: Event, *, at: datetime) -> None:
    """Tell the consumer that a reversed payment counts after all, and what is paid back where they paid it another way."""
    told = event.payload()
    context = {
        "numbers": told["installments"],
        "amount_minor": told["amount_minor"],
        "excess_minor": told["excess_minor"] or None,
        "card": _card_of(told["charge"]),
    }
    _tell(get_order(told["reference"]), "payment_reinstated", told["source"], context, at)


def on_refund_failed(event: Event, *, at: datetime) -> None:
    """Tell the consumer that money did not reach their card, and ask them for another way."""
    _tell_of_refund(event, "refund_failed", at)


def on_refund_arrived(event: Event, *, at: datetime) -> None:
    """Tell the consumer that a refund that had failed is paid, and where it went."""
    _tell_of_refund(event, "refund_arrived", at, by_transfer=event.payload()["by"] == "transfer")


def _tell_of_refund(event: Event, kind: str, at: datetime, **more: Any) -> None:
    told = event.payload()
    refund = find_refund(told["refund"])
    method = (refund.payment_method or refund.charge.payment_method) if refund else None
    context = {"amount_minor": told["amount_minor"], "card": method.public_id if method else None} | more
    _tell(get_order_of(told["reference"]), kind, told["refund"], context, at)


def on_installment_overdue(event: Event, *, at: datetime) -> None:
    """Tell the consumer that a payment is late."""
    told = event.payload()
    order = get_order(told["reference"])
    for row in installments_of(order.plan):
        if row.number == told["number"]:
            context = {"numbers": [row.number], "due_date": row.due_date.isoformat(), "amount_minor": row.open_minor}
            _tell(order, "payment_late", f"{told['plan']}:{row.number}:{row.due_date}", context, at)


def on_installments_paid(event: Event, *, at: datetime) -> None:
    """Tell the consumer that a payment was taken, or, after an earlier failure, that it went through after all."""
    told = event.payload()
    order = get_order(told["reference"])
    rows = [row for row in installments_of(order.plan) if row.number in told["installments"]]
    context = {
        "numbers": told["installments"],
        "amount_minor": told["amount_minor"],
        "after_failure": any(row.attempts for row in rows),
        "waiting_minor": order.remaining_authorized_minor or None,
        "card": _card_of(told["charge"]),
    }
    _tell(order, "payment_received", told["charge"], context, at)


def on_installments_waived(event: Event, *, at: datetime) -> None:
    """Note in the consumer's inbox that the rest is waived."""
    told = event.payload()
    context = {"numbers": told["installments"], "amount_minor": told["amount_minor"]}
    _tell(get_order(told["reference"]), "payment_waived", f"{told['plan']}:{told['installments'][0]}", context, at)


def on_plan_stopped(event: Event, *, at: datetime) -> None:
    """Tell the consumer that no payment is taken while their bank, or an operator, investigates."""
    told = event.payload()
    order = get_order(told["reference"])
    left = sum(row.open_minor for row in installments_of(order.plan) if row.status in row.OPEN)
    if left or order.plan.status == PlanStatus.PENDING:
        _tell(order, "plan_stopped", f"{told['plan']}:{at:%Y%m%d%H%M%S}", {"amount_minor": left} | _who_looks(told["plan"]), at)


def _who_looks(plan: str) -> dict[str, bool]:
    return {} if is_disputed(plan) else {"by_person": True}


def on_charge_off_confirmed(event: Event, *, at: datetime) -> None:
    """Tell the consumer that nothing more is taken by itself, that the rest is still owed, and whom to ask."""
    told = event.payload()
    _tell(get_order(told["reference"]), "plan_given_up", told["plan"], {"amount_minor": told["amount_minor"]}, at)


def on_plan_resumed(event: Event, *, at: datetime) -> None:
    """Tell the consumer that payments resume, and when the first is taken."""
    told = event.payload()
    order = get_order(told["reference"])
    earliest = date.fromisoformat(told["first_day"])
    opened = [row for row in installments_of(order.plan) if row.status in row.OPEN]
    takings = list_takings(order.plan, opened, least=smallest_charge(order.plan.payment_method.gateway, order.currency))
    if takings:
        first = max(takings[0].day, earliest)
        taken = sum(taking.amount_minor for taking in takings if max(taking.day, earliest) == first)
        context = {"amount_minor": taken, "due_date": first.isoformat()}
        _tell(order, "plan_resumed", f"{told['plan']}:{at:%Y%m%d%H%M%S}", context, at)


def on_plan_completed(event: Event, *, at: datetime) -> None:
    """Note in the consumer's inbox that all, or all that was shipped so far, is paid or refunded; other letters say so too."""
    order = get_order((told := event.payload())["reference"])
    # A plan opens again when more is captured, and is completed again: the consumer is told each time.
    subject = f"{told['plan']}:{at:%Y%m%d%H%M%S%f}"
    context = {
        "amount_minor": None,
        "waiting_minor": order.remaining_authorized_minor or None,
        "by": told["by"],
        "refunded": told["by"] == "refund" and order.refunded_minor >= order.captured_minor,
    }
    _tell(order, "plan_completed", subject, context, at)


def on_limit_changed(event: Event, *, at: datetime) -> None:
    """Note in the consumer's inbox that the limit has changed."""
    told = event.payload()
    subject = f"{told['consumer']}:{told['currency']}:{at:%Y%m%d%H%M%S%f}"
    queue_for_consumer(consumer=get_consumer(told["consumer"]), kind="limit_changed", subject=subject, context=told, at=at)


def on_payout_bounced(event: Event, *, at: datetime) -> None:
    """Tell the owners and finance members of a shop that its bank refused a payout, and that another bank account is needed."""
    _tell_finance(event, "payout_bounced", event.payload()["settlement"], at)


def on_payout_arrived(event: Event, *, at: datetime) -> None:
    """Tell them that a payout which had seemed to come back has arrived after all."""
    _tell_finance(event, "payout_arrived", event.payload()["settlement"], at)


def on_payout_repaid(event: Event, *, at: datetime) -> None:
    """Tell them that a payout which had come back is paid."""
    _tell_finance(event, "payout_resent", event.payload()["paid_with"], at)


def _tell_finance(event: Event, kind: str, settlement: str, at: datetime) -> None:
    told = event.payload()
    context = {name: told[name] for name in ("merchant", "amount_minor", "currency")} | {"settlement": settlement}
    users, brand = list_finance(parse_id("mer", told["merchant"])), _brand_of(told["merchant"])
    queue_for_users(users=users, kind=kind, subject=told["payout"], context=context, at=at, brand=brand)


def on_member_invited(event: Event, *, at: datetime) -> None:
    """Send an invited person the link, unless the invitation was withdrawn meanwhile."""
    told = event.payload()
    invitation = find_invitation_to_send(parse_id(Invitation.PREFIX, told["invitation"]))
    if invitation is not None:
        brand, subject = _brand_of(told["merchant"]), told["invitation"]
        queue_for_users(users=[invitation.user], kind="member_invited", subject=subject, context=told, at=at, brand=brand)


def on_merchant_suspended(event: Event, *, at: datetime) -> None:
    """Tell a shop's team that it may not sell for now, and what goes on."""
    _tell_team(event, "shop_suspended", at)


def on_merchant_reopened(event: Event, *, at: datetime) -> None:
    """Tell a shop's team that it may sell again."""
    _tell_team(event, "shop_reopened", at)


def _tell_team(event: Event, kind: str, at: datetime) -> None:
    merchant = event.payload()["merchant"]
    people, subject = list_team(parse_id("mer", merchant)), f"{merchant}:{at:%y%m%d%H%M%S}"
    queue_for_users(users=people, kind=kind, subject=subject, context={"merchant": merchant}, at=at, brand=_brand_of(merchant))


def _brand_of(merchant: str) -> str:
    """Return the code of the brand that a shop belongs to, by the shop's public id."""
    return str(get_merchant(parse_id("mer", merchant)).brand_id)


def on_change_proposed(event: Event, *, at: datetime) -> None:
    """Tell the operators who may decide a proposal, except the person who made it and who is away; all where everybody is away.

    Where its kind has a route, those whom it names.
    """
    proposal = get_proposal(parse_id("prp", event.payload()["proposal"]))
    others = [user for user in list_deciders(proposal) if str(user.pk) != proposal.proposed_by]
    if route := routes().get(proposal.kind):
        named = named_by([route], at.date()).get(proposal.kind, set())
        others = [user for user in others if str(user.pk) in named] or others
    _tell_of_proposal(proposal, present(others, at.date()), "change_proposed", at)


def on_proposal_expired(event: Event, *, at: datetime) -> None:
    """Tell the operator who made a proposal that nobody decided it in time, if they still work here."""
    proposal = get_proposal(parse_id("prp", event.payload()["proposal"]))
    _tell_of_proposal(proposal, operators().filter(pk=proposal.proposed_by), "proposal_expired", at)


def _tell_of_proposal(proposal: Proposal, users: Iterable[User], kind: str, at: datetime) -> None:
    context = {"proposal": proposal.public_id, "proposal_key": str(proposal.pk), "proposal_kind": proposal.kind}
    queue_for_users(users=users, kind=kind, subject=proposal.public_id, context=context, at=at)


def on_day_anchored(event: Event, *, at: datetime) -> None:
    """Send the end of a day's chain to the auditors whom the installation names, in the form that `manage.py audit verify` reads."""
    told = event.payload()
    queue_for_auditors(kind="day_anchored", subject=told["day"], context=told | {"anchor": json.dumps(told)}, at=at)


def on_password_link_wanted(event: Event, *, at: datetime) -> None:
    """Send a user the link to choose a password; each kind at most once in ten minutes."""
    told = event.payload()
    users = (operators() if told["kind"].startswith("operator_") else active_users()).filter(pk=told["user"])
    queue_for_users(users=users, kind=told["kind"], subject=f"{at:%Y%m%d%H%M}"[:-1], context={}, at=at, brand=told.get("brand", DEFAULT))


def on_password_changed(event: Event, *, at: datetime) -> None:
    """Tell a user that another password was chosen, and where to choose one if it was not they."""
    told = event.payload()
    users = active_users().filter(pk=told["user"])
    context = {"place": told["place"]}
    queue_for_users(users=users, kind="password_changed", subject=f"{at:%Y%m%d%H%M%S%f}", context=context, at=at, brand=told["brand"])


def _card(order: Order, at: datetime) -> str | None:
    """Return the card that the next payment of an order's plan is taken from."""
    card = card_of_plan(order.plan, installments_of(order.plan), local_date(at, order.plan.time_zone))
    return card.public_id if card is not None else None


def _card_of(charge: str) -> str | None:
    """Return the card of a charge."""
    found = find_charge(charge)
    return found.payment_method.public_id if found is not None else None


def _order_context(order: Order) -> dict[str, Any]:
    return {
        "order": order.public_id,
        "merchant": order.merchant.public_id,
        "plan": order.plan.public_id,
        "amount_minor": order.amount_minor,
        "currency": order.currency,
    }


def _tell(order: Order, kind: str, subject: str, context: dict[str, Any], at: datetime, *, facts: dict[str, Any] | None = None) -> None:
    told = {key: value for key, value in (_order_context(order) | context).items() if value is not None}
    queue_for_consumer(consumer=order.consumer, kind=kind, subject=subject, context=told, facts=facts, at=at)


def _alert(order: Order, kind: str, users: list[User], context: dict[str, Any], at: datetime, *, once: str = "") -> None:
    queue_for_users(users=users, kind=kind, subject=once or order.public_id, context=_order_context(order) | context, at=at)


def _tell_deciders(order: Order, outcome: str, at: datetime) -> None:
    """Tell the operators who prepared and decided; nobody where the data source's review decided alone."""
    review = find_review(order)
    if review is not None:
        people = {user.pk: user for user in (review.prepared_by, review.approved_by, review.rejected_by) if user is not None}
        _alert(order, "hold_decided", list(people.values()), {"outcome": outcome}, at)
