"""The database trigger that counts fees by itself and refuses one beyond a cap."""

import pgtrigger

from controls.agreed import most_alone
from controls.states import ProposalStatus
from core.acting import OPERATOR
from core.states import words
from plans.guards import AMOUNT, NUMBER, WAIVER
from plans.rules.fees import PENALTIES, FeeKind
from plans.settable import WAIVE_ALONE
from plans.states import FeeStatus

_PENALTIES = words(PENALTIES)

FEES_WITHIN_CAPS = pgtrigger.Trigger(
    name="within_caps",
    operation=pgtrigger.Insert,
    when=pgtrigger.After,
    condition=pgtrigger.Condition("NEW.amount_minor + NEW.credit_minor > 0"),
    declare=[
        ("held", "jsonb"),
        ("plan", "plans_plan"),
        ("holder", "uuid"),
        ("asked", "bigint"),
        ("interest", "bigint"),
        ("first", "date"),
        ("years", "int"),
        ("begins", "date"),
        ("here", "bigint"),
        ("in_order", "bigint"),
        ("in_year", "bigint"),
        ("penalties", "bigint"),
        ("others", "bigint"),
        ("apart", "int"),
        ("reminded", "bigint"),
        ("unbroken", "bigint"),
    ],
    func=f"""
        SELECT s.value || coalesce(r.value, '{{}}'::jsonb) INTO held
        FROM markets_marketsetting s LEFT JOIN markets_marketsetting r ON r.id = NEW.caps_of_state_id
        WHERE s.id = NEW.caps_id AND s.key = 'fee.caps';
        IF held IS NULL THEN
            RAISE EXCEPTION 'fee % has no caps', NEW.id USING ERRCODE = 'check_violation';
        END IF;
        SELECT p.* INTO plan FROM plans_plan p JOIN plans_installment i ON i.plan_id = p.id WHERE i.id = NEW.installment_id;
        SELECT coalesce(c.person_id, c.id) INTO holder FROM accounts_consumer c WHERE c.id = plan.consumer_id;
        PERFORM pg_advisory_xact_lock(hashtextextended('fees:' || holder::text, 0));
        SELECT i.principal_minor + i.interest_minor INTO asked FROM plans_installment i WHERE i.id = NEW.installment_id;
        SELECT coalesce(sum(i.interest_minor), 0) INTO interest FROM plans_installment i WHERE i.plan_id = plan.id;
        SELECT min(i.start_date) INTO first FROM plans_installment i JOIN plans_plan p ON p.id = i.plan_id
            JOIN accounts_consumer c ON c.id = p.consumer_id
        WHERE (c.id = holder OR c.person_id = holder) AND p.currency = plan.currency;
        years := extract(year FROM age(NEW.on, first));
        begins := first + make_interval(years => years);
        SELECT coalesce(sum(f.amount_minor + f.credit_minor) FILTER (WHERE f.installment_id = NEW.installment_id), 0),
            coalesce(sum(f.amount_minor + f.credit_minor) FILTER (WHERE p.id = plan.id), 0),
            coalesce(sum(f.amount_minor + f.credit_minor) FILTER (WHERE f.on > (NEW.on - interval '1 year')::date), 0),
            coalesce(sum(f.amount_minor + f.credit_minor) FILTER (WHERE f.on BETWEEN begins AND NEW.on AND f.kind IN ({_PENALTIES})), 0),
            coalesce(sum(f.amount_minor + f.credit_minor) FILTER (WHERE f.on BETWEEN begins AND NEW.on AND f.kind NOT IN ({_PENALTIES})), 0)
        INTO here, in_order, in_year, penalties, others
        FROM plans_fee f JOIN plans_installment i ON i.id = f.installment_id JOIN plans_plan p ON p.id = i.plan_id
            JOIN accounts_consumer c ON c.id = p.consumer_id
        WHERE (c.id = holder OR c.person_id = holder) AND p.currency = plan.currency AND f.status = '{FeeStatus.CHARGED}';
        SELECT min(NEW.on - f.on) FILTER (WHERE f.id <> NEW.id), count(*) FILTER (WHERE f.installment_id = NEW.installment_id),
            count(*) FILTER (WHERE f.on >= plan.late_since)
        INTO apart, reminded, unbroken
        FROM plans_fee f JOIN plans_installment i ON i.id = f.installment_id
        WHERE i.plan_id = plan.id AND f.kind = '{FeeKind.REMINDER}' AND f.amount_minor + f.credit_minor > 0;
        IF here > (held->>'installment_minor')::bigint
            OR here > asked * (held->>'installment_bps')::bigint / 10000
            OR in_order > (held->>'order_minor')::bigint
            OR in_order > plan.captured_minor * (held->>'order_bps')::bigint / 10000
            OR in_order + interest > plan.captured_minor * (held->>'total_cost_bps')::bigint / 10000
            OR in_year > (held->>'consumer_year_minor')::bigint
            OR (NEW.kind = '{FeeKind.REMINDER}' AND (NEW.amount_minor + NEW.credit_minor > (held->>'reminder_minor')::bigint
                OR apart < (held->>'reminders_apart_days')::int OR greatest(reminded, unbroken) > (held->>'reminders_most')::bigint))
            OR (NEW.kind IN ({_PENALTIES}) AND penalties > CASE WHEN others > 0 THEN (held->>'period_default_minor')::bigint
                WHEN years = 0 THEN (held->>'period_default_only_first_minor')::bigint
                ELSE (held->>'period_default_only_later_minor')::bigint END)
            OR (NEW.kind NOT IN ({_PENALTIES}) AND (penalties > (held->>'period_default_minor')::bigint
                OR others > CASE WHEN years = 0 THEN (held->>'period_other_first_minor')::bigint
                ELSE (held->>'period_other_later_minor')::bigint END))
        THEN
            RAISE EXCEPTION 'fee % is more than the caps allow', NEW.id USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;""",  # noqa: S608  (words of our own)
)
"""Refuses a fee beyond a cap on reminders, or on a sum: of its installment, its order, all cost, or all fees of its person in a currency.

What a credit paid of a fee counts as if it were charged.
It counts by itself, apart from `plans.rules.fees`, and holds the person's lock, so that two fees at once cannot both fit.
"""

WAIVED_BY_TWO = pgtrigger.Trigger(
    name="waived_by_two",
    operation=pgtrigger.UpdateOf("status"),
    when=pgtrigger.After,
    condition=pgtrigger.Condition(f"NEW.status = '{FeeStatus.FORGIVEN}' AND OLD.status <> NEW.status"),
    declare=[("plan", "plans_plan"), ("place", "int"), ("most", "bigint"), ("waived", "bigint"), ("here", "bigint")],
    func=f"""
        SELECT p.* INTO plan FROM plans_plan p JOIN plans_installment i ON i.plan_id = p.id WHERE i.id = NEW.installment_id;
        SELECT i.number INTO place FROM plans_installment i WHERE i.id = NEW.installment_id;
        SELECT coalesce(sum(f.amount_minor), 0), coalesce(sum(f.amount_minor) FILTER (WHERE f.installment_id = NEW.installment_id), 0)
        INTO waived, here
        FROM plans_fee f JOIN plans_installment i ON i.id = f.installment_id
        WHERE i.plan_id = plan.id AND f.status = '{FeeStatus.FORGIVEN}' AND f.ended_by = NEW.ended_by;
        IF NEW.ended_by LIKE 'proposal:%' THEN
            IF NOT EXISTS (
                SELECT 1 FROM controls_proposal c WHERE c.kind = '{WAIVER}' AND c.status = '{ProposalStatus.APPROVED}' AND c.signature <> ''
                AND c.subject = plan.id::text AND (c.after->>'{NUMBER}')::int = place AND (c.after->>'{AMOUNT}')::bigint = here
            ) THEN
                RAISE EXCEPTION 'no two operators agreed to waive %', NEW.id USING ERRCODE = 'integrity_constraint_violation';
            END IF;
        ELSIF NEW.ended_by ~ '^{OPERATOR}$' THEN
            SELECT {most_alone(WAIVE_ALONE, "plan.currency")} INTO most;
            IF waived > most THEN
                RAISE EXCEPTION 'fee % is more than one operator may waive alone', NEW.id USING ERRCODE = 'integrity_constraint_violation';
            END IF;
        END IF;
        RETURN NULL;""",  # noqa: S608  (words of our own)
)
"""Refuses fees waived by one operator beyond what one may waive alone, or by two without their proposal being carried out."""
