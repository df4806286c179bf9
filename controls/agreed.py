"""SQL for the triggers of other apps that require two operators: that a proposal was approved and signed."""

from collections.abc import Mapping

import pgtrigger

from controls.states import ProposalStatus
from core.adjusting import Setting

SIGNED = f"p.status = '{ProposalStatus.APPROVED}' AND p.signature <> ''"
"""SQL: whether a proposal `p` was approved, signed by the program."""


def agreed(kind: str, *, proposal: str, subject: str) -> str:
    """Return SQL for the proposal of a kind with a key, about a subject, on which two operators agreed; both are columns."""
    return f"""SELECT 1 FROM controls_proposal p WHERE p.id = {proposal} AND p.kind = '{kind}' AND p.subject = {subject}::text
            AND {SIGNED}"""  # noqa: S608  (words of our own)


def most_alone(limits: Mapping[str, Setting], currency: str) -> str:
    """Return SQL for the most that one operator may move alone, in minor units of a currency (a column), by settings in whole units.

    The currencies of `core.adjusting.alone_limits` all have hundredths.
    """
    prefix = next(iter(limits.values())).name.rpartition("_")[0]
    defaults = " ".join(f"WHEN '{code}' THEN {setting.default}" for code, setting in limits.items())
    return f"""coalesce(
                (SELECT s.value FROM controls_settingchange s WHERE s.name = '{prefix}_' || lower({currency})
                ORDER BY s.id DESC LIMIT 1),
                CASE {currency} {defaults} ELSE 0 END) * 100"""  # noqa: S608  (words of our own)


def ended_by_two(name: str, kind: str, *, subject: str, unless: str = "") -> pgtrigger.Trigger:
    """Return a trigger that refuses to end a row (`ended_at`, by `proposal`) on which no two operators agreed.

    `unless` is SQL for rows that end by themselves.
    """
    return pgtrigger.Trigger(
        name=name,
        operation=pgtrigger.UpdateOf("ended_at", "proposal"),
        when=pgtrigger.Before,
        func=f"""
        IF {f"NOT ({unless}) AND " if unless else ""}NOT EXISTS (
            {agreed(kind, proposal="NEW.proposal", subject=subject)}
        ) THEN
            RAISE EXCEPTION 'no two operators agreed to end %', NEW.id USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;""",
    )
