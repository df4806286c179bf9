from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    """Let a payment method stand for the transfers that a person makes to our bank account themselves."""

    dependencies = [
        ("accounts", "0028_rights_by_two"),
        ("payments", "0041_card_checks"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="paymentmethod",
            name="payment_method_kind_known",
        ),
        migrations.AlterField(
            model_name="cardsetup",
            name="kind",
            field=models.CharField(
                choices=[("card", "Card"), ("bank_debit", "Bank account"), ("wallet", "Wallet"), ("transfer", "Bank transfer")],
                db_default="card",
                default="card",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="paymentmethod",
            name="kind",
            field=models.CharField(
                choices=[("card", "Card"), ("bank_debit", "Bank account"), ("wallet", "Wallet"), ("transfer", "Bank transfer")],
                db_default="card",
                default="card",
                max_length=10,
            ),
        ),
        AddConstraintNotValid(
            model_name="paymentmethod",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["card", "bank_debit", "wallet", "transfer"])), name="payment_method_kind_known"
            ),
        ),
    ]
