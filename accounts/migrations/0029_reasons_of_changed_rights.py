from django.db import migrations, models


class Migration(migrations.Migration):
    """Why one person alone changed somebody's rights."""

    dependencies = [("accounts", "0028_rights_by_two")]

    operations = [
        migrations.AddField("userchange", "reason", models.CharField(blank=True, db_default="", default="", max_length=500)),
    ]
