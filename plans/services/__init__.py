"""Writes of plans, one file a subject."""

from plans.services.charges import claim_early, release_claims, settle_charges
from plans.services.creation import cancel_plan, change_method, create_plan, start_part
from plans.services.moving import move_plans
from plans.services.refunds import RefundOutcome, refund_plan

__all__ = [
    "RefundOutcome",
    "cancel_plan",
    "change_method",
    "claim_early",
    "create_plan",
    "move_plans",
    "refund_plan",
    "release_claims",
    "settle_charges",
    "start_part",
]
