from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("checkout", "0017_personal_keys"),
    ]

    operations = [
        migrations.AddField(
            model_name="orderreview",
            name="urgency",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
    ]
