"""Payments that agencies report: each is checked, counts once, and pays its plan at once."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from accounts.models import User
from collection.agency_lines import ACCEPTED, GAVE_BACK, KINDS, LONGEST_REFERENCE, MOST_MINOR, REFUSED, REPEATED, Answered, Reported
from collection.models import Agency, Placement
from collection.services.agencies import MAY_MANAGE
from collection.services.commissions import book_share, take_back_share
from collection.settling import open_minor_of
from core.clock import local_date
from core.db import unit, wait_lock
from core.errors import DomainError, Invalid, NotFound, require
from core.ids import parse_id
from core.sentences import Sentence
from plans import services as plans
from plans.models import AgencyPayment, Plan
from plans.queries import installments_of, lock_plan
from plans.states import PLAN_OWED

MORE_MINOR = 100
"""How much more than is open an agency may report, in minor units; it is owed to the person."""


def report_as_operator(*, agency: Agency, lines: Iterable[Reported], user: User, at: datetime) -> list[Answered]:
    """Take what an agency reported by a file that an operator uploads; Forbidden without the right."""
    require(user, MAY_MANAGE)
    return report_payments(agency=agency, lines=lines, by=str(user.pk), at=at)


def report_payments(*, agency: Agency, lines: Iterable[Reported], by: str, at: datetime) -> list[Answered]:
    """Take what an agency reported, line by line, each in its own transaction; return an answer for each, in their order.

    A line that is refused changes nothing; the others count all the same. Safe to repeat: what counts already is answered as repeated.
    """
    answers = []
    for number, line in enumerate(lines, 1):
        named = line.reference[:LONGEST_REFERENCE] if isinstance(line.reference, str) else ""
        try:
            status, payment = report_payment(agency=agency, line=line, by=by, at=at)
            answers.append(Answered(number, payment.reference, status, payment.public_id))
        except DomainError as error:
            # In English in the answer, which is a file for machines; the page translates it.
            field, why = next(iter(error.sentences.items()))
            answers.append(Answered(number, named, REFUSED, field=field, reason=why))
    return answers


def report_payment(*, agency: Agency, line: Reported, by: str, at: datetime) -> tuple[str, AgencyPayment]:
    """Take a payment that a person made to an agency, or one that it gave back; return whether it is `accepted` or `repeated`.

    It pays the plan as of the day on which it was made. Invalid names the field: not a debt that the agency had on that day, another
    currency, or more than 100 minor units above what is open; a reference that counts already for something else, or, given back, that
    counts for nothing.
    """
    if line.kind not in KINDS:
        raise _wrong("kind", Sentence("is paid or gave_back"))
    reference = _text(line.reference)
    if not 0 < len(reference) <= LONGEST_REFERENCE:
        raise _wrong("reference", Sentence("1 to 60 characters"))
    placement = _placement(agency, line.placement)
    with unit():
        if line.kind == GAVE_BACK:
            # No lock of the plan yet: what takes a payment back locks its charge first.
            known = _known(agency, reference)
            _check(line, known, placement, at)
            return _give_back(known, at)
        plan = lock_plan(placement.plan_id)
        wait_lock(f"agency payment {agency.public_id} {reference}")
        known = _known(agency, reference)
        day = _check(line, known, placement, at)
        if known:
            return REPEATED, known
        opened = _check_owed(line.amount_minor, plan)
        collected = plans.Collected(agency.public_id, reference, line.amount_minor, day, by)
        made = plans.record_agency_payment(plan=plan, collected=collected, at=at)
        counts = min(line.amount_minor, opened)
        book_share(placement=placement, charge=made.charge, base_minor=counts, day=day, direct=False, at=at)
    return ACCEPTED, made


def _known(agency: Agency, reference: str) -> AgencyPayment | None:
    return AgencyPayment.objects.filter(agency=agency.public_id, reference=reference).select_related("charge").first()


def _check(line: Reported, known: AgencyPayment | None, placement: Placement, at: datetime) -> date:
    """Return the day of a payment; Invalid if it is wrong, or another one than its reference counts for."""
    _check_money(line, placement.plan)
    day = _day(line.paid_on, placement, at)
    if known and (known.plan_id, known.charge.amount_minor, known.paid_on) != (placement.plan_id, line.amount_minor, day):
        raise _wrong("reference", Sentence("was reported before, for another payment"))
    return day


def _give_back(known: AgencyPayment | None, at: datetime) -> tuple[str, AgencyPayment]:
    if known is None:
        raise _wrong("reference", Sentence("no payment of this reference was reported"))
    if not plans.undo_agency_payment(payment=known, at=at):
        return REPEATED, known
    take_back_share(charge=known.charge, amount_minor=known.charge.amount_minor, source=f"{known.public_id}:back", at=at)
    return ACCEPTED, known


def _placement(agency: Agency, told: Any) -> Placement:
    try:
        found = agency.placements.select_related("plan", "agency__market").filter(pk=parse_id(Placement.PREFIX, str(told).strip())).first()
    except NotFound:
        found = None
    if found is None:
        raise _wrong("placement", Sentence("no debt that you have or had"))
    return found


def _check_money(line: Reported, plan: Plan) -> None:
    if str(line.currency).strip() != plan.currency:
        raise _wrong("currency", Sentence("this debt is in %(currency)s", currency=plan.currency))
    minor = line.amount_minor
    if not isinstance(minor, int) or isinstance(minor, bool) or not 0 < minor < MOST_MINOR:
        raise _wrong("amount_minor", Sentence("a whole number of minor units above zero"))


def _check_owed(minor: int, plan: Plan) -> int:
    """Return what is open of a locked plan with its fees, in minor units; Invalid if that is nothing, or less than an amount allows."""
    opened = open_minor_of(installments_of(plan)) if plan.status in PLAN_OWED else 0
    if not opened:
        raise _wrong("amount_minor", Sentence("nothing of this debt is open"))
    if minor > opened + MORE_MINOR:
        raise _wrong("amount_minor", Sentence("only %(open)s minor units of this debt are open", open=opened))
    return opened


def _day(told: Any, placement: Placement, at: datetime) -> date:
    """Return the day of a payment; Invalid unless the agency had the debt on it."""
    try:
        day = date.fromisoformat(str(told).strip())
    except ValueError:
        raise _wrong("paid_on", Sentence("a date such as 2026-11-30")) from None
    zone = placement.agency.market.time_zone
    if day > local_date(at, zone):
        raise _wrong("paid_on", Sentence("this day is still to come"))
    if day < placement.placed_on or (placement.recalled_at and day > local_date(placement.recalled_at, zone)):
        raise _wrong("paid_on", Sentence("you did not have this debt on that day"))
    return day


def _text(told: Any) -> str:
    """Return a reference in the one form in which it counts: single spaces."""
    return " ".join(told.split()) if isinstance(told, str) and told.isprintable() else ""


def _wrong(field: str, why: Sentence) -> Invalid:
    return Invalid("This payment cannot be taken as it is reported.", fields={field: why})
