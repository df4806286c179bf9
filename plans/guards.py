"""Database triggers that require a second person to charge off a plan."""

import pgtrigger

from controls.agreed import SIGNED, ended_by_two
from plans.states import ChargeOffStatus, InstallmentStatus, PlanStatus

GIVING_UP = "collection.charge_off"
"""The kind of proposal by which a plan is given up; its subject is the plan's key."""
_BEING_CARRIED_OUT = f"p.kind = '{GIVING_UP}' AND {SIGNED}"

RECEIPT, RECEIPT_UNDONE = "collection.receipt", "collection.receipt_undone"
"""The kinds of proposals by which money that came to our bank account is recorded for a plan, and by which that is undone."""
WAIVER = "collection.fees_waived"
"""The kind of proposal by which fees are waived that are more than one operator may waive alone; its subject is the plan's key."""
REARRANGING = "plans.rearranging"
"""The kind of proposal by which payments are laid out anew where one operator may not alone; its subject is the plan's key."""
NUMBER, AMOUNT = "number", "amount_minor"
"""What such a proposal names: the payment, and the sum of its fees."""
_AGREED = f"{SIGNED} AND p.subject = NEW.plan_id::text"
_UNDOING = f"p.kind = '{RECEIPT_UNDONE}' AND {SIGNED}"

BY_DAY, BY_DAY_DAYS, CLOSE_OF_DAY = "by_day", "charge_off.by_day", "close_of_day"
"""The cause of a plan that the close of a day gives up, the market's setting for it, and who did it."""


def lost_by(day: str) -> str:
    """Return SQL: whether a plan `p` is so late by a day (SQL) that its market's setting gives it up. A fee alone is no arrears."""
    return f"""EXISTS (
        SELECT 1 FROM plans_product r JOIN markets_marketsetting s ON s.market_id = r.market_id AND s.key = '{BY_DAY_DAYS}'
        JOIN plans_installment i ON i.plan_id = p.id AND i.status = '{InstallmentStatus.OVERDUE}'
            AND i.principal_minor + i.interest_minor > i.paid_principal_minor + i.paid_interest_minor
        WHERE r.id = p.product_id AND s.valid_from <= {day} AND (s.valid_to IS NULL OR s.valid_to > {day})
            AND {day} - i.due_date - i.paused_days >= (s.value #>> '{{}}')::int)"""  # noqa: S608  (words of our own)


def _lost_at(plan: str, at: str) -> str:
    """Return SQL: a row if a plan is so late on the day of a moment where its person lives."""
    return f"SELECT 1 FROM plans_plan p WHERE p.id = {plan} AND {lost_by(f'({at} AT TIME ZONE p.time_zone)::date')}"  # noqa: S608


AGREED_BY_TWO = pgtrigger.Trigger(
    name="agreed_by_two",
    operation=pgtrigger.Insert,
    when=pgtrigger.Before,
    func=f"""
        IF NEW.reason = '{BY_DAY}' AND NEW.proposal_id IS NULL AND EXISTS ({_lost_at("NEW.plan_id", "NEW.closed_at")}) THEN
            RETURN NEW;
        END IF;
        IF NOT EXISTS (
            SELECT 1 FROM controls_proposal p WHERE p.id = NEW.proposal_id AND p.subject = NEW.plan_id::text AND {_BEING_CARRIED_OUT}
            AND p.proposed_by = NEW.proposed_by AND p.decided_by = NEW.closed_by
        ) THEN
            RAISE EXCEPTION 'no two operators agreed on %', NEW.id USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;""",  # noqa: S608  (words of our own)
)
"""Refuses a charge-off that neither two operators agreed on (its signed proposal is being carried out) nor its market's days give up."""
GIVEN_UP_BY_TWO = pgtrigger.Trigger(
    name="given_up_by_two",
    operation=pgtrigger.UpdateOf("status"),
    when=pgtrigger.Before,
    condition=pgtrigger.Condition(f"NEW.status = '{PlanStatus.CHARGED_OFF}' AND OLD.status <> NEW.status"),
    func=f"""
        IF NOT EXISTS (
            SELECT 1 FROM plans_chargeoff c JOIN controls_proposal p ON p.id = c.proposal_id
            WHERE c.plan_id = NEW.id AND c.status = '{ChargeOffStatus.CONFIRMED}' AND {_BEING_CARRIED_OUT}
        ) AND NOT EXISTS (
            SELECT 1 FROM plans_receipt r JOIN controls_proposal p ON p.subject = r.plan_id::text AND p.after->>'receipt' = r.id::text
            WHERE r.plan_id = NEW.id AND {_UNDOING}
        ) AND NOT EXISTS (
            SELECT 1 FROM plans_agencypayment a JOIN plans_chargeoff c ON c.plan_id = a.plan_id
            WHERE a.plan_id = NEW.id AND a.undone_at IS NOT NULL AND c.status = '{ChargeOffStatus.CONFIRMED}'
        ) AND NEW.sold_at IS NULL AND NOT EXISTS (
            SELECT 1 FROM plans_chargeoff c WHERE c.plan_id = NEW.id AND c.reason = '{BY_DAY}'
            AND EXISTS ({_lost_at("NEW.id", "c.closed_at")})
        ) THEN
            RAISE EXCEPTION 'a plan is given up by two operators only' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;""",  # noqa: S608  (words of our own)
)
"""Refuses a plan that is given up without a charge-off by days, or by a proposal that is carried out, or of undoing what had paid it;
a sold one stays given up, and so does one of which its agency gave money back."""
RECORDED_BY_TWO = pgtrigger.Trigger(
    name="recorded_by_two",
    operation=pgtrigger.Insert,
    when=pgtrigger.Before,
    func=f"""
        IF NEW.undone_at IS NOT NULL OR NOT EXISTS (
            SELECT 1 FROM controls_proposal p JOIN payments_charge c ON c.id = NEW.charge_id
            WHERE p.id = NEW.proposal_id AND p.kind = '{RECEIPT}' AND {_AGREED}
            AND p.after->>'bank_reference' = NEW.bank_reference AND (p.after->>'amount_minor')::bigint = c.amount_minor
            AND p.after->>'received_on' = NEW.received_on::text
        ) THEN
            RAISE EXCEPTION 'no two operators agreed on %', NEW.id USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;""",  # noqa: S608  (words of our own)
)
"""Refuses money on which no two operators agreed, with its amount, its day and what the bank calls it."""
UNDONE_BY_TWO = pgtrigger.Trigger(
    name="undone_by_two",
    operation=pgtrigger.UpdateOf("undone_at", "undone_by_id"),
    when=pgtrigger.Before,
    func=f"""
        IF NOT EXISTS (
            SELECT 1 FROM controls_proposal p WHERE p.id = NEW.undone_by_id AND p.kind = '{RECEIPT_UNDONE}' AND {_AGREED}
            AND p.after->>'receipt' = NEW.id::text
        ) THEN
            RAISE EXCEPTION 'no two operators agreed to undo %', NEW.id USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;""",  # noqa: S608  (words of our own)
)
"""Refuses to undo such money without the proposal of it being carried out."""
MOVES_ON = "plans.moves_on"
"""The kind of proposals by which collecting goes on for a person noted as deceased or insolvent; its subject is the person's key."""
_ITS_DAY_IS_OVER = """NEW.proposal IS NULL AND NEW.until IS NOT NULL AND NEW.until < (
            SELECT (NEW.ended_at AT TIME ZONE c.time_zone)::date FROM accounts_consumer c WHERE c.id = NEW.consumer_id)"""
MOVES_ON_BY_TWO = ended_by_two("moves_on_by_two", MOVES_ON, subject="NEW.person", unless=_ITS_DAY_IS_OVER)
"""Refuses to end a standstill on which no two operators agreed, unless it has a last day that is over."""
ALLOCATED_ANEW = pgtrigger.Trigger(
    name="allocated_anew",
    operation=pgtrigger.UpdateOf("principal_minor", "interest_minor"),
    when=pgtrigger.Before,
    condition=pgtrigger.AnyChange("principal_minor", "interest_minor"),
    func="""
        IF NOT EXISTS (SELECT 1 FROM plans_freepayment f WHERE f.charge_id = NEW.charge_id) THEN
            RAISE EXCEPTION 'plans_allocation is append-only, unless a free payment is allocated anew' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;""",  # noqa: E501
)
"""Refuses to change what a charge paid of an installment, unless it is a free payment, which may be allocated anew."""
