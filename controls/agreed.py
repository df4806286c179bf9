"""SQL for the triggers of other apps that require two operators: that a proposal was approved and signed."""

import pgtrigger

from controls.states import ProposalStatus

SIGNED = f"p.status = '{ProposalStatus.APPROVED}' AND p.signature <> ''"
"""SQL: whether a proposal `p` was approved, signed by the program."""


def agreed(kind: str, *, proposal: str, subject: str) -> str:
    """Return SQL for the proposal of a kind with a key, about a subject, on which two operators agreed; both are columns."""
    return f"""SELECT 1 FROM controls_proposal p WHERE p.id = {proposal} AND p.kind = '{kind}' AND p.subject = {subject}::text
            AND {SIGNED}"""  # noqa: S608  (words of our own)


def ended_by_two(name: str, kind: str, *, subject: str) -> pgtrigger.Trigger:
    """Return a trigger that refuses to end a row (`ended_at`, by `proposal`) on which no two operators agreed."""
    return pgtrigger.Trigger(
        name=name,
        operation=pgtrigger.UpdateOf("ended_at", "proposal"),
        when=pgtrigger.Before,
        func=f"""
        IF NOT EXISTS (
            {agreed(kind, proposal="NEW.proposal", subject=subject)}
        ) THEN
            RAISE EXCEPTION 'no two operators agreed to end %', NEW.id USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;""",
    )
