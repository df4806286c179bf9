import core.ids
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0028_deposits_before_captures"),
    ]

    operations = [
        migrations.CreateModel(
            name="Hardship",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("pause", "A pause"), ("smaller", "Smaller payments")], max_length=10)),
                ("days", models.PositiveSmallIntegerField(default=0)),
                ("count", models.PositiveSmallIntegerField(default=0)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("income", "Less income"),
                            ("costs", "Higher costs"),
                            ("life", "A change in life"),
                            ("other", "Something else"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "lasts",
                    models.CharField(choices=[("month", "About a month"), ("longer", "Longer"), ("unknown", "Not known")], max_length=10),
                ),
                ("can_pay", models.BooleanField()),
                ("actor", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
            ],
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="installment",
            name="status_moves",
        ),
        migrations.AddField(
            model_name="plan",
            name="interest_ended_at",
            field=models.DateTimeField(null=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="installment",
            trigger=pgtrigger.compiler.Trigger(
                name="status_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('overdue', 'canceled'), ('overdue', 'paid'), ('overdue', 'partially_paid'), ('overdue', 'scheduled'), ('paid', 'overdue'), ('paid', 'partially_paid'), ('paid', 'scheduled'), ('partially_paid', 'canceled'), ('partially_paid', 'overdue'), ('partially_paid', 'paid'), ('partially_paid', 'scheduled'), ('scheduled', 'canceled'), ('scheduled', 'overdue'), ('scheduled', 'paid'), ('scheduled', 'partially_paid')))",
                    func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                    hash="2725b2f39be5954f33f4b7ac47768cbe4ad618ff",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_status_moves_c7cb5",
                    table="plans_installment",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="hardship",
            name="plan",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="hardships", to="plans.plan"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="hardship",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="624d14d6b5f654bce9f0b2e96659f7cb9dea3365",
                    operation="DELETE",
                    pgid="pgtrigger_kept_ce9c4",
                    table="plans_hardship",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="hardship",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="1846712adef2eb31f438d929f6e5c8639920abef",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_c8cf6",
                    table="plans_hardship",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="hardship",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="3886ad27d1b9c0b716607274bb00eeafdc5ae581",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_304ce",
                    table="plans_hardship",
                    when="BEFORE",
                ),
            ),
        ),
    ]
