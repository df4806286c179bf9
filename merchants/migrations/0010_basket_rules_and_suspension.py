from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("merchants", "0009_held_payouts"),
    ]

    operations = [
        migrations.AddField(
            model_name="merchant",
            name="held_categories",
            field=models.JSONField(
                db_default=models.Value(["bullion", "gift_card", "prepaid_card"], output_field=models.JSONField()), default=list
            ),
        ),
        migrations.AddField(
            model_name="merchant",
            name="max_quantity",
            field=models.PositiveSmallIntegerField(db_default=9, default=9),
        ),
        migrations.AddField(
            model_name="merchant",
            name="suspended_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="merchant",
            name="payout_destination",
            field=models.CharField(blank=True, max_length=120),
        ),
    ]
