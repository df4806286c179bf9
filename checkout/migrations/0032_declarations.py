from django.db import migrations, models


class Migration(migrations.Migration):
    """Orders are held until declared figures are looked at."""

    dependencies = [
        ("checkout", "0031_found_by_reference"),
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
                ],
                max_length=20,
            ),
        ),
    ]
