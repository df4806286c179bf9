"""Database triggers that require a second person to charge off a plan."""

import pgtrigger

from controls.states import ProposalStatus
from plans.states import ChargeOffStatus, PlanStatus

GIVING_UP = "collection.charge_off"
"""The kind of proposal by which a plan is given up; its subject is the plan's key."""
_BEING_CARRIED_OUT = f"p.kind = '{GIVING_UP}' AND p.status = '{ProposalStatus.APPROVED}' AND p.signature <> ''"

AGREED_BY_TWO = pgtrigger.Trigger(
    name="agreed_by_two",
    operation=pgtrigger.Insert,
    when=pgtrigger.Before,
    func=f"""
        IF NOT EXISTS (
            SELECT 1 FROM controls_proposal p WHERE p.id = NEW.proposal_id AND p.subject = NEW.plan_id::text AND {_BEING_CARRIED_OUT}
            AND p.proposed_by = NEW.proposed_by AND p.decided_by = NEW.closed_by
        ) THEN
            RAISE EXCEPTION 'no two operators agreed on %', NEW.id USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;""",  # noqa: S608  (words of our own)
)
"""Refuses a charge-off on which no two operators agreed: its signed proposal is being carried out."""
GIVEN_UP_BY_TWO = pgtrigger.Trigger(
    name="given_up_by_two",
    operation=pgtrigger.UpdateOf("status"),
    when=pgtrigger.Before,
    condition=pgtrigger.Condition(f"NEW.status = '{PlanStatus.CHARGED_OFF}' AND OLD.status <> NEW.status"),
    func=f"""
        IF NOT EXISTS (
            SELECT 1 FROM plans_chargeoff c JOIN controls_proposal p ON p.id = c.proposal_id
            WHERE c.plan_id = NEW.id AND c.status = '{ChargeOffStatus.CONFIRMED}' AND {_BEING_CARRIED_OUT}
        ) THEN
            RAISE EXCEPTION 'a plan is given up by two operators only' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;""",  # noqa: S608  (words of our own)
)
"""Refuses a plan that is given up without a charge-off whose proposal is being carried out."""
