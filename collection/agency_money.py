"""Reads of money between agencies and us: terms, shares, what matches, and what is owed."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet, Sum
from django.utils.translation import gettext as _

from collection.models import Agency, AgencyTerms, Commission, Placement, Remittance, RemittanceLine
from core.clock import local_date
from core.moments import amount_words
from ledger.queries import balance
from plans.models import AgencyPayment


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a contract on a day (`collection.models.AgencyTerms`)."""

    rate_bps: int
    counts_direct: bool = False
    remits_net: bool = False


def terms_on(agency: Agency, day: date) -> Terms:
    """Return the terms of a contract on a day; before its first dated terms, the share that it was made with, sent in full."""
    found = AgencyTerms.objects.filter(agency=agency, valid_from__lte=day).order_by("-valid_from").first()
    return Terms(found.rate_bps, found.counts_direct, found.remits_net) if found else Terms(agency.rate_bps)


def rates_on(agencies: Sequence[Agency], day: date) -> dict[uuid.UUID, int]:
    """Return the shares of agencies on a day in basis points, by their keys (`terms_on`); one query."""
    dated = AgencyTerms.objects.filter(agency__in=agencies, valid_from__lte=day).order_by("valid_from")
    return {one.pk: one.rate_bps for one in agencies} | dict(dated.values_list("agency_id", "rate_bps"))


def find_placed_on(plan_id: uuid.UUID, day: date) -> Placement | None:
    """Return which agency had a plan on a day, in its market; None if none had."""
    for one in Placement.objects.select_related("agency__market").filter(plan_id=plan_id, placed_on__lte=day).order_by("-id"):
        if one.recalled_at is None or local_date(one.recalled_at, one.agency.market.time_zone) >= day:
            return one
    return None


def match_lines(remittance: Remittance, lines: Sequence[RemittanceLine]) -> int:
    """Match the lines of a list with what its agency reported, in memory: set what each settles, or its flaw and difference.

    Return, in minor units, what the agency kept of matching lines of a net list. The number of queries is constant.
    """
    named = {one.reference for one in lines}
    payments = list_payments(remittance.agency).filter(reference__in=named).select_related("remitted")
    known = {one.reference: one for one in payments}
    shares = shares_of([one.charge_id for one in known.values()])
    used: set[str] = set()
    for line in lines:
        payment = known.get(line.reference)
        share = shares.get(payment.charge_id, 0) if payment else 0
        line.payment, line.flaw, line.off_minor = None, *_flaw(remittance, line, payment, share, line.reference in used)
        if not line.flaw:
            line.payment = payment
            used.add(line.reference)
    return sum(line.share_minor for line in lines if line.payment) if remittance.net else 0


def _flaw(remittance: Remittance, line: RemittanceLine, payment: AgencyPayment | None, share: int, again: bool) -> tuple[str, int]:
    if payment is None:
        return RemittanceLine.UNKNOWN, line.amount_minor
    if payment.undone_at is not None:
        return RemittanceLine.BACK, line.amount_minor
    if again or hasattr(payment, "remitted"):
        return RemittanceLine.AGAIN, line.amount_minor
    if line.amount_minor != payment.charge.amount_minor:
        return RemittanceLine.AMOUNT, line.amount_minor - payment.charge.amount_minor
    if remittance.net and line.share_minor != share:
        return RemittanceLine.SHARE, line.share_minor - share
    return "", 0


def shares_of(charge_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return the share of its agency in each of some charges, in minor units; charges without one are left out; one query."""
    found = Commission.objects.filter(charge_id__in=list(charge_ids)).values_list("charge_id").annotate(total=Sum("commission_minor"))
    return {key: int(total) for key, total in found.order_by("charge_id")}


def list_payments(agency: Agency) -> QuerySet[AgencyPayment]:
    """Return the payments that an agency reported, newest first, with their plans and charges."""
    return AgencyPayment.objects.filter(agency=agency.public_id).select_related("plan", "charge").order_by("-id")


def list_flaws(agency: Agency) -> QuerySet[RemittanceLine]:
    """Return the lines of entered money of an agency that settle nothing, newest first."""
    entered = RemittanceLine.objects.filter(remittance__agency=agency, remittance__entered_at__isnull=False)
    return entered.exclude(flaw="").select_related("remittance").order_by("-remittance_id", "number")


@dataclass(frozen=True, slots=True)
class Standing:
    """What an agency has and what we owe one another, in minor units of a currency: the ledger's balances, and sums since the contract."""

    currency: str
    placed: int
    placed_minor: int
    collected_minor: int
    held_minor: int
    shares_minor: int
    owed_minor: int
    remitted_minor: int
    flaws: int

    def in_words(self) -> list[tuple[str, str]]:
        """Return each figure with its name."""
        amounts = [
            (_("Placed with it now"), self.placed_minor),
            (_("Collected by it"), self.collected_minor),
            (_("Collected, not sent to us yet"), self.held_minor),
            (_("Its share"), self.shares_minor),
            (_("Its share, owed to it"), self.owed_minor),
            (_("Sent to us"), self.remitted_minor),
        ]
        return [*((name, amount_words(minor, self.currency)) for name, minor in amounts), (_("Lines that do not match"), str(self.flaws))]


def standing_of(agency: Agency) -> Standing:
    """Return what an agency has, and what it and we owe one another now; a constant number of queries."""
    currency, owner = agency.market.currency, agency.public_id
    here = agency.placements.filter(recalled_at=None).aggregate(count=Count("id"), total=Sum("face_minor"))
    paid = list_payments(agency).filter(undone_at=None).aggregate(total=Sum("charge__amount_minor"))
    sent = Remittance.objects.filter(agency=agency, entered_at__isnull=False, amount_minor__gt=0).aggregate(total=Sum("amount_minor"))
    return Standing(
        currency=currency,
        placed=here["count"],
        placed_minor=here["total"] or 0,
        collected_minor=paid["total"] or 0,
        held_minor=balance(kind="agency_receivable", owner=owner, currency=currency),
        shares_minor=Commission.objects.filter(agency=agency).aggregate(total=Sum("commission_minor"))["total"] or 0,
        owed_minor=-balance(kind="agency_payable", owner=owner, currency=currency),
        remitted_minor=sent["total"] or 0,
        flaws=list_flaws(agency).count(),
    )
