from django.db import migrations, models


class Migration(migrations.Migration):
    """Store the language that a consumer chooses for pages."""

    dependencies = [
        ("accounts", "0014_personal_keys"),
    ]

    operations = [
        migrations.AddField(
            model_name="consumer",
            name="language",
            field=models.CharField(blank=True, db_default="", default="", max_length=8),
        ),
    ]
