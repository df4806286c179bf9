"""Who uploaded the table of a training is kept with it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("learning", "0004_laboratory")]

    operations = [
        migrations.AddField("training", "put_by", models.CharField(blank=True, max_length=80, db_default="")),
    ]
