import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """What it costs a shop to let payments of its customers come later."""

    dependencies = [
        ("merchants", "0016_checked_sums"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="accountchange",
            name="tells_the_terms",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="merchant",
            name="terms_are_told",
        ),
        migrations.AddField(
            model_name="merchant",
            name="postpone_bps",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="merchant",
            name="postpone_fixed_minor",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="merchant",
            name="postpone_most",
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AlterField(
            model_name="settlementitem",
            name="kind",
            field=models.CharField(
                choices=[
                    ("capture", "Capture"),
                    ("refund", "Refund"),
                    ("bounce", "Payout that came back"),
                    ("arrival", "Payout that arrived after all"),
                    ("interest", "Interest for a customer"),
                    ("postpone", "Later payments for a customer"),
                ],
                max_length=8,
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
                    func="\n    SELECT to_jsonb(m) INTO shop FROM merchants_merchant m WHERE m.id = NEW.merchant_id FOR NO KEY UPDATE;\n    FOREACH term IN ARRAY ARRAY['fee_bps', 'fee_fixed_minor', 'refund_fees', 'payout_destination', 'postpone_fixed_minor', 'postpone_bps', 'postpone_most'] LOOP\n        CONTINUE WHEN NOT coalesce(NEW.detail -> 'after' ? term, false);\n        SELECT c.detail -> 'after' -> term INTO told FROM merchants_accountchange c\n        WHERE c.merchant_id = NEW.merchant_id AND c.detail -> 'after' ? term ORDER BY c.number DESC, c.id DESC LIMIT 1;\n        IF told IS DISTINCT FROM shop -> term THEN\n            RAISE EXCEPTION 'no change of shop % tells its %', NEW.merchant_id, term USING ERRCODE = 'check_violation';\n        END IF;\n    END LOOP;\n    RETURN NULL;",
                    hash="f89224c229db292f0c6083ffc6f44f5fb8a955cd",
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
                    condition='WHEN (OLD."fee_bps" IS DISTINCT FROM (NEW."fee_bps") OR OLD."fee_fixed_minor" IS DISTINCT FROM (NEW."fee_fixed_minor") OR OLD."payout_destination" IS DISTINCT FROM (NEW."payout_destination") OR OLD."postpone_bps" IS DISTINCT FROM (NEW."postpone_bps") OR OLD."postpone_fixed_minor" IS DISTINCT FROM (NEW."postpone_fixed_minor") OR OLD."postpone_most" IS DISTINCT FROM (NEW."postpone_most") OR OLD."refund_fees" IS DISTINCT FROM (NEW."refund_fees"))',
                    constraint="CONSTRAINT",
                    declare="DECLARE shop jsonb; told jsonb; term text;",
                    func="\n    SELECT to_jsonb(m) INTO shop FROM merchants_merchant m WHERE m.id = NEW.id FOR NO KEY UPDATE;\n    FOREACH term IN ARRAY ARRAY['fee_bps', 'fee_fixed_minor', 'refund_fees', 'payout_destination', 'postpone_fixed_minor', 'postpone_bps', 'postpone_most'] LOOP\n        CONTINUE WHEN to_jsonb(OLD) -> term = to_jsonb(NEW) -> term;\n        SELECT c.detail -> 'after' -> term INTO told FROM merchants_accountchange c\n        WHERE c.merchant_id = NEW.id AND c.detail -> 'after' ? term ORDER BY c.number DESC, c.id DESC LIMIT 1;\n        IF told IS DISTINCT FROM shop -> term THEN\n            RAISE EXCEPTION 'no change of shop % tells its %', NEW.id, term USING ERRCODE = 'check_violation';\n        END IF;\n    END LOOP;\n    RETURN NULL;",
                    hash="3bd25804c6fd261102150380b9d29f502b7988ef",
                    operation='UPDATE OF "fee_bps", "fee_fixed_minor", "refund_fees", "payout_destination", "postpone_fixed_minor", "postpone_bps", "postpone_most"',
                    pgid="pgtrigger_terms_are_told_425a1",
                    table="merchants_merchant",
                    timing="DEFERRABLE INITIALLY DEFERRED",
                    when="AFTER",
                ),
            ),
        ),
    ]
