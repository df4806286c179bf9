from django.db import migrations, models


class Migration(migrations.Migration):
    """How each reminder is sent."""

    dependencies = [
        ("collection", "0010_recall_causes"),
    ]

    operations = [
        migrations.AddField(
            model_name="reminder",
            name="by",
            field=models.CharField(blank=True, db_default="", max_length=5),
        ),
    ]
