"""The database triggers that refuse to settle plans for less than one operator may, unless two agreed."""

import pgtrigger

from controls.agreed import agreed
from core.evidence import at_end
from core.states import words
from markets.queries import SETTLEMENTS
from plans.states import INSTALLMENT_OPEN, InstallmentStatus, PlanStatus

SETTLING = "collection.settlement"
"""The kind of proposal by which two people settle a plan for less than one may; its subject is the plan's key."""
SETTLING_ALL = "collection.joint_settlement"
"""The kind by which two people settle several plans of a person by one offer; its subject is the lowest of the plans' keys."""
AMOUNT, PARTS, PLANS = "amount_minor", "parts", "plans"
"""What such a proposal names: what is paid instead, in which parts (pairs of a day and an amount), and the keys of several plans."""
LONG = 91
"""Days late from which on a plan counts as late for long."""
_KEY = " ".join(f"WHEN '{stage}' THEN '{key}'" for stage, key in SETTLEMENTS.items())
_DECLARED = [("plan", "plans_plan"), ("day", "date"), ("owed", "bigint"), ("late", "int"), ("stage", "text")]
_COUNT = f"""
        day := (NEW.made_at AT TIME ZONE plan.time_zone)::date;
        SELECT coalesce(sum(i.principal_minor + i.interest_minor + i.fees_minor
                - i.paid_principal_minor - i.paid_interest_minor - i.paid_fees_minor), 0),
            coalesce(max(day - i.due_date - i.paused_days) FILTER (WHERE i.status = '{InstallmentStatus.OVERDUE}' OR i.due_date < day), 0)
        INTO owed, late FROM plans_installment i WHERE i.plan_id = plan.id AND i.status IN ({words(INSTALLMENT_OPEN)});
        stage := CASE WHEN plan.status = '{PlanStatus.CHARGED_OFF}' THEN 'charged_off' WHEN late >= {LONG} THEN 'long_late' ELSE 'late' END;
"""  # noqa: S608  (words of our own)
_SETTING = f"""FROM plans_product r JOIN markets_marketsetting s ON s.market_id = r.market_id
                WHERE r.id = plan.product_id AND s.key = CASE stage {_KEY} END
                AND s.valid_from <= day AND (s.valid_to IS NULL OR s.valid_to > day)"""
_NOT_OWED = "RAISE EXCEPTION 'settlement % is not of what is owed', NEW.id USING ERRCODE = 'integrity_constraint_violation';"
_NOT_ALONE = "RAISE EXCEPTION 'one operator may not agree on settlement %', NEW.id USING ERRCODE = 'integrity_constraint_violation';"
_NOT_AGREED = "RAISE EXCEPTION 'no two operators agreed on settlement %', NEW.id USING ERRCODE = 'integrity_constraint_violation';"

AGREED = pgtrigger.Trigger(
    name="agreed",
    operation=pgtrigger.Insert,
    when=pgtrigger.Before,
    declare=_DECLARED,
    func=f"""
        SELECT p.* INTO plan FROM plans_plan p WHERE p.id = NEW.plan_id;{_COUNT}
        IF NEW.open_minor <> owed OR NEW.stage <> stage THEN
            {_NOT_OWED}
        END IF;
        IF NEW.joint_id IS NOT NULL THEN
            IF NEW.proposal_id IS NOT NULL OR NOT EXISTS (
                SELECT 1 FROM collection_jointsettlement j
                WHERE j.id = NEW.joint_id AND j.consumer_id = NEW.consumer_id AND j.made_at = NEW.made_at AND j.until = NEW.until
                AND jsonb_build_array(NEW.plan_id::text, NEW.open_minor, NEW.amount_minor) IN (SELECT jsonb_array_elements(j.shares))
            ) THEN
                {_NOT_AGREED}
            END IF;
        ELSIF NEW.proposal_id IS NULL THEN
            IF NOT EXISTS (
                SELECT 1 {_SETTING}
                AND NEW.amount_minor * 10000 >= (s.value->>'least_bps')::bigint * owed
                AND jsonb_array_length(NEW.parts) <= (s.value->>'most_parts')::int
            ) THEN
                {_NOT_ALONE}
            END IF;
        ELSIF NOT EXISTS (
            {agreed(SETTLING, proposal="NEW.proposal_id", subject="NEW.plan_id")}
            AND (p.after->>'{AMOUNT}')::bigint = NEW.amount_minor AND p.after->'{PARTS}' = NEW.parts
        ) THEN
            {_NOT_AGREED}
        END IF;
        RETURN NEW;""",  # noqa: S608  (words of our own)
)
"""Refuses a settlement that neither the market's setting lets one operator agree on, nor two agreed on with these very amounts.

It counts by itself what is owed, and how late it is. A part of a joint settlement is what that says of its plan.
"""

_JOINT = [("share", "jsonb"), ("before", "uuid"), ("allowed", "jsonb"), ("opened", "bigint"), ("paid", "bigint"), ("least", "bigint")]
AGREED_JOINTLY = pgtrigger.Trigger(
    name="agreed",
    operation=pgtrigger.Insert,
    when=pgtrigger.Before,
    declare=[*_DECLARED, *_JOINT],
    func=f"""
        opened := 0; paid := 0; least := 0;
        FOR share IN SELECT value FROM jsonb_array_elements(NEW.shares) LOOP
            SELECT p.* INTO plan FROM plans_plan p
            WHERE p.id = (share->>0)::uuid AND p.consumer_id = NEW.consumer_id AND p.currency = NEW.currency;{_COUNT}
            IF plan.id IS NULL OR plan.id <= before OR (share->>1)::bigint <> owed OR (share->>2)::bigint NOT BETWEEN 1 AND owed - 1
                OR abs((share->>2)::numeric * NEW.open_minor - NEW.amount_minor::numeric * owed) >= NEW.open_minor THEN
                {_NOT_OWED}
            END IF;
            before := plan.id; opened := opened + owed; paid := paid + (share->>2)::bigint;
            allowed := NULL;
            SELECT s.value INTO allowed {_SETTING};
            IF allowed IS NULL OR jsonb_array_length(NEW.parts) > (allowed->>'most_parts')::int THEN
                least := NULL;
            ELSE
                least := least + (allowed->>'least_bps')::bigint * owed;
            END IF;
        END LOOP;
        IF jsonb_array_length(NEW.shares) < 2 OR opened <> NEW.open_minor OR paid <> NEW.amount_minor
            OR (SELECT sum((value->>1)::bigint) FROM jsonb_array_elements(NEW.parts)) IS DISTINCT FROM NEW.amount_minor THEN
            {_NOT_OWED}
        END IF;
        IF NEW.proposal_id IS NULL THEN
            IF least IS NULL OR NEW.amount_minor * 10000 < least THEN
                {_NOT_ALONE}
            END IF;
        ELSIF NOT EXISTS (
            {agreed(SETTLING_ALL, proposal="NEW.proposal_id", subject="(NEW.shares->0->>0)")}
            AND (p.after->>'{AMOUNT}')::bigint = NEW.amount_minor AND p.after->'{PARTS}' = NEW.parts
            AND p.after->'{PLANS}' = (SELECT jsonb_agg(value->0 ORDER BY place) FROM jsonb_array_elements(NEW.shares)
                WITH ORDINALITY AS s (value, place))
        ) THEN
            {_NOT_AGREED}
        END IF;
        RETURN NEW;""",  # noqa: S608  (words of our own)
)
"""Refuses an offer over several plans of one person that one operator may not make by the sum, unless two agreed on it.

It counts by itself what is owed of each plan, and that the amount is divided by that, to less than a minor unit.
"""

WHOLE = at_end(
    "whole",
    pgtrigger.Insert,
    """
        IF (SELECT count(*) FROM collection_settlement s WHERE s.joint_id = NEW.id) <> jsonb_array_length(NEW.shares) THEN
            RAISE EXCEPTION 'joint settlement % misses a part', NEW.id USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NULL;""",
)
"""Refuses an offer over several plans without the part of each of them."""
