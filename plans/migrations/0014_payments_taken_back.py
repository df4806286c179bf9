import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from core.together import Together


class Migration(migrations.Migration):
    """What paid an installment may be taken back: then it is owed again."""

    dependencies = [
        ("plans", "0013_what_is_settled_stays"),
    ]

    operations = [
        Together(
            [
                pgtrigger.migrations.RemoveTrigger(
                    model_name="installment",
                    name="status_moves",
                ),
                pgtrigger.migrations.RemoveTrigger(
                    model_name="installment",
                    name="paid_stays",
                ),
            ]
        ),
        migrations.AddField(
            model_name="allocation",
            name="undone_interest_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="allocation",
            name="undone_principal_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        Together(
            [
                pgtrigger.migrations.AddTrigger(
                    model_name="installment",
                    trigger=pgtrigger.compiler.Trigger(
                        name="status_moves",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (OLD.\"status\" IS DISTINCT FROM NEW.\"status\" AND (OLD.\"status\", NEW.\"status\") NOT IN (('overdue', 'canceled'), ('overdue', 'paid'), ('paid', 'overdue'), ('paid', 'partially_paid'), ('paid', 'scheduled'), ('partially_paid', 'canceled'), ('partially_paid', 'overdue'), ('partially_paid', 'paid'), ('partially_paid', 'scheduled'), ('scheduled', 'canceled'), ('scheduled', 'overdue'), ('scheduled', 'paid'), ('scheduled', 'partially_paid')))",
                            func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"status\", NEW.\"status\" USING ERRCODE = 'integrity_constraint_violation';",
                            hash="091fc3ed534dba941ae191df878fee982dad1661",
                            operation='UPDATE OF "status"',
                            pgid="pgtrigger_status_moves_c7cb5",
                            table="plans_installment",
                            when="BEFORE",
                        ),
                    ),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name="installment",
                    trigger=pgtrigger.compiler.Trigger(
                        name="paid_stays",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN ((OLD.status = \'paid\' AND NEW.status = \'paid\') AND ((OLD."due_date" IS DISTINCT FROM (NEW."due_date") OR OLD."interest_minor" IS DISTINCT FROM (NEW."interest_minor") OR OLD."paid_at" IS DISTINCT FROM (NEW."paid_at") OR OLD."paid_interest_minor" IS DISTINCT FROM (NEW."paid_interest_minor") OR OLD."paid_principal_minor" IS DISTINCT FROM (NEW."paid_principal_minor") OR OLD."principal_minor" IS DISTINCT FROM (NEW."principal_minor") OR OLD."start_date" IS DISTINCT FROM (NEW."start_date"))))',
                            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';",
                            hash="77a3b1486cd281ca025fad9710254ec0030b4fe1",
                            operation="UPDATE",
                            pgid="pgtrigger_paid_stays_8a95a",
                            table="plans_installment",
                            when="BEFORE",
                        ),
                    ),
                ),
            ]
        ),
        AddConstraintNotValid(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("undone_interest_minor__gte", 0),
                    ("undone_interest_minor__lte", models.F("interest_minor")),
                    ("undone_principal_minor__gte", 0),
                    (
                        "undone_principal_minor__lte",
                        django.db.models.expressions.CombinedExpression(models.F("principal_minor"), "-", models.F("refunded_minor")),
                    ),
                ),
                name="allocation_undone_within",
            ),
        ),
    ]
