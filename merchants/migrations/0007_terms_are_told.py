import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from core.together import Together


class Migration(migrations.Migration):
    """Fees of a shop and where it is paid out change together with a row of its history."""

    dependencies = [
        ("merchants", "0006_revoked_keys_stay"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="merchant",
                    trigger=pgtrigger.compiler.Trigger(
                        name="terms_are_told",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."fee_bps" IS DISTINCT FROM (NEW."fee_bps") OR OLD."fee_fixed_minor" IS DISTINCT FROM (NEW."fee_fixed_minor") OR OLD."payout_destination" IS DISTINCT FROM (NEW."payout_destination") OR OLD."refund_fees" IS DISTINCT FROM (NEW."refund_fees"))',
                            constraint="CONSTRAINT",
                            declare="DECLARE shop jsonb; told jsonb; term text;",
                            func="\n    SELECT to_jsonb(m) INTO shop FROM merchants_merchant m WHERE m.id = NEW.id;\n    FOREACH term IN ARRAY ARRAY['fee_bps', 'fee_fixed_minor', 'refund_fees', 'payout_destination'] LOOP\n        CONTINUE WHEN to_jsonb(OLD) -> term = to_jsonb(NEW) -> term;\n        SELECT c.detail -> 'after' -> term INTO told FROM merchants_accountchange c\n        WHERE c.merchant_id = NEW.id AND c.detail -> 'after' ? term ORDER BY c.id DESC LIMIT 1;\n        IF told IS DISTINCT FROM shop -> term THEN\n            RAISE EXCEPTION 'no change of shop % tells its %', NEW.id, term USING ERRCODE = 'check_violation';\n        END IF;\n    END LOOP;\n    RETURN NULL;",
                            hash="20c40957718ece4885930435c5627bec1e108101",
                            operation='UPDATE OF "fee_bps", "fee_fixed_minor", "refund_fees", "payout_destination"',
                            pgid="pgtrigger_terms_are_told_425a1",
                            table="merchants_merchant",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    ),
                ),
            ]
        )
    ]
