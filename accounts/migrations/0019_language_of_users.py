from django.db import migrations, models


class Migration(migrations.Migration):
    """Store the language that operators and shops' teams choose for pages and letters."""

    dependencies = [
        ("accounts", "0018_contacts_once_a_brand"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="language",
            field=models.CharField(blank=True, db_default="", default="", max_length=8),
        ),
    ]
