from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0008_small_amounts"),
    ]

    operations = [
        migrations.AddField(
            model_name="plan",
            name="stopped_at",
            field=models.DateTimeField(null=True),
        ),
    ]
