"""The database trigger that refuses to settle plans for less than one operator may, unless two agreed."""

import pgtrigger

from controls.agreed import agreed
from core.states import words
from markets.queries import SETTLEMENTS
from plans.states import INSTALLMENT_OPEN, InstallmentStatus, PlanStatus

SETTLING = "collection.settlement"
"""The kind of proposal by which two people settle a plan for less than one may; its subject is the plan's key."""
AMOUNT, PARTS = "amount_minor", "parts"
"""What such a proposal names: what the person pays instead, and in which parts: pairs of a day and an amount."""
LONG = 91
"""Days late from which on a plan counts as late for long."""
_KEY = " ".join(f"WHEN '{stage}' THEN '{key}'" for stage, key in SETTLEMENTS.items())

AGREED = pgtrigger.Trigger(
    name="agreed",
    operation=pgtrigger.Insert,
    when=pgtrigger.Before,
    declare=[("plan", "plans_plan"), ("day", "date"), ("owed", "bigint"), ("late", "int"), ("stage", "text")],
    func=f"""
        SELECT p.* INTO plan FROM plans_plan p WHERE p.id = NEW.plan_id;
        day := (NEW.made_at AT TIME ZONE plan.time_zone)::date;
        SELECT coalesce(sum(i.principal_minor + i.interest_minor + i.fees_minor
                - i.paid_principal_minor - i.paid_interest_minor - i.paid_fees_minor), 0),
            coalesce(max(day - i.due_date - i.paused_days) FILTER (WHERE i.status = '{InstallmentStatus.OVERDUE}' OR i.due_date < day), 0)
        INTO owed, late FROM plans_installment i WHERE i.plan_id = plan.id AND i.status IN ({words(INSTALLMENT_OPEN)});
        stage := CASE WHEN plan.status = '{PlanStatus.CHARGED_OFF}' THEN 'charged_off' WHEN late >= {LONG} THEN 'long_late' ELSE 'late' END;
        IF NEW.open_minor <> owed OR NEW.stage <> stage THEN
            RAISE EXCEPTION 'settlement % is not of what is owed', NEW.id USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF NEW.proposal_id IS NULL THEN
            IF NOT EXISTS (
                SELECT 1 FROM plans_product r JOIN markets_marketsetting s ON s.market_id = r.market_id
                WHERE r.id = plan.product_id AND s.key = CASE stage {_KEY} END
                AND s.valid_from <= day AND (s.valid_to IS NULL OR s.valid_to > day)
                AND NEW.amount_minor * 10000 >= (s.value->>'least_bps')::bigint * owed
                AND jsonb_array_length(NEW.parts) <= (s.value->>'most_parts')::int
            ) THEN
                RAISE EXCEPTION 'one operator may not agree on settlement %', NEW.id USING ERRCODE = 'integrity_constraint_violation';
            END IF;
        ELSIF NOT EXISTS (
            {agreed(SETTLING, proposal="NEW.proposal_id", subject="NEW.plan_id")}
            AND (p.after->>'{AMOUNT}')::bigint = NEW.amount_minor AND p.after->'{PARTS}' = NEW.parts
        ) THEN
            RAISE EXCEPTION 'no two operators agreed on settlement %', NEW.id USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;""",  # noqa: S608  (words of our own)
)
"""Refuses a settlement that neither the market's setting lets one operator agree on, nor two agreed on with these very amounts.

It counts by itself what is owed, and how late it is.
"""
