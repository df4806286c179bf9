import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """What shops paid so that payments of their customers come later."""

    dependencies = [
        ("checkout", "0046_shop_interest"),
    ]

    operations = [
        migrations.CreateModel(
            name="Postponement",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveSmallIntegerField()),
                ("open_minor", models.BigIntegerField()),
                ("fee_minor", models.BigIntegerField()),
                ("actor", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
                (
                    "order",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="postponements", to="checkout.order"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("order", "number"), name="postponement_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(("fee_minor__gt", 0), ("number__gte", 1), ("open_minor__gte", models.F("fee_minor"))),
                        name="postponement_paid",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="postponement",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="30c37c52788a3ce20e51cb272a44f2292ce4cf63",
                    operation="DELETE",
                    pgid="pgtrigger_kept_c3acf",
                    table="checkout_postponement",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="postponement",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="773146ba5fec0b5f3f83f68123daf6c6900ea425",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_dd972",
                    table="checkout_postponement",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="postponement",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="8d5912c1f9c20bbc4eaa80a173bd7989bb4873d9",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_23d6a",
                    table="checkout_postponement",
                    when="BEFORE",
                ),
            ),
        ),
    ]
