"""The database trigger that requires a second person where payments are laid out anew above an amount."""

import pgtrigger

from controls.agreed import most_alone
from controls.states import ProposalStatus
from core.acting import OPERATOR
from core.states import words
from plans.guards import AMOUNT, REARRANGING
from plans.rules.rearranging import OFFERED, RE_AGED, REAMORTIZED, RESTRUCTURED
from plans.settable import REARRANGE_ALONE
from plans.states import INSTALLMENT_OPEN

REARRANGED_BY_TWO = pgtrigger.Trigger(
    name="rearranged_by_two",
    operation=pgtrigger.Insert,
    when=pgtrigger.Before,
    condition=pgtrigger.Condition(f"NEW.kind IN ('{RE_AGED}', '{REAMORTIZED}', '{OFFERED}')"),
    declare=[("owed", "bigint"), ("money", "text")],
    func=f"""
        SELECT p.currency INTO money FROM plans_plan p WHERE p.id = NEW.plan_id;
        SELECT coalesce(sum(i.principal_minor - i.paid_principal_minor), 0) INTO owed
        FROM plans_installment i WHERE i.plan_id = NEW.plan_id AND i.status IN ({words(INSTALLMENT_OPEN)});
        IF NEW.actor LIKE 'proposal:%' THEN
            IF NOT EXISTS (
                SELECT 1 FROM controls_proposal c WHERE c.kind = '{REARRANGING}' AND c.status = '{ProposalStatus.APPROVED}'
                AND c.signature <> '' AND c.subject = NEW.plan_id::text AND (c.after->>'{AMOUNT}')::bigint = owed
                AND replace(c.after->>'kind', '{RESTRUCTURED}', '{OFFERED}') = NEW.kind
            ) THEN
                RAISE EXCEPTION 'no two operators agreed to lay out %', NEW.plan_id USING ERRCODE = 'integrity_constraint_violation';
            END IF;
        ELSIF NEW.actor ~ '^{OPERATOR}$' AND owed > ({most_alone(REARRANGE_ALONE, "money")}) THEN
            RAISE EXCEPTION 'one operator may not lay out % alone', NEW.plan_id USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;""",  # noqa: S608  (words of our own)
)
"""Refuses payments laid out anew, or offered, by one operator where more is open than one may do alone, unless two agreed on that amount.

It counts by itself what is open of the price, which laying out anew does not change.
"""
