from django.db import migrations, models


class Migration(migrations.Migration):
    """Keep on a checkout what its assessment of fraud said for the next decision."""

    dependencies = [
        ("checkout", "0041_shown_offers"),
    ]

    operations = [
        migrations.AddField(
            model_name="checkout",
            name="assessed",
            field=models.JSONField(db_default={}, default=dict),
        ),
    ]
