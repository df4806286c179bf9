"""What the audit log records about acts on money."""

from bnpl.audited.words import NOBODY_NAMED, actor_of, differ, facts_of, objects_of
from controls.audit.triggers import Watched

MONEY = [
    Watched(
        "checkout_orderreview",
        "'checkout.review_moved'",
        f"coalesce(NEW.approved_by_id::text, NEW.rejected_by_id::text, NEW.prepared_by_id::text, {NOBODY_NAMED})",
        objects_of("order_id"),
        at="coalesce(NEW.decided_at, NEW.prepared_at, now())",
        facts=facts_of("status", "reason", "version", "recommendation"),
        when=differ("status", "version"),
        changes=True,
    ),
    Watched(
        "plans_planchange",
        "'plans.plan_changed'",
        actor_of("actor"),
        objects_of("plan_id", "reference"),
        at="NEW.at",
        facts=facts_of("kind"),
    ),
    Watched(
        "plans_chargeoff",
        "'plans.loss_confirmed'",
        actor_of("closed_by"),
        objects_of("id", "plan_id", "proposal_id"),
        at="NEW.closed_at",
        facts=facts_of("reason", "principal_minor", "interest_minor"),
    ),
    *(
        Watched(
            f"payments_{movement}",
            f"'payments.{movement}_moved'",
            NOBODY_NAMED,
            objects_of("id", "reference"),
            at="coalesce(NEW.settled_at, now())",
            facts=facts_of("status", "amount_minor", "currency", "gateway", "failure"),
            when=differ("status"),
            changes=True,
        )
        for movement in ("refund", "payout")
    ),
    Watched(
        "payments_movementevent",
        "'payments.movement_turned'",
        NOBODY_NAMED,
        objects_of("movement_id", "reference"),
        at="NEW.at",
        facts=facts_of("kind", "movement_kind", "amount_minor", "currency", "gateway"),
    ),
    Watched(
        "payments_break",
        "'payments.break_opened'",
        NOBODY_NAMED,
        objects_of("id", "subject", "reference"),
        at="NEW.opened_at",
        facts=facts_of("kind", "amount_minor", "currency"),
    ),
    Watched(
        "payments_break",
        "'payments.break_closed'",
        actor_of("closed_by"),
        objects_of("id", "subject", "reference"),
        at="coalesce(NEW.closed_at, now())",
        facts=facts_of("kind"),
        when=differ("status"),
        name="payments_break_closed",
        changes=True,
    ),
    Watched(
        "payments_transfer",
        "'payments.transfer_wanted'",
        actor_of("wanted_by"),
        objects_of("id", "refund_id"),
        at="NEW.created_at",
    ),
    Watched(
        "payments_transfer",
        "'payments.transfer_moved'",
        f"CASE NEW.status WHEN 'sent' THEN {actor_of('sent_by')} ELSE {actor_of('closed_by')} END",
        objects_of("id", "refund_id"),
        at="coalesce(NEW.closed_at, NEW.sent_at, now())",
        facts=facts_of("status"),
        when=differ("status"),
        name="payments_transfer_moved",
        changes=True,
    ),
    Watched(
        "payments_paymentmethod",
        "'payments.method_added'",
        NOBODY_NAMED,
        objects_of("id", "consumer_id"),
        at="NEW.created_at",
        facts=facts_of("kind", "gateway"),
    ),
    Watched(
        "payments_paymentmethod",
        "'payments.method_removed'",
        NOBODY_NAMED,
        objects_of("id", "consumer_id"),
        at="coalesce(NEW.removed_at, now())",
        when="OLD.removed_at IS NULL AND NEW.removed_at IS NOT NULL",
        name="payments_paymentmethod_removed",
        changes=True,
    ),
]
