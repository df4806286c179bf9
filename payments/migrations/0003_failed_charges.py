from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_fewer_indexes")]

    operations = [
        migrations.AddIndex(
            model_name="charge",
            index=models.Index(condition=models.Q(("status", "failed")), fields=["-id"], name="charge_failed"),
        ),
    ]
