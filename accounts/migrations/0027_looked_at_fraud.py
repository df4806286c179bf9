from django.db import migrations, models


class Migration(migrations.Migration):
    """Log looks at fraud cases under a separate name."""

    dependencies = [
        ("accounts", "0026_first_classes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="look",
            name="page",
            field=models.CharField(
                choices=[
                    ("find", "Search"),
                    ("person", "Person"),
                    ("timeline", "Timeline"),
                    ("looks", "Who looked"),
                    ("order", "Order"),
                    ("plan", "Plan"),
                    ("charge", "Charge"),
                    ("refund", "Refund"),
                    ("dispute", "Dispute"),
                    ("checkout", "Checkout"),
                    ("decision", "Decision"),
                    ("held_order", "Held order"),
                    ("fraud_case", "Fraud case"),
                    ("request", "Request"),
                    ("charge_off", "Charge-off"),
                    ("break", "Money that needs a person"),
                    ("work_list", "Work list"),
                ],
                max_length=12,
            ),
        ),
    ]
