import django_fsm
import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the result of an identity check a state of its machine; the next migration validates existing rows."""

    dependencies = [
        ("accounts", "0020_checked_brands"),
    ]

    operations = [
        migrations.AlterField(
            model_name="identitycheck",
            name="result",
            field=django_fsm.FSMField(default="pending", max_length=10, protected=True),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="identitycheck",
            trigger=pgtrigger.compiler.Trigger(
                name="result_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."result" IS DISTINCT FROM NEW."result")',
                    func="RAISE EXCEPTION 'no transition of % leads from % to %', TG_TABLE_NAME, OLD.\"result\", NEW.\"result\" USING ERRCODE = 'integrity_constraint_violation';",
                    hash="d166ff31a0c9f78cee0aba42567a6bd7b5ad9749",
                    operation='UPDATE OF "result"',
                    pgid="pgtrigger_result_moves_8320f",
                    table="accounts_identitycheck",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="identitycheck",
            trigger=pgtrigger.compiler.Trigger(
                name="result_begins",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.\"result\" NOT IN ('pending', 'clear', 'rejected'))",
                    func="RAISE EXCEPTION 'no row of % begins as %', TG_TABLE_NAME, NEW.\"result\" USING ERRCODE = 'integrity_constraint_violation';",
                    hash="7e5a34c3894760723bcb3d7c6be91c14069f06d4",
                    operation="INSERT",
                    pgid="pgtrigger_result_begins_fe631",
                    table="accounts_identitycheck",
                    when="BEFORE",
                ),
            ),
        ),
        AddConstraintNotValid(
            model_name="identitycheck",
            constraint=models.CheckConstraint(
                condition=models.Q(("result__in", ["pending", "clear", "rejected"])), name="identity_check_result_known"
            ),
        ),
    ]
