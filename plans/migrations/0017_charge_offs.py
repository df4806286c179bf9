import core.ids
import django.db.models.deletion
import django_fsm
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from core.together import Together


class Migration(migrations.Migration):
    """Plans that two operators give up as lost."""

    dependencies = [
        ("plans", "0016_personal_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChargeOff",
            fields=[
                ("id", models.UUIDField(default=core.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("uncollectible", "Cannot be collected"),
                            ("deceased", "The person has died"),
                            ("insolvent", "The person is insolvent"),
                            ("fraud", "Fraud"),
                            ("uneconomic", "Costs more than it brings"),
                        ],
                        max_length=20,
                    ),
                ),
                ("note", models.CharField(max_length=500)),
                ("principal_minor", models.BigIntegerField()),
                ("interest_minor", models.BigIntegerField()),
                ("status", django_fsm.FSMField(default="proposed", max_length=50, protected=True)),
                ("proposed_by", models.CharField(max_length=80)),
                ("proposed_at", models.DateTimeField()),
                ("closed_by", models.CharField(blank=True, max_length=80)),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "charge-off",
                "verbose_name_plural": "charge-offs",
                "permissions": [
                    ("propose_chargeoff", "Can propose to give plans up"),
                    ("confirm_chargeoff", "Can confirm that plans are given up"),
                ],
            },
        ),
        Together(
            [
                pgtrigger.migrations.RemoveTrigger(
                    model_name="plan",
                    name="status_moves",
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="plan",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_moves",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('active', 'charged_off'), ('active', 'completed'), ('charged_off', 'completed'), ('completed', 'active'), ('pending', 'active'), ('pending', 'canceled')))",
                            func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="a89db1fd9e2d81979a720197c94ff8674ad56fe6",
                            operation='UPDATE OF "status"',
                            pgid="pgtrigger_status_moves_53ed1",
                            table="plans_plan",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="plan",
                    trigger=pgtrigger.compiler.Trigger(
                        name="given_up_by_two",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.status = 'charged_off' AND OLD.status <> NEW.status)",
                            func="\n        IF NOT EXISTS (SELECT 1 FROM plans_chargeoff c WHERE c.plan_id = NEW.id AND c.status = 'confirmed') THEN\n            RAISE EXCEPTION 'a plan is given up by two operators only' USING ERRCODE = 'integrity_constraint_violation';\n        END IF;\n        RETURN NEW;",
                            hash="c8aad8f2638939c3c60a13f90edd62ec96691297",
                            operation='UPDATE OF "status"',
                            pgid="pgtrigger_given_up_by_two_924b0",
                            table="plans_plan",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        ),
        migrations.AddField(
            model_name="chargeoff",
            name="plan",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="charge_offs", to="plans.plan"),
        ),
        migrations.AddIndex(
            model_name="chargeoff",
            index=models.Index(condition=models.Q(("status", "proposed")), fields=["-id"], name="charge_off_proposed"),
        ),
        migrations.AddConstraint(
            model_name="chargeoff",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["proposed", "confirmed", "withdrawn"])), name="charge_off_status_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="chargeoff",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "proposed")), fields=("plan",), name="charge_off_one_proposal"
            ),
        ),
        migrations.AddConstraint(
            model_name="chargeoff",
            constraint=models.CheckConstraint(
                condition=models.Q(("interest_minor__gte", 0), ("principal_minor__gte", 0)), name="charge_off_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="chargeoff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "confirmed"), _negated=True),
                    models.Q(models.Q(("closed_by", ""), _negated=True), models.Q(("closed_by", models.F("proposed_by")), _negated=True)),
                    _connector="OR",
                ),
                name="charge_off_by_two",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="chargeoff",
            trigger=pgtrigger.compiler.Trigger(
                name="kept",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="844ff2a0caf4cbbf4e043ada00d69bb56af0c3ae",
                    operation="DELETE",
                    pgid="pgtrigger_kept_b3d1e",
                    table="plans_chargeoff",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="chargeoff",
            trigger=pgtrigger.compiler.Trigger(
                name="unchanged",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."plan_id" IS DISTINCT FROM (NEW."plan_id") OR OLD."proposed_at" IS DISTINCT FROM (NEW."proposed_at") OR OLD."proposed_by" IS DISTINCT FROM (NEW."proposed_by") OR OLD."reason" IS DISTINCT FROM (NEW."reason"))',
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="d6572638f38cd55072960bc6fdc215d71689bf7c",
                    operation="UPDATE",
                    pgid="pgtrigger_unchanged_ce2a7",
                    table="plans_chargeoff",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="chargeoff",
            trigger=pgtrigger.compiler.Trigger(
                name="not_emptied",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="90ec344d5db36d08a8fdc0d3edf79832c0567fb3",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_not_emptied_cf82f",
                    table="plans_chargeoff",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="chargeoff",
            trigger=pgtrigger.compiler.Trigger(
                name="status_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('proposed', 'confirmed'), ('proposed', 'withdrawn')))",
                    func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                    hash="6fa043763e566178df803901ace64456e079fa16",
                    operation='UPDATE OF "status"',
                    pgid="pgtrigger_status_moves_3bd3e",
                    table="plans_chargeoff",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="chargeoff",
            trigger=pgtrigger.compiler.Trigger(
                name="status_begins",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.\"status\" NOT IN ('proposed'))",
                    func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                    hash="c659d93254bcf634191f71f31a24bc941c238231",
                    operation="INSERT",
                    pgid="pgtrigger_status_begins_da622",
                    table="plans_chargeoff",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="chargeoff",
            trigger=pgtrigger.compiler.Trigger(
                name="closed_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN ((OLD.status <> 'proposed') AND (OLD.* IS DISTINCT FROM NEW.*))",
                    func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                    hash="78b2e16968dff2111b7bc8e80d92872cce8eb8cc",
                    operation="UPDATE",
                    pgid="pgtrigger_closed_stays_631d7",
                    table="plans_chargeoff",
                    when="BEFORE",
                ),
            ),
        ),
    ]
