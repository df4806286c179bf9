"""Database triggers on held orders. They check who decided, and the result of the data source's own review, for every writer."""

import pgtrigger

from accounts.screening.guards import STOPS
from accounts.states import MatchStatus
from checkout.rules import CHECKS, SOURCE_ASKS
from checkout.states import ORDER_UNDECIDED, Checked, OrderReviewStatus, OrderStatus
from core.evidence import at_end, settled
from core.states import words
from credit.guards import OF_THE_PERSON

_REFUSE = "RAISE EXCEPTION '%', {} USING ERRCODE = 'check_violation';"
_REVIEW_IS_REAL = f"""
    SELECT r.outcome INTO said FROM credit_referral r
    JOIN checkout_order o ON o.decision_id = r.decision_id
    JOIN credit_decision d ON d.id = r.decision_id
    JOIN credit_inquiry i ON i.id = d.inquiry_id
    WHERE o.id = NEW.order_id AND r.resolved_by = 'source' AND d.consumer_id = o.consumer_id AND {OF_THE_PERSON}
        AND i.provider_ref <> '' AND i.provider_ref = d.provider_ref AND i.answered_at >= i.asked_at;
    IF said IS DISTINCT FROM NEW.source_review THEN
        {_REFUSE.format("'no review of its own says that of held order ' || NEW.id")}
    END IF;
    IF NEW.status = '{OrderReviewStatus.APPROVED}' AND NEW.approved_by_id IS NULL AND EXISTS (
        SELECT 1 FROM jsonb_array_elements(NEW.causes) AS c (cause)
        WHERE cause ->> 'reason' <> '{SOURCE_ASKS}' AND (cause ->> 'reason' <> '{CHECKS}' OR NEW.checked <> '{Checked.CLEAR}')
    ) THEN
        {_REFUSE.format("'held order ' || NEW.id || ' waits for people'")}
    END IF;
    RETURN NEW;"""  # noqa: S608  (a statement of our own)
# The reason must be the first cause that is not answered: by the data source's own review, or by the end of a check of the person.
_REASON_IS_A_CAUSE = f"""
    SELECT c.cause INTO first FROM jsonb_array_elements(NEW.causes) WITH ORDINALITY AS c (cause, number)
    WHERE (c.cause ->> 'reason' <> '{SOURCE_ASKS}' OR NEW.source_review <> 'approve')
        AND (c.cause ->> 'reason' <> '{CHECKS}' OR NEW.checked <> '{Checked.CLEAR}') ORDER BY c.number LIMIT 1;
    IF (NEW.reason, NEW.rule) IS DISTINCT FROM (first ->> 'reason', first ->> 'rule') THEN
        {_REFUSE.format("'held order ' || NEW.id || ' was not held for that'")}
    END IF;
    RETURN NEW;"""  # noqa: S608  (a statement of our own)
# A check ends clear when nothing stands against the person, and stopped when a match is confirmed; nobody approves while it is open.
_IS_CHECKED = f"""
    IF NEW.status = '{OrderReviewStatus.APPROVED}' AND NEW.checked <> '{Checked.CLEAR}' AND EXISTS (
        SELECT 1 FROM jsonb_array_elements(NEW.causes) AS c (cause) WHERE cause ->> 'reason' = '{CHECKS}'
    ) THEN
        {_REFUSE.format("'held order ' || NEW.id || ' waits for a check'")}
    END IF;
    IF NEW.status = '{OrderReviewStatus.APPROVED}' AND NEW.approved_by_id IS NULL AND NEW.source_review = '' AND EXISTS (
        SELECT 1 FROM jsonb_array_elements(NEW.causes) AS c (cause) WHERE cause ->> 'reason' <> '{CHECKS}'
    ) THEN
        {_REFUSE.format("'held order ' || NEW.id || ' waits for people'")}
    END IF;
    IF NEW.checked <> '' AND NEW.checked <> OLD.checked THEN
        SELECT bool_or(m.status = '{MatchStatus.OPEN}'), bool_or(m.status = '{MatchStatus.CONFIRMED}') INTO waits, stopped
        FROM checkout_order o JOIN accounts_consumer me ON me.id = o.consumer_id
        JOIN accounts_consumer c ON c.id = coalesce(me.person_id, me.id) OR c.person_id = coalesce(me.person_id, me.id)
        JOIN accounts_screeningmatch m ON m.consumer_id = c.id WHERE o.id = NEW.order_id;
        IF (NEW.checked = '{Checked.CLEAR}' AND (coalesce(waits, false) OR coalesce(stopped, false)))
            OR (NEW.checked = '{Checked.STOPPED}' AND NOT coalesce(stopped, false)) THEN
            {_REFUSE.format("'no check ended so for held order ' || NEW.id")}
        END IF;
    END IF;
    RETURN NEW;"""  # noqa: S608  (a statement of our own)
_OPERATORS = f"""
    people := ARRAY[NEW.approved_by_id, NEW.rejected_by_id];
    IF TG_OP = 'INSERT' OR NEW.prepared_by_id IS DISTINCT FROM OLD.prepared_by_id THEN
        people := people || NEW.prepared_by_id;
    END IF;
    IF EXISTS (
        SELECT 1 FROM unnest(people) AS p (id) LEFT JOIN accounts_user u ON u.id = p.id AND u.is_staff AND u.is_active
        WHERE p.id IS NOT NULL AND u.id IS NULL
    ) THEN
        {_REFUSE.format("'held order ' || NEW.id || ' is decided by operators'")}
    END IF;
    RETURN NEW;"""  # noqa: S608  (a statement of our own)
_DECIDED_SO = f"CASE NEW.status WHEN '{OrderStatus.REJECTED}' THEN '{OrderReviewStatus.REJECTED}' ELSE '{OrderReviewStatus.APPROVED}' END"
_REVIEW_IS_OVER = f"""
    PERFORM 1 FROM checkout_orderreview h
    WHERE h.order_id = NEW.id AND h.status = {_DECIDED_SO};
    IF NOT FOUND THEN
        {_REFUSE.format("'held order ' || NEW.id || ' is not decided so'")}
    END IF;
    IF NEW.status = '{OrderStatus.AUTHORIZED}' THEN
        {STOPS}
    END IF;
    RETURN NEW;"""

_BEGINS_AS_DECIDED = f"""
    PERFORM 1 FROM credit_decision d
    WHERE d.id = NEW.decision_id AND d.consumer_id = NEW.consumer_id AND d.currency = NEW.currency AND d.outcome = 'approve'
        AND NEW.amount_minor - NEW.deposit_minor <= d.order_limit_minor
        AND (NEW.deposit_minor = 0
            OR EXISTS (SELECT FROM plans_plan p WHERE p.id = NEW.plan_id AND p.deposit_minor = NEW.deposit_minor));
    IF NOT FOUND THEN
        {_REFUSE.format("'order ' || NEW.id || ' was not approved, and begins as a held one'")}
    END IF;
    {STOPS}
    RETURN NEW;"""
BLOCKED = "to a person whose purchases are refused"
"""How the database names an order that it refuses because operators blocked the person, also while the last click waited for a lock."""
_OF_NOBODY_BLOCKED = f"""
    SELECT coalesce(c.person_id, c.id) INTO holder FROM accounts_consumer c WHERE c.id = NEW.consumer_id;
    PERFORM 1 FROM accounts_consumer c JOIN accounts_block b ON b.consumer_id = c.id AND b.lifted_at IS NULL
    WHERE c.id = holder OR c.person_id = holder LIMIT 1;
    IF FOUND THEN
        {_REFUSE.format(f"'order ' || NEW.id || ' is not sold {BLOCKED}'")}
    END IF;
    RETURN NEW;"""  # noqa: S608  (a statement of our own)
_DEPOSIT_IS_PAID = f"""
    PERFORM 1 FROM plans_deposit d WHERE d.plan_id = NEW.plan_id AND d.paid_minor = d.amount_minor;
    IF NOT FOUND THEN
        {_REFUSE.format("'the deposit of order ' || NEW.id || ' is not paid'")}
    END IF;
    RETURN NEW;"""
_NOT_HELD = f"""
    PERFORM 1 FROM checkout_order o WHERE o.id = NEW.order_id AND o.status = '{OrderStatus.PENDING_REVIEW}';
    IF FOUND THEN
        {_REFUSE.format("'order ' || NEW.order_id || ' is held'")}
    END IF;
    RETURN NEW;"""

# Checked at the end of the transaction, on the rows as they are then.
_REFUNDS_ADD_UP = f"""
    PERFORM 1 FROM checkout_order o
    WHERE o.id = {{order}} AND (o.refunded_minor, o.fee_refunded_minor, o.refunded_minor) <> (
        SELECT coalesce(sum(r.amount_minor), 0)::bigint, coalesce(sum(r.fee_minor), 0)::bigint,
            (SELECT coalesce(sum(c.refunded_minor), 0)::bigint FROM checkout_capture c WHERE c.order_id = o.id)
        FROM checkout_refund r WHERE r.order_id = o.id);
    IF FOUND THEN
        {_REFUSE.format("'what was refunded of order ' || {order} || ' is not what its refunds say'")}
    END IF;
    RETURN NULL;"""  # noqa: S608  (a statement of our own)


def _refunds(name: str, operation: pgtrigger.core.Operation, order: str, condition: pgtrigger.Condition | None = None) -> pgtrigger.Trigger:
    return at_end(name, operation, _REFUNDS_ADD_UP.replace("{order}", order), condition)


REVIEWS = [
    pgtrigger.Trigger(
        name="review_is_real",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        condition=pgtrigger.Condition("NEW.source_review <> ''"),
        declare=[("said", "text")],
        func=_REVIEW_IS_REAL,
    ),
    pgtrigger.Trigger(
        name="review_reason_is_a_cause",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("NEW.reason IS DISTINCT FROM OLD.reason OR NEW.rule IS DISTINCT FROM OLD.rule"),
        declare=[("first", "jsonb")],
        func=_REASON_IS_A_CAUSE,
    ),
    pgtrigger.Trigger(
        name="review_is_checked",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(f"NEW.checked <> OLD.checked OR NEW.status = '{OrderReviewStatus.APPROVED}'"),
        declare=[("waits", "boolean"), ("stopped", "boolean")],
        func=_IS_CHECKED,
    ),
    pgtrigger.Trigger(
        name="review_decided_by_operators",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        condition=pgtrigger.Condition("coalesce(NEW.prepared_by_id, NEW.approved_by_id, NEW.rejected_by_id) IS NOT NULL"),
        declare=[("people", "uuid[]")],
        func=_OPERATORS,
    ),
]
"""A review's `source_review` must be the data source's result for this order, its reason one of the causes; only operators decide."""
ORDERS = [
    pgtrigger.Trigger(
        name="order_review_is_over",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("status"),
        condition=pgtrigger.Condition(f"OLD.status = '{OrderStatus.PENDING_REVIEW}' AND NEW.status NOT IN ({words(ORDER_UNDECIDED)})"),
        func=_REVIEW_IS_OVER,
    ),
    pgtrigger.Trigger(
        name="order_begins_as_decided",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Condition(f"NEW.status = '{OrderStatus.AUTHORIZED}'"),
        func=_BEGINS_AS_DECIDED,
    ),
    pgtrigger.Trigger(
        name="order_of_nobody_blocked",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[("holder", "uuid")],
        func=_OF_NOBODY_BLOCKED,
    ),
    pgtrigger.Trigger(
        name="order_deposit_is_paid",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("captured_minor"),
        condition=pgtrigger.Condition("OLD.deposit_minor > 0 AND NEW.captured_minor > OLD.captured_minor"),
        func=_DEPOSIT_IS_PAID,
    ),
    settled(
        "held_stays",
        f"OLD.status = '{OrderStatus.PENDING_REVIEW}' AND NEW.status = '{OrderStatus.PENDING_REVIEW}'",
        fixed=["captured_minor", "authorized_at"],
    ),
]
"""An order that needs a review begins as held, moves no money while held, and continues only as its review decided. No order begins for a
person whose purchases operators refuse. Nothing of an order is captured before its deposit is paid."""
CAPTURES = [
    pgtrigger.Trigger(name="capture_of_no_held_order", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_NOT_HELD),
]
"""Nothing is captured of a held order."""


REFUNDED = [
    _refunds("order_refunds_add_up", pgtrigger.Update, "NEW.id", pgtrigger.AnyChange("refunded_minor", "fee_refunded_minor")),
    _refunds(
        "order_begins_unrefunded", pgtrigger.Insert, "NEW.id", pgtrigger.Condition("NEW.refunded_minor <> 0 OR NEW.fee_refunded_minor <> 0")
    ),
]
CAPTURE_REFUNDED = [
    _refunds("capture_refunds_add_up", pgtrigger.Update, "NEW.order_id", pgtrigger.AnyChange("refunded_minor")),
    _refunds("capture_begins_unrefunded", pgtrigger.Insert, "NEW.order_id", pgtrigger.Condition("NEW.refunded_minor <> 0")),
]
REFUND = [_refunds("refund_adds_up", pgtrigger.Insert, "NEW.order_id")]
"""At the end of each transaction, the refunded amounts of an order and of its captures must equal the sums of its refunds."""
