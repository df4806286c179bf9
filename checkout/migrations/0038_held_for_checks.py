import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """Orders wait while a check of the person is open; nothing is authorized before it ends."""

    dependencies = [
        ("checkout", "0037_paid_deposits"),
        ("accounts", "0030_screening"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="order",
            name="order_review_is_over",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="order",
            name="order_begins_as_decided",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="orderreview",
            name="review_is_real",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="orderreview",
            name="review_reason_is_a_cause",
        ),
        migrations.RemoveConstraint(
            model_name="orderreview",
            name="review_approved_by_whom",
        ),
        migrations.RemoveConstraint(
            model_name="orderreview",
            name="review_rejected_by_whom",
        ),
        migrations.AddField(
            model_name="orderreview",
            name="checked",
            field=models.CharField(
                blank=True, choices=[("clear", "clear"), ("stopped", "stopped")], db_default="", default="", max_length=8
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_review_is_over",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.status = 'pending_review' AND NEW.status NOT IN ('pending_review', 'voided', 'expired'))",
                    func="\n    PERFORM 1 FROM checkout_orderreview h\n    WHERE h.order_id = NEW.id AND h.status = CASE NEW.status WHEN 'rejected' THEN 'rejected' ELSE 'approved' END;\n    IF NOT FOUND THEN\n        RAISE EXCEPTION '%', 'held order ' || NEW.id || ' is not decided so' USING ERRCODE = 'check_violation';\n    END IF;\n    IF NEW.status = 'authorized' THEN\n        \n    PERFORM pg_advisory_xact_lock_shared(hashtextextended('screening:' || coalesce(c.person_id, c.id)::text, 0))\n    FROM accounts_consumer c WHERE c.id = NEW.consumer_id;\n    PERFORM 1 FROM accounts_consumer me\n    JOIN accounts_consumer c ON c.id = coalesce(me.person_id, me.id) OR c.person_id = coalesce(me.person_id, me.id)\n    JOIN accounts_screeningmatch m ON m.consumer_id = c.id AND m.status IN ('open', 'confirmed')\n    WHERE me.id = NEW.consumer_id LIMIT 1;\n    IF FOUND THEN\n        RAISE EXCEPTION '% % is not approved while a check of the person is open', TG_TABLE_NAME, NEW.id USING ERRCODE = 'check_violation';\n    END IF;\n    END IF;\n    RETURN NEW;",
                    hash="c8992cfc7ce4905b3bca120729b7e0d5ad1b918f",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_order_review_is_over_25bca",
                    table="checkout_order",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_begins_as_decided",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.status = 'authorized')",
                    func="\n    PERFORM 1 FROM credit_decision d\n    WHERE d.id = NEW.decision_id AND d.consumer_id = NEW.consumer_id AND d.currency = NEW.currency AND d.outcome = 'approve'\n        AND NEW.amount_minor - NEW.deposit_minor <= d.order_limit_minor\n        AND (NEW.deposit_minor = 0\n            OR EXISTS (SELECT FROM plans_plan p WHERE p.id = NEW.plan_id AND p.deposit_minor = NEW.deposit_minor));\n    IF NOT FOUND THEN\n        RAISE EXCEPTION '%', 'order ' || NEW.id || ' was not approved, and begins as a held one' USING ERRCODE = 'check_violation';\n    END IF;\n    \n    PERFORM pg_advisory_xact_lock_shared(hashtextextended('screening:' || coalesce(c.person_id, c.id)::text, 0))\n    FROM accounts_consumer c WHERE c.id = NEW.consumer_id;\n    PERFORM 1 FROM accounts_consumer me\n    JOIN accounts_consumer c ON c.id = coalesce(me.person_id, me.id) OR c.person_id = coalesce(me.person_id, me.id)\n    JOIN accounts_screeningmatch m ON m.consumer_id = c.id AND m.status IN ('open', 'confirmed')\n    WHERE me.id = NEW.consumer_id LIMIT 1;\n    IF FOUND THEN\n        RAISE EXCEPTION '% % is not approved while a check of the person is open', TG_TABLE_NAME, NEW.id USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                    hash="cad852958c2c51005d27a1222d6b1dc00523ef01",
                    operation="INSERT",
                    pgid="pgtrigger_order_begins_as_decided_40e64",
                    table="checkout_order",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderreview",
            trigger=pgtrigger.compiler.Trigger(
                name="review_is_real",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.source_review <> '')",
                    declare="DECLARE said text;",
                    func="\n    SELECT r.outcome INTO said FROM credit_referral r\n    JOIN checkout_order o ON o.decision_id = r.decision_id\n    JOIN credit_decision d ON d.id = r.decision_id\n    JOIN credit_inquiry i ON i.id = d.inquiry_id\n    WHERE o.id = NEW.order_id AND r.resolved_by = 'source' AND d.consumer_id = o.consumer_id AND i.consumer_id = d.consumer_id\n        AND i.provider_ref <> '' AND i.provider_ref = d.provider_ref AND i.answered_at >= i.asked_at;\n    IF said IS DISTINCT FROM NEW.source_review THEN\n        RAISE EXCEPTION '%', 'no review of its own says that of held order ' || NEW.id USING ERRCODE = 'check_violation';\n    END IF;\n    IF NEW.status = 'approved' AND NEW.approved_by_id IS NULL AND EXISTS (\n        SELECT 1 FROM jsonb_array_elements(NEW.causes) AS c (cause)\n        WHERE cause ->> 'reason' <> 'referred' AND (cause ->> 'reason' <> 'checks' OR NEW.checked <> 'clear')\n    ) THEN\n        RAISE EXCEPTION '%', 'held order ' || NEW.id || ' waits for people' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                    hash="47008b7ae11befcb2f6d94b84869c14b214b2f4f",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_review_is_real_784c4",
                    table="checkout_orderreview",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderreview",
            trigger=pgtrigger.compiler.Trigger(
                name="review_reason_is_a_cause",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.reason IS DISTINCT FROM OLD.reason OR NEW.rule IS DISTINCT FROM OLD.rule)",
                    declare="DECLARE first jsonb;",
                    func="\n    SELECT c.cause INTO first FROM jsonb_array_elements(NEW.causes) WITH ORDINALITY AS c (cause, number)\n    WHERE (c.cause ->> 'reason' <> 'referred' OR NEW.source_review <> 'approve')\n        AND (c.cause ->> 'reason' <> 'checks' OR NEW.checked <> 'clear') ORDER BY c.number LIMIT 1;\n    IF (NEW.reason, NEW.rule) IS DISTINCT FROM (first ->> 'reason', first ->> 'rule') THEN\n        RAISE EXCEPTION '%', 'held order ' || NEW.id || ' was not held for that' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                    hash="33b55fb4632a54696051e6f50343a137b20fa6cb",
                    operation="UPDATE",
                    pgid="pgtrigger_review_reason_is_a_cause_d3249",
                    table="checkout_orderreview",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderreview",
            trigger=pgtrigger.compiler.Trigger(
                name="review_is_checked",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.checked <> OLD.checked OR NEW.status = 'approved')",
                    declare="DECLARE waits boolean; stopped boolean;",
                    func="\n    IF NEW.status = 'approved' AND NEW.checked <> 'clear' AND EXISTS (\n        SELECT 1 FROM jsonb_array_elements(NEW.causes) AS c (cause) WHERE cause ->> 'reason' = 'checks'\n    ) THEN\n        RAISE EXCEPTION '%', 'held order ' || NEW.id || ' waits for a check' USING ERRCODE = 'check_violation';\n    END IF;\n    IF NEW.status = 'approved' AND NEW.approved_by_id IS NULL AND NEW.source_review = '' AND EXISTS (\n        SELECT 1 FROM jsonb_array_elements(NEW.causes) AS c (cause) WHERE cause ->> 'reason' <> 'checks'\n    ) THEN\n        RAISE EXCEPTION '%', 'held order ' || NEW.id || ' waits for people' USING ERRCODE = 'check_violation';\n    END IF;\n    IF NEW.checked <> '' AND NEW.checked <> OLD.checked THEN\n        SELECT bool_or(m.status = 'open'), bool_or(m.status = 'confirmed') INTO waits, stopped\n        FROM checkout_order o JOIN accounts_consumer me ON me.id = o.consumer_id\n        JOIN accounts_consumer c ON c.id = coalesce(me.person_id, me.id) OR c.person_id = coalesce(me.person_id, me.id)\n        JOIN accounts_screeningmatch m ON m.consumer_id = c.id WHERE o.id = NEW.order_id;\n        IF (NEW.checked = 'clear' AND (coalesce(waits, false) OR coalesce(stopped, false)))\n            OR (NEW.checked = 'stopped' AND NOT coalesce(stopped, false)) THEN\n            RAISE EXCEPTION '%', 'no check ended so for held order ' || NEW.id USING ERRCODE = 'check_violation';\n        END IF;\n    END IF;\n    RETURN NEW;",
                    hash="e1a4bee5da95a3ccd5657912fd1727f9b9e52586",
                    operation="UPDATE",
                    pgid="pgtrigger_review_is_checked_6301a",
                    table="checkout_orderreview",
                    when="BEFORE",
                ),
            ),
        ),
        AddConstraintNotValid(
            model_name="orderreview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "approved"), _negated=True),
                    models.Q(("approved_by__isnull", False), ("prepared_by__isnull", False), ("rejected_by__isnull", True)),
                    models.Q(
                        ("approved_by__isnull", True), ("reason", "referred"), ("rejected_by__isnull", True), ("source_review", "approve")
                    ),
                    models.Q(("approved_by__isnull", True), ("checked", "clear"), ("reason", "checks"), ("rejected_by__isnull", True)),
                    _connector="OR",
                ),
                name="review_approved_by_whom_or_what",
            ),
        ),
        AddConstraintNotValid(
            model_name="orderreview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "rejected"), _negated=True),
                    models.Q(("approved_by__isnull", True), ("prepared_by__isnull", False), ("rejected_by__isnull", False)),
                    models.Q(("approved_by__isnull", True), ("rejected_by__isnull", True), ("source_review", "decline")),
                    models.Q(("approved_by__isnull", True), ("checked", "stopped"), ("rejected_by__isnull", True)),
                    _connector="OR",
                ),
                name="review_rejected_by_whom_or_what",
            ),
        ),
    ]
