"""What a person decides about a plan that a dispute has stopped."""

import uuid
from datetime import datetime

from core.db import unit
from core.ids import parse_id
from payments import services as payments
from payments.models import Dispute
from plans import services as plans
from plans.models import Plan


def resume_charging(*, break_id: uuid.UUID, note: str, actor: str, at: datetime) -> Dispute:
    """Close what stands about a dispute with a note, and charge its plan again where no other dispute of it is left.

    Invalid without a note; Conflict where it is not about a dispute, or somebody has closed it.
    """
    with unit():
        dispute = payments.waive_dispute(break_id=break_id, note=note, actor=actor, at=at)
        plans.resume_plan(plan_id=parse_id(Plan.PREFIX, dispute.reference), actor=actor, at=at)
    return dispute
