import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    """A held order's review may rest on an inquiry about another account of the same person and brand."""

    dependencies = [
        ("checkout", "0039_checked_reviews"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="orderreview",
            name="review_is_real",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderreview",
            trigger=pgtrigger.compiler.Trigger(
                name="review_is_real",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.source_review <> '')",
                    declare="DECLARE said text;",
                    func="\n    SELECT r.outcome INTO said FROM credit_referral r\n    JOIN checkout_order o ON o.decision_id = r.decision_id\n    JOIN credit_decision d ON d.id = r.decision_id\n    JOIN credit_inquiry i ON i.id = d.inquiry_id\n    WHERE o.id = NEW.order_id AND r.resolved_by = 'source' AND d.consumer_id = o.consumer_id AND EXISTS (\n        SELECT 1 FROM accounts_consumer mine, accounts_consumer asked WHERE mine.id = d.consumer_id AND asked.id = i.consumer_id\n            AND coalesce(mine.person_id, mine.id) = coalesce(asked.person_id, asked.id) AND mine.brand_id = asked.brand_id)\n        AND i.provider_ref <> '' AND i.provider_ref = d.provider_ref AND i.answered_at >= i.asked_at;\n    IF said IS DISTINCT FROM NEW.source_review THEN\n        RAISE EXCEPTION '%', 'no review of its own says that of held order ' || NEW.id USING ERRCODE = 'check_violation';\n    END IF;\n    IF NEW.status = 'approved' AND NEW.approved_by_id IS NULL AND EXISTS (\n        SELECT 1 FROM jsonb_array_elements(NEW.causes) AS c (cause)\n        WHERE cause ->> 'reason' <> 'referred' AND (cause ->> 'reason' <> 'checks' OR NEW.checked <> 'clear')\n    ) THEN\n        RAISE EXCEPTION '%', 'held order ' || NEW.id || ' waits for people' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                    hash="6c665913347fa10649af3070e6afc0003754dc3d",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_review_is_real_784c4",
                    table="checkout_orderreview",
                    when="BEFORE",
                ),
            ),
        ),
    ]
