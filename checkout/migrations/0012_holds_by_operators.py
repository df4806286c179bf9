import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """A held order is decided by operators, or by a review that the data source was really asked for."""

    dependencies = [
        ("checkout", "0011_transitions_only"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.RemoveTrigger(
                    model_name="hold",
                    name="hold_review_is_real",
                ),
                pgtrigger.migrations.RemoveTrigger(
                    model_name="order",
                    name="order_review_is_over",
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="hold",
                    trigger=pgtrigger.compiler.Trigger(
                        name="hold_review_is_real",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.source_review <> '')",
                            declare="DECLARE said text;",
                            func="\n    SELECT r.outcome INTO said FROM credit_referral r\n    JOIN checkout_order o ON o.decision_id = r.decision_id\n    JOIN credit_decision d ON d.id = r.decision_id\n    JOIN credit_inquiry i ON i.id = d.inquiry_id\n    WHERE o.id = NEW.order_id AND r.resolved_by = 'source' AND d.consumer_id = o.consumer_id AND i.consumer_id = d.consumer_id\n        AND i.provider_ref <> '' AND i.provider_ref = d.provider_ref AND i.answered_at >= i.asked_at;\n    IF said IS DISTINCT FROM NEW.source_review THEN\n        RAISE EXCEPTION '%', 'no review of its own says that of held order ' || NEW.id USING ERRCODE = 'check_violation';\n    END IF;\n    IF NEW.status = 'approved' AND NEW.approved_by_id IS NULL AND EXISTS (\n        SELECT 1 FROM jsonb_array_elements(NEW.causes) AS c (cause) WHERE cause ->> 'reason' <> 'referred'\n    ) THEN\n        RAISE EXCEPTION '%', 'held order ' || NEW.id || ' waits for people' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                            hash="58de7c0f2635fe19679661fd0f608432041e496e",
                            operation="INSERT OR UPDATE",
                            pgid="pgtrigger_hold_review_is_real_528be",
                            table="checkout_hold",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="hold",
                    trigger=pgtrigger.compiler.Trigger(
                        name="hold_reason_is_a_cause",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.reason IS DISTINCT FROM OLD.reason OR NEW.rule IS DISTINCT FROM OLD.rule)",
                            declare="DECLARE first jsonb;",
                            func="\n    SELECT c.cause INTO first FROM jsonb_array_elements(NEW.causes) WITH ORDINALITY AS c (cause, number)\n    WHERE c.cause ->> 'reason' <> 'referred' ORDER BY c.number LIMIT 1;\n    IF NEW.source_review <> 'approve' OR (NEW.reason, NEW.rule) IS DISTINCT FROM (first ->> 'reason', first ->> 'rule') THEN\n        RAISE EXCEPTION '%', 'held order ' || NEW.id || ' was not held for that' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                            hash="82d292f2f722defc6b4ada9e33cc10958e665335",
                            operation="UPDATE",
                            pgid="pgtrigger_hold_reason_is_a_cause_2cf7a",
                            table="checkout_hold",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="hold",
                    trigger=pgtrigger.compiler.Trigger(
                        name="hold_decided_by_operators",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (coalesce(NEW.prepared_by_id, NEW.approved_by_id, NEW.rejected_by_id) IS NOT NULL)",
                            declare="DECLARE people uuid[];",
                            func="\n    people := ARRAY[NEW.approved_by_id, NEW.rejected_by_id];\n    IF TG_OP = 'INSERT' OR NEW.prepared_by_id IS DISTINCT FROM OLD.prepared_by_id THEN\n        people := people || NEW.prepared_by_id;\n    END IF;\n    IF EXISTS (\n        SELECT 1 FROM unnest(people) AS p (id) LEFT JOIN accounts_user u ON u.id = p.id AND u.is_staff AND u.is_active\n        WHERE p.id IS NOT NULL AND u.id IS NULL\n    ) THEN\n        RAISE EXCEPTION '%', 'held order ' || NEW.id || ' is decided by operators' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                            hash="0f4faa370cc2d7a7b1dd0b0072e67ff120a60334",
                            operation="INSERT OR UPDATE",
                            pgid="pgtrigger_hold_decided_by_operators_95522",
                            table="checkout_hold",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="order",
                    trigger=pgtrigger.compiler.Trigger(
                        name="order_review_is_over",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.status = 'pending_review' AND NEW.status NOT IN ('pending_review', 'voided', 'expired'))",
                            func="\n    PERFORM 1 FROM checkout_hold h\n    WHERE h.order_id = NEW.id AND h.status = CASE NEW.status WHEN 'rejected' THEN 'rejected' ELSE 'approved' END;\n    IF NOT FOUND THEN\n        RAISE EXCEPTION '%', 'held order ' || NEW.id || ' is not decided so' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                            hash="a97d1fef17160d7b6f11bf599b22c873458891f2",
                            operation='UPDATE OF "status"',
                            pgid="pgtrigger_order_review_is_over_25bca",
                            table="checkout_order",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
