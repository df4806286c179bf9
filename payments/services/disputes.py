"""Disputes at gateways: a cardholder's bank takes a charge back for a while; whoever listens takes nothing more for the same thing."""

import uuid
from datetime import datetime

from core.db import unit
from core.errors import Conflict, NotFound
from core.ids import parse_id
from core.outbox import append
from payments import gateways
from payments.events import ChargeDisputed, DisputeClosed
from payments.gateways.base import ReportedDispute
from payments.models import Break, Charge, Dispute
from payments.queries import find_dispute, lock_charge
from payments.services.breaks import BreakDraft, close_break, close_breaks_about, open_breaks
from payments.services.calls import refuse_inside_transaction
from payments.states import DisputeStatus


def take_dispute(*, gateway: str, ref: str, at: datetime) -> Dispute | None:
    """Ask a gateway how a dispute stands and record what is news of it; None for one that is not about a charge of ours.

    A new one opens a break, which its end closes; one that is lost opens another. GatewayUnavailable, so that the event comes again.
    """
    refuse_inside_transaction()
    reported = gateways.disputes(gateway).find_dispute(ref)
    charge = _disputed(gateway, reported.key) if reported is not None else None
    if reported is None or charge is None:
        return None
    with unit():
        lock_charge(charge.id)
        dispute = Dispute.objects.filter(gateway=gateway, gateway_ref=ref).first() or _open(charge, reported, at)
        if dispute.status == DisputeStatus.OPEN and reported.status != "open":
            _close(dispute, reported, at)
    return dispute


def _disputed(gateway: str, key: str) -> Charge | None:
    try:
        return Charge.objects.filter(id=parse_id(Charge.PREFIX, key), gateway=gateway).first()
    except NotFound:
        return None


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
    append(ChargeDisputed(dispute=dispute.public_id, charge=charge.public_id, reference=dispute.reference), at=at)
    return dispute


def _close(dispute: Dispute, reported: ReportedDispute, at: datetime) -> None:
    subjects = [dispute.public_id]
    if reported.status == "won":
        dispute.win()
        close_breaks_about(subjects=subjects, note="The bank decided that the charge stands.", actor="", at=at)
    else:
        dispute.lose()
        dispute.waived_at = None
        close_breaks_about(subjects=subjects, note="The bank decided for the cardholder.", actor="", at=at)
        open_breaks(drafts=[_draft(dispute, "dispute_lost")], at=at)
    dispute.closed_at = at
    dispute.save(update_fields=["status", "closed_at", "waived_at"])
    append(DisputeClosed(dispute=dispute.public_id, reference=dispute.reference, outcome=dispute.status), at=at)


def waive_dispute(*, break_id: uuid.UUID, note: str, actor: str, at: datetime) -> Dispute:
    """Close what stands about a dispute with a note, so that more may be taken for the same thing all the same.

    Conflict where it is not about a dispute, or somebody has closed it. A dispute that is lost afterwards counts again.
    """
    about = Break.objects.filter(id=break_id).first()
    found = find_dispute(about.subject) if about is not None else None
    if found is None:
        raise Conflict("This is not about a dispute.", code="payments.no_dispute")
    with unit():
        lock_charge(found.charge_id)
        close_break(break_id=break_id, note=note, actor=actor, at=at)
        Dispute.objects.filter(id=found.id).update(waived_at=at)
    return found


def _draft(dispute: Dispute, kind: str) -> BreakDraft:
    return BreakDraft(
        kind=kind,
        subject=dispute.public_id,
        reference=dispute.reference,
        gateway=dispute.gateway,
        amount_minor=dispute.amount_minor,
        currency=dispute.currency,
    )
