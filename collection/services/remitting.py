"""Money that agencies send to our bank account: listed, matched with what they reported, and entered by two operators."""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from accounts.models import User
from collection.agency_guards import REMITTED
from collection.agency_lines import LONGEST_REFERENCE, MOST_MINOR, Remitted
from collection.agency_money import match_lines
from collection.models import Agency, Remittance, RemittanceLine
from collection.queries import lock_agency
from collection.services.agencies import MAY_MANAGE
from collection.services.commissions import terms_now
from collection.services.receiving import tidy
from controls import services as controls
from controls.kinds import Person
from controls.models import Proposal
from core.db import unit, wait_lock
from core.errors import Conflict, Invalid, NotFound, require
from core.ids import uuid7
from core.sentences import Sentence
from ledger import agencies as books

AMOUNT, REFERENCE, RECEIVED_ON, COUNT, LIST = "amount_minor", "bank_reference", "received_on", "lines", "list"


def list_remittance(
    *,
    agency_id: uuid.UUID,
    amount_minor: int,
    bank_reference: str,
    received_on: date,
    lines: Iterable[Remitted],
    user: User,
    at: datetime,
) -> Remittance:
    """Write down money of an agency on our bank account, in minor units, with its list; below zero, what we sent it, without one.

    Nothing is booked until two operators agree. The lines are matched with what the agency reported. Forbidden without the right; Invalid
    without an amount, what the bank calls it, and a day that has come, or for a line without a reference and an amount; Conflict if the
    bank's reference counts already.
    """
    require(user, MAY_MANAGE)
    named, listed = tidy(bank_reference), list(lines)
    if not amount_minor or abs(amount_minor) >= MOST_MINOR or (amount_minor < 0 and listed):
        raise Invalid("Enter how much arrived.", fields={AMOUNT: Sentence("enter an amount above zero")})
    if not named or len(named) > LONGEST_REFERENCE:
        raise Invalid("Write down what the bank calls the payment.", fields={REFERENCE: Sentence("write down what the bank calls it")})
    if received_on > at.date():
        raise Invalid("Enter the day on which it arrived.", fields={RECEIVED_ON: Sentence("this day is still to come")})
    rows = [_line(number, one) for number, one in enumerate(listed, 1)]
    with unit():
        agency = lock_agency(agency_id)
        _refuse_known(named)
        told = {"amount_minor": amount_minor, "bank_reference": named, "received_on": received_on}
        net = terms_now(agency, at).remits_net
        made = Remittance.objects.create(agency=agency, net=net, made_by=str(user.pk), made_at=at, **told)
        for row in rows:
            row.remittance = made
        match_lines(made, rows)
        RemittanceLine.objects.bulk_create([_unsettled(row) for row in rows])
    return made


def _line(number: int, told: Remitted) -> RemittanceLine:
    reference = " ".join(told.reference.split()) if isinstance(told.reference, str) else ""
    amounts = [told.amount_minor, told.share_minor]
    whole = all(isinstance(one, int) and not isinstance(one, bool) and 0 <= one < MOST_MINOR for one in amounts)
    if not whole or not told.amount_minor or not 0 < len(reference) <= LONGEST_REFERENCE:
        why = Sentence("line %(line)s needs a reference and an amount in minor units", line=number)
        raise Invalid("The list cannot be read.", fields={"file": why})
    return RemittanceLine(id=uuid7(), number=number, reference=reference, amount_minor=told.amount_minor, share_minor=told.share_minor)


def _unsettled(row: RemittanceLine) -> RemittanceLine:
    """Return a line as it is kept before it counts: with its flaw, settling nothing."""
    row.payment = None
    return row


def _refuse_known(bank_reference: str) -> None:
    if Remittance.objects.filter(bank_reference=bank_reference, entered_at__isnull=False).exists():
        raise Conflict("The bank's payment of this name is recorded already.", code="collection.recorded_already")


def values_of(remittance: Remittance) -> dict[str, object]:
    """Return what a proposal to enter money says: exactly what both people see."""
    lines = list(remittance.lines.order_by("number"))
    text = "\n".join(f"{one.reference} {one.amount_minor} {one.share_minor}" for one in lines)
    return {
        AMOUNT: remittance.amount_minor,
        REFERENCE: remittance.bank_reference,
        RECEIVED_ON: remittance.received_on.isoformat(),
        COUNT: len(lines),
        LIST: hashlib.sha256(text.encode()).hexdigest(),
    }


def propose_remittance(*, remittance_id: uuid.UUID, reason: str, user: Person, at: datetime) -> Proposal:
    """Propose to enter money of an agency; nothing is booked until another operator approves it. Conflict if it is entered already."""
    row = get_remittance(remittance_id)
    if row.entered_at is not None:
        raise Conflict("This is entered already.", code="collection.recorded_already")
    return controls.propose(kind=REMITTED, subject=str(row.pk), after=values_of(row), reason=reason, starts_on=None, user=user, at=at)


def enter_remittance(*, remittance_id: uuid.UUID, proposal: Proposal, at: datetime) -> Remittance:
    """Enter money of an agency, by an approved proposal: lines that match settle their payments, the others are flaws with a difference.

    What the agency kept of a net list is taken off what we owe it, as far as it is our count of its share. Conflict if it is entered
    already, or if the bank's reference counts already.
    """
    with unit():
        found = get_remittance(remittance_id)
        agency = lock_agency(found.agency_id)
        wait_lock(f"remittance {found.bank_reference}")
        row = get_remittance(found.pk)
        if row.entered_at is not None:
            raise Conflict("This is entered already.", code="collection.recorded_already")
        _refuse_known(row.bank_reference)
        lines = list(row.lines.order_by("number"))
        row.agency = agency
        row.kept_minor = match_lines(row, lines)
        row.proposal, row.entered_at = proposal, at
        row.save(update_fields=["kept_minor", "proposal", "entered_at"])
        RemittanceLine.objects.bulk_update(lines, ["payment", "flaw", "off_minor"])
        _post(row, agency, at)
    return row


def _post(row: Remittance, agency: Agency, at: datetime) -> None:
    told: dict[str, Any] = {"source": row.public_id, "agency": agency.public_id, "currency": agency.market.currency, "at": at}
    if row.amount_minor < 0:
        books.shares_paid([books.AgencyPosting(amount_minor=-row.amount_minor, **told)])
    else:
        books.remitted([books.AgencyPosting(amount_minor=row.amount_minor, **told)], kept_minor=row.kept_minor)


def get_remittance(key: object) -> Remittance:
    """Return money of an agency by its key; NotFound."""
    try:
        found = Remittance.objects.select_related("agency__market").filter(pk=uuid.UUID(str(key))).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFound("There is no such money of an agency.")
    return found


def off_of(remittance: Remittance, lines: Sequence[RemittanceLine]) -> int:
    """Return by how much the money differs from what its list says, in minor units."""
    told = sum(one.amount_minor - (one.share_minor if remittance.net else 0) for one in lines)
    return remittance.amount_minor - told if lines else 0
