import django.db.models.expressions
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """What shops pay for their customers is a line of their statements."""

    dependencies = [
        ("merchants", "0014_arrivals"),
        ("payments", "0047_checked_answers_of_banks"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="settlement",
            name="settlement_adds_up",
        ),
        migrations.AddField(
            model_name="settlement",
            name="subsidies_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="settlement",
            name="subsidy_refunds_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="settlementitem",
            name="kind",
            field=models.CharField(
                choices=[
                    ("capture", "Capture"),
                    ("refund", "Refund"),
                    ("bounce", "Payout that came back"),
                    ("arrival", "Payout that arrived after all"),
                    ("interest", "Interest for a customer"),
                ],
                max_length=8,
            ),
        ),
        AddConstraintNotValid(
            model_name="settlement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "closing_minor",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                django.db.models.expressions.CombinedExpression(
                                                    django.db.models.expressions.CombinedExpression(
                                                        models.F("opening_minor"), "+", models.F("sales_minor")
                                                    ),
                                                    "-",
                                                    models.F("returns_minor"),
                                                ),
                                                "-",
                                                models.F("fees_minor"),
                                            ),
                                            "+",
                                            models.F("fee_refunds_minor"),
                                        ),
                                        "+",
                                        models.F("bounced_minor"),
                                    ),
                                    "-",
                                    models.F("subsidies_minor"),
                                ),
                                "+",
                                models.F("subsidy_refunds_minor"),
                            ),
                            "-",
                            models.F("payout_minor"),
                        ),
                    )
                ),
                name="settlement_adds_up",
            ),
        ),
    ]
