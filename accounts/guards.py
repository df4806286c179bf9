"""A trigger on the history of rights: a new right in the back office needs two people, whatever program writes the row."""

import pgtrigger

from controls.states import ProposalStatus

ACCESS = "accounts.access"
"""The kind of proposal that gives rights; its subject is the user's key."""
_WORKS = "({of} ->> 'operator')::bool AND ({of} ->> 'active')::bool"
_GIVEN_BY_TWO = f"""
    IF pg_has_role(session_user, (SELECT c.relowner FROM pg_class c WHERE c.oid = TG_RELID), 'USAGE') THEN
        RETURN NEW;
    END IF;
    SELECT c.after INTO had FROM accounts_userchange c WHERE c.user_id = NEW.user_id ORDER BY c.number DESC LIMIT 1;
    IF ((({_WORKS.format(of="NEW.after")}) AND NOT coalesce({_WORKS.format(of="had")}, false))
        OR ((NEW.after ->> 'may_all')::bool AND NOT coalesce((had ->> 'may_all')::bool, false))
        OR EXISTS (
            SELECT jsonb_array_elements_text(NEW.after -> 'permissions')
            EXCEPT SELECT jsonb_array_elements_text(coalesce(had -> 'permissions', '[]'))))
    AND NOT (NEW.actor LIKE 'proposal:%' AND EXISTS (
        SELECT 1 FROM controls_proposal p WHERE p.kind = '{ACCESS}' AND p.subject = NEW.user_id::text
        AND p.status = '{ProposalStatus.APPROVED}' AND p.signature <> ''))
    THEN
        RAISE EXCEPTION 'two people give rights to user %', NEW.user_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;"""  # noqa: S608  (a statement of our own)

RIGHTS = pgtrigger.Trigger(
    name="given_by_two", operation=pgtrigger.Insert, when=pgtrigger.Before, declare=[("had", "jsonb")], func=_GIVEN_BY_TWO
)
"""Refuses a change that gives somebody more than before, unless a signed proposal about them is being carried out.

The owner of the tables is free of it, who makes the first operators (`manage.py install`). Less than before takes one person.
"""
