"""Add an index to find old card tries, with which a timer checks whether there are any to delete."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0008_append_only")]
    operations = [migrations.AddIndex(model_name="cardtry", index=models.Index(fields=["at"], name="card_try_age"))]
