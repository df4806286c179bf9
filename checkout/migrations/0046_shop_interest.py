import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """The interest that shops pay for their customers, and what became of it."""

    dependencies = [
        ("checkout", "0045_blocks_by_index"),
    ]

    operations = [
        migrations.CreateModel(
            name="ShopInterest",
            fields=[
                (
                    "capture",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="shop_interest",
                        serialize=False,
                        to="checkout.capture",
                    ),
                ),
                ("rate_bps", models.PositiveIntegerField()),
                ("paid_minor", models.BigIntegerField()),
                ("earned_minor", models.BigIntegerField(default=0)),
                ("returned_minor", models.BigIntegerField(default=0)),
                ("steps", models.JSONField()),
                ("taken", models.PositiveSmallIntegerField(default=0)),
                ("next_on", models.DateField(null=True)),
            ],
            options={
                "verbose_name": "interest paid by a shop",
                "verbose_name_plural": "interest paid by shops",
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="capture",
            name="unchanged",
        ),
        migrations.AddField(
            model_name="capture",
            name="shop_interest_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="refund",
            name="shop_interest_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="capture",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."actor" IS DISTINCT FROM (NEW."actor") OR OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."fee_minor" IS DISTINCT FROM (NEW."fee_minor") OR OLD."fee_ruled" IS DISTINCT FROM (NEW."fee_ruled") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."order_id" IS DISTINCT FROM (NEW."order_id") OR OLD."part" IS DISTINCT FROM (NEW."part") OR OLD."shop_interest_minor" IS DISTINCT FROM (NEW."shop_interest_minor"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="6462582bc4ac74d6b48e651ddc282d29998551e3",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_97aca",
                    table="checkout_capture",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="shopinterest",
            index=models.Index(condition=models.Q(("next_on__isnull", False)), fields=["next_on"], name="shop_interest_due"),
        ),
        migrations.AddConstraint(
            model_name="shopinterest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("earned_minor__gte", 0),
                    ("paid_minor__gt", 0),
                    (
                        "paid_minor__gte",
                        django.db.models.expressions.CombinedExpression(models.F("earned_minor"), "+", models.F("returned_minor")),
                    ),
                    ("returned_minor__gte", 0),
                ),
                name="shop_interest_within",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopinterest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("next_on__isnull", True),
                        (
                            "paid_minor",
                            django.db.models.expressions.CombinedExpression(models.F("earned_minor"), "+", models.F("returned_minor")),
                        ),
                    ),
                    models.Q(
                        ("next_on__isnull", False),
                        (
                            "paid_minor__gt",
                            django.db.models.expressions.CombinedExpression(models.F("earned_minor"), "+", models.F("returned_minor")),
                        ),
                    ),
                    _connector="OR",
                ),
                name="shop_interest_is_earned",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="shopinterest",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="98071a8078599b01fa14800556a092e41ec8e58d",
                    operation="DELETE",
                    pgid="pgtrigger_kept_a2168",
                    table="checkout_shopinterest",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="shopinterest",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."capture_id" IS DISTINCT FROM (NEW."capture_id") OR OLD."paid_minor" IS DISTINCT FROM (NEW."paid_minor") OR OLD."rate_bps" IS DISTINCT FROM (NEW."rate_bps") OR OLD."steps" IS DISTINCT FROM (NEW."steps"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="641025b18614096ec59c95620a32cd727f4003c3",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_ada68",
                    table="checkout_shopinterest",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="shopinterest",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="9f2605345ec2d9d8397030ed1ddc58de06bca9b1",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_49d72",
                    table="checkout_shopinterest",
                    when="BEFORE",
                ),
            ),
        ),
    ]
