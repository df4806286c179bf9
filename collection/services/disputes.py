"""Operators' decisions about plans that a dispute has stopped."""

import uuid
from datetime import datetime

from core.db import unit
from core.ids import parse_id
from payments import services as payments
from payments.models import Dispute
from plans import services as plans
from plans.models import Plan


def resume_charging(*, break_id: uuid.UUID, note: str, actor: str, at: datetime) -> Dispute:
    """Close a dispute's break with a note, and resume its plan unless another dispute still stops it.

    Invalid without a note; Conflict if the break is not about a dispute or is closed.
    """
    with unit():
        dispute = payments.waive_dispute(break_id=break_id, note=note, actor=actor, at=at)
        plans.resume_plan(plan_id=parse_id(Plan.PREFIX, dispute.reference), actor=actor, at=at)
    return dispute
