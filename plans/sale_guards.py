"""Database triggers that require a second person to sell debts, to take one back, and to record money of a buyer."""

import pgtrigger

from controls.agreed import agreed

SALE, RETURNED, BUYER_PAID = "collection.debt_sale", "collection.debt_returned", "collection.buyer_paid"
"""The kinds of proposals: a sale (its subject is the sale's key), a return (the plan's key), money of a buyer (the sale's key)."""


def _refuse_unless(name: str, when: pgtrigger.Operation, found: str, told: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        operation=when,
        when=pgtrigger.Before,
        func=f"""
        IF NOT ({found}) THEN
            RAISE EXCEPTION '{told} %', NEW.id USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;""",
    )


def _agreed(kind: str, proposal: str, subject: str) -> str:
    return f"""EXISTS (
            {agreed(kind, proposal=proposal, subject=subject)})"""


SOLD_BY_TWO = _refuse_unless(
    "sold_by_two",
    pgtrigger.Insert | pgtrigger.UpdateOf("sold_at", "proposal_id"),
    f"NEW.sold_at IS NULL OR {_agreed(SALE, 'NEW.proposal_id', 'NEW.id')}",
    "no two operators agreed to sell",
)
"""Refuses a sale on which no two operators agreed."""
RETURNED_BY_TWO = _refuse_unless(
    "returned_by_two",
    pgtrigger.Insert | pgtrigger.UpdateOf("sold_at", "returned_at", "returned_by_id"),
    f"""(NEW.sold_at IS NULL OR EXISTS (SELECT 1 FROM plans_debtsale s WHERE s.id = NEW.sale_id AND s.sold_at = NEW.sold_at))
            AND (NEW.returned_at IS NULL OR {_agreed(RETURNED, "NEW.returned_by_id", "NEW.plan_id")})""",  # noqa: S608  (words of our own)
    "no two operators agreed on",
)
"""Refuses a plan that is sold without its sale, or that is returned without two operators."""
PAID_BY_TWO = _refuse_unless(
    "paid_by_two", pgtrigger.Insert, _agreed(BUYER_PAID, "NEW.proposal_id", "NEW.sale_id"), "no two operators agreed on"
)
"""Refuses money of a buyer on which no two operators agreed."""
SOLD_AS_LISTED = _refuse_unless(
    "sold_as_listed",
    pgtrigger.UpdateOf("sold_at"),
    """NEW.sold_at IS NOT DISTINCT FROM (
            SELECT s.sold_at FROM plans_soldplan s WHERE s.plan_id = NEW.id AND s.sold_at IS NOT NULL AND s.returned_at IS NULL)""",
    "no sale lists",
)
"""Refuses to mark a plan as sold that is not, or the other way round."""
