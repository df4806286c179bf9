from django.db import migrations, models


class Migration(migrations.Migration):
    """Orders are also held for what registers tell, and while a check of the person is open."""

    dependencies = [
        ("checkout", "0034_checked_deposits"),
    ]

    operations = [
        migrations.AlterField(
            model_name="orderreview",
            name="reason",
            field=models.CharField(
                choices=[
                    ("order_limit", "Above the consumer's order limit"),
                    ("basket", "A basket rule"),
                    ("referred", "Referred by the credit decision"),
                    ("figures", "Income and costs have to be checked"),
                    ("fraud_alert", "A fraud alert is on the person's file"),
                    ("rule", "A rule of the operators"),
                    ("register", "A register of payment remarks"),
                    ("checks", "A check is still open"),
                ],
                max_length=20,
            ),
        ),
    ]
