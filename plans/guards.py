"""Database triggers that require a second person to charge off a plan."""

import pgtrigger

from plans.states import ChargeOffStatus, PlanStatus

GIVEN_UP_BY_TWO = pgtrigger.Trigger(
    name="given_up_by_two",
    operation=pgtrigger.UpdateOf("status"),
    when=pgtrigger.Before,
    condition=pgtrigger.Condition(f"NEW.status = '{PlanStatus.CHARGED_OFF}' AND OLD.status <> NEW.status"),
    func=f"""
        IF NOT EXISTS (SELECT 1 FROM plans_chargeoff c WHERE c.plan_id = NEW.id AND c.status = '{ChargeOffStatus.CONFIRMED}') THEN
            RAISE EXCEPTION 'a plan is given up by two operators only' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;""",  # noqa: S608  (words of our own)
)
"""Refuses to mark a plan as charged off without a charge-off that a second operator confirmed."""
