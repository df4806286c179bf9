import core.ids
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    """What people earned by paying before the due date, or from a bank account."""

    dependencies = [
        ("markets", "0011_no_dead_settings"),
        ("plans", "0050_fees_name_their_charge"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reward",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("charge_id", models.UUIDField(db_index=True)),
                ("days_early", models.PositiveSmallIntegerField()),
                ("paid_minor", models.BigIntegerField()),
                ("amount_minor", models.BigIntegerField()),
                ("returned_minor", models.BigIntegerField(default=0)),
                ("owed_minor", models.BigIntegerField(default=0)),
                ("ruled", models.JSONField(default=dict)),
                ("on", models.DateField()),
                ("at", models.DateTimeField()),
                (
                    "installment",
                    models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="reward", to="plans.installment"),
                ),
                (
                    "setting",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="markets.marketsetting"
                    ),
                ),
            ],
            options={
                "verbose_name": "reward for an early payment",
                "verbose_name_plural": "rewards for early payments",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "amount_minor__gte",
                                django.db.models.expressions.CombinedExpression(models.F("returned_minor"), "+", models.F("owed_minor")),
                            ),
                            ("owed_minor__gte", 0),
                            ("returned_minor__gte", 0),
                            ("paid_minor__gte", models.F("amount_minor")),
                        ),
                        name="reward_within",
                    )
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reward",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="b162ac5e3d18273b474771cefb1b029c75326dee",
                    operation="DELETE",
                    pgid="pgtrigger_kept_c6c0a",
                    table="plans_reward",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reward",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."amount_minor" IS DISTINCT FROM (NEW."amount_minor") OR OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."charge_id" IS DISTINCT FROM (NEW."charge_id") OR OLD."days_early" IS DISTINCT FROM (NEW."days_early") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."installment_id" IS DISTINCT FROM (NEW."installment_id") OR OLD."on" IS DISTINCT FROM (NEW."on") OR OLD."paid_minor" IS DISTINCT FROM (NEW."paid_minor") OR OLD."ruled" IS DISTINCT FROM (NEW."ruled") OR OLD."setting_id" IS DISTINCT FROM (NEW."setting_id"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="53dc8364e2b38a59ec806539e008f3e7b6bd7806",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_527ec",
                    table="plans_reward",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reward",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="879f6ddf3635edb5cfbe7df2ae1977056fcc6b27",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_bf162",
                    table="plans_reward",
                    when="BEFORE",
                ),
            ),
        ),
    ]
