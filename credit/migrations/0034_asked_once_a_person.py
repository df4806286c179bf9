import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    """A referral of an account may rest on an inquiry about another account of the same person and brand."""

    dependencies = [
        ("credit", "0033_figures_that_are_over"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="referral",
            name="was_asked",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="referral",
            trigger=pgtrigger.compiler.Trigger(
                name="was_asked",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.resolved_by = 'source')",
                    func="\n    PERFORM 1 FROM credit_decision d JOIN credit_inquiry i ON i.id = d.inquiry_id\n    WHERE d.id = NEW.decision_id AND EXISTS (\n        SELECT 1 FROM accounts_consumer mine, accounts_consumer asked WHERE mine.id = d.consumer_id AND asked.id = i.consumer_id\n            AND coalesce(mine.person_id, mine.id) = coalesce(asked.person_id, asked.id) AND mine.brand_id = asked.brand_id) AND i.currency = d.currency AND i.answered_at IS NOT NULL\n        AND i.provider_ref <> '' AND i.provider_ref = d.provider_ref AND i.provider = d.versions ->> 'source';\n    IF NOT FOUND OR NEW.outcome NOT IN ('approve', 'decline') OR NEW.resolved_at IS NULL OR NEW.resolved_at < NEW.created_at THEN\n        RAISE EXCEPTION '% % was never asked so', TG_TABLE_NAME, NEW.id USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                    hash="0d156de7cbbf45df46fb32ce79ad1f9701bb140f",
                    operation="UPDATE",
                    pgid="pgtrigger_was_asked_5c4ef",
                    table="credit_referral",
                    when="BEFORE",
                ),
            ),
        ),
    ]
