import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """Protect the answers of data sources, and allow reviews only of referred decisions."""

    dependencies = [
        ("credit", "0003_inquiry_agency"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="inquiry",
                    trigger=pgtrigger.compiler.Trigger(
                        name="asked_first",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.answered_at IS NOT NULL OR NEW.provider_ref <> '' OR NEW.review <> '' OR NEW.data <> '{}'::jsonb)",
                            func="RAISE EXCEPTION '% % was never asked so', TG_TABLE_NAME, NEW.id USING ERRCODE = 'check_violation';",
                            hash="7b890025f12f1408357a2df3f6843c01189ecb54",
                            operation="INSERT",
                            pgid="pgtrigger_asked_first_6dca6",
                            table="credit_inquiry",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="inquiry",
                    trigger=pgtrigger.compiler.Trigger(
                        name="answered_after",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.answered_at < NEW.asked_at OR (NEW.answered_at IS NULL AND NEW.review <> ''))",
                            func="RAISE EXCEPTION '% % was never asked so', TG_TABLE_NAME, NEW.id USING ERRCODE = 'check_violation';",
                            hash="27d0bdb1c372eecf111208cbb1d88d709d0c125c",
                            operation="UPDATE",
                            pgid="pgtrigger_answered_after_9bd99",
                            table="credit_inquiry",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="inquiry",
                    trigger=pgtrigger.compiler.Trigger(
                        name="answered_once",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN ((OLD.answered_at IS NOT NULL) AND ((OLD."answered_at" IS DISTINCT FROM (NEW."answered_at") OR OLD."data" IS DISTINCT FROM (NEW."data") OR OLD."provider_ref" IS DISTINCT FROM (NEW."provider_ref"))))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="f611d94e173ac995c8906695d444ac3bff96af3f",
                            operation="UPDATE",
                            pgid="pgtrigger_answered_once_81f87",
                            table="credit_inquiry",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="inquiry",
                    trigger=pgtrigger.compiler.Trigger(
                        name="reviewed_once",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN ((OLD.review <> \'\') AND (OLD."review" IS DISTINCT FROM (NEW."review")))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="ec270530a314f450b6f964703737a85808afdfc1",
                            operation="UPDATE",
                            pgid="pgtrigger_reviewed_once_3923e",
                            table="credit_inquiry",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="referral",
                    trigger=pgtrigger.compiler.Trigger(
                        name="was_referred",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    PERFORM 1 FROM credit_decision d WHERE d.id = NEW.decision_id AND d.at = NEW.created_at AND d.reasons ? 'manual_review';\n    IF NOT FOUND OR NEW.resolved_at IS NOT NULL OR NEW.outcome <> '' OR NEW.resolved_by <> '' THEN\n        RAISE EXCEPTION '% % was never asked so', TG_TABLE_NAME, NEW.id USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                            hash="dd418733cb7fa127fad857aa7c9f470b2499bad9",
                            operation="INSERT",
                            pgid="pgtrigger_was_referred_a6943",
                            table="credit_referral",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="referral",
                    trigger=pgtrigger.compiler.Trigger(
                        name="was_asked",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.resolved_by = 'source')",
                            func="\n    PERFORM 1 FROM credit_decision d JOIN credit_inquiry i ON i.id = d.inquiry_id\n    WHERE d.id = NEW.decision_id AND i.consumer_id = d.consumer_id AND i.currency = d.currency AND i.answered_at IS NOT NULL\n        AND i.provider_ref <> '' AND i.provider_ref = d.provider_ref AND i.provider = d.versions ->> 'source';\n    IF NOT FOUND OR NEW.outcome NOT IN ('approve', 'decline') OR NEW.resolved_at IS NULL OR NEW.resolved_at < NEW.created_at THEN\n        RAISE EXCEPTION '% % was never asked so', TG_TABLE_NAME, NEW.id USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                            hash="1b1183e4697c66c49687d9bcdefa5f197cd540b8",
                            operation="UPDATE",
                            pgid="pgtrigger_was_asked_5c4ef",
                            table="credit_referral",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="referral",
                    trigger=pgtrigger.compiler.Trigger(
                        name="open_is_open",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN ((NEW.resolved_at IS NULL) <> (NEW.resolved_by = '') OR (NEW.outcome <> '' AND NEW.resolved_by = ''))",
                            func="RAISE EXCEPTION '% % was never asked so', TG_TABLE_NAME, NEW.id USING ERRCODE = 'check_violation';",
                            hash="3aed05b8ffcbb6f7c67df6819c434cf6b7dfd753",
                            operation="UPDATE",
                            pgid="pgtrigger_open_is_open_5b51b",
                            table="credit_referral",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="referral",
                    trigger=pgtrigger.compiler.Trigger(
                        name="resolved_once",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN ((OLD.resolved_at IS NOT NULL) AND (OLD.* IS DISTINCT FROM NEW.*))",
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="14d3270da97e71bffe2343aa114f06a31ace0bf2",
                            operation="UPDATE",
                            pgid="pgtrigger_resolved_once_6a647",
                            table="credit_referral",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        )
    ]
