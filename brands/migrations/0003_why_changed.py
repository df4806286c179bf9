from django.db import migrations, models


class Migration(migrations.Migration):
    """Why somebody changed a brand."""

    dependencies = [("brands", "0002_first_brand")]

    operations = [
        migrations.AddField(
            model_name="brandchange",
            name="reason",
            field=models.CharField(blank=True, db_default="", default="", max_length=500),
        ),
    ]
