import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """Rules and counter-offers may ask for a deposit, which does not count against the limit."""

    dependencies = [
        ("accounts", "0029_reasons_of_changed_rights"),
        ("checkout", "0032_declarations"),
        ("credit", "0017_bank_accesses"),
        ("merchants", "0014_arrivals"),
        ("payments", "0047_checked_answers_of_banks"),
        ("plans", "0024_deposits_and_audiences"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="order",
            name="order_begins_as_decided",
        ),
        migrations.AddField(
            model_name="checkout",
            name="deposit_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="checkout",
            name="ruled",
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="order",
            name="deposit_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="order_begins_as_decided",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.status = 'authorized')",
                    func="\n    PERFORM 1 FROM credit_decision d\n    WHERE d.id = NEW.decision_id AND d.consumer_id = NEW.consumer_id AND d.currency = NEW.currency AND d.outcome = 'approve'\n        AND NEW.amount_minor - NEW.deposit_minor <= d.order_limit_minor\n        AND (NEW.deposit_minor = 0\n            OR EXISTS (SELECT FROM plans_plan p WHERE p.id = NEW.plan_id AND p.deposit_minor = NEW.deposit_minor));\n    IF NOT FOUND THEN\n        RAISE EXCEPTION '%', 'order ' || NEW.id || ' was not approved, and begins as a held one' USING ERRCODE = 'check_violation';\n    END IF;\n    RETURN NEW;",
                    hash="d4ff21aa12b747ddb8ca750c5ac10679abca5529",
                    operation="INSERT",
                    pgid="pgtrigger_order_begins_as_decided_40e64",
                    table="checkout_order",
                    when="BEFORE",
                ),
            ),
        ),
        AddConstraintNotValid(
            model_name="checkout",
            constraint=models.CheckConstraint(
                condition=models.Q(("deposit_minor__gte", 0), ("deposit_minor__lt", models.F("amount_minor"))),
                name="checkout_deposit_within",
            ),
        ),
        AddConstraintNotValid(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "amount_minor__gte",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(models.F("captured_minor"), "+", models.F("released_minor")),
                            "+",
                            models.F("deposit_minor"),
                        ),
                    ),
                    ("deposit_minor__gte", 0),
                ),
                name="order_deposit_within",
            ),
        ),
    ]
