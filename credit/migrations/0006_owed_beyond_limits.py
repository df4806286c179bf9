import django.db.models.expressions
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """Allow debt above a limit after payments were returned."""

    dependencies = [
        ("accounts", "0009_logs_of_sign_ins_stay"),
        ("credit", "0005_history_is_numbered"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="creditline",
            name="credit_line_within_limit",
        ),
        migrations.AddField(
            model_name="creditline",
            name="beyond_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        AddConstraintNotValid(
            model_name="creditline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("beyond_minor__gte", 0),
                    ("used_minor__gte", 0),
                    (
                        "used_minor__lte",
                        django.db.models.expressions.CombinedExpression(models.F("limit_minor"), "+", models.F("beyond_minor")),
                    ),
                ),
                name="credit_line_within_limit",
            ),
        ),
    ]
