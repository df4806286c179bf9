"""A purchase's past and future payments, in the words of its timeline."""

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from checkout.models import Order, Refund
from checkout.texts import refund_sentences
from core.clock import local_date
from core.formats import day_text, money_text
from core.sentences import one_stop
from payments.outside import AGENCY_GAVE_BACK, ENTERED_WRONGLY
from payments.texts import failure_text
from plans.models import Installment, PlanChange
from plans.rules.endings import Ending, endings_of
from plans.states import InstallmentStatus
from plans.versions import Dated, differences_of
from portals.cards import card_title
from portals.consumer.purchases.debts import Step
from portals.consumer.purchases.page import shipment_of, which_of
from portals.consumer.purchases.queries import Paid, Purchase

WHY = {
    "early": {
        "title": gettext_noop("You paid early"),
        "why": gettext_noop("You save %(amount)s of interest."),
    },
    "moved": {
        "title": gettext_noop("You moved a payment"),
        "why": gettext_noop("From %(from)s to %(to)s."),
    },
    "day_changed": {
        "title": gettext_noop("You changed the day of the month"),
        "why": gettext_noop("The next one moved from %(from)s to %(to)s."),
    },
    "payday": {
        "title": gettext_noop("You put your payments on your pay-days"),
        "why": gettext_noop("The next one moved from %(from)s to %(to)s."),
    },
    "postponed": {
        "title": gettext_noop("The shop gave you more time"),
        "why": gettext_noop("The next one moved from %(from)s to %(to)s. It costs you nothing."),
    },
    "re_aged": {
        "title": gettext_noop("Your late payments moved to the end"),
        "why": gettext_noop("Nothing is late any more. All payments come to %(total)s now."),
    },
    "reamortized": {
        "title": gettext_noop("Your payments were spread anew"),
        "why": gettext_noop("Nothing is late any more. All payments come to %(total)s now."),
    },
    "restructure_offered": {
        "title": gettext_noop("We offered you new payments"),
        "why": gettext_noop("Nothing changes unless you agree."),
    },
    "restructure_declined": {
        "title": gettext_noop("You declined new payments"),
        "why": gettext_noop("Your payments stay as they are."),
    },
    "restructured": {
        "title": gettext_noop("You agreed to new payments"),
        "why": gettext_noop("All payments come to %(total)s now."),
    },
    "pause": {
        "title": gettext_noop("Your payments are paused"),
        "why": gettext_noop("The next one moved from %(from)s to %(to)s."),
    },
    "area": {
        "title": gettext_noop("Your payments are paused"),
        "why": gettext_noop("You live where something bad happened. The next one moved from %(from)s to %(to)s."),
    },
    "area_ended": {
        "title": gettext_noop("You go on as before"),
        "why": gettext_noop("Your payments have their dates back."),
    },
    "respite": {
        "title": gettext_noop("You have a breathing space"),
        "why": gettext_noop("Nothing more is added for it. The next one moved from %(from)s to %(to)s."),
    },
    "return": {
        "title": gettext_noop("Payments wait for your return"),
        "why": gettext_noop("You sent goods back. The first payment that waits moved from %(from)s to %(to)s."),
    },
    "return_refunded": {
        "title": gettext_noop("Your return has ended"),
        "why": gettext_noop("The shop refunded it. What is left goes on."),
    },
    "return_denied": {
        "title": gettext_noop("Your return has ended"),
        "why": gettext_noop("The shop takes nothing back. Your payments go on."),
    },
    "return_kept": {
        "title": gettext_noop("Your return has ended"),
        "why": gettext_noop("You keep it. Your payments go on."),
    },
    "smaller": {
        "title": gettext_noop("Your payments are smaller now"),
        "why": gettext_noop("You asked for help. No more interest is added."),
    },
    "settled": {
        "title": gettext_noop("You paid what we agreed on"),
        "why": gettext_noop("You do not have to pay the rest."),
    },
    "let_go": {
        "title": gettext_noop("You do not owe the rest"),
        "why": gettext_noop("You said that it is wrong, and you were right."),
    },
    "unsettled": {
        "title": gettext_noop("The rest is owed again"),
        "why": gettext_noop("Your bank took a payment back, so what we agreed on is not paid."),
    },
    "waived": {
        "title": gettext_noop("You do not have to pay %(amount)s"),
        "why": gettext_noop("That is too little to charge a card."),
    },
    "reversed": {
        "title": gettext_noop("Your bank took a payment back"),
        "why": gettext_noop("%(back)s went back to you, and is owed again."),
    },
    "mistaken": {
        "title": gettext_noop("A payment was entered wrongly"),
        "why": gettext_noop("%(back)s had counted as paid by bank transfer. That was our mistake; it is owed as before."),
    },
    "agency_back": {
        "title": gettext_noop("The agency gave a payment back"),
        "why": gettext_noop("%(back)s that you had paid to the agency is owed again."),
    },
    "reinstated": {
        "title": gettext_noop("A payment counts after all"),
        "why": gettext_noop("Your bank decided again: %(paid)s is paid."),
    },
    "resumed": {
        "title": gettext_noop("Payments went on"),
        "why": gettext_noop("What fell due while they were stopped has a new day."),
    },
    "value_date": {
        "title": gettext_noop("A payment counts from the day on which it came"),
        "why": gettext_noop("We heard of it later. What it pays was counted as of its own day."),
    },
    "withdrawal": {
        "title": gettext_noop("You withdrew from the agreement"),
        "why": gettext_noop("What you owe is one payment now, without further interest."),
    },
    "fee": {
        "title": gettext_noop("A fee was added"),
        "why": gettext_noop("%(amount)s more to pay."),
    },
    "service": {
        "title": gettext_noop("The service fee was added"),
        "why": gettext_noop("%(amount)s more to pay, as you agreed."),
    },
    "service_ended": {
        "title": gettext_noop("The service fee was taken off"),
        "why": gettext_noop("%(amount)s less to pay."),
    },
    "fee_waived": {
        "title": gettext_noop("A fee was waived"),
        "why": gettext_noop("%(amount)s less to pay."),
    },
    "fee_withdrawn": {
        "title": gettext_noop("A fee was taken off"),
        "why": gettext_noop("%(amount)s less to pay: your payment came in time."),
    },
    "release": {
        "title": gettext_noop("%(shop)s does not ship the rest"),
        "why": gettext_noop("%(amount)s of the price is not charged."),
    },
}
"""The reason that a page gives for a change of a plan, by the kind of change; captures and refunds have longer texts."""
RETURNS = ("return", "return_refunded", "return_denied", "return_kept")
MOVING = (
    "moved",
    "day_changed",
    "payday",
    "postponed",
    "pause",
    "respite",
    "area",
    "area_ended",
    *RETURNS,
    "smaller",
    "re_aged",
    "reamortized",
    "restructured",
)
"""The changes whose dates and amounts a page lists, before and after."""
YEAR_FROM = 335
"""Dates that are so many days away are written with their year."""


def timeline_of(
    purchase: Purchase,
    paid: Mapping[uuid.UUID, Sequence[Paid]],
    changes: Sequence[PlanChange],
    refused: Mapping[str, str],
    fees: Mapping[int, Sequence[str]],
    today: date,
    locale: str,
    *,
    waits: bool,
) -> list[dict[str, Any]]:
    """Return every installment by date: its shipment, which card paid what, its `fees` in words, and what changed it.

    `refused` gives, for each failure code, the kind of payment method that failed with it. While it `waits` for the person, no other
    attempt is told.
    """
    steps = _steps(purchase.order, changes, locale)
    following = next((row.number for row in purchase.to_charge), 0)
    numbered = {row.number: row for row in purchase.rows}
    endings = endings_of(reversed(changes), {row.number: row.part for row in purchase.rows})
    plan = purchase.order.plan
    return [
        _item(
            purchase,
            row,
            paid.get(row.id, ()),
            [
                *fees.get(row.number, ()),
                *steps.get(row.number, []),
                *_where_gone(row, endings.get(row.number), numbered, plan.time_zone, locale, plan.currency),
            ],
            refused,
            today,
            locale,
            waits=waits,
        )
        | _emphasis(row, following, today, stopped=purchase.is_stopped)
        for row in purchase.rows
    ]


def _item(
    purchase: Purchase,
    row: Installment,
    paid: Sequence[Paid],
    notes: list[str],
    refused: Mapping[str, str],
    today: date,
    locale: str,
    *,
    waits: bool,
) -> dict[str, Any]:
    zone, currency = purchase.order.plan.time_zone, purchase.order.currency
    told = [_("Deposit")] if purchase.order.plan.deposit_minor and row.due_date == row.start_date else []
    told += [_paid_note(one, row, currency, zone, locale) for one in paid]
    if row.status in Installment.OPEN:
        told += _of_open(purchase, row, refused, today, locale, waits=waits)
        again = row.next_attempt_at if any(one.undone_minor for one in paid) and not (row.charge_id or row.last_failure) else None
        if again is not None and not waits:
            told.append(_("We try again on %(day)s.") % {"day": day_text(local_date(again, zone), locale)})
    if shipment := shipment_of(row, purchase.rows, locale):
        told.append(shipment)
    return {
        "title": _first_large(which_of(row, purchase.rows)),
        "minor": row.amount_minor if row.status != InstallmentStatus.CANCELED else "",
        "open_minor": row.open_minor if row.status == InstallmentStatus.PARTIALLY_PAID else None,
        "notes": [*told, *notes],
        "status": row.status,
    }


def _of_open(purchase: Purchase, row: Installment, refused: Mapping[str, str], today: date, locale: str, *, waits: bool) -> list[str]:
    """Say when an open installment is charged (later than its date if it is too small alone), and any problem with it."""
    if row.charge_id:
        return [_when(purchase, row.due_date, today, locale), _("A payment is on its way")]
    if purchase.is_given_up:
        return [_when(purchase, row.due_date, today, locale)]
    taking = purchase.taking_of(row)
    if taking is None:
        return [_("Too small to be charged to a card. You do not have to pay it, unless you pay early.")]
    if taking.numbers[-1] != row.number:
        told = _("Too small to be charged by itself. It is taken with the next payment.")
        return [_when(purchase, max(taking.day, row.due_date), today, locale), told]
    notes = [_when(purchase, row.due_date, today, locale)]
    if row.last_failure:
        why = failure_text(row.last_failure, refused.get(row.last_failure, "card"))
        notes.append(why + " " + (_("Nothing was charged.") if waits else _again(row, purchase.order.plan.time_zone, locale)))
    if len(taking.numbers) > 1:
        amount = money_text(taking.amount_minor, purchase.order.currency, locale)
        notes.append(_("%(amount)s in all, with what is too small to be charged by itself") % {"amount": amount})
    return notes


def _where_gone(
    row: Installment, ending: Ending | None, rows: Mapping[int, Installment], zone: str, locale: str, currency: str
) -> list[str]:
    """Explain what happened to the amount of an installment that is no longer due, or by which it was reduced."""
    if ending is None or not ending.kind:
        return [_("Fell away")] if row.status == InstallmentStatus.CANCELED else []
    amount = money_text(ending.minor, currency, locale)
    if ending.kind == "waived":
        return [_("You do not have to pay %(amount)s of it: too little to charge a card") % {"amount": amount}]
    if ending.kind == "withdrawal":
        whole, rest = _("Now part of the payment on %(day)s"), _("The rest is now part of the payment on %(day)s")
        return [(whole if row.status == InstallmentStatus.CANCELED else rest) % {"day": day_text(rows[ending.into].due_date, locale)}]
    if ending.kind == "smaller":
        return [_("Now in smaller payments")]
    if ending.kind == "anew":
        return [_("Now in other payments")]
    at = local_date(ending.at, zone) if ending.at else row.due_date
    return [_("Fell away with the refund of %(day)s") % {"day": day_text(at, locale, "short")}]


def _when(purchase: Purchase, due: date, today: date, locale: str) -> str:
    day = day_text(due, locale, style_of(due, today))
    if purchase.is_given_up:
        return _("Was due %(day)s") % {"day": day} if due < today else _("Was planned for %(day)s") % {"day": day}
    if purchase.is_stopped:
        return _("Not taken while payments are stopped · was planned for %(day)s") % {"day": day}
    return _("Was due %(day)s") % {"day": day} if due < today else day


def style_of(day: date, today: date) -> str:
    """Return how a date is written beside others: with its year where days of that name lie in two years of a schedule."""
    return "day" if abs((day - today).days) < YEAR_FROM else "full"


def _first_large(text: str) -> str:
    return text[:1].upper() + text[1:]


def _emphasis(row: Installment, following: int, today: date, *, stopped: bool) -> dict[str, str]:
    if row.status == InstallmentStatus.PAID:
        return {"tone": "good"}
    if row.status == InstallmentStatus.CANCELED:
        return {"tone": "off"}
    if not stopped and (row.is_late(today) or (row.last_failure and not row.charge_id)):
        return {"tone": "bad"}
    return {"tone": "now" if row.number == following and not stopped else ""}


def _again(row: Installment, zone: str, locale: str) -> str:
    if row.next_attempt_at is None:
        return _("Nothing was charged.")
    return _("Nothing was charged. We try again on %(day)s.") % {"day": day_text(local_date(row.next_attempt_at, zone), locale)}


def _paid_note(paid: Paid, row: Installment, currency: str, zone: str, locale: str) -> str:
    day = paid.day or local_date(paid.at, zone)
    told = {"day": day_text(day, locale), "card": paid.payee or card_title(paid.charge.payment_method)}
    note = _("Paid %(day)s · %(card)s") % told
    if paid.amount_minor != row.amount_minor:
        note = _("%(amount)s paid %(day)s · %(card)s") % (told | {"amount": money_text(paid.amount_minor, currency, locale)})
    if paid.refunded_minor:
        went = _("%(amount)s went back to it") if paid.charge.refunded_minor else _("%(amount)s is given back to you")
        note += " · " + went % {"amount": money_text(paid.refunded_minor, currency, locale)}
    if paid.undone_minor and paid.charge.failure == ENTERED_WRONGLY:
        note += " · " + _("entered wrongly by us")
    elif paid.undone_minor and paid.charge.failure == AGENCY_GAVE_BACK:
        note += " · " + _("the agency gave it back")
    elif paid.undone_minor:
        note += " · " + _("your bank took %(amount)s back") % {"amount": money_text(paid.undone_minor, currency, locale)}
    return note


def _steps(order: Order, changes: Sequence[PlanChange], locale: str) -> dict[int, list[str]]:
    """Return, by installment, what each refund or early payment changed in it; oldest first."""
    notes: dict[int, list[str]] = {}
    for change in reversed(changes):
        if change.kind not in {"refund", "early"}:
            continue
        before = {row["number"]: row["amount_minor"] for row in change.before}
        for row in change.after:
            step = before.get(row["number"], row["amount_minor"]) - row["amount_minor"]
            if step > 0 or (step < 0 and change.kind == "early"):
                told = {
                    "amount": money_text(abs(step), order.currency, locale),
                    "day": day_text(local_date(change.at, order.plan.time_zone), locale, "short"),
                }
                notes.setdefault(row["number"], []).append(_step_text(change.kind, step) % told)
    return notes


def _step_text(kind: str, step: int) -> str:
    if kind == "refund":
        return _("%(amount)s less after the refund of %(day)s")
    return _("%(amount)s less interest, as you paid early") if step > 0 else _("%(amount)s more interest, moved here when you paid early")


def changes_of(
    order: Order, changes: Sequence[PlanChange], refunds: Sequence[Refund], locale: str, *, steps: Iterable[Step] = ()
) -> list[dict[str, Any]]:
    """Return what changed the plan and why, newest first, with the day; `steps` are what became of its debt."""
    by_id = {refund.public_id: refund for refund in refunds}
    in_parts = order.captured_minor < order.amount_minor or sum(change.kind == "capture" for change in changes) > 1
    shipped = _("%(shop)s shipped a part of your order") if in_parts else _("%(shop)s shipped your order")
    found = [(change.at, _why(order, change, by_id, shipped, locale) | {"moved": _moved(order, change, locale)}) for change in changes]
    found += [(when, {"title": what, "why": why, "moved": []}) for when, what, why in steps]
    newest = sorted(found, key=lambda one: one[0], reverse=True) if len(found) > len(changes) else found
    return [{"at": local_date(when, order.plan.time_zone), **told} for when, told in newest]


def _moved(order: Order, change: PlanChange, locale: str) -> list[str]:
    """Return, payment by payment, which dates and amounts a change of the schedule moved; nothing for changes of other kinds."""
    if change.kind not in MOVING:
        return []

    then = local_date(change.at, order.plan.time_zone)

    def told(one: Dated | None) -> str:
        return f"{day_text(one[0], locale, style_of(one[0], then))}: {money_text(one[1], order.currency, locale)}" if one else "–"

    return [f"{told(was)} → {told(now)}" for was, now in differences_of(change)]


def _why(order: Order, change: PlanChange, refunds: Mapping[str, Refund], shipped: str, locale: str) -> dict[str, str]:
    def money(minor: int) -> str:
        return money_text(minor, order.currency, locale)

    total_before, total_after = change.sums("amount_minor")
    added = total_after - total_before
    count = len(change.after) - len(change.before)
    told = {"shop": order.merchant.name, "amount": money(added), "count": count}
    if change.kind == "capture":
        why = _("%(amount)s is to be paid in %(count)s payments from that day.") if count > 1 else _("%(amount)s is to be paid.")
        return {"title": shipped % told, "why": why % told}
    paid_before, paid_after = change.sums("paid_minor")
    told |= {"back": money(paid_before - paid_after), "paid": money(paid_after - paid_before)}
    told |= _moved_days(change, locale) | {"total": money(total_after)}
    if change.kind in WHY:
        told["amount"] = money(order.released_minor if change.kind == "release" else added if change.kind in {"fee", "service"} else -added)
        return {name: one_stop(_(text) % told) for name, text in WHY[change.kind].items()}
    refund = refunds.get(change.reference)
    if refund is None:
        return {"title": _("Your plan changed"), "why": ""}
    told["amount"] = money(refund.amount_minor)
    return {"title": _("%(shop)s refunded %(amount)s") % told, "why": _what_of_refund(refund, change, money)}


def _moved_days(change: PlanChange, locale: str) -> dict[str, str]:
    """Return the first date that a change moved, before and after; empty where it moved none."""
    before = {row["number"]: row["due_date"] for row in change.before}
    pairs = sorted((before[row["number"]], row["due_date"]) for row in change.after if row["number"] in before)
    days = next(((was, now) for was, now in pairs if was != now), None)
    return {name: day_text(date.fromisoformat(on), locale) for name, on in zip(("from", "to"), days, strict=True)} if days else {}


def _what_of_refund(refund: Refund, change: PlanChange, money: Callable[[int], str]) -> str:
    """Say what a refund changed, the total of all payments before and after it, and the shop's reason."""
    interest_before, interest_after = change.sums("interest_minor")
    saved = interest_before - interest_after
    told = dict(zip(("before", "after"), map(money, change.sums("amount_minor")), strict=True))
    totals = [_("All payments came to %(before)s before, and come to %(after)s now.") % told] if saved else []
    reason = [_("Reason: %(reason)s.") % {"reason": refund.reason.rstrip(".")}] if refund.reason else []
    return " ".join([*refund_sentences({"interest_minor": saved} | refund.outcome, money), *totals, *reason])
