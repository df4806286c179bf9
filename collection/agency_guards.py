"""Database triggers that require a second person for money of agencies."""

import pgtrigger

from controls.agreed import agreed

REMITTED = "collection.agency_remitted"
"""The kind of proposals that enter money of an agency; its subject is the remittance's key."""
REMITTED_BY_TWO = pgtrigger.Trigger(
    name="remitted_by_two",
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("entered_at", "proposal_id"),
    when=pgtrigger.Before,
    func=f"""
        IF NEW.entered_at IS NOT NULL AND NOT EXISTS (
            {agreed(REMITTED, proposal="NEW.proposal_id", subject="NEW.id")} AND (p.after->>'amount_minor')::bigint = NEW.amount_minor
            AND p.after->>'bank_reference' = NEW.bank_reference
        ) THEN
            RAISE EXCEPTION 'no two operators agreed on %', NEW.id USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;""",
)
"""Refuses to enter money of an agency on which no two operators agreed, with its amount and what the bank calls it."""
