from django.db import migrations, models


class Migration(migrations.Migration):
    """The countries that a provider says it serves stand with its account."""

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
