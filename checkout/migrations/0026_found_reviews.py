import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """Held orders have in their own rows what they are found by; rows that are there are filled by the next migration."""

    dependencies = [
        ("checkout", "0025_plans_left_out_by_rules"),
        ("merchants", "0013_checked_brands"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="orderreview",
            name="unchanged",
        ),
        migrations.AddField(
            model_name="orderreview",
            name="amount_minor",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="orderreview",
            name="currency",
            field=models.CharField(max_length=3, null=True),
        ),
        migrations.AddField(
            model_name="orderreview",
            name="held_by",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), null=True, size=None),
        ),
        migrations.AddField(
            model_name="orderreview",
            name="merchant",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="merchants.merchant",
                verbose_name="shop",
            ),
        ),
        migrations.AlterField(
            model_name="orderreview",
            name="created_at",
            field=models.DateTimeField(verbose_name="held since"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="orderreview",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."causes" IS DISTINCT FROM (NEW."causes") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."currency" IS DISTINCT FROM (NEW."currency") OR OLD."held_by" IS DISTINCT FROM (NEW."held_by") OR OLD."merchant_id" IS DISTINCT FROM (NEW."merchant_id") OR OLD."order_id" IS DISTINCT FROM (NEW."order_id"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="6a37cd8f16d4d7e939c0d48ed0a2c1bc6adec56d",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_364c6",
                    table="checkout_orderreview",
                    when="BEFORE",
                ),
            ),
        ),
    ]
