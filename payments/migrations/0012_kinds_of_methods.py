from django.db import migrations, models


class Migration(migrations.Migration):
    """A way to pay has a kind, and what people recognize it by; what was known of a card moves there."""

    dependencies = [
        ("payments", "0011_what_is_settled_stays"),
    ]

    operations = [
        migrations.AddField(
            model_name="paymentmethod",
            name="kind",
            field=models.CharField(
                choices=[("card", "Card"), ("bank_debit", "Bank account"), ("wallet", "Wallet")],
                db_default="card",
                default="card",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="paymentmethod",
            name="shown",
            field=models.JSONField(default=dict),
        ),
        migrations.RunSQL(
            "UPDATE payments_paymentmethod SET shown = jsonb_build_object("
            "'brand', brand, 'last4', last4, 'exp_month', exp_month, 'exp_year', exp_year)",
            "UPDATE payments_paymentmethod SET brand = shown ->> 'brand', last4 = shown ->> 'last4', "
            "exp_month = (shown ->> 'exp_month')::int, exp_year = (shown ->> 'exp_year')::int",
        ),
    ]
