"""The share of agencies in payments: booked once a payment, and corrected when a payment is taken back."""

import uuid
from datetime import date, datetime

from accounts.models import User
from collection.agency_money import Terms, find_placed_on, terms_on
from collection.models import Agency, AgencyTerms, Commission, Placement
from collection.queries import lock_agency
from collection.services.agencies import MAY_MANAGE, check_rate
from core.clock import local_date
from core.db import unit
from core.errors import Conflict, Invalid, require
from core.money import bps_of
from core.sentences import Sentence
from ledger import agencies as books
from payments.models import Charge
from payments.states import MovementStatus
from plans.models import AgencyPayment, FreePayment, Plan
from plans.queries import lock_plan


def change_terms(
    *, agency_id: uuid.UUID, valid_from: date, rate_bps: int, counts_direct: bool, remits_net: bool, user: User, at: datetime
) -> AgencyTerms:
    """Give a contract other terms from a day on; what was paid before keeps its share.

    Forbidden without the right; Invalid for a share above the whole, or a day that has begun; Conflict if that day has terms already.
    """
    require(user, MAY_MANAGE)
    check_rate(rate_bps)
    with unit():
        agency = lock_agency(agency_id)
        if valid_from <= local_date(at, agency.market.time_zone):
            raise Invalid("Enter a day that is to come.", fields={"valid_from": Sentence("enter a day that is to come")})
        if AgencyTerms.objects.filter(agency=agency, valid_from=valid_from).exists():
            raise Conflict("There are terms from that day on already.", code="collection.terms_known")
        told = {"rate_bps": rate_bps, "counts_direct": counts_direct, "remits_net": remits_net, "made_by": str(user.pk), "made_at": at}
        return AgencyTerms.objects.create(agency=agency, valid_from=valid_from, **told)


def book_share(*, placement: Placement, charge: Charge, base_minor: int, day: date, direct: bool, at: datetime) -> None:
    """Book an agency's share in a payment of a day, of what of it counts in minor units, once; a share of nothing is booked too.

    Runs in a transaction that holds the plan's lock.
    """
    terms = terms_on(placement.agency, day)
    if not Commission.objects.filter(source=charge.public_id).exists():
        _book(placement, charge, charge.public_id, terms.rate_bps, base_minor, direct, at)


def take_back_share(*, charge: Charge, amount_minor: int, source: str, at: datetime) -> None:
    """Take the share of a payment back, as far as it was taken back, or, below zero, give it again; each `source` once.

    No more counts than once did. Runs in a transaction that holds the plan's lock; does nothing for a payment without a share.
    """
    booked = list(Commission.objects.filter(charge=charge).select_related("placement__agency").order_by("id"))
    if not booked or any(one.source == source for one in booked):
        return
    counts = sum(one.base_minor for one in booked)
    left = min(max(counts - amount_minor, 0), booked[0].base_minor)
    if left != counts:
        _book(booked[0].placement, charge, source, booked[0].rate_bps, left - counts, booked[0].direct, at, booked)


def _book(
    placement: Placement,
    charge: Charge,
    source: str,
    rate_bps: int,
    base_minor: int,
    direct: bool,
    at: datetime,
    booked: list[Commission] | None = None,
) -> None:
    """Book what brings all shares of a charge to the rounded share of all that counts of it."""
    before = booked or []
    whole = bps_of(sum(one.base_minor for one in before) + base_minor, rate_bps)
    minor = whole - sum(one.commission_minor for one in before)
    told = {"rate_bps": rate_bps, "base_minor": base_minor, "commission_minor": minor, "direct": direct, "at": at}
    made = Commission.objects.create(agency=placement.agency, placement=placement, charge=charge, source=source, **told)
    books.commissions([books.AgencyPosting(made.public_id, placement.agency.public_id, charge.currency, minor, at)])


def share_direct_payment(*, charge_id: uuid.UUID, plan_id: uuid.UUID, base_minor: int, at: datetime) -> None:
    """Book the share of the agency that had a plan in what its person paid to us, where the terms of that day give one. Safe to repeat."""
    if base_minor <= 0:
        return
    with unit():
        plan = lock_plan(plan_id)
        charge = Charge.objects.get(id=charge_id)
        if charge.status != MovementStatus.SUCCEEDED or AgencyPayment.objects.filter(charge=charge).exists():
            return
        day = _day_of(charge, plan)
        placement = find_placed_on(plan_id, day)
        if placement is not None and terms_on(placement.agency, day).counts_direct:
            book_share(placement=placement, charge=charge, base_minor=base_minor, day=day, direct=True, at=at)


def correct_direct_share(*, charge_id: uuid.UUID, plan_id: uuid.UUID, amount_minor: int, source: str, at: datetime) -> None:
    """Correct the share in a payment to us that was taken back, or, below zero, that counts again. Safe to repeat."""
    with unit():
        lock_plan(plan_id)
        charge = Charge.objects.get(id=charge_id)
        if not AgencyPayment.objects.filter(charge=charge).exists():
            take_back_share(charge=charge, amount_minor=amount_minor, source=source, at=at)


def _day_of(charge: Charge, plan: Plan) -> date:
    """Return the day as of which a charge pays a plan."""
    valued = FreePayment.objects.filter(charge_id=charge.id, plan=plan).values_list("value_on", flat=True).first()
    return valued or local_date(charge.settled_at or charge.created_at, plan.time_zone)


def terms_now(agency: Agency, at: datetime) -> Terms:
    """Return the terms of a contract at a moment."""
    return terms_on(agency, local_date(at, agency.market.time_zone))
