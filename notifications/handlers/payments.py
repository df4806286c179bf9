"""Messages about payments and plans: upcoming, paid, failed, late, reversed."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from checkout.models import Order
from collection.agencies import name_of_payee
from collection.joint import plans_of_offer
from collection.states import PromiseStatus
from core.clock import local_date
from core.ids import parse_id
from core.outbox import Event
from notifications.facts import of_coming_fee, of_open
from notifications.queries import (
    find_charge,
    find_refund,
    get_order,
    get_order_of,
)
from notifications.services import make_room, tell_late
from notifications.telling import card_of_charge, card_of_order, tell
from payments.outside import AGENCY_GAVE_BACK, ENTERED_WRONGLY
from payments.queries import is_disputed, smallest_charge
from payments.services.disputes import DISPUTED
from plans.areas import KIND as AREA
from plans.areas import get_pause
from plans.fees import coming_fees, fees_on
from plans.models import Fee, GoodsReturn, Installment
from plans.queries import by_date, get_plan, installments_of, list_installments, list_takings
from plans.returns import KIND as RETURN
from plans.returns import get_return
from plans.rewards import Coming, coming_rewards
from plans.rules.fees import FeeKind
from plans.services.moving import MOVED
from plans.states import FeeStatus, PlanStatus


def on_payment_upcoming(event: Event, *, at: datetime) -> None:
    """Remind the consumer of a payment in a few days."""
    told = event.payload()
    order = get_order(told["reference"])
    coming = _coming(order, told["number"], at)
    context = {
        "numbers": [told["number"]],
        "due_date": told["due_date"],
        "amount_minor": told["amount_minor"],
        "card": card_of_order(order, at),
        "reward_minor": coming.money_minor or None,
        "credit_minor": coming.credit_minor or None,
    }
    tell(order, "payment_upcoming", f"{told['plan']}:{told['number']}:{told['due_date']}", context, at)


def _coming(order: Order, number: int, at: datetime) -> Coming:
    """Return what the person would earn by paying an installment today with the method of the plan."""
    plan, day = get_plan(order.plan_id), local_date(at, order.plan.time_zone)
    return coming_rewards(plan, installments_of(plan), [number], method=plan.payment_method.kind, day=day, at=at)


def on_payment_failed(event: Event, *, at: datetime) -> None:
    """Tell the consumer that a payment did not go through and what happens next; nothing if another one has paid it meanwhile."""
    told = event.payload()
    order = get_order(told["reference"])
    if told["installments"] and not _open_of(order, told["installments"]):
        return
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
    make_room(consumer_id=order.consumer_id, plan=order.plan.public_id, numbers=told["installments"], charge=told["charge"], at=at)
    tell(order, "payment_failed", told["charge"], context, at)


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
        "mistaken": told["failure"] == ENTERED_WRONGLY,
        "agency": name_of_payee(told["charge"]) if told["failure"] == AGENCY_GAVE_BACK else None,
        "card": charge.payment_method.public_id if charge else None,
    }
    tell(get_order(told["reference"]), "payment_reversed", told["source"], context, at)


def on_payment_reinstated(event: Event, *, at: datetime) -> None:
    """Tell the consumer that a reversed payment counts after all, and what is refunded if they paid it in another way."""
    told = event.payload()
    context = {
        "numbers": told["installments"],
        "amount_minor": told["amount_minor"],
        "excess_minor": told["excess_minor"] or None,
        "card": card_of_charge(told["charge"]),
    }
    tell(get_order(told["reference"]), "payment_reinstated", told["source"], context, at)


def on_payment_arrived(event: Event, *, at: datetime) -> None:
    """Tell the consumer that a payment which had failed was taken after all, what it paid, and what of it goes back."""
    told = event.payload()
    excess = told["excess_minor"]
    context = {
        "amount_minor": told["amount_minor"],
        "kept_minor": told["amount_minor"] - excess or None,
        "excess_minor": excess or None,
        "card": card_of_charge(told["charge"]),
    }
    tell(get_order(told["reference"]), "payment_arrived", told["charge"], context, at)


def on_refund_failed(event: Event, *, at: datetime) -> None:
    """Tell the consumer that money did not reach their card or bank account, and ask where to send it."""
    _tell_of_refund(event, "refund_failed", at, by_transfer=event.payload()["by"] == "transfer")


def on_refund_arrived(event: Event, *, at: datetime) -> None:
    """Tell the consumer that a refund that had failed is paid, and where it went."""
    _tell_of_refund(event, "refund_arrived", at, by_transfer=event.payload()["by"] == "transfer")


def _tell_of_refund(event: Event, kind: str, at: datetime, **more: Any) -> None:
    told = event.payload()
    refund = find_refund(told["refund"])
    method = (refund.payment_method or refund.charge.payment_method) if refund else None
    context = {"amount_minor": told["amount_minor"], "card": method.public_id if method else None} | more
    # One refund may fail and arrive more than once.
    tell(get_order_of(told["reference"]), kind, f"{told['refund']}:{at:%Y%m%d%H%M%S%f}", context, at)


def on_installment_overdue(event: Event, *, at: datetime) -> None:
    """Tell the consumer that a payment is late, in one letter with all else that is late of them."""
    told = event.payload()
    order = get_order(told["reference"])
    row = next((row for row in installments_of(order.plan) if row.number == told["number"]), None)
    if row is not None:
        subject = f"{told['plan']}:{row.number}:{row.due_date}"
        tell_late(consumer_id=order.consumer_id, kind="payment_late", subject=subject, lead=order.plan_id, at=at)


def _coming_fee(order: Order, rows: Sequence[Installment], number: int, at: datetime) -> dict[str, Any]:
    """Return the next fee of an installment, as facts; empty if none is to come."""
    coming = coming_fees(order.plan, rows, fees_on(rows), local_date(at, order.plan.time_zone)).get(number)
    return of_coming_fee(coming, order.currency) if coming else {}


def on_fee_charged(event: Event, *, at: datetime) -> None:
    """Tell the consumer of a fee, what is open of its payment with it, and until when paying avoids the next one.

    A service fee was agreed on, and comes with the capture, of which they are told.
    """
    told = event.payload()
    if told["kind"] == FeeKind.SERVICE:
        return
    order = get_order(told["reference"])
    rows = installments_of(order.plan)
    row = next(row for row in rows if row.number == told["number"])
    context = {
        "numbers": [row.number],
        "due_date": row.due_date.isoformat(),
        "amount_minor": row.open_minor or None,
        "added_minor": told["amount_minor"] + told.get("credit_minor", 0),
        "credit_minor": told.get("credit_minor") or None,
        "fee_kind": told["kind"],
    }
    facts = {"fee_kind": told["kind"], "is_open": row.open_minor > 0} | _coming_fee(order, rows, row.number, at)
    tell(order, "fee_charged", told["fee"], context, at, facts=facts)


def on_fees_ended(event: Event, *, at: datetime) -> None:
    """Tell the consumer that fees were waived, or withdrawn as a payment came in time or a bank paid after all; what was paid goes back."""
    told = event.payload()
    context = {"numbers": told["numbers"], "amount_minor": told["amount_minor"]}
    kind = Fee.objects.filter(pk=parse_id(Fee.PREFIX, told["cause"])).values_list("kind", flat=True).first()
    withdrawn = told["status"] == FeeStatus.WITHDRAWN
    # A service fee is withdrawn with the goods or the agreement, which no date of a payment explains.
    of_service = withdrawn and kind == FeeKind.SERVICE
    facts = {"in_time": withdrawn and not of_service, "stands": withdrawn and kind == FeeKind.RETURNED, "of_service": of_service}
    tell(get_order(told["reference"]), "fees_ended", f"{told['cause']}:{told['status']}", context, at, facts=facts)


def on_installments_paid(event: Event, *, at: datetime) -> None:
    """Tell the consumer that a payment was taken, or, after an earlier failure, that it went through after all."""
    told = event.payload()
    order = get_order(told["reference"])
    rows = [row for row in installments_of(order.plan) if row.number in told["installments"]]
    context = {
        "numbers": told["installments"],
        "amount_minor": told["amount_minor"],
        "after_failure": any(row.attempts for row in rows),
        "excess_minor": told.get("excess_minor") or None,
        "waiting_minor": order.remaining_authorized_minor or None,
        "card": card_of_charge(told["charge"]),
        "agency": name_of_payee(told["charge"]) or None,
    }
    tell(order, "payment_received", told["charge"], context, at)


def on_reward_earned(event: Event, *, at: datetime) -> None:
    """Tell the consumer what they get for paying early: money back and where it goes, or a credit against fees."""
    told = event.payload()
    order, context = get_order(told["reference"]), {"numbers": told["installments"]}
    if told["amount_minor"]:
        money = {"amount_minor": told["amount_minor"], "card": card_of_charge(told["charge"])}
        tell(order, "reward_earned", told["charge"], context | money, at)
    if told.get("credit_minor"):
        credit = {"amount_minor": told["credit_minor"], "due_date": told["until"]}
        tell(order, "credit_earned", told["charge"], context | credit, at)


def on_installments_waived(event: Event, *, at: datetime) -> None:
    """Note in the consumer's inbox that the rest is waived."""
    told = event.payload()
    context = {"numbers": told["installments"], "amount_minor": told["amount_minor"]}
    tell(get_order(told["reference"]), "payment_waived", f"{told['plan']}:{told['installments'][0]}", context, at)


def on_plan_stopped(event: Event, *, at: datetime) -> None:
    """Tell the consumer that no payment is taken while their bank, or an operator, investigates."""
    told = event.payload()
    order = get_order(told["reference"])
    left = sum(row.open_minor for row in installments_of(order.plan) if row.status in row.OPEN)
    if left or order.plan.status == PlanStatus.PENDING:
        tell(order, "plan_stopped", f"{told['plan']}:{at:%Y%m%d%H%M%S}", {"amount_minor": left} | _who_looks(told["plan"]), at)


def _who_looks(plan: str) -> dict[str, bool]:
    return {} if is_disputed(plan) else {"by_person": True}


def on_charge_off_confirmed(event: Event, *, at: datetime) -> None:
    """Tell the consumer that nothing more is charged automatically, that the rest is still owed, and whom to ask."""
    told = event.payload()
    order = get_order(told["reference"])
    # Fees stay owed beside what was given up: the letter says the sum that stands on the page of the purchase.
    fees = sum(row.open_fees_minor for row in installments_of(order.plan))
    tell(order, "plan_given_up", told["plan"], {"amount_minor": told["amount_minor"] + fees}, at)


def on_debt_placed(event: Event, *, at: datetime) -> None:
    """Tell the person, before it does, which agency collects from when on, and how to reach it."""
    told = event.payload()
    context = {"amount_minor": told["amount_minor"], "due_date": told["placed_on"], "agency": told["agency"], "contact": told["contact"]}
    tell(get_order(told["reference"]), "debt_placed", told["placement"], context | _parts_of(told), at)


def _parts_of(told: Mapping[str, Any]) -> dict[str, int]:
    """Return of what a debt's amount consists; empty for an event that does not say it."""
    if not told.get("itemized"):
        return {}
    interest, fees = told["interest_minor"], told["fees_minor"]
    return {"principal_minor": told["amount_minor"] - interest - fees, "interest_minor": interest, "fees_minor": fees}


def on_debt_recalled(event: Event, *, at: datetime) -> None:
    """Tell the person that the agency collects no more."""
    told = event.payload()
    tell(get_order(told["reference"]), "debt_recalled", told["placement"], {"agency": told["agency"]}, at)


def on_debt_sold(event: Event, *, at: datetime) -> None:
    """Tell the person who owns their debt now, and how to reach them."""
    told = event.payload()
    context = {"amount_minor": told["amount_minor"], "buyer": told["buyer"], "contact": told["contact"]}
    tell(get_order(told["reference"]), "debt_sold", told["sold"], context | _parts_of(told), at)


def on_debt_returned(event: Event, *, at: datetime) -> None:
    """Tell the person that they owe it to us again, or nothing more."""
    told = event.payload()
    context = {"buyer": told["buyer"]} | ({"let_go": True} if told.get("let_go") else {})
    tell(get_order(told["reference"]), "debt_returned", told["sold"], context, at)


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
        tell(order, "plan_resumed", f"{told['plan']}:{at:%Y%m%d%H%M%S}", context, at)


def on_schedule_changed(event: Event, *, at: datetime) -> None:
    """Tell the consumer the new dates and amounts of their payments."""
    told = event.payload()
    order = get_order(told["reference"])
    rows = by_date(row for row in installments_of(order.plan) if row.status in row.OPEN)
    if rows:
        facts = of_open(rows, order.currency) | {"costs": told["kind"] == MOVED and _move_cost(order, told["cause"])}
        context: dict[str, Any] = {"how": told["kind"]} | (_area_of(told["cause"]) if told["kind"] == AREA else _return_of(told["cause"]))
        facts |= {"until": {"date": context["until"]}} if "until" in context else {}
        # Causes that begin with the plan would make a name of the message that is too long to be kept.
        once = told["cause"].removeprefix(f"{told['plan']}:")
        tell(order, "schedule_changed", f"{told['plan']}:{once}", context, at, facts=facts)


def _area_of(cause: str) -> dict[str, str]:
    """Return the disaster area of a pause: its name, what people read, and its last day."""
    area = get_pause(cause.partition(":")[0]).area
    return {"area": area.name, "area_text": area.text, "until": area.until.isoformat()}


def _return_of(cause: str) -> dict[str, Any]:
    """Return the last day of a return that is under way and the price of a part, or why the shop takes nothing back; empty for another."""
    name, _sign, kind = cause.partition(":")
    if not name.startswith(f"{GoodsReturn.PREFIX}_"):
        return {}
    made = get_return(name)
    if kind != RETURN:
        return {"denial": made.denial}
    return {"until": made.until.isoformat()} | ({"returned_minor": made.amount_minor} if made.amount_minor else {})


def _move_cost(order: Order, cause: str) -> bool:
    """Return whether the move that an event has as its cause, the payment's number and the moment, was charged for."""
    number, _sign, moment = cause.partition(":")
    fees = Fee.objects.filter(installment__plan=order.plan_id, installment__number=number, kind=FeeKind.RESCHEDULE)
    return fees.filter(amount_minor__gt=0, at=datetime.fromisoformat(moment)).exists()


def on_relief_offered(event: Event, *, at: datetime) -> None:
    """Tell the consumer what an operator offers them, and until when they can accept it."""
    told = event.payload()
    context = {"pause_days": told["days"], "payment_count": told["count"], "due_date": told["until"]}
    tell(get_order(told["reference"]), "relief_offered", told["offer"], context, at)


def on_settlement_offered(event: Event, *, at: datetime) -> None:
    """Tell the person what they may pay instead of all that is open, and until when they can accept it."""
    told = event.payload()
    context = {"amount_minor": told["amount_minor"], "forgiven_minor": told["forgiven_minor"], "due_date": told["until"]} | _several(told)
    tell(get_order(told["reference"]), "settlement_offered", told["settlement"], context, at)


def on_settlement_accepted(event: Event, *, at: datetime) -> None:
    """Confirm a settlement to the person, by whomever it was noted."""
    told = event.payload()
    context = {"amount_minor": told["amount_minor"], "due_date": told["until"]} | _several(told)
    tell(get_order(told["reference"]), "settlement_accepted", told["settlement"], context, at)


def on_settlement_paid(event: Event, *, at: datetime) -> None:
    """Tell the person that they owe nothing more, and where the letter of settlement is."""
    told = event.payload()
    context = {"amount_minor": told["amount_minor"], "forgiven_minor": told["forgiven_minor"]} | _several(told)
    # One that the bank took back and paid after all is paid once more.
    tell(get_order(told["reference"]), "settlement_paid", f"{told['settlement']}:{at:%Y%m%d%H%M%S}", context, at)


def on_settlement_broken(event: Event, *, at: datetime) -> None:
    """Tell the person that a settlement was not paid in time, and that what was paid of it counts."""
    told = event.payload()
    rows = [row for mine in list_installments(plans_of_offer(told["settlement"])).values() for row in mine]
    left = sum(row.open_minor for row in rows if row.status in row.OPEN)
    if left:
        context = {"amount_minor": told["amount_minor"], "paid_minor": told["paid_minor"], "left_minor": left} | _several(told)
        tell(get_order(told["reference"]), "settlement_broken", told["settlement"], context, at)


def _several(told: dict[str, Any]) -> dict[str, Any]:
    """Return of how many purchases a settlement is, if it is of more than one."""
    count = told.get("purchases", 1)
    return {"purchases": count} if count > 1 else {}


def on_pay_link_sent(event: Event, *, at: datetime) -> None:
    """Send a person the link that they asked for on a call, by the channel that they chose."""
    told = event.payload()
    order = get_order(told["reference"])
    today = local_date(at, order.plan.time_zone)
    # It is not sent once these are paid.
    late = [row.number for row in by_date(installments_of(order.plan)) if row.is_late(today)]
    if late:
        context = {"amount_minor": told["amount_minor"], "numbers": late, "link": told["link"]}
        tell(order, "pay_link", told["link"], context, at, by=told["channel"])


def on_promise_made(event: Event, *, at: datetime) -> None:
    """Confirm a promise to pay to the person, by whomever it was noted."""
    told = event.payload()
    context = {"amount_minor": told["amount_minor"], "due_date": told["pay_on"]}
    tell(get_order(told["reference"]), "promise_made", told["promise"], context, at)


def on_promise_decided(event: Event, *, at: datetime) -> None:
    """Tell the person that a promise was not kept, or only in part; a payment is told by its own message."""
    told = event.payload()
    if told["outcome"] not in {PromiseStatus.BROKEN, PromiseStatus.PART_KEPT}:
        return
    order = get_order(told["reference"])
    today = local_date(at, order.plan.time_zone)
    # The letter asks for these: it is not sent once they are paid.
    late = [row.number for row in by_date(installments_of(order.plan)) if row.is_late(today)]
    if late:
        context = {"amount_minor": told["amount_minor"], "paid_minor": told["paid_minor"], "due_date": told["pay_on"], "numbers": late}
        context |= {"part": told["outcome"] == PromiseStatus.PART_KEPT}
        tell(order, "promise_broken", told["promise"], context, at)


def on_plan_completed(event: Event, *, at: datetime) -> None:
    """Note in the consumer's inbox that all, or all that was shipped so far, is paid or refunded; other letters say so too."""
    order = get_order((told := event.payload())["reference"])
    if told["by"] == "settlement":
        return  # The letter of settlement tells it.
    # A plan opens again when more is captured, and is completed again: the consumer is told each time.
    subject = f"{told['plan']}:{at:%Y%m%d%H%M%S%f}"
    context = {
        "amount_minor": None,
        "waiting_minor": order.remaining_authorized_minor or None,
        "by": told["by"],
        "refunded": told["by"] == "refund" and order.refunded_minor >= order.captured_minor,
    }
    tell(order, "plan_completed", subject, context, at)
