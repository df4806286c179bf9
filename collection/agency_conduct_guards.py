"""What the database demands before an agency that broke the code gets debts again."""

import pgtrigger

from controls.states import ProposalStatus

RESTARTS = "collection.agency_restarts"
"""The kind of proposals by which an agency that was stopped for its conduct gets debts again; its subject is the agency's key."""
RESTARTED_BY_TWO = pgtrigger.Trigger(
    name="restarted_by_two",
    operation=pgtrigger.UpdateOf("ended_at", "proposal"),
    when=pgtrigger.Before,
    func=f"""
        IF NOT EXISTS (
            SELECT 1 FROM controls_proposal p WHERE p.id = NEW.proposal AND p.kind = '{RESTARTS}' AND p.subject = NEW.agency_id::text
            AND p.status = '{ProposalStatus.APPROVED}' AND p.signature <> ''
        ) THEN
            RAISE EXCEPTION 'no two operators agreed to end %', NEW.id USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;""",  # noqa: S608  (words of our own)
)
"""Refuses to end a stop on which no two operators agreed."""
