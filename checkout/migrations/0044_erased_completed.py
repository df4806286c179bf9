import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    """Let what rules said of a person be emptied on a completed checkout too, once the person is erased."""

    dependencies = [
        ("checkout", "0043_orders_of_nobody_blocked"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="checkout",
            name="completed_stays",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="checkout",
            trigger=pgtrigger.compiler.Trigger(
                name="completed_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN ((OLD.status = \'completed\') AND ((OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."capture" IS DISTINCT FROM (NEW."capture") OR OLD."consumer_id" IS DISTINCT FROM (NEW."consumer_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."customer" IS DISTINCT FROM (NEW."customer") OR OLD."decision_id" IS DISTINCT FROM (NEW."decision_id") OR OLD."deposit_minor" IS DISTINCT FROM (NEW."deposit_minor") OR OLD."expires_at" IS DISTINCT FROM (NEW."expires_at") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."items_sealed" IS DISTINCT FROM (NEW."items_sealed") OR OLD."items" IS DISTINCT FROM (NEW."items") OR OLD."merchant_id" IS DISTINCT FROM (NEW."merchant_id") OR OLD."merchant_reference" IS DISTINCT FROM (NEW."merchant_reference") OR OLD."metadata_sealed" IS DISTINCT FROM (NEW."metadata_sealed") OR OLD."metadata" IS DISTINCT FROM (NEW."metadata") OR OLD."product_code" IS DISTINCT FROM (NEW."product_code") OR OLD."reached" IS DISTINCT FROM (NEW."reached") OR OLD."status" IS DISTINCT FROM (NEW."status") OR OLD."urls" IS DISTINCT FROM (NEW."urls"))))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="a4ec162802adb0d7c8e96ba0aad5a09acd4eae1b",
                    operation="UPDATE",
                    pgid="pgtrigger_completed_stays_c9417",
                    table="checkout_checkout",
                    when="BEFORE",
                ),
            ),
        ),
    ]
