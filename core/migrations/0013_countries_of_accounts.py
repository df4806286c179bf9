from django.db import migrations, models


class Migration(migrations.Migration):
    """Store with each account the countries that its provider says it serves."""

    dependencies = [
        ("core", "0012_who_acts"),
    ]

    operations = [
        migrations.AddField(
            model_name="provideraccount",
            name="countries",
            field=models.CharField(blank=True, db_default="", default="", max_length=1000),
        ),
    ]
