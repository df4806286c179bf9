import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from core.together import Together


class Migration(migrations.Migration):
    """Terms of a shop are what the newest change of its history says, and the database says which is the newest."""

    atomic = False

    dependencies = [
        ("merchants", "0007_terms_are_told"),
        ("core", "0008_numbers_of_history"),
    ]
    operations = [
        Together(
            [
                pgtrigger.migrations.RemoveTrigger(
                    model_name="merchant",
                    name="terms_are_told",
                )
            ]
        ),
        RemoveIndexConcurrently(
            model_name="accountchange",
            name="account_change_newest",
        ),
        migrations.AddField(
            model_name="accountchange",
            name="number",
            field=models.BigIntegerField(db_default=0, editable=False),
        ),
        AddIndexConcurrently(
            model_name="accountchange",
            index=models.Index(fields=["merchant", "-number", "-id"], name="account_change_newest"),
        ),
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="accountchange",
                    trigger=pgtrigger.compiler.Trigger(
                        name="numbered",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="NEW.number := nextval('public.evidence_number'); RETURN NEW;",
                            hash="4cab2cc46cbbe6175bd2a98866726f170a580288",
                            operation="INSERT",
                            pgid="pgtrigger_numbered_a2b43",
                            table="merchants_accountchange",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="accountchange",
                    trigger=pgtrigger.compiler.Trigger(
                        name="tells_the_terms",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.detail ? 'after')",
                            constraint="CONSTRAINT",
                            declare="DECLARE shop jsonb; told jsonb; term text;",
                            func="\n    SELECT to_jsonb(m) INTO shop FROM merchants_merchant m WHERE m.id = NEW.merchant_id FOR NO KEY UPDATE;\n    FOREACH term IN ARRAY ARRAY['fee_bps', 'fee_fixed_minor', 'refund_fees', 'payout_destination'] LOOP\n        CONTINUE WHEN NOT coalesce(NEW.detail -> 'after' ? term, false);\n        SELECT c.detail -> 'after' -> term INTO told FROM merchants_accountchange c\n        WHERE c.merchant_id = NEW.merchant_id AND c.detail -> 'after' ? term ORDER BY c.number DESC, c.id DESC LIMIT 1;\n        IF told IS DISTINCT FROM shop -> term THEN\n            RAISE EXCEPTION 'no change of shop % tells its %', NEW.merchant_id, term USING ERRCODE = 'check_violation';\n        END IF;\n    END LOOP;\n    RETURN NULL;",
                            hash="13f5d284e9bf265fdbc8e348c70fb16ac7cc703d",
                            operation="INSERT",
                            pgid="pgtrigger_tells_the_terms_d3e95",
                            table="merchants_accountchange",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="merchant",
                    trigger=pgtrigger.compiler.Trigger(
                        name="terms_are_told",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."fee_bps" IS DISTINCT FROM (NEW."fee_bps") OR OLD."fee_fixed_minor" IS DISTINCT FROM (NEW."fee_fixed_minor") OR OLD."payout_destination" IS DISTINCT FROM (NEW."payout_destination") OR OLD."refund_fees" IS DISTINCT FROM (NEW."refund_fees"))',
                            constraint="CONSTRAINT",
                            declare="DECLARE shop jsonb; told jsonb; term text;",
                            func="\n    SELECT to_jsonb(m) INTO shop FROM merchants_merchant m WHERE m.id = NEW.id FOR NO KEY UPDATE;\n    FOREACH term IN ARRAY ARRAY['fee_bps', 'fee_fixed_minor', 'refund_fees', 'payout_destination'] LOOP\n        CONTINUE WHEN to_jsonb(OLD) -> term = to_jsonb(NEW) -> term;\n        SELECT c.detail -> 'after' -> term INTO told FROM merchants_accountchange c\n        WHERE c.merchant_id = NEW.id AND c.detail -> 'after' ? term ORDER BY c.number DESC, c.id DESC LIMIT 1;\n        IF told IS DISTINCT FROM shop -> term THEN\n            RAISE EXCEPTION 'no change of shop % tells its %', NEW.id, term USING ERRCODE = 'check_violation';\n        END IF;\n    END LOOP;\n    RETURN NULL;",
                            hash="ebbad33b523e2258dad48701f4ab73a7d653625d",
                            operation='UPDATE OF "fee_bps", "fee_fixed_minor", "refund_fees", "payout_destination"',
                            pgid="pgtrigger_terms_are_told_425a1",
                            table="merchants_merchant",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    ),
                ),
            ]
        ),
    ]
