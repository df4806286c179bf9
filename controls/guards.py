"""Database triggers on proposals, absences and settings: for every writer, proposer and decider must be two operators, and in time."""

import pgtrigger

from controls.states import PROPOSAL_DECIDED, ProposalStatus
from core.states import words

_KEY = "CASE WHEN {who} ~ '^[0-9a-f]{{8}}-[0-9a-f-]{{27}}$' THEN {who}::uuid END"
_WORKS = "u.is_staff AND u.is_active AND u.id = " + _KEY
_BY_HAND = """
    SELECT 1 FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id
    WHERE t.app_label || '.' || p.codename = NEW.needs AND (
        EXISTS (SELECT 1 FROM accounts_user_user_permissions d WHERE d.user_id = u.id AND d.permission_id = p.id)
        OR EXISTS (
            SELECT 1 FROM accounts_user_groups g JOIN auth_group_permissions gp ON gp.group_id = g.group_id
            WHERE g.user_id = u.id AND gp.permission_id = p.id))"""
_MADE = f"""
    IF NOT EXISTS (SELECT 1 FROM accounts_user u WHERE {_WORKS.format(who="NEW.proposed_by")}) THEN
        RAISE EXCEPTION 'no operator proposes %', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;"""  # noqa: S608  (a statement of our own)
# A decision by nobody or by the proposer is refused by the constraint `proposal_by_two`. Rows without `needs` are older than that column.
_DECIDED = f"""
    IF NEW.decided_by IN ('', NEW.proposed_by) THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM accounts_user u WHERE {_WORKS.format(who="NEW.decided_by")}
        AND (u.is_superuser OR NEW.needs = '' OR EXISTS ({_BY_HAND}))
    ) THEN
        RAISE EXCEPTION 'nobody who may decides %', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.signature = '' OR NEW.decided_at IS NULL OR NEW.decided_at >= NEW.expires_at OR NEW.decided_at < NEW.proposed_at THEN
        RAISE EXCEPTION 'the decision on % is not signed in time', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;"""  # noqa: S608  (a statement of our own)

_AWAY = f"""
    IF NOT EXISTS (SELECT 1 FROM accounts_user u WHERE {_WORKS.format(who="NEW.person")})
    OR (NEW.stand_in <> '' AND NOT EXISTS (SELECT 1 FROM accounts_user u WHERE {_WORKS.format(who="NEW.stand_in")})) THEN
        RAISE EXCEPTION 'absence % is of operators', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;"""  # noqa: S608  (a statement of our own)

_NAMED = f"""
    IF NOT EXISTS (
        SELECT 1 FROM controls_proposal p WHERE p.id = NEW.proposal_id AND p.status = '{ProposalStatus.PROPOSED}'
        AND p.files @> jsonb_build_array(jsonb_build_object('sha256', NEW.sha256))
    ) THEN
        RAISE EXCEPTION 'no proposal that is open names file %', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;"""  # noqa: S608  (a statement of our own)

SETTING, TAKES_ONE = "controls.setting", "setting_takes_one"
"""The kind of proposal that changes a dangerous setting, and the database's function that knows settings which are not dangerous.

`controls.services.installing` makes the function from the code's list, as the owner of the tables; until then every setting takes two.
"""
_AGREED = f"""
    IF NOT public.{TAKES_ONE}(NEW.name) AND (NEW.actor NOT LIKE 'proposal:%' OR NOT EXISTS (
        SELECT 1 FROM controls_proposal p WHERE p.kind = '{SETTING}' AND p.subject = NEW.name
        AND p.status = '{ProposalStatus.APPROVED}' AND p.signature <> '' AND (p.after->>'value')::bigint IS NOT DISTINCT FROM NEW.value
    )) THEN
        RAISE EXCEPTION 'no two operators agreed on setting %', NEW.name USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;"""  # noqa: S608  (words of our own)

CHANGE = [pgtrigger.Trigger(name="agreed_by_two", operation=pgtrigger.Insert, when=pgtrigger.Before, func=_AGREED)]
"""Requires, for a dangerous setting, a signed proposal of this value that is being carried out; so each proposal serves once."""
FILE = [pgtrigger.Trigger(name="named_by_proposal", operation=pgtrigger.Insert, when=pgtrigger.Before, func=_NAMED)]
"""Requires an undecided proposal that names the file by its hash."""
ABSENCE = [pgtrigger.Trigger(name="of_operators", operation=pgtrigger.Insert, when=pgtrigger.Before, func=_AWAY)]
"""The person who is away, and their stand-in, must be active operators."""
PROPOSAL = [
    pgtrigger.Trigger(name="made_by_operator", operation=pgtrigger.Insert, when=pgtrigger.Before, func=_MADE),
    pgtrigger.Trigger(
        name="signed_by_another",
        operation=pgtrigger.Update,
        when=pgtrigger.Before,
        condition=pgtrigger.Condition(f"OLD.status = '{ProposalStatus.PROPOSED}' AND NEW.status IN ({words(PROPOSAL_DECIDED)})"),
        func=_DECIDED,
    ),
]
"""Requires two operators with the permissions, and a decision signed by the program."""
