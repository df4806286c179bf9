"""Disputes at gateways: a cardholder's bank takes a charge back for now; the event makes listeners stop charging for the same purpose.

Events may arrive twice, late or in any order. So the gateway is asked for the full state of a dispute, and the difference to the stored
state is recorded. If another process recorded something in between, the gateway is asked again, so that an old answer never replaces a
newer one.
"""

import uuid
from datetime import datetime

from core.db import unit
from core.errors import Conflict, NotFound
from core.ids import parse_id
from core.outbox import append
from payments import gateways
from payments.errors import GatewayUnavailable
from payments.events import ChargeDisputed, ChargeReinstated, DisputeClosed
from payments.gateways.base import Disputes, ReportedDispute, Verdict
from payments.models import Break, Charge, Dispute, MovementEvent, Turn
from payments.queries import find_dispute, lock_disputes, sum_fees, sum_withdrawn
from payments.services.breaks import BreakDraft, close_break, close_breaks_about, open_breaks
from payments.services.calls import refuse_inside_transaction
from payments.services.turns import keep_turns, tell_reversed, turn_of_charge
from payments.states import DisputeStatus, MovementStatus
from payments.texts import CHARGE_STANDS, FOR_CARDHOLDER

MOST_TRIES = 10
DISPUTED = "disputed"
"""The failure code of a charge that a lost dispute takes back."""


def take_dispute(*, gateway: str, ref: str, at: datetime) -> Dispute | None:
    """Ask a gateway for the state of a dispute and record the changes; None for a dispute that is not about a charge of ours.

    A new dispute opens a break, and the bank's decision closes it; a lost one opens another. Amounts that the gateway withdrew or returned
    since are recorded and posted. GatewayUnavailable if there is no usable answer, so that the gateway sends the event again.
    """
    refuse_inside_transaction()
    for _attempt in range(MOST_TRIES):
        known = Dispute.objects.filter(gateway=gateway, gateway_ref=ref).values_list("turns", flat=True).first()
        reported = gateways.connect(gateway, Disputes).find_dispute(ref)
        charge = _disputed(gateway, reported.key) if reported is not None else None
        if reported is None or charge is None:
            return None
        if charge.status not in {MovementStatus.SUCCEEDED, MovementStatus.REVERSED}:
            raise GatewayUnavailable("The charge that is disputed has not settled here yet.")
        with unit():
            lock_disputes(charge.id)
            dispute = Dispute.objects.filter(gateway=gateway, gateway_ref=ref).first()
            if (dispute.turns if dispute is not None else None) == known:
                return _record(charge, dispute, reported, at)
    raise GatewayUnavailable("The dispute turns faster than it can be recorded.")


def _disputed(gateway: str, key: str) -> Charge | None:
    try:
        return Charge.objects.filter(id=parse_id(Charge.PREFIX, key), gateway=gateway).first()
    except NotFound:
        return None


def _record(charge: Charge, dispute: Dispute | None, reported: ReportedDispute, at: datetime) -> Dispute:
    """Record an answer that is not older than our state: first the money, then the bank's decision, then what follows for the charge."""
    new = dispute is None
    dispute = dispute or _open(charge, reported, at)
    stayed = _stays_taken(dispute, charge)
    moved = _moves(charge, dispute, reported, at)
    decided = reported.status not in (Verdict.OPEN, dispute.status)
    if new or moved or decided:
        dispute.turns += 1
        keep_turns(moved)
        if new:
            append(ChargeDisputed(dispute=dispute.public_id, charge=charge.public_id, reference=dispute.reference), at=at)
        if decided:
            _decide(dispute, reported, at)
        dispute.save(update_fields=["status", "closed_at", "waived_at", "turns"])
        _tell(charge, dispute, _stays_taken(dispute, charge) - stayed, decided, at)
    return dispute


def _stays_taken(dispute: Dispute, charge: Charge) -> int:
    """Return the amount of a charge that a lost dispute has taken back for good, in minor units; 0 unless lost."""
    return sum_withdrawn(charge.id, dispute.id) if dispute.status == DisputeStatus.LOST else 0


def _moves(charge: Charge, dispute: Dispute, reported: ReportedDispute, at: datetime) -> list[MovementEvent]:
    """Return the turns that a gateway made for a dispute since the last record: its reported totals, less the recorded ones."""
    withdrawn = reported.withdrawn_minor - sum_withdrawn(charge.id, dispute.id)
    fee = reported.fee_minor - sum_fees(charge.id, dispute.id)
    kinds = [
        (withdrawn, Turn.REVERSED, Turn.REINSTATED, charge.currency),
        (fee, Turn.FEE, Turn.FEE_RETURNED, reported.fee_currency or charge.currency),
    ]
    return [
        turn_of_charge(
            charge,
            more if minor > 0 else less,
            abs(minor),
            currency=currency,
            ref=reported.ref,
            dispute=dispute,
            number=dispute.turns + 1,
            at=at,
        )
        for minor, more, less, currency in kinds
        if minor
    ]


def _open(charge: Charge, reported: ReportedDispute, at: datetime) -> Dispute:
    dispute = Dispute.objects.create(
        gateway=charge.gateway,
        gateway_ref=reported.ref,
        charge=charge,
        reference=charge.reference,
        amount_minor=reported.amount_minor,
        currency=reported.currency,
        reason=reported.reason[:60],
        opened_at=at,
    )
    open_breaks(drafts=[_draft(dispute, "dispute")], at=at)
    return dispute


def _decide(dispute: Dispute, reported: ReportedDispute, at: datetime) -> None:
    subjects = [dispute.public_id]
    if reported.status == Verdict.WON:
        dispute.win()
        close_breaks_about(subjects=subjects, note=CHARGE_STANDS, actor="", at=at)
    else:
        dispute.lose()
        dispute.waived_at = None
        close_breaks_about(subjects=subjects, note=FOR_CARDHOLDER, actor="", at=at)
        open_breaks(drafts=[_draft(dispute, "dispute_lost", number=dispute.turns)], at=at)
    dispute.closed_at = at


def _tell(charge: Charge, dispute: Dispute, stays: int, decided: bool, at: datetime) -> None:
    """Append the events in the right order: a plan stops before its payments are owed again, and continues after they are paid again."""
    source = f"{dispute.public_id}:{dispute.turns}"
    closed = [DisputeClosed(dispute=dispute.public_id, reference=dispute.reference, outcome=dispute.status)] if decided else []
    if stays > 0:
        append(*closed, tell_reversed(charge, stays, failure=DISPUTED, source=source), at=at)
    elif stays < 0:
        back = ChargeReinstated(charge=charge.public_id, reference=charge.reference, amount_minor=-stays, source=source)
        append(back, *closed, at=at)
    else:
        append(*closed, at=at)


def waive_dispute(*, break_id: uuid.UUID, note: str, actor: str, at: datetime) -> Dispute:
    """Close a dispute's break with a note, and allow further charges for the same purpose despite the dispute.

    Conflict if the break is not about a dispute or is closed. If the dispute is lost afterwards, charges stop again.
    """
    about = Break.objects.filter(id=break_id).first()
    found = find_dispute(about.subject) if about is not None else None
    if found is None:
        raise Conflict("This is not about a dispute.", code="payments.no_dispute")
    with unit():
        lock_disputes(found.charge_id)
        close_break(break_id=break_id, note=note, actor=actor, at=at)
        Dispute.objects.filter(id=found.id).update(waived_at=at)
    return found


def _draft(dispute: Dispute, kind: str, *, number: int = 0) -> BreakDraft:
    return BreakDraft(
        kind=kind,
        number=number,
        subject=dispute.public_id,
        reference=dispute.reference,
        gateway=dispute.gateway,
        amount_minor=dispute.amount_minor,
        currency=dispute.currency,
    )
